"""Numbers and lists as a reader wants them."""


def count(value):
    return f"{value:,}"


def plural(value, word):
    return f"{value:,} {word}{'' if value == 1 else 's'}"


def percent(value):
    return f"{100 * value:.1f}\N{NO-BREAK SPACE}%"


def share(value):
    return f"{100 * value:.0f}\N{NO-BREAK SPACE}%"


def limits(low, high):
    """The limits of a share, as they stand in brackets behind it."""
    return f"{100 * low:.1f} to {100 * high:.1f}"


def points(value):
    return f"{100 * value:+.1f}"


def decimal(value, digits=2):
    return f"{value:.{digits}f}"


def p_value(value):
    return "< 0.001" if value < 0.001 else f"{value:.2g}"


def listed(words):
    """`a, b and c`."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
