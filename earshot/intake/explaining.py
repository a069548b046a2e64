"""What the maps of large networks cost: they take more passes through the network than its training does."""

from earshot.config.gradcam import GradCam
from earshot.explanation.sanity import COMPARED
from earshot.intake.estimate import Speed
from earshot.intake.workload import Workload

BLANKS = 2
METHODS = 8  # that `gradcam.method: auto` tries: maps of two layers, and integrated gradients in six ways
STEPS = 28  # of integrated gradients, as most models need
SEARCHED = 79  # steps of all the tries until it is that many
GRADIENT = 3  # passes: forward, and backward as two


def explaining_s(work: Workload, speed: Speed, *, cores: int) -> float:
    """Seconds that `gradcam` works on large networks, on cores that share the models; of small ones it is no matter."""
    gradcam = work.gradcam
    share = getattr(work.split, gradcam.part) / work.split.train
    seconds = 0.0
    for name in work.models:
        if not speed.batch[name] or not gradcam.explains(name):
            continue
        forward_s = speed.pass_s.get(name, speed.clip_s[name] / GRADIENT)
        seconds += forward_s * sum(
            passes(gradcam, classes=subset, items=count * share * speed.clips, runs=work.runs[name])
            for subset, count in work.training.items()
        )
    return seconds * len(work.views) / cores


def passes(settings: GradCam, *, classes: int, items: float, runs: int) -> float:
    """Passes of one item through a model, in all of one cell's maps and their checks.

    items : clips of the part that is shown
    """
    tried = METHODS if settings.method == "auto" else 1
    steps, searched = (STEPS, SEARCHED) if settings.method in ("auto", "integrated_gradients") else (1, 0)
    map_passes = GRADIENT * (BLANKS * steps if searched else 1)
    chosen_by = min(settings.checked, items)
    shown = min(2 * classes * settings.per_class, items)
    choosing = chosen_by * (_curves(settings, tried) + GRADIENT * BLANKS * searched + map_passes)
    comparing = 2 * runs * min(COMPARED, chosen_by) * map_passes
    return choosing + shown * (_curves(settings, 1) + map_passes) + comparing


def _curves(settings: GradCam, maps: int) -> int:
    """Passes of an item for the curves of deletion and insertion of some maps, a random one and the energy."""
    return BLANKS * (2 + 2 * (settings.steps - 1) * (maps + 2))
