"""S7: the quotients and bounds of `theory.mixing_bounds` against the law of all moves of named agents."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from itertools import product

from proofs_checks.check import Check
from proofs_checks.derivations.compare import compared
from proofs_checks.oracles.mixing import class_matrix

AGENTS = (2, 3, 4, 5)


@lru_cache(maxsize=8)
def _ratios(agents: int, weights: tuple[Fraction, ...]) -> tuple[Fraction, ...]:
    """Return (Mᵀy)_j / y_j, the classes in the order of `theory.mixing.pair_classes`."""
    from theory.mixing import pair_classes

    classes, M = class_matrix(agents)
    of = dict(zip(pair_classes(agents), weights, strict=True))
    y = [of[known] for known in classes]  # type: ignore[index]
    found = {known: sum((M[i][j] * y[i] for i in range(len(y))), Fraction(0)) / y[j] for j, known in enumerate(classes)}
    return tuple(found[known] for known in of)  # type: ignore[index]


def _quotients() -> Check[tuple[int, int]]:
    from theory.mixing import pair_classes
    from theory.mixing_bounds import quotients

    def weights(case: tuple[int, int]) -> tuple[Fraction, ...]:
        agents, step = case
        return tuple(Fraction(1 + step * i % 5, 1 + i % 3) for i in range(len(pair_classes(agents))))

    return compared(
        "quotients of theory.mixing_bounds against all moves of named agents",
        "n ≤ 5, three weights each",
        lambda: product(AGENTS, (0, 1, 3)),
        lambda case: quotients(case[0], weights(case)),
        lambda case: _ratios(case[0], weights(case)),
        show=lambda case: f"n = {case[0]}, weights {', '.join(map(str, weights(case)))}",
    )


def _bounds() -> Check[tuple[int, int]]:
    """The bounds are the least and greatest quotient of their weights, and as close as the digits allow."""
    from theory.mixing_bounds import decay_bounds

    def derived(case: tuple[int, int]) -> tuple[object, ...]:
        bounds = decay_bounds(*case)
        close = 0 <= bounds.upper - bounds.lower <= Fraction(100, 10 ** case[1])
        return bounds.lower, bounds.upper, min(bounds.weights) > 0, close

    def expected(case: tuple[int, int]) -> tuple[object, ...]:
        ratios = _ratios(case[0], decay_bounds(*case).weights)
        return min(ratios), max(ratios), True, True

    return compared(
        "decay_bounds of theory.mixing_bounds against all moves of named agents",
        "n ≤ 5, 4 and 9 digits",
        lambda: product(AGENTS, (4, 9)),
        derived,
        expected,
        show=lambda case: f"n = {case[0]}, {case[1]} digits",
    )


def checks_of(label: str) -> tuple[Check, ...]:
    """Return the checks of S7."""
    return (_quotients(), _bounds())
