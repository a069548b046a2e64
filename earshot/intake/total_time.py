"""The time that a study takes in all: how much work it is, by how fast this machine does it."""

from earshot.intake.estimate import PENALTY, Speed, study_s
from earshot.intake.explaining import explaining_s
from earshot.intake.workload import Workload


def total_s(work: Workload, speed: Speed, *, cores: int) -> float:
    """Seconds that a study takes: cross-validation, the maps of large networks, and all else."""
    folds_s = sum(
        PENALTY * (clips * speed.clips) * speed.clip_s[name] / cores for name, clips in work.in_folds.items()
    )
    all_else_s = study_s(
        speed,
        items=work.items,
        training=work.training,
        views=work.views,
        epochs=work.epochs,
        runs=work.runs,
        models=work.models,
        cores=cores,
    )
    return folds_s + explaining_s(work, speed, cores=cores) + all_else_s
