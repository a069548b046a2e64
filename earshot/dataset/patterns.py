"""Regular expressions of params.yaml, searched in the paths of a data set."""

import re
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from earshot.core.errors import EarshotError

LIMIT_S = 10.0  # for one path: what takes longer tries every way to fail, and does not end


def compiled(pattern: str, *, key: str) -> re.Pattern[str]:
    """The expression. Raises EarshotError where it is none.

    key : the param that holds it, for messages
    """
    try:
        return re.compile(pattern)
    except re.error as error:
        raise EarshotError(f"{key}: {pattern!r} is no regular expression: {error}") from None


def search_each(
    expression: re.Pattern[str], texts: Sequence[str], *, key: str
) -> Iterator[re.Match[str] | None]:
    """What an expression finds in each text. Raises EarshotError where one takes longer than LIMIT_S."""
    for text in texts:
        with _limit(
            f"{key}: {expression.pattern!r} does not come to an end on {text}: nest no repeats, as in (a+)+"
        ):
            match = expression.search(text)
        yield match


@contextmanager
def _limit(message: str) -> Iterator[None]:
    """Raise EarshotError where what is done here takes too long; not outside of the main thread, nor on Windows."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_number: int, _frame: FrameType | None) -> NoReturn:
        raise EarshotError(message)

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, LIMIT_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
