"""The mean square of opinions that never settle: the lifted operator against averages worked out directly."""

from __future__ import annotations

from fractions import Fraction as F
from itertools import combinations, product

import pytest
from sympy import Rational, Symbol, expand, sqrt

from theory.errors import InputError
from theory.mixing import (
    disagreement_path,
    disagreement_weights,
    lifted_operator,
    merging_weights,
    mixing_polynomial,
    mixing_rate,
    pair_classes,
)
from theory.symbols import m

STARTS = (
    [[0], [0], [3]],
    [[1, 2], [F(-1, 3)]],
    [[0], [1], [F(5, 2)], [-2]],
    [[0, 1], [4, -2]],
    [[0, 1, 7], [F(1, 2)], [-3]],
)


def disagreement(opinions: list[F]) -> F:
    mean = sum(opinions, F(0)) / len(opinions)
    return sum(((x - mean) ** 2 for x in opinions), F(0))


def one_move(start: list[list[F]]) -> F:
    """E V(1) from the definition: every agent, every target, every mean."""
    agreed = [[sum(map(F, C), F(0)) / len(C)] * len(C) for C in start]
    n, total = sum(map(len, start)), F(0)
    for own, C in enumerate(agreed):
        others = [D for D in range(len(agreed)) if own != D]
        t = len(others) + (len(C) > 1)
        for target in others:
            joined = [*agreed[target], C[0]]
            rest = [x for D, E in enumerate(agreed) if D not in (own, target) for x in E]
            total += F(len(C), n * t) * disagreement(rest + C[1:] + [sum(joined) / len(joined)] * len(joined))
        if len(C) > 1:
            total += F(len(C), n * t) * disagreement([x for E in agreed for x in E])
    return total


@pytest.mark.parametrize("start", STARTS)
def test_first_move_from_the_opinions(start: list[list[F]]) -> None:
    path = disagreement_path(start, 1)
    assert path[0] == disagreement([sum(map(F, C), F(0)) / len(C) for C in start for _ in C])
    assert path[1] == one_move(start)


def test_merging_weights_hold_at_numbers() -> None:
    for size, c, d, e in product((1, 2, 5), (0, 3), (-1, F(1, 2)), (2, F(-7, 3))):
        near, far, back = (F(str(weight.subs(m, size))) for weight in merging_weights())
        merged = (size * F(d) + c) / (size + 1)
        assert (merged - e) ** 2 == near * (F(d) - e) ** 2 + far * (F(c) - e) ** 2 + back * (F(d) - c) ** 2


@pytest.mark.parametrize("n", [2, 3, 4, 5, 6])
def test_classes_are_the_pairs_of_sizes(n: int) -> None:
    classes = pair_classes(n)
    assert len(set(classes)) == len(classes)
    for sizes, pair in classes:
        assert pair in {tuple(sorted(two)) for two in combinations(sizes, 2)}


@pytest.mark.parametrize("n", [3, 4, 5])
def test_path_obeys_the_characteristic_polynomial(n: int) -> None:
    coefficients = [F(int(c.p), int(c.q)) for c in mixing_polynomial(n).all_coeffs()]
    path = disagreement_path([[i * i + F(1, i + 1)] for i in range(n)], len(coefficients) + 2)
    for t in range(3):
        assert sum(c * v for c, v in zip(reversed(coefficients), path[t:], strict=False)) == 0
    assert sum(coefficients[:-1]) + coefficients[-1] > 0  # 1 is no root


def test_trace_of_the_operator_is_in_the_polynomial() -> None:
    for n in (3, 4, 5, 6, 7):
        trace = sum(value for (i, j), value in lifted_operator(n).items() if i == j)
        assert mixing_polynomial(n).all_coeffs()[1] == -Rational(trace.numerator, trace.denominator)


def test_rates() -> None:
    x = Symbol("x")
    assert mixing_rate(2) == 0
    assert expand(mixing_rate(3) - (1 + sqrt(97)) / 24) == 0
    assert expand(mixing_polynomial(3).as_expr().subs(mixing_polynomial(3).gen, x)) == x**2 - x / 12 - Rational(1, 6)
    for n, digits in ((4, "0.62074"), (5, "0.70579"), (6, "0.75828")):
        assert abs(mixing_rate(n).evalf(20) - Rational(digits)) < Rational(1, 200_000)


@pytest.mark.parametrize("n", [3, 4, 5])
def test_rate_is_what_the_path_tends_to(n: int) -> None:
    path = disagreement_path([[F(i)] for i in range(n)], 120)
    assert abs(path[-1] / path[-2] - F(str(mixing_rate(n).evalf(30)))) < F(1, 10**9)


def test_consensus_stays() -> None:
    assert disagreement_path([[1, 3], [2], [2]], 3) == (0, 0, 0, 0)
    assert disagreement_path([[0, 4]], 2) == (0, 0, 0)
    assert [str(w) for w in disagreement_weights(2)] == ["1/2"]


@pytest.mark.parametrize(
    ("start", "steps", "field"),
    [
        ([[0], []], 1, "start"),
        ([[0], [sqrt(2)]], 1, "opinion"),
        ([[0], ["1"]], 1, "number"),
        ([[0], [1]], -1, "steps"),
        ([[0], [1]], True, "steps"),
        ([[0], [1]], 1001, "steps"),
        ([[0]], 1, "n"),
    ],
)
def test_bad_starts(start: list, steps: int, field: str) -> None:
    with pytest.raises(InputError, match=f"^{field}: "):
        disagreement_path(start, steps)


@pytest.mark.parametrize("n", [1, 9, 3.5, True])
def test_bad_numbers_of_agents(n: int) -> None:
    for compute in (mixing_polynomial, mixing_rate):
        with pytest.raises(InputError, match=r"^n: "):
            compute(n)
