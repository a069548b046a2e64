"""Pictures to sound and back, and how much survives."""
