"""The law of the paradox: brute force, the lifted operator with named agents, and what theory derives, all exact."""

from __future__ import annotations

import random
from fractions import Fraction as F
from functools import partial

import pytest
from sympy import Poly, Rational

from proofs_checks.oracles import mixing as oracle
from proofs_checks.oracles.matrices import characteristic_polynomial
from proofs_checks.studies.performances import PARABOLA, SQUARE, STEEP, TENT
from theory.mixing import disagreement_path, lifted_operator, mixing_polynomial, mixing_rate, pair_classes
from theory.size_chain import size_chain


def random_start(n: int, seed: int) -> tuple[oracle.Structure, tuple[F, ...]]:
    draw = random.Random(seed)
    structure = draw.choice(oracle.structures(n))
    return structure, tuple(F(draw.randint(-9, 9), draw.randint(1, 7)) for _ in range(n))


def by_theory(structure: oracle.Structure, opinions: tuple[F, ...], steps: int) -> list[F]:
    return list(disagreement_path([[opinions[i] for i in C] for C in structure], steps))


@pytest.mark.parametrize("n", [2, 3, 4, 5])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_reduced_and_full_operator_agree_exactly(n: int, seed: int) -> None:
    structure, opinions = random_start(n, seed)
    steps = 12 if n < 5 else 5
    assert oracle.lifted_path(structure, opinions, steps) == by_theory(structure, opinions, steps)
    assert oracle.class_path(structure, opinions, steps) == by_theory(structure, opinions, steps)


@pytest.mark.parametrize("n", [2, 3, 4])
def test_all_positions_give_the_same(n: int) -> None:
    structure, opinions = random_start(n, 7)
    steps = 6 if n < 4 else 4
    assert oracle.expected_disagreement(structure, opinions, steps) == by_theory(structure, opinions, steps)


@pytest.mark.parametrize(("performance", "cost"), [(PARABOLA, F(-1, 8)), (TENT, F(-3)), (STEEP, F(-1, 1000))])
def test_real_payoffs_change_nothing(performance: object, cost: F) -> None:
    law = oracle.admissible_law(performance, cost)  # type: ignore[arg-type]
    for n in (3, 4):
        structure, opinions = random_start(n, n)
        found = oracle.expected_disagreement(structure, opinions, 3, law)
        assert found == by_theory(structure, opinions, 3)


def test_false_twins_are_told_apart() -> None:
    structure, opinions = ((0,), (1,), (2,)), (F(0), F(0), F(1))
    true = by_theory(structure, opinions, 3)
    laws = [
        oracle.admissible_law(PARABOLA, F(0)),
        oracle.admissible_law(SQUARE, F(-1, 8)),
        oracle.admissible_law(PARABOLA, F(-1), accepts=lambda structure, target: len(target) < 2),
        partial(oracle.free_law, draw=oracle.by_coalition),
        partial(oracle.free_law, draw=oracle.alone_first),
    ]
    for law in laws:
        assert oracle.expected_disagreement(structure, opinions, 3, law) != true


@pytest.mark.parametrize("n", [2, 3, 4, 5, 6])
def test_derived_operator_is_that_of_the_definitions(n: int) -> None:
    classes, matrix = oracle.class_matrix(n)
    row_of = {known: i for i, known in enumerate(classes)}
    derived = lifted_operator(n)
    assert set(classes) == set(pair_classes(n))
    known = [row_of[c] for c in pair_classes(n)]
    for a, i in enumerate(known):
        for b, j in enumerate(known):
            assert matrix[i][j] == derived.get((a, b), 0)


@pytest.mark.parametrize("n", [2, 3, 4])
def test_sums_over_classes_obey_a_law_of_their_own(n: int) -> None:
    """Lumping: every column of the full matrix, summed over classes, is the column of its class."""
    classes, small = oracle.class_matrix(n)
    place = {known: i for i, known in enumerate(classes)}
    full, known = oracle.lifted_matrix(n), oracle.coordinates(n)
    kinds = [place[oracle._class(*coordinate)] for coordinate in known]
    for column, kind in enumerate(kinds):
        sums = [F(0)] * len(classes)
        for row, value in zip(kinds, (line[column] for line in full), strict=True):
            sums[row] += value
        assert sums == [line[kind] for line in small]


def test_spectrum_of_three_named_agents() -> None:
    """The full operator has more eigenvalues, none larger."""
    full = [Rational(c.numerator, c.denominator) for c in characteristic_polynomial(oracle.lifted_matrix(3))]
    reduced = mixing_polynomial(3)
    quotient, rest = Poly(full, reduced.gen).div(Poly(reduced.as_expr(), reduced.gen))
    assert rest.is_zero
    assert max(abs(root) for root in quotient.nroots()) < mixing_rate(3)


def test_structures_and_sizes() -> None:
    assert [len(oracle.structures(n)) for n in (2, 3, 4, 5)] == [2, 5, 15, 52]
    for n in (2, 3, 4, 5):
        for structure in oracle.structures_by_sizes(n):
            row: dict[tuple[int, ...], F] = {}
            for after, chance in oracle.free_law(structure, (F(0),) * n):
                sizes = tuple(sorted(map(len, after), reverse=True))
                row[sizes] = row.get(sizes, F(0)) + chance
            assert row == size_chain(n)[tuple(sorted(map(len, structure), reverse=True))]
