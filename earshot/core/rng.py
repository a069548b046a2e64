"""Randomness that depends on a name and the study's seed, never on order, machine or what else there is."""

import hashlib
from collections.abc import Iterable
from typing import TypeVar

import numpy as np

Item = TypeVar("Item")


def digest(seed: int, *names: object) -> int:
    """A 256-bit integer drawn from the seed and the names."""
    text = "\0".join(str(part) for part in (seed, *names))
    return int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")


def run_seed(seed: int, run: int) -> int:
    """The seed of a model's run, which counts from 1: of all that a run draws anew, whatever other runs there are."""
    return digest(seed, "run", run)


def generator(seed: int, *names: object) -> np.random.Generator:
    """A numpy Generator for the thing that the names name, `generator(42, "phase", "7/0013")` for one."""
    return np.random.default_rng(digest(seed, *names))


def shuffled(items: Iterable[Item], seed: int, *names: object) -> list[Item]:
    """The items in an order that the seed and each item's own name give.

    Adding or removing an item moves no other pair of items: each has its own rank.
    """
    return sorted(items, key=lambda item: digest(seed, *names, item))
