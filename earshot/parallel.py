"""Shards over processes: the one place that knows how work is spread."""

import itertools

import joblib
from tqdm import tqdm


def each_shard(function, shards, *, sizes, description, unit="item"):
    """`function` over every shard, on all cores, with a progress bar that counts items.

    function : importable callable of one argument
    shards : list of its arguments, one a shard
    sizes : list of int, items in each shard, for the bar's rate
    Yields the results in the order of the shards, whatever the number of cores.
    """
    workers = min(joblib.cpu_count(), len(shards)) or 1
    with tqdm(total=sum(sizes), desc=description, unit=unit, disable=None) as bar:
        if workers == 1:
            done = map(function, shards)
        else:
            pool = joblib.Parallel(n_jobs=workers, return_as="generator", batch_size=1)
            done = pool(map(joblib.delayed(function), shards))
        for result, size in zip(done, sizes, strict=True):
            yield result
            bar.update(size)


def map_shards(function, shards, *, sizes, description, unit="item"):
    """What `each_shard` yields, as a list."""
    return list(each_shard(function, shards, sizes=sizes, description=description, unit=unit))


def chunks(items, size):
    """The items in lists of at most `size`."""
    iterator = iter(items)
    while chunk := list(itertools.islice(iterator, size)):
        yield chunk
