"""Trainings handed out to a cluster.

Nothing here imports torch: a stage that waits for its runs takes little memory, so that many may wait at once.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from safetensors import SafetensorError
from tqdm import tqdm

from earshot.config.base import View
from earshot.config.train import ModelParams
from earshot.core import cluster, paths
from earshot.core.cluster import Workers
from earshot.core.errors import EarshotError, first_line
from earshot.core.io import read_table
from earshot.training import jobs

Task = TypeVar("Task")
Answer = TypeVar("Answer")


def is_wanted() -> bool:
    """Whether a cluster trains. Processes that torchrun has started train together here."""
    return cluster.scheduler() is not None and "WORLD_SIZE" not in os.environ


def refuse_endless(params: ModelParams, changes: dict[str, Any], *, is_validated: bool) -> None:
    """Raise EarshotError for a training that a person is to end: Ctrl-C does not reach the workers.

    changes : what is trained in place of `params`
    """
    settings = params.trainer | params.block | changes
    if not settings["epochs"] and not (settings["patience"] and is_validated):
        why = "patience: 0" if not settings["patience"] else "no items to validate on"
        raise EarshotError(
            f"EARSHOT_SCHEDULER={cluster.scheduler()}: {params.name} has epochs: 0 and {why}, which trains until "
            "Ctrl-C, and a cluster's workers would train on for ever: set epochs, or unset EARSHOT_SCHEDULER"
        )


@contextmanager
def connected() -> Iterator[Workers]:
    address = cluster.scheduler()
    assert address
    with cluster.connected(address, unit="a training", smaller="batch_size") as workers:
        yield workers


def answer_of(
    workers: Workers,
    function: Callable[[Task], bytes],
    task: Task,
    kind: type[Answer],
    *,
    files: Mapping[str, bytes],
    params: ModelParams,
) -> tuple[Answer, bytes]:
    """What a worker answers once: its JSON, and what follows it.

    kind : what its JSON is to be
    """
    ((_, answer),) = workers.each_in_own_process(function, [task], files=files, on_gpu=_may_use_gpu(params))
    with checked("the names of what is to be trained"):
        content, more = jobs.unsealed(answer)
        return TypeAdapter(kind).validate_python(content), more


def answers(
    workers: Workers,
    function: Callable[[Task], bytes],
    tasks: Sequence[Task],
    *,
    files: Mapping[str, bytes],
    params: ModelParams,
    unit: str,
) -> Iterator[tuple[Task, bytes]]:
    """What workers answer to each task, as it comes, behind a bar that counts."""
    with tqdm(total=len(tasks), desc="cluster", unit=unit, disable=None) as bar:
        for answered in workers.each_in_own_process(
            function, tasks, files=files, on_gpu=_may_use_gpu(params)
        ):
            yield answered
            bar.update()


def _may_use_gpu(params: ModelParams) -> bool:
    return (params.trainer | params.block).get("device") != "cpu"


def files_for_workers(view: View, classes: Sequence[str], weights: Sequence[str]) -> dict[str, bytes]:
    """What workers that do not share this folder find in theirs.

    weights : what the model may start from; those that are files go along
    """
    if cluster.sees_this_folder():
        return {}
    folder = paths.features(view)
    split = read_table(paths.SPLIT)
    rows = read_table(folder / "rows.csv")
    used = rows["shard"][rows["id"].isin(split["id"][split["label"].isin(classes)])].unique()
    files = [paths.SPLIT, paths.BALANCED, folder / "rows.csv", folder / "settings.json"]
    files += [paths.shard_file(folder, shard, "npy") for shard in used]
    files += [Path(name) for name in weights if Path(name).is_file()]
    return {path.as_posix(): path.read_bytes() for path in files}


@contextmanager
def checked(what: str) -> Iterator[None]:
    """Say in one message that an answer is not what it should be."""
    try:
        yield
    except (ValueError, KeyError, TypeError, ValidationError, SafetensorError) as error:
        raise EarshotError(
            f"EARSHOT_SCHEDULER={cluster.scheduler()}: what a worker gave for {what} cannot be used "
            f"({first_line(error)}). Run the command again; where it repeats, start the workers again"
        ) from None
