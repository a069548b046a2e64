"""A Dask cluster of two one-core workers against one of one, all on this machine, and against its own processes.

python -m benchmarks.cluster [repeats [pictures]]

Every side sonifies the same pictures at the default settings and hands back the sounds' bytes, which must be equal.
The scheduler and this process share the two cores with the workers.
"""

import hashlib
import os
import sys
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.incremental import write_pictures
from benchmarks.timing import alternate
from earshot.config.sonify import Sonify
from earshot.core.chunks import chunks
from earshot.sonification.pictures import sonify_elements
from earshot.store.elements import Element
from earshot.store.executor import for_workers, map_shards
from tests.dask_cluster import cluster
from tests.repository import ROOT

SHARD = 128


def digest(scheduler: str, shared: str, paths: list[str]) -> str:
    """Sonify on a cluster, or on this machine's processes; returns a hash of all sounds."""
    os.environ.update({"EARSHOT_SCHEDULER": scheduler, "EARSHOT_SHARED": shared})
    shards = (
        [Element(path, 0, path, for_workers(path), None, None) for path in shard]
        for shard in chunks(paths, SHARD)
    )
    sizes = [len(shard) for shard in chunks(paths, SHARD)]
    make = partial(sonify_elements, seed=42, settings=Sonify())
    made = map_shards(make, shards, sizes=sizes, description="sonify", unit="picture")
    return hashlib.sha256(b"".join(wav for shard in made for _, wav in shard)).hexdigest()


def main(repeats: int = 5, pictures: int = 2_560) -> None:
    os.environ["PYTHONPATH"] = str(ROOT)
    with tempfile.TemporaryDirectory() as place:
        os.chdir(place)
        write_pictures(Path(), range(pictures), seed=0)
        paths = sorted(map(str, Path("pictures").rglob("*.png")))
        with cluster(Path(place), workers=1) as one, cluster(Path(place), workers=2) as two:
            sides = {
                "one worker": (one.address, "1"),
                "two workers": (two.address, "1"),
                "two workers that share no folder": (two.address, "0"),
                "this machine's processes": ("", "1"),
            }
            digests = {name: digest(*side, paths) for name, side in sides.items()}
            assert len(set(digests.values())) == 1, digests
            seconds = alternate([partial(digest, *side, paths) for side in sides.values()], repeats)
    for name, taken in zip(sides, seconds, strict=True):
        print(f"{name}: {pictures / taken:,.0f} pictures/s, {seconds[0] / taken:.2f} × one worker")
    print(f"two against one: {seconds[0] / seconds[1]:.2f} (target 1.8), median of {repeats}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
