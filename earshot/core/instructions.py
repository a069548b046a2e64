"""Which instructions of the processor torch and its libraries use: those of every x86-64 processor since 2013, or all.

oneDNN, MKL and torch's own kernels round differently with other instructions. They read their limits from the
environment when they first compute, so that a stage may still lift the limits once it has read its params.
"""

import functools
import hashlib
import os
import platform
from contextlib import suppress
from pathlib import Path

# On a processor that is not Intel's, MKL keeps to no branch but COMPATIBLE (SSE2), and ignores AVX2.
LIMITS = {"ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2", "MKL_CBWR": "COMPATIBLE"}
COMMON = "x86-64 with AVX2"
X86_64 = ("x86_64", "AMD64")

_before: dict[str, str | None] = {}  # the limits' variables as the user has set them, while the limits hold


def limit() -> None:
    """Let torch compute the same to the bit on every x86-64 processor with AVX2. On others, nothing changes."""
    if not _before and _has_avx2():
        _before.update({name: os.environ.get(name) for name in LIMITS})
        os.environ.update(LIMITS)


def choose(repeatable: str) -> None:
    """What `train.repeatable` asks for. To be called before torch computes anything."""
    if repeatable == "any_machine":
        limit()
    else:
        lift()


def lift() -> None:
    """Let torch use all instructions of this processor, but for what the user's environment says."""
    for name, value in _before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    _before.clear()


def in_use() -> str:
    """The name of what torch's results on the CPU hang on: `COMMON`, or this processor's own."""
    limited = _has_avx2() and all(os.environ.get(name) == value for name, value in LIMITS.items())
    return COMMON if limited else processor()


def of_arrays() -> str:
    """The name of what results of the data stages hang on: one for all x86-64 processors, else this processor's own."""
    return "x86-64" if platform.machine() in X86_64 else processor()


def gpus() -> list[str]:
    """The names of NVIDIA's GPUs here, without torch, whose import takes seconds."""
    files = sorted(Path("/proc/driver/nvidia/gpus").glob("*/information"))
    lines = [line for file in files for line in file.read_text().splitlines()]
    return [line.partition(":")[2].strip() for line in lines if line.startswith("Model:")]


@functools.cache
def processor() -> str:
    """The name of this processor, with a hash of what it can do where the system tells."""
    about = _about()
    flags = hashlib.sha256(about.get("flags", about.get("Features", "")).encode()).hexdigest()[:8]
    return f"{platform.machine()} {about.get('model name', platform.processor())} {flags}"


def _has_avx2() -> bool:
    if platform.machine() not in X86_64:
        return False
    flags = _about().get("flags")
    return flags is None or {"avx2", "fma"} <= set(flags.split())  # macOS runs on none without


@functools.cache
def _about() -> dict[str, str]:
    """What /proc/cpuinfo tells of the first processor; empty where there is none."""
    about: dict[str, str] = {}
    with suppress(OSError), Path("/proc/cpuinfo").open() as lines:
        for line in lines:
            name, colon, value = line.partition(":")
            if not colon:
                break
            about[name.strip()] = value.strip()
    return about
