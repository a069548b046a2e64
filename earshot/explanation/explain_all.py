"""The maps of all clips of a part, one batch after another: their means, and some of the maps themselves."""

from collections.abc import Collection, Hashable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from earshot.core import devices
from earshot.explanation.gradcam import explain
from earshot.explanation.maps import MeanMaps
from earshot.models.normalization import Normalized
from earshot.training.batches import Clips, cut, reader

BATCH = 64


def explain_all(
    model: Normalized,
    clips: Clips,
    targets: NDArray[np.int64],
    *,
    keys: Sequence[Hashable],
    returned: Collection[int],
    method: str,
    layer: str | None,
    device: str = "auto",
    threads: int = 2,
) -> tuple[MeanMaps, dict[int, NDArray[np.float32]]]:
    """Explain every clip once.

    model : left in eval mode on the device
    targets : shape (clips,), the class that is explained
    keys : one a clip, under which its map counts in the means
    returned : the places of the clips whose maps are returned
    method, layer : as `choose_method` gives them

    Returns the mean maps, and each returned place with its map, shape (bands, frames).
    """
    means, maps, places = MeanMaps(), {}, set(returned)
    torch_device = devices.pick(device)
    with devices.repeatable(torch_device, threads=threads):
        model.to(torch_device).eval()
        read = reader(clips, in_memory=False, device=torch_device)
        with tqdm(total=len(clips), desc="maps", unit="clip", disable=None) as bar:
            for index in cut(np.arange(len(clips)), BATCH):
                classes = torch.from_numpy(targets[index]).to(torch_device)
                batch = explain(model, read(index), classes, method=method, layer=layer).cpu().numpy()
                for place, heat in zip(index.tolist(), batch, strict=True):
                    means.add(keys[place], heat)
                    if place in places:
                        maps[place] = heat
                bar.update(len(index))
    return means, maps


def mean_array(clips: Clips) -> NDArray[np.float32]:
    """The mean of all clips, place by place. (bands, frames)"""
    total = np.zeros(clips.shape)
    for index in cut(np.arange(len(clips)), BATCH):
        total += clips.take(index).sum(axis=0, dtype=np.float64)
    return (total / len(clips)).astype(np.float32)
