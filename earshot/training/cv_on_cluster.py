"""The folds of cross-validation, trained by a cluster: what comes back is checked and kept as here."""

import logging
from functools import partial
from pathlib import Path

from earshot.core import paths
from earshot.core.io import json_bytes, write_bytes
from earshot.training import cv_job, jobs, kept_folds
from earshot.training.cv_job import CvJob, Fold
from earshot.training.on_cluster import answer_of, answers, checked, connected, files_for_workers

log = logging.getLogger(__name__)


def cross_validate_on_cluster(job: CvJob) -> dict[tuple[int, str], Path]:
    """Let a cluster train every configuration on every fold that is not kept.

    Returns from a configuration's number and a fold to the file of its result.
    """
    weights = [job.params.block.get("weights"), *job.cv.grid.get("weights", [])]
    folder = paths.CHECKPOINTS / kept_folds.FOLDER
    with connected() as workers:
        files = files_for_workers(job.cv.view, job.classes, list(map(str, weights)))
        folds, _ = answer_of(workers, cv_job.name_folds, job, list[Fold], files=files, params=job.params)
        missing = [fold for fold in folds if kept_folds.read(folder / fold.file) is None]
        train = partial(cv_job.train_fold, job)
        for fold, answer in answers(workers, train, missing, files=files, params=job.params, unit=" folds"):
            with checked(f"configuration {fold.configuration} on fold {fold.fold}"):
                result, _ = jobs.unsealed(answer)
                kept_folds.check(result, job.classes)
            write_bytes(folder / fold.file, json_bytes(result), sync=True)
            log.info(f"configuration {fold.configuration}, fold {fold.fold}: trained")
    return {(fold.configuration, fold.fold): folder / fold.file for fold in folds}
