"""What predictions show, and what they do not."""
