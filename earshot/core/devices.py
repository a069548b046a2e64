"""Where the arithmetic runs, and that it runs the same way twice."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import torch

from earshot.core import instructions
from earshot.core.errors import EarshotError

HALVES = {"bf16": torch.bfloat16, "fp16": torch.float16}


def pick(device: str, *, setting: str = "train.device") -> torch.device:
    """The torch device that `auto | cpu | cuda | mps` means here.

    setting : the param that asks for it

    Raises EarshotError where a device is asked for that the machine does not have.
    """
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if device == "auto":
        device = next(name for name in ("cuda", "mps", "cpu") if there[name])
    if not there[device]:
        names = ", ".join(name for name, present in there.items() if present)
        raise EarshotError(
            f"{setting}: {device} is asked for and torch finds none; it finds {names}. "
            f"Set {setting} to cpu, or install the driver and a torch built for it"
        )
    if device == "cuda" and "LOCAL_RANK" in os.environ:
        return torch.device("cuda", int(os.environ["LOCAL_RANK"]))
    return torch.device(device)


def autocast(device: torch.device, precision: str) -> AbstractContextManager[object]:
    """The context of a forward pass at this precision."""
    if precision == "float32":
        return nullcontext()
    return torch.autocast(device.type, dtype=HALVES[precision])


def hardware(device: torch.device) -> str:
    """The name of the hardware that results hang on: a GPU's, or the instructions of the CPU that are in use.

    Of several GPUs of one kind all give the same.
    """
    if device.type == "cuda":
        return f"{device.type} {torch.cuda.get_device_name(device)}"
    return f"{device.type} {instructions.in_use()} {torch.backends.cpu.get_cpu_capability()}"


@contextmanager
def repeatable(device: torch.device, *, threads: int, deterministic: bool = True) -> Iterator[None]:
    """Within the `with`, the same input gives the same bytes: deterministic algorithms, a fixed thread count.

    deterministic : False gives up the algorithms for speed, where a device has faster ones
    """
    switches: Any = torch.utils.deterministic  # a module whose settings no checker sees
    before = (torch.get_num_threads(), torch.get_deterministic_debug_mode())
    filling = switches.fill_uninitialized_memory
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.set_num_threads(threads)
    # some operations have no deterministic form on a GPU: torch names them in a warning
    demanded = "error" if device.type == "cpu" else "warn"
    torch.set_deterministic_debug_mode(demanded if deterministic else "default")
    # nothing here reads memory before it is written, and filling it costs a pass over every new tensor
    switches.fill_uninitialized_memory = False
    try:
        yield
    finally:
        torch.set_num_threads(before[0])
        torch.set_deterministic_debug_mode(before[1])
        switches.fill_uninitialized_memory = filling
