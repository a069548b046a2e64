"""All that a study found, as one page that opens from disk."""
