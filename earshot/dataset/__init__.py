"""What there is to tell apart: items, their groups, and the part each plays."""
