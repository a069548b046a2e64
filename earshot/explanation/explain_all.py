"""The maps of a whole part, one batch after another: their means, and the maps of the clips that are shown."""

import numpy as np
import torch
from tqdm import tqdm

from earshot.core import devices
from earshot.explanation.gradcam import explain
from earshot.training.batches import cut, reader

BATCH = 64


class Means:
    """Mean maps under any keys, in the memory of one map a key, and how many maps are empty."""

    def __init__(self):
        self.sums, self.counts, self.empty = {}, {}, 0

    def add(self, key, drawn):
        self.empty += not drawn.any()
        self.sums[key] = self.sums.get(key, 0.0) + drawn.astype(np.float64)
        self.counts[key] = self.counts.get(key, 0) + 1

    def of(self, key):
        """The mean map of a key and how many maps it is of; None without one."""
        return (self.sums[key] / self.counts[key], self.counts[key]) if key in self.counts else None


def survey(model, clips, targets, *, keys, wanted, method, layer, device="auto", threads=2):
    """Explain every clip once.

    model : training.normalized.Normalized; left in eval mode on the device
    clips : training.batches.Clips
    targets : int array, shape (clips,), the class that is explained
    keys : list, one a clip, under which its map counts in the means
    wanted : ints, the places of the clips whose maps are given back
    method, layer : as gradcam.way gives them

    Returns Means, and a dict from each wanted place to its map, float32 (bands, frames).
    """
    means, found, wanted = Means(), {}, set(wanted)
    device = devices.pick(device)
    with devices.repeatable(device, threads=threads):
        model.to(device).eval()
        read = reader(clips, in_memory=False, device=device)
        with tqdm(total=len(clips), desc="maps", unit="clip", disable=None) as bar:
            for index in cut(np.arange(len(clips)), BATCH):
                classes = torch.from_numpy(np.asarray(targets)[index]).to(device)
                maps = explain(model, read(index), classes, method=method, layer=layer).cpu().numpy()
                for place, drawn in zip(index.tolist(), maps, strict=True):
                    means.add(keys[place], drawn)
                    if place in wanted:
                        found[place] = drawn
                bar.update(len(index))
    return means, found


def mean_array(clips):
    """The mean of all clips, place by place. float32 (bands, frames)"""
    total = np.zeros(clips.shape)
    for index in cut(np.arange(len(clips)), BATCH):
        total += clips.take(index).sum(axis=0, dtype=np.float64)
    return (total / len(clips)).astype(np.float32)
