"""Chance that is the same every time: numbers drawn from a seed and words, integers only."""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from random import Random

MILLION = 1_000_000
_OCTAVES = 5


def dice(*words: object) -> Random:
    """Return a generator that depends on nothing but these words."""
    digest = blake2b("|".join(map(str, words)).encode(), digest_size=8).digest()
    return Random(int.from_bytes(digest))  # noqa: S311 - a simulated market guards nothing


def share_of(*words: object) -> int:
    """Return one number from 0 up to a million, by these words."""
    digest = blake2b("|".join(map(str, words)).encode(), digest_size=4).digest()
    return int.from_bytes(digest) * MILLION >> 32


def bell(numbers: Random) -> int:
    """Return a number around 0, from minus to plus a million, near 0 more often."""
    return (numbers.getrandbits(16) + numbers.getrandbits(16) - 65535) * MILLION // 65535


@lru_cache(maxsize=65536)
def _lattice(seed: int, name: str, octave: int, cell: int) -> int:
    return bell(dice(seed, "walk", name, octave, cell))


def walk_ppm(seed: int, name: str, month: int) -> int:
    """Return how far a name stands from its base in a month, parts per million, about +-30 %.

    Slow and fast waves added up: any month is found at once, without walking to it.
    """
    total = 0
    for octave in range(_OCTAVES):
        period = 1 << octave
        cell, inside = divmod(month, period)
        here = _lattice(seed, name, octave, cell)
        there = _lattice(seed, name, octave, cell + 1)
        wave = here + (there - here) * inside // period
        total += wave * (3 + 2 * octave) // 100
    return total
