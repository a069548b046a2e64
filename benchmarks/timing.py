"""Two or more ways to do a thing, timed side by side."""

import statistics
import time
from collections.abc import Callable, Sequence


def alternate(
    functions: Sequence[Callable[[], object]],
    repeats: int,
    *,
    clock: Callable[[], float] = time.perf_counter,
) -> list[float]:
    """Median seconds of each function, their calls interleaved so that all meet the same weather.

    functions : each is called once before anything is timed
    repeats : timed calls of each
    clock : gives seconds; `time.process_time` those that processors work for this process

    Returns them in the order of the functions.
    """
    for function in functions:
        function()
    seconds: list[list[float]] = [[] for _ in functions]
    for _ in range(repeats):
        for function, values in zip(functions, seconds, strict=True):
            started = clock()
            function()
            values.append(clock() - started)
    return [statistics.median(values) for values in seconds]
