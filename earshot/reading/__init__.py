"""Files opened, checked and turned into arrays."""
