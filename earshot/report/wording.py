"""Numbers and lists as a reader wants them."""

from earshot.evaluation.wording import hundredths, minus


def count(value: int) -> str:
    return f"{value:,}"


def plural(value: int, word: str) -> str:
    return f"{value:,} {word}{'' if value == 1 else 's'}"


def percent(value: float) -> str:
    return f"{hundredths(value)}\N{NO-BREAK SPACE}%"


def share(value: float) -> str:
    return f"{100 * value:.0f}\N{NO-BREAK SPACE}%"


def limits(low: float, high: float) -> str:
    """The limits of a share, as they stand in brackets behind it."""
    return f"{hundredths(low)} to {hundredths(high)}"


def short(value: float) -> str:
    """A share in as few digits as tell it: `94 %`, `99.5 %`."""
    return f"{round(100 * value, 6):g}\N{NO-BREAK SPACE}%"


def points(value: float) -> str:
    return minus(f"{100 * value:+z.1f}")


def deviation(value: float) -> str:
    """A standard deviation of shares, in points."""
    return f"{100 * value:.1f}"


def decimal(value: float, digits: int = 2) -> str:
    return minus(f"{value:z.{digits}f}")


def unbroken(sentence: str) -> str:
    """A sentence whose numbers keep their percent signs beside them."""
    return sentence.replace(" %", "\N{NO-BREAK SPACE}%")


def p_value(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"{value:.2g}"
