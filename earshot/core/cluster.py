"""A Dask cluster: its workers give what this machine would give, or refuse.

`EARSHOT_SCHEDULER=tcp://host:port` names the scheduler. The workers share this process's folder, or, with
`EARSHOT_SHARED=0`, are sent the bytes of the files. No result depends on either, so neither is a param.
"""

import contextlib
import fcntl
import functools
import logging
import operator
import os
import pickle
import platform
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import CancelledError
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from earshot.core import own_process
from earshot.core.errors import EarshotError, first_line
from earshot.core.fingerprint import fingerprint
from earshot.core.paths import CHECKPOINTS

if TYPE_CHECKING:
    from distributed import Client

ADDRESS = re.compile(r"(tcp|tls)://.+:\d+")
# Where Dask looks for the certificates of tls://, each the path of a PEM file.
CERTIFICATES = tuple(
    f"DASK_DISTRIBUTED__COMM__TLS__{name}" for name in ("CA_FILE", "CLIENT__CERT", "CLIENT__KEY")
)
CONNECT_S = 5  # to reach the scheduler
WORKERS_S = 10  # for its first worker to appear
GPU = "GPU"  # what a worker is started with that has one: `--resources GPU=1`

Task = TypeVar("Task")
Result = TypeVar("Result")
Result_co = TypeVar("Result_co", covariant=True)


class Pending(Protocol[Result_co]):
    """A call that was handed over to a worker, as the futures of joblib and of Dask are."""

    def result(self) -> Result_co: ...

    def cancel(self) -> object: ...


def scheduler() -> str | None:
    """The address of the cluster's scheduler, None where there is no cluster."""
    return os.environ.get("EARSHOT_SCHEDULER") or None


def sees_this_folder() -> bool:
    """Whether whoever does the work reads the files by their paths."""
    return scheduler() is None or os.environ.get("EARSHOT_SHARED", "1") != "0"


class Workers:
    """The workers of a scheduler, however many there are at the time. One that goes away has its tasks done again."""

    def __init__(self, client: "Client", mark: str | None) -> None:
        self._client, self._mark = client, mark

    def submit(self, function: Callable[[Task], Result], task: Task) -> Pending[Result]:
        """Call a function of one argument on a worker."""
        call = self._send(self._checked(function, task))
        pending: Pending[Result] = self._client.submit(operator.call, call, pure=False)
        return pending

    def each_in_own_process(
        self,
        function: Callable[[Task], bytes],
        tasks: Iterable[Task],
        *,
        files: Mapping[str, bytes],
        on_gpu: bool,
    ) -> Iterator[tuple[Task, bytes]]:
        """Call a function for each task, in a process of its own on a worker (`core/own_process.py`).

        files : from a path to what the function is to find there, where the workers do not share this folder
        on_gpu : ask for a worker's GPU, where workers are said to have some

        Yields the tasks and their results as they come.
        """
        from distributed import as_completed

        wanted = {GPU: 1} if on_gpu and self.gpus() else None
        sent = self._send(dict(files), wanted)
        pending = {}
        for task in tasks:
            packed = _pack(self._checked(function, task))
            call = self._send(
                functools.partial(own_process.call, packed, shared=self._mark is not None), wanted
            )
            future = self._client.submit(operator.call, call, sent, pure=False, resources=wanted)
            pending[future] = task
        try:
            for future in as_completed(list(pending), loop=self._client.loop):
                yield pending[future], future.result()
        finally:
            self._client.cancel(list(pending))

    def threads(self) -> int:
        """How many tasks they have at work at a time."""
        threads: dict[str, int] = self._client.nthreads()
        return sum(threads.values())

    def gpus(self) -> int:
        """How many GPUs they are said to have."""
        workers = self._client.scheduler_info(n_workers=-1)["workers"].values()
        return int(sum(worker["resources"].get(GPU, 0) for worker in workers))

    def _checked(self, function: Callable[[Task], Result], task: Task) -> Callable[[], Result]:
        return functools.partial(_on_worker, fingerprint(), self._mark, function, task)

    def _send(self, content: object, wanted: Mapping[str, int] | None = None) -> Any:
        """What unpacks it on a worker: the scheduler needs none of the code and is not held up by unpacking.

        wanted : what that worker has
        """
        return self._client.submit(pickle.loads, _pack(content), pure=False, resources=wanted)


def _pack(content: object) -> bytes:
    import cloudpickle  # with distributed 0.5 s: only a cluster pays

    packed: bytes = cloudpickle.dumps(content)
    return packed


@contextlib.contextmanager
def connected(address: str, *, unit: str, smaller: str) -> Iterator[Workers]:
    """The workers of the scheduler with this address.

    unit, smaller : what a task is, and what makes it want less memory, as an error says it
    """
    import dask
    from distributed import Client, KilledWorker
    from distributed.comm import CommClosedError

    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what goes wrong is said once, below
    dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GiB"})  # bytes are sent on purpose
    place = f"EARSHOT_SCHEDULER={address}"
    try:
        if not ADDRESS.fullmatch(address):
            raise ValueError("expected tcp://host:port")
        client = Client(address, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise EarshotError(
            f"{place}: no scheduler answers there ({first_line(error)}). Start one with `dask scheduler`, correct "
            "the address, or unset EARSHOT_SCHEDULER to work on this machine"
        ) from None
    except TypeError as error:  # what Dask raises without certificates
        if not address.startswith("tls:"):
            raise
        raise EarshotError(
            f"{place}: no certificates are named ({first_line(error)}). Name them for Dask, in "
            f"{', '.join(CERTIFICATES)}, or unset EARSHOT_SCHEDULER to work on this machine"
        ) from None
    with contextlib.closing(client), contextlib.ExitStack() as held:
        try:
            client.wait_for_workers(1, timeout=WORKERS_S)
        except TimeoutError:
            raise EarshotError(
                f"{place}: it has no workers. Start some with `dask worker {address}`"
            ) from None
        mark = held.enter_context(marker()) if sees_this_folder() else None
        try:
            yield Workers(client, mark)
        except KilledWorker as error:
            raise EarshotError(
                f"{place}: {unit} ended every worker that took it, most often for want of memory. Give the workers "
                f"more, or set a smaller {smaller} ({first_line(error)})"
            ) from None
        except ModuleNotFoundError as error:
            raise EarshotError(
                f"{place}: a worker has no module {error.name}. Start it in an environment of requirements.txt, "
                "with PYTHONPATH set to a copy of this repository"
            ) from None
        except (CancelledError, OSError) as error:
            if client.status == "running" and not isinstance(error, (CancelledError, CommClosedError)):
                raise
            raise EarshotError(
                f"{place}: the scheduler went away. Start it again, or unset EARSHOT_SCHEDULER, and repeat the "
                f"command: it goes on after what is done"
            ) from None


@contextlib.contextmanager
def marker() -> Iterator[str]:
    """The name of a file in `.checkpoints` that whoever shares the folder sees, as long as this process works.

    Its process holds a lock on it: one that nobody holds is left of a process that was killed, and removed.
    """
    CHECKPOINTS.mkdir(exist_ok=True)
    with (CHECKPOINTS / "shared.lock").open("w") as lock:
        # without which another process could find this one's marker before it is locked
        fcntl.flock(lock, fcntl.LOCK_EX)
        for left in CHECKPOINTS.glob("shared-*"):
            with contextlib.suppress(BlockingIOError, FileNotFoundError), left.open("rb") as other:
                fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
                left.unlink()
        with tempfile.NamedTemporaryFile(dir=CHECKPOINTS, prefix="shared-") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            fcntl.flock(lock, fcntl.LOCK_UN)
            yield Path(file.name).name


def _on_worker(
    wanted: dict[str, str], mark: str | None, function: Callable[[Task], Result], task: Task
) -> Result:
    """Runs on a worker, if it would give what this process gives."""
    here = f"a worker of the cluster, in {Path.cwd()} on {platform.node()},"
    own = fingerprint()
    if differing := [name for name in wanted if own[name] != wanted[name]]:
        differences = ", ".join(f"{name} {own[name]} in place of {wanted[name]}" for name in differing)
        raise EarshotError(
            f"{here} would give other results: it has {differences}. Start it again with the code and the "
            "requirements.txt of this repository"
        )
    if mark is not None and not (CHECKPOINTS / mark).is_file():
        raise EarshotError(
            f"{here} does not see this folder. Start it in the same folder, mounted, or set EARSHOT_SHARED=0 to have "
            "the files sent"
        )
    return function(task)
