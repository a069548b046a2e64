"""Earshot: which model tells these sounds apart, and how much of a picture survives as sound."""
