"""What would make a study cheaper: changes of params.yaml, and the time that it would take with each."""

from collections.abc import Iterator
from dataclasses import replace

from earshot.config.study import Study
from earshot.intake.estimate import Speed
from earshot.intake.explaining import GRADIENT
from earshot.intake.total_time import total_s
from earshot.intake.workload import Workload
from earshot.models.registry import own_models

SAVES = 0.9  # of the time that is left at most, where a change is worth naming


def cheaper_changes(study: Study, work: Workload, speed: Speed, *, cores: int) -> list[tuple[str, float]]:
    """Each change that saves a tenth of the time or more, and the seconds that are left; what saves most first."""
    studies = [
        *((change, less, speed) for change, less in _less_work(study, work)),
        *((change, work, faster) for change, faster in _frozen_backbones(work, speed)),
        *((change, less, speed) for change, less in _fewer_maps(work, speed)),
    ]
    changes = [(change, total_s(less, faster, cores=cores)) for change, less, faster in studies]
    most_s = SAVES * total_s(work, speed, cores=cores)
    return sorted((change for change in changes if change[1] <= most_s), key=lambda change: change[1])


def _less_work(study: Study, work: Workload) -> Iterator[tuple[str, Workload]]:
    """Fewer runs, or no cross-validation, or one model, subset or view less."""
    yield "runs: 1", replace(work, runs=dict.fromkeys(work.runs, 1))
    if work.in_folds and not study.train.from_cv:
        yield "cv.folds: null", replace(work, in_folds={})
    if len(work.models) > 1:
        for name in work.models:
            others = [other for other in work.models if other != name]
            yield f"models without {name}", replace(work, models=others)
    if len(work.training) > 1:
        largest = max(work.training)
        few = {subset: count for subset, count in work.training.items() if subset != largest}
        yield f"subsets without {largest}", replace(work, training=few)
    if "shuffled" in work.views and len(work.views) > 1:
        views = [view for view in work.views if view != "shuffled"]
        yield "views without shuffled", replace(work, views=views)


def _frozen_backbones(work: Workload, speed: Speed) -> Iterator[tuple[str, Speed]]:
    """For each large network that is trained whole, the speed with its backbone frozen: each clip passes it once."""
    for name in work.models:
        if name not in own_models() and name not in speed.pass_s:
            pass_s = speed.pass_s | {name: speed.clip_s[name] / GRADIENT}
            yield (
                f"zoo.{name}.freeze: backbone",
                replace(speed, clip_s=speed.clip_s | {name: 0.0}, pass_s=pass_s),
            )


def _fewer_maps(work: Workload, speed: Speed) -> Iterator[tuple[str, Workload]]:
    """Maps of large networks by one method, or of the smallest of these networks alone."""
    large = sorted((name for name in work.models if speed.batch[name]), key=lambda name: speed.batch[name])
    if large and work.gradcam.method != "gradcam":
        settings = work.gradcam.model_copy(update={"method": "gradcam"})
        yield "gradcam.method: gradcam", replace(work, gradcam=settings)
    if len(large) > 1 and work.gradcam.models is None:
        settings = work.gradcam.model_copy(update={"models": large[:1]})
        yield f"gradcam.models: [{large[0]}]", replace(work, gradcam=settings)
