"""The time that a study takes: how much work it is, by how fast this machine does it."""

from earshot.config.views import VIEWS
from earshot.intake.estimate import Speed
from earshot.intake.explaining import explaining_s
from earshot.intake.workload import Workload

# starts that a cell's stages cost beside training: evaluate, gradcam with its checks, DVC, and what gathers them
STAGES_A_CELL = 12
PENALTY = 1.5  # for validation, scores, and processes that share memory


def total_s(work: Workload, speed: Speed, *, cores: int) -> float:
    """Seconds that a study takes: cross-validation, the maps of large networks, and all else."""
    folds_s = sum(
        PENALTY * (clips * speed.clips) * speed.clip_s[name] / cores for name, clips in work.in_folds.items()
    )
    return folds_s + explaining_s(work, speed, cores=cores) + study_s(work, speed, cores=cores)


def study_s(work: Workload, speed: Speed, *, cores: int) -> float:
    """Seconds that a study takes without cross-validation and the maps of large networks."""
    starting = (12 + STAGES_A_CELL * work.cells * len(work.models) / cores) * speed.start_s
    arrays_of_views = len({VIEWS[view].source for view in work.views})
    arrays = work.items * speed.item_s * arrays_of_views / cores
    pass_s = sum(speed.pass_s.get(name, 0.0) for name in work.models)
    passes = work.items * speed.clips * arrays_of_views * pass_s / cores
    trained = sum(work.runs[name] * work.epochs[name] * speed.clip_s[name] for name in work.models)
    clips = sum(work.training.values()) * speed.clips * len(work.views)
    return starting + arrays + passes + PENALTY * clips * trained / cores
