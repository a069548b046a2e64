"""Several processes that train one model: what torchrun starts. Alone, every function is a no-op."""

import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import psutil
import torch
from numpy.typing import NDArray
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel


@contextmanager
def processes(device: torch.device) -> Iterator[None]:
    """Joins the group that torchrun describes in the environment, where it describes one."""
    joined = _processes_started() > 1 and not distributed.is_initialized()
    if joined:
        if device.type == "cuda":
            torch.cuda.set_device(device)
        elif name := interface_to(os.environ["MASTER_ADDR"]):
            # left to itself, gloo takes the address of this machine's name, which is often the loopback's
            os.environ.setdefault("GLOO_SOCKET_IFNAME", name)
        distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield
    finally:
        if joined:
            distributed.destroy_process_group()


def rank() -> int:
    """This process's number, 0 alone. Outside the group too: the first process writes the outputs."""
    if distributed.is_initialized():
        return distributed.get_rank()
    return int(os.environ.get("RANK", "0")) if _processes_started() > 1 else 0


def world() -> int:
    """How many processes train together."""
    return distributed.get_world_size() if distributed.is_initialized() else 1


def logger(name: str) -> logging.Logger:
    """A module's logger, whose lines the first of several processes gives alone."""
    log = logging.getLogger(name)
    log.addFilter(_is_first)
    return log


def wrap(model: nn.Module, device: torch.device) -> nn.Module:
    """The model with its gradients averaged over the processes."""
    if world() == 1:
        return model
    return DistributedDataParallel(model, device_ids=[device.index] if device.type == "cuda" else None)


def share(index: NDArray[np.int64]) -> tuple[NDArray[np.int64], float]:
    """This process's part of a global batch, and the weight of its mean loss.

    The weights make the average of the processes' gradients the global batch's mean, also where the parts
    differ in size. A process without a clip takes the first one with weight 0: every process must take part.
    """
    if world() == 1:
        return index, 1.0
    mine = index[rank() :: world()]
    return (mine, len(mine) * world() / len(index)) if len(mine) else (index[:1], 0.0)


def add_up(*tensors: Tensor) -> None:
    """Sums each tensor over the processes, in place."""
    if world() > 1:
        for tensor in tensors:
            distributed.all_reduce(tensor)


def any_of(flag: bool, device: torch.device) -> bool:
    """Whether the flag is set in any process."""
    total = torch.tensor(int(flag), device=device)
    add_up(total)
    return bool(total)


def interface_to(address: str) -> str | None:
    """The network interface by which this machine reaches an address, as `eth0`; None where none does."""
    try:
        family, kind, *_, target = socket.getaddrinfo(address, 1, type=socket.SOCK_DGRAM)[0]
        with socket.socket(family, kind) as probe:
            probe.connect(target)  # sends nothing
            own = probe.getsockname()[0]
    except OSError:
        return None
    interfaces = psutil.net_if_addrs().items()
    return next((name for name, places in interfaces if any(place.address == own for place in places)), None)


def _processes_started() -> int:
    """How many processes torchrun says it started."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def _is_first(record: logging.LogRecord) -> bool:
    return rank() == 0
