"""Earshot: which model tells these sounds apart, and how much of a picture survives as sound."""

import os

# Before torch is imported: its threads spin while they wait, which on a busy machine costs ten times the work.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
