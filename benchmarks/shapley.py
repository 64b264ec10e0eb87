"""The Shapley value of a game given by its table of 2^k values: `ej.shapley_value` beside coopgame-py.

Both are also held against exact rational values, from sums of integers by size:

    Sh_i = Σ_s [ (s-1)!(k-s)!/k! Σ_{|S|=s, i∈S} v(S) - s!(k-1-s)!/k! Σ_{|S|=s, i∉S} v(S) ].
"""

from __future__ import annotations

from fractions import Fraction
from math import factorial

import numpy as np

import exitjoin as ej
from benchmarks.timing import Disagreement, MissingTool, Row, compare

try:
    import coopgame
except ModuleNotFoundError as error:
    raise MissingTool("coopgame-py") from error

UNIT = 2**20  # values are integers over this, so that floats hold them exactly
PLAYERS = (16, 20, 22)
BUILT = 20  # players of the game that is also timed with the building of coopgame-py's object
GREATEST_ERROR = 1e-12


def run() -> dict[str, Row]:
    """Return a row for each comparison."""
    rows = {}
    for k in PLAYERS:
        integers = np.random.default_rng(k).integers(-UNIT, UNIT, 2**k)
        integers[0] = 0
        values = integers / UNIT
        game = coopgame.Game(values[1:])
        exact = exact_shapley_value(integers, k)
        errors = {
            "ours": greatest_error("ours", ej.shapley_value(values, threads=1), exact),
            "theirs": greatest_error("theirs", coopgame.shapley(game), exact),
        }
        calls = (max(1, 2 ** (24 - k)), max(1, 2 ** (19 - k)))
        ways = {f"Shapley value, {k} players": (lambda g=game: coopgame.shapley(g), "coopgame-py")}
        if k == BUILT:
            title = f"Shapley value, {k} players, from the array of values"
            ways[title] = (lambda v=values: coopgame.shapley(coopgame.Game(v[1:])), "coopgame-py, Game built too")
        for title, (program, name) in ways.items():
            rows[title] = compare(
                lambda v=values, c=calls[0]: [ej.shapley_value(v, threads=1) for _ in range(c)],
                lambda p=program, c=calls[1]: [p() for _ in range(c)],
                names=("ej.shapley_value, one thread", name),
                operations=calls,
                check=f"both exact up to {GREATEST_ERROR:g}",
                warm=True,
            ) | {"greatest_error": errors}
    return rows


def exact_shapley_value(integers: np.ndarray, k: int) -> list[Fraction]:
    """Return the Shapley value of the game integers/UNIT, indexed by bit mask.

    Sums of at most 2^22 integers below 2^20 are below 2^53, so that sums of floats are exact.
    """
    sizes = np.bitwise_count(np.arange(2**k))
    every = _sums_by_size(sizes, integers, k)
    value = []
    for i in range(k):
        with_i = (-1, 2, 2**i)
        inside = _sums_by_size(sizes.reshape(with_i)[:, 1].ravel(), integers.reshape(with_i)[:, 1].ravel(), k)
        total = 0
        for s in range(k + 1):
            if s > 0:
                total += factorial(s - 1) * factorial(k - s) * inside[s]
            if s < k:
                total -= factorial(s) * factorial(k - 1 - s) * (every[s] - inside[s])
        value.append(Fraction(total, factorial(k) * UNIT))
    return value


def _sums_by_size(sizes: np.ndarray, integers: np.ndarray, k: int) -> list[int]:
    return [int(x) for x in np.bincount(sizes, integers, minlength=k + 1)]


def greatest_error(who: str, values: object, exact: list[Fraction]) -> float:
    """Return the greatest distance from the exact values.

    Raises
    ------
    Disagreement
        If it is not rounding.
    """
    error = max(abs(Fraction(float(x)) - y) for x, y in zip(values, exact, strict=True))  # type: ignore[call-overload]
    if error > GREATEST_ERROR:
        raise Disagreement(f"Shapley value of {len(exact)} players: {who} wrong by {float(error):.3g}")
    return float(error)
