"""The same bytes whatever instructions a processor has: the stages, while its newer ones are hidden from libraries."""

import json
import os
import subprocess
import sys

import pytest
from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

from earshot.core import instructions
from tests.repository import ROOT

NUMPYS = [name for name in __cpu_dispatch__ if __cpu_features__.get(name)]  # beyond its baseline
PROCESSORS = {
    "this": {},
    # a processor of 2013: AVX2 and no more; what a user says of torch's libraries does not count
    "haswell": {
        "OPENBLAS_CORETYPE": "Haswell",
        "NPY_DISABLE_CPU_FEATURES": " ".join(name for name in NUMPYS if "AVX512" in name or name == "X86_V4"),
        "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX512F,-AVX512VL",
        "ONEDNN_MAX_CPU_ISA": "ALL",
    },
    # older than torch is held to, for all but torch
    "nehalem": {
        "OPENBLAS_CORETYPE": "Nehalem",
        "NPY_DISABLE_CPU_FEATURES": " ".join(NUMPYS),
        "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4",
        "NUMBA_CPU_NAME": "nehalem",
        "ONEDNN_MAX_CPU_ISA": "SSE41",
        "ATEN_CPU_CAPABILITY": "default",
    },
}


@pytest.mark.slow
@pytest.mark.skipif(not instructions._has_avx2(), reason="the processor has no AVX2")
def test_every_output_has_the_same_bytes_on_every_processor(tmp_path):
    processes = {
        name: subprocess.Popen(
            [sys.executable, "-m", "tests.tiny_stages", str(tmp_path / name)],
            cwd=ROOT,
            env=os.environ | {"LOKY_MAX_CPU_COUNT": "1"} | switches,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        for name, switches in PROCESSORS.items()
    }
    hashes = {name: json.loads(process.communicate()[0]) for name, process in processes.items()}
    for name, found in hashes.items():
        assert set(found) == set(hashes["this"])
        differing = [path for path in found if found[path] != hashes["this"][path]]
        assert not differing, f"{name}: {', '.join(differing)}"
