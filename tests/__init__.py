"""The tests. Libraries compute on one thread in them: each of two workers has a core, and waiting threads burn it."""

import os

# before any library is imported
os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
