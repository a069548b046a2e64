"""What a user can mend, said in one message."""

from collections.abc import Sequence


class EarshotError(Exception):
    """A fault in the input, the params or the set-up: the message says what, where and what to do.

    Stages and commands print it and exit 1 without a traceback. Any other exception is a bug.
    """


def list_problems(heading: str, problems: Sequence[str], *, most: int = 20) -> EarshotError:
    """One error that names every problem, at most `most` of them in full.

    heading : str, says what the problems have in common and what to do
    problems : list of str, one line each
    """
    lines = [f"  {problem}" for problem in problems[:most]]
    if len(problems) > most:
        lines.append(f"  … and {len(problems) - most} more")
    return EarshotError("\n".join([heading, *lines]))


def first_line(error: BaseException) -> str:
    """What an exception says, as far as it fits into a sentence; its type's name where it says nothing."""
    return next(iter(str(error).splitlines()), type(error).__name__)
