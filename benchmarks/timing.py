"""Two or more ways to do a thing, timed side by side."""

import importlib
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial

CLOCKS: Mapping[str, Callable[[], float]] = {
    "time": time.perf_counter,
    "processor time": time.process_time,  # what processors work for the process; others hardly change it
}


def alternate(
    functions: Sequence[Callable[[], object]],
    repeats: int,
    *,
    clock: Callable[[], float] = time.perf_counter,
) -> list[float]:
    """Median seconds of each function, their calls interleaved so that all meet the same weather.

    functions : each is called once before anything is timed
    repeats : timed calls of each
    clock : gives seconds

    Returns them in the order of the functions.
    """
    return _medians([partial(_seconds, function, clock) for function in functions], repeats)


@dataclass(frozen=True)
class Side:
    """A function that is timed in a process of its own, as what one side's process sets up must not serve the other.

    module, function, arguments : what makes the function, the arguments as JSON
    as_stage : whether the process is set up as a stage of Earshot's; a user's own script is not
    environment : variables that it has besides
    """

    module: str
    function: str
    arguments: Sequence[int | str] = ()
    as_stage: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)


def alternate_processes(sides: Sequence[Side], repeats: int, *, clock: str = "time") -> list[float]:
    """As `alternate`, of functions in processes of their own; `clock` is one of CLOCKS."""
    with ExitStack() as stack:
        processes = [stack.enter_context(_begin(side, clock)) for side in sides]
        return _medians([partial(_ask, process) for process in processes], repeats)


def _begin(side: Side, clock: str) -> subprocess.Popen[str]:
    arguments = [side.module, side.function, clock, *map(json.dumps, side.arguments)]
    code = "from benchmarks import timing; timing.serve()"
    if side.as_stage:
        code = f"from earshot.core.process import prepare; prepare(); {code}"
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env=os.environ | side.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def serve() -> None:
    """Make the function that the command line names, and call it for each line of standard input; print its seconds."""
    module, name, clock, *arguments = sys.argv[1:]
    function = getattr(importlib.import_module(module), name)(*map(json.loads, arguments))
    for _ in sys.stdin:
        print(_seconds(function, CLOCKS[clock]), flush=True)


def _ask(process: subprocess.Popen[str]) -> float:
    """The seconds of one call in a side's process."""
    assert process.stdin is not None
    assert process.stdout is not None
    print(file=process.stdin, flush=True)
    return float(process.stdout.readline())


def _seconds(function: Callable[[], object], clock: Callable[[], float]) -> float:
    started = clock()
    function()
    return clock() - started


def _medians(timers: Sequence[Callable[[], float]], repeats: int) -> list[float]:
    """Of each timer, once each in turn; a first call of each does not count."""
    for timer in timers:
        timer()
    seconds = [[timer() for timer in timers] for _ in range(repeats)]
    return [statistics.median(values) for values in zip(*seconds, strict=True)]
