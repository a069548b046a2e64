"""Which method explains a model best, on items that are not shown."""

from collections.abc import Mapping

import pandas as pd
import torch

from earshot.config.gradcam import GradCam
from earshot.explanation.explain_all import Arrays, Targets, explain_all, tensors
from earshot.explanation.methods import Method, candidates
from earshot.explanation.passes import arrays_at_once
from earshot.explanation.sanity import curves_by_blank, mean_areas, mean_gain
from earshot.models.normalization import Normalized


def choose_method(
    model: Normalized,
    arrays: Arrays,
    targets: Targets,
    *,
    settings: GradCam,
    blanks: Mapping[str, Arrays],
    seed: int,
    energies: Arrays | None = None,
) -> tuple[Method, pd.DataFrame]:
    """The method that `gradcam.method` names, or of all that suit the model the best one.

    model : in eval mode, on the device where it is to run
    arrays, targets : the items that it is chosen by, shape (items, bands, frames) and (items,)
    energies : as for `sanity.curves_by_blank`

    Returns the method, and a table of the methods that were tried: `method, gain, chosen`, and of each blank the areas
    under the curves, `deletion_mean` and so on. A method's gain is what its maps are better by than random maps, under
    the blank where they are so least: a map that holds under one blank alone is a picture of the blank.
    """
    device = next(model.parameters()).device
    x, classes = torch.from_numpy(arrays).to(device), torch.from_numpy(targets).to(device)
    methods = candidates(
        model,
        x,
        classes,
        settings=settings,
        blanks=tensors(blanks, device),
        at_once=arrays_at_once(model, arrays.shape[1:]),
    )
    names = [str(method) for method in methods]
    maps = explain_all(model, arrays, targets, methods=methods, blanks=blanks)
    by_blank = curves_by_blank(
        model,
        arrays,
        targets,
        dict(zip(names, maps, strict=True)),
        blanks=blanks,
        steps=settings.steps,
        seed=seed,
        energies=energies,
    )
    table = pd.DataFrame({"method": names})
    table["gain"] = [round(mean_gain(by_blank, name), 6) for name in names]
    best = int(table["gain"].argmax())
    table["chosen"] = (table.index == best).astype(int)
    areas = mean_areas(by_blank)
    for blank in blanks:
        for curve in ("deletion", "insertion"):
            table[f"{curve}_{blank}"] = [areas[f"{curve}_{name}_{blank}"] for name in names]
    return methods[best], table
