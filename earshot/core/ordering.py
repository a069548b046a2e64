"""The order in which people count: 2 before 10."""

import re


def natural_key(name):
    """A sort key under which runs of digits count as numbers, `2_clip` before `10_clip`."""
    parts = re.split(r"(\d+)", name)
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts], name
