"""The runs of a model, trained by a cluster: what comes back is checked and kept as runs of this machine are."""

import logging
import re
from functools import partial
from pathlib import Path

from pydantic import TypeAdapter
from safetensors import deserialize

from earshot.core import paths
from earshot.core.io import read_table, write_bytes
from earshot.training import jobs, model_job
from earshot.training.kept_runs import WEIGHTS, KeptRuns, TrainedRun, publish_backbone
from earshot.training.model_job import ModelJob, Place
from earshot.training.on_cluster import (
    answer_of,
    answers,
    checked,
    connected,
    files_for_workers,
    refuse_endless,
)

FILES = re.compile(r"weights\.safetensors|epoch_\d{4,}\.safetensors")

log = logging.getLogger(__name__)


def train_on_cluster(job: ModelJob, *, runs: int, folder: Path) -> KeptRuns:
    """Let a cluster train the runs of a model that are not kept. Returns where all are kept then.

    folder : the model's, where the backbone goes that they share
    """
    is_validated = bool(read_table(paths.SPLIT)["split"].eq("val").any())
    refuse_endless(job.params, job.from_cv, is_validated=is_validated)
    weights = (job.params.block | job.from_cv).get("weights")
    with connected() as workers:
        files = files_for_workers(job.view, job.classes, [str(weights)])
        place, backbone = answer_of(workers, model_job.name_runs, job, Place, files=files, params=job.params)
        if backbone:
            with checked(f"the backbone of {job.cell}"):
                deserialize(backbone)  # type: ignore[no-untyped-call]
        publish_backbone(backbone, folder, checkpoints=paths.CHECKPOINTS, model=job.params.name)
        del backbone  # hundreds of megabytes, and many stages wait at once
        kept_runs = job.kept_runs(place.identity)
        kept_runs.remove_where_asked()
        missing = [run for run in range(1, runs + 1) if kept_runs.read(run) is None]
        if len(missing) < runs:
            log.info(f"{runs - len(missing)} of {runs} runs as before, not trained again")
        train = partial(model_job.train_run, job, place)
        for run, answer in answers(workers, train, missing, files=files, params=job.params, unit=" runs"):
            with checked(f"run {run} of {job.cell}"):
                trained = keep_run(kept_runs, run, answer)
            log.info(f"run {run} of {runs}: {len(trained.history)} epochs, the best is {trained.epoch}")
    return kept_runs


def keep_run(kept_runs: KeptRuns, run: int, answer: bytes) -> TrainedRun:
    """Keep a run that a worker has trained.

    Raises ValueError where the answer is not what `model_job.train_run` gives.
    """
    about, content = jobs.unsealed(answer)
    TypeAdapter(TrainedRun).validate_python(about["trained"])
    trained = TrainedRun(**about["trained"])  # as it was sent: epochs stay whole numbers
    files: dict[str, bytes] = {}
    for name, size in TypeAdapter(dict[str, int]).validate_python(about["files"]).items():
        if not FILES.fullmatch(name):
            raise ValueError(f"it holds a file {name!r}")
        files[name], content = content[:size], content[size:]
        deserialize(files[name])  # type: ignore[no-untyped-call]  # safetensors has no types
    weights = files.pop(WEIGHTS)
    for name, epoch in files.items():
        write_bytes(kept_runs.of(run) / name, epoch, sync=True)
    kept_runs.write(run, trained, weights)
    return trained
