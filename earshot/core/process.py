"""What a process of Earshot's own sets up: a stage or a command. Importing earshot alone sets nothing."""

import atexit
import ctypes
import errno
import gc
import logging
import os
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from tqdm import tqdm

from earshot.core import instructions
from earshot.core.errors import EarshotError, first_line
from earshot.core.file_faults import is_file_fault, write_fault
from earshot.core.text import printable

STOP = "EARSHOT_STOP"  # names a file: where it exists, no stage begins
ADDRESSES = (
    4_000_000_000  # bytes that torch and its libraries map: 3.2 GB once they are imported, and room to work
)
# glibc's malloc.h: what `mallopt` sets
M_TRIM_THRESHOLD, M_MMAP_MAX, M_ARENA_MAX = -1, -4, -8
MOST_BYTES = 2**31 - 1  # of its int
INTERRUPTED = 128 + signal.SIGINT  # the exit status of what Ctrl-C ended


def prepare() -> None:
    """Tune this process before it imports its libraries: the same instructions everywhere, memory that is used again,
    threads that do not spin, a patient garbage collector. Refuse too few addresses for them.
    """
    refuse_few_addresses()
    instructions.limit()
    use_memory_again()
    # before torch is imported: threads that spin while they wait cost ten times the work on a busy machine
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    # Imports make objects by the hundred thousand and hardly any garbage. To look for it every few hundred objects,
    # and once more at the end, takes a quarter of a short stage's time.
    gc.set_threshold(50_000, *gc.get_threshold()[1:])
    atexit.register(_skip_the_last_collection)


def refuse_few_addresses() -> None:
    """End this process where a limit (`ulimit -v`) leaves it fewer addresses than its libraries take up.

    OpenBLAS, which NumPy and SciPy bring along, waits for ever for those that it does not get.
    """
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit != resource.RLIM_INFINITY and limit < ADDRESSES:
        sys.exit(
            f"`ulimit -v` leaves a process {limit / 1e9:.1f} GB of addresses, and the libraries want "
            f"{ADDRESSES / 1e9:.0f} GB, most of it never used as memory: run `ulimit -v unlimited` first, and limit "
            "memory itself by a control group, as `systemd-run --scope -p MemoryMax=2G` does"
        )


def use_memory_again() -> None:
    """Let this process keep the memory of arrays that it gave back, for its next arrays.

    glibc gives larger blocks back to the system at once, which clears each page before it lends it again: a tenth to
    half of the time of a network's pass on a CPU. One arena, for what one thread gave back another may take. Other C
    libraries do as they please.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        for option, value in ((M_MMAP_MAX, 0), (M_TRIM_THRESHOLD, MOST_BYTES), (M_ARENA_MAX, 1)):
            mallopt(option, value)


def run(main: Callable[[], None], *, cell: str = "") -> None:
    """Run a stage or a command: a fault that the user can mend is printed, and the exit status is 1.

    cell : the cell of the stage's matrix, `10-sound-cnn`, which stands before each line that is logged
    """
    log_to_stderr(cell)
    try:
        main()
        sys.stdout.flush()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:  # whoever read the output, `| head`, has enough
        _discard_output()
        sys.exit(1)
    except EarshotError as error:
        sys.exit(printable(str(error), keep="\n"))
    except OSError as error:
        if not is_file_fault(error):
            raise
        if error.filename is None:
            _discard_output()
        elif error.errno in (errno.EACCES, errno.EPERM):  # asked for to read or to write
            message = (
                "permission denied. Let this user read it, or write into its folder, and repeat the command"
            )
            sys.exit(printable(f"{error.filename}: {message}"))
        sys.exit(printable(str(write_fault(error)), keep="\n"))
    except MemoryError as error:
        sys.exit(f"not enough memory ({first_line(error)}): make settings smaller, or more of it free")


def let_in_interrupts() -> None:
    """Where stages run side by side, `scripts/side_by_side` keeps SIGINT from DVC and so from the stage that it begins.

    It is let in here, one that came while the stage's modules were imported too.
    """
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    if (stop := os.environ.get(STOP)) and Path(stop).exists():
        raise KeyboardInterrupt


def cell_values() -> list[str]:
    """The cell of a stage's matrix: what the command line names, or else what stands in the name that DVC gave it.

    The commands of dvc.yaml leave the cell to the name, `train@10-sound-cnn` in DVC_STAGE: written into a command, what
    params.yaml says would be read by a shell.
    """
    if arguments := sys.argv[1:]:
        return arguments
    _, _, cell = os.environ.get("DVC_STAGE", "").partition("@")
    return cell.split("-") if cell else []


def log_to_stderr(cell: str = "") -> None:
    """Print what Earshot logs on standard error, above a progress bar where there is one."""
    logger = logging.getLogger("earshot")
    logger.setLevel(logging.INFO)
    logger.handlers = [_AboveBars(cell)]
    logger.propagate = False


class _AboveBars(logging.Handler):
    """Lines on standard error: `10-sound-cnn: warning: …`."""

    def __init__(self, cell: str) -> None:
        super().__init__()
        self.cell = f"{cell}: " if cell else ""

    def emit(self, record: logging.LogRecord) -> None:
        level = "warning: " if record.levelno >= logging.WARNING else ""
        message = printable(record.getMessage(), keep="\n")
        tqdm.write(f"{self.cell}{level}{message}", file=sys.stderr)


def _discard_output() -> None:
    """Let nowhere take what is left to print, which is flushed at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _skip_the_last_collection() -> None:
    if "triton" not in sys.modules:  # its bindings warn of objects that were not collected
        gc.freeze()
