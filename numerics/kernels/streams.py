"""Random streams inside compiled code: one independent stream for every run of an ensemble.

Run r of an ensemble starts xoshiro256++ (Blackman and Vigna 2021) from four words of SplitMix64, keyed
by the words of the user's `numpy.random.SeedSequence` and by r.  A run's stream therefore depends on
the seed and on its own number only: the same bits on one thread, on many, and for any slice of runs.
numpy's generators cannot be created inside compiled code, and 20,000 of them cost more than the runs.
"""

import math

import numpy as np
from numba import njit

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX2 = np.uint64(0x94D049BB133111EB)
_S11, _S17, _S19, _S23, _S27, _S30, _S31, _S41, _S45 = (
    np.uint64(x) for x in (11, 17, 19, 23, 27, 30, 31, 41, 45)
)  # shifts as unsigned words: numba would turn a mix of signed and unsigned into a float


@njit(cache=True, nogil=True, forceinline=True)
def _splitmix(x):
    x = (x ^ (x >> _S30)) * _MIX1
    x = (x ^ (x >> _S27)) * _MIX2
    return x ^ (x >> _S31)


@njit(cache=True, nogil=True)
def start(key, number, state):
    """Set `state` to the beginning of stream `number` under the two words of `key`."""
    x = key[0] ^ _splitmix(key[1] + np.uint64(number) * _GOLDEN)
    for i in range(4):
        x += _GOLDEN
        state[i] = _splitmix(x)


@njit(cache=True, nogil=True)
def stream_number(members):
    """Number of the random stream of a set of agents, whatever the order in which they are given."""
    total = np.uint64(members.shape[0])
    for i in range(members.shape[0]):
        total += _splitmix((np.uint64(members[i]) + np.uint64(1)) * _GOLDEN)
    return _splitmix(total + _GOLDEN)


@njit(cache=True, nogil=True, forceinline=True)
def uniform(state):
    """A float in [0, 1) with 53 random bits."""
    total = state[0] + state[3]
    result = ((total << _S23) | (total >> _S41)) + state[0]
    shifted = state[1] << _S17
    state[2] ^= state[0]
    state[3] ^= state[1]
    state[1] ^= state[2]
    state[0] ^= state[3]
    state[2] ^= shifted
    state[3] = (state[3] << _S45) | (state[3] >> _S19)
    return (result >> _S11) * 1.1102230246251565e-16  # 2**-53


@njit(cache=True, nogil=True, forceinline=True)
def below(state, count):
    """An integer in [0, count); the bias is below count·2⁻⁵³."""
    return int(uniform(state) * count)


_COS = tuple((-1) ** n / math.factorial(2 * n) for n in range(9))
_SIN = tuple((-1) ** n / math.factorial(2 * n + 1) for n in range(9))


@njit(cache=True, nogil=True, forceinline=True)
def point_on_circle(turn):
    """cos and sin of 2π turn, turn in [0, 1): one Taylor series for both, which the library computes apart.

    The nearest quarter turn is taken off exactly; what is left is at most π/4, where the terms beyond y¹⁷/17! are
    below 2⁻⁶³.
    """
    quarter = int(4.0 * turn + 0.5)
    y = 2.0 * np.pi * (turn - 0.25 * quarter)
    q = y * y
    c, s = _COS[8], _SIN[8]
    for n in range(7, -1, -1):
        c = c * q + _COS[n]
        s = s * q + _SIN[n]
    s *= y
    if quarter & 1:
        c, s = -s, c
    return (-c, -s) if quarter & 2 else (c, s)


@njit(cache=True, nogil=True)
def normals(state, mean, sd, out):
    """Fill `out` with normal variates (Box and Muller 1958), two for two uniforms."""
    for i in range(0, out.shape[0], 2):
        radius = sd * np.sqrt(-2.0 * np.log(1.0 - uniform(state)))
        cos, sin = point_on_circle(uniform(state))
        out[i] = mean + radius * cos
        if i + 1 < out.shape[0]:
            out[i + 1] = mean + radius * sin
