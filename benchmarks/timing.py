"""Two or more ways to do a thing, timed side by side."""

import statistics
import time


def alternate(functions, repeats):
    """Median seconds of each function, their calls interleaved so that all meet the same weather.

    functions : list of functions without arguments; each is called once before anything is timed
    repeats : int, timed calls of each

    Returns a list of float, in the order of the functions.
    """
    for function in functions:
        function()
    seconds = [[] for _ in functions]
    for _ in range(repeats):
        for function, values in zip(functions, seconds, strict=True):
            started = time.perf_counter()
            function()
            values.append(time.perf_counter() - started)
    return [statistics.median(values) for values in seconds]
