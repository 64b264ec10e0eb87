"""Seeds and the streams of random numbers that runs draw from."""

from __future__ import annotations

import secrets

import numpy as np
from numpy.typing import NDArray

from numerics.kernels import streams as kernel
from numerics.opinions import Normal
from numerics.validation import is_integer
from theory.errors import InputError

Seed = int | np.random.SeedSequence | None


def key_of(seed: Seed) -> NDArray[np.uint64]:
    """Return the two words that key the streams of all runs under this seed.

    Run r of an ensemble uses stream r, and `simulate` is run 0.
    """
    if isinstance(seed, np.random.SeedSequence):
        return seed.generate_state(2, np.uint64).astype(np.uint64)
    if seed is not None and (not is_integer(seed) or seed < 0):
        raise InputError("seed", seed, "is not a seed", "give an integer of at least 0, or a numpy SeedSequence")
    sequence = np.random.SeedSequence(None if seed is None else int(seed))
    return sequence.generate_state(2, np.uint64).astype(np.uint64)


def spawn(seed: Seed, count: int) -> list[np.random.SeedSequence]:
    """Return seeds that are independent of each other, the same ones for the same seed."""
    key_of(seed)  # refuses what is no seed
    parent = seed if isinstance(seed, np.random.SeedSequence) else np.random.SeedSequence(seed)
    return [np.random.SeedSequence(parent.entropy, spawn_key=(*parent.spawn_key, k)) for k in range(count)]


def fresh_seed() -> int:
    """Return a seed that nobody has used, from the operating system's entropy; below 2⁶³, so that any file holds it."""
    return secrets.randbits(63)


def draw_opinions(opinions: NDArray[np.float64] | Normal, seed: Seed, run: int = 0) -> NDArray[np.float64]:
    """Return the opinions that a run starts from."""
    if not isinstance(opinions, Normal):
        return opinions
    state = np.empty(4, dtype=np.uint64)
    kernel.start(key_of(seed), run, state)
    x = np.empty(opinions.agents * opinions.dimension)
    kernel.normals(state, opinions.mean, opinions.sd, x)
    return x if opinions.dimension == 1 else x.reshape(opinions.agents, opinions.dimension)
