"""The curves of training, written by DVCLive while a model learns."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from dvclive.live import Live

from earshot.core.file_faults import is_file_fault, write_fault
from earshot.training import distributed


@contextmanager
def live_curves(folder: Path) -> Iterator[Callable[[Mapping[str, float]], None]]:
    """Gives a function that takes an epoch's row, as `fit` calls `on_epoch`, and adds it to the curves.

    Of several processes that train one model, the first alone writes.
    """
    if distributed.rank() > 0:
        yield lambda row: None
        return
    try:
        with Live(str(folder), dvcyaml=False, save_dvc_exp=False) as live:

            def add(row: Mapping[str, float]) -> None:
                live.step = row["epoch"]
                for key, value in row.items():
                    if key != "epoch":
                        live.log_metric(key, value)

            yield add
    except OSError as error:  # of a disk that is full while a file grows, which the system does not name
        raise (write_fault(error, folder) if is_file_fault(error) else error) from None
    (folder / "metrics.json").unlink()  # which DVC would try to draw
