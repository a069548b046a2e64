"""Earshot: which model tells these sounds apart, and how much of a picture survives as sound."""

import atexit
import gc
import os
import sys

# Before torch is imported: its threads spin while they wait, which on a busy machine costs ten times the work.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

# Imports make objects by the hundred thousand and hardly any garbage, and what follows makes little. To look for it
# every few hundred objects, and once more at the end, takes a quarter of a short stage's time.
gc.set_threshold(50_000, *gc.get_threshold()[1:])


@atexit.register
def skip_the_last_collection():
    if "triton" not in sys.modules:  # its bindings warn of objects that were not collected
        gc.freeze()
