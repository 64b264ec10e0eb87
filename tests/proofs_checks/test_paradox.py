"""The study of S7: its enclosures by another route, its certificates, and that each mutant falls."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction as F

import numpy as np
import pytest

from proofs_checks import recheck
from proofs_checks.check import attack, run
from proofs_checks.oracles.matrices import characteristic_polynomial
from proofs_checks.oracles.mixing import alone_first, by_coalition, class_path, structures
from proofs_checks.steps import Step, _follows
from proofs_checks.studies.paradox import s7
from proofs_checks.studies.paradox_bound import shrinks
from proofs_checks.studies.paradox_limit import STARTED, between
from proofs_checks.studies.paradox_limit_steps import limit_steps
from proofs_checks.studies.paradox_rates import (
    Stated,
    Surd,
    decimal_failure,
    enclosure,
    roots_certificate,
    surd_failure,
)
from proofs_checks.studies.paradox_steps import admissible_steps, shrinking_steps

RATES = {2: 0.0, 3: (1 + 97**0.5) / 24, 4: 0.62074, 5: 0.70579, 6: 0.75828}


def roots_inside(polynomial: list[F]) -> bool:
    """Schur and Cohn: whether all roots have modulus below 1, highest coefficient first."""
    while len(polynomial) > 1:
        if abs(polynomial[-1]) >= abs(polynomial[0]):
            return False
        lead, last = polynomial[0], polynomial[-1]
        reduced = zip(polynomial[:-1], polynomial[:0:-1], strict=True)
        polynomial = [a - last / lead * b for a, b in reduced]
    return True


def at(polynomial: list[F], x: F) -> F:
    value = F(0)
    for coefficient in polynomial:
        value = value * x + coefficient
    return value


@pytest.mark.parametrize("n", [3, 4, 5, 6])
def test_certificates_of_roots_hold(n: int) -> None:
    certificate = roots_certificate(n)
    matrix = tuple(tuple(map(F, row)) for row in certificate["matrix"])
    polynomial = [F(x) for x in certificate["polynomial"]]
    low, high = map(F, certificate["radius"])
    if n < 6:
        assert characteristic_polynomial(matrix) == tuple(polynomial)
    assert at(polynomial, low) * at(polynomial, high) < 0
    degree = len(polynomial) - 1
    assert roots_inside([c * high ** (degree - k) for k, c in enumerate(polynomial)])
    assert not roots_inside([c * low ** (degree - k) for k, c in enumerate(polynomial)])


@pytest.mark.parametrize("n", RATES)
def test_enclosures_against_eigenvalues_in_floating_point(n: int) -> None:
    found = enclosure(n)
    radius = max(abs(np.linalg.eigvals(np.array(found.matrix, dtype=float))))
    assert float(found.lower) - 1e-12 <= radius <= float(found.upper) + 1e-12
    assert abs(radius - RATES[n]) < 5.1e-6
    assert found.upper - found.lower <= F(2, 10**9)


def test_only_the_right_constants_pass() -> None:
    assert surd_failure(Surd(3, 1, 97, 24)) is None
    for wrong in ((0, 97, 24), (2, 97, 24), (1, 96, 24), (1, 98, 24), (1, 97, 23), (1, 97, 25), (-1, 97, 24)):
        assert surd_failure(Surd(3, *wrong)) is not None
    for n, text in ((4, "0.62074"), (5, "0.70579"), (6, "0.75828")):
        assert decimal_failure(Stated(n, F(text))) is None
        for wrong in (F(text) + F(1, 100_000), F(text) - F(1, 100_000)):
            assert decimal_failure(Stated(n, wrong)) is not None


def test_rate_of_three_agents_depends_on_how_moves_are_drawn() -> None:
    assert surd_failure(Surd(3, 1, 97, 24, by_coalition)) is not None
    assert surd_failure(Surd(3, 1, 129, 32, by_coalition)) is None
    assert surd_failure(Surd(3, 0, 3, 3, alone_first)) is None
    assert surd_failure(Surd(3, 1, 129, 32)) is not None


def test_the_closed_form_is_certified_between_the_bounds() -> None:
    check = next(check for check in s7().checks if "three agents" in check.what)
    roots, *sides = run(check).certificates
    low, high = map(F, roots["radius"])
    assert [side["statement"] for side in sides] == ["(24*x - 1)**2 <= 97", "97 <= max(0, 24*x - 1)**2"]
    assert [F(side["at"]["x"]) for side in sides] == [low, high]
    for certificate in (roots, *sides):
        recheck.check(certificate)
    for end, beyond in (("lower", (1, 96, 24)), ("upper", (1, 98, 24))):
        assert surd_failure(Surd(3, *beyond, end=end)) is not None


def test_bound_holds_only_if_targets_are_drawn_uniformly() -> None:
    evidence = run(shrinks(draw=alone_first))
    assert evidence.counterexample == "coalitions 2 at 0, 2 at 1: E V(1) = 1 > 7/8, V(0) = 1"


@pytest.mark.parametrize("n", [3, 4, 5])
def test_rate_is_the_same_from_every_structure(n: int) -> None:
    rates = []
    for structure in structures(n):
        if len(structure) > 1:
            opinions = [F(i in structure[0]) for i in range(n)]
            path = class_path(structure, opinions, 61)
            rates.append(float(path[61] / path[60]))
    assert max(rates) - min(rates) < 1e-6
    assert abs(rates[0] - RATES[n]) < 1e-5


def test_limit_needs_disagreement_and_its_exponent() -> None:
    assert run(between()).holds
    assert run(between().dropping(STARTED)).counterexample is not None
    assert run(between(2, times=(40,))).counterexample is not None


@pytest.mark.parametrize("steps", [admissible_steps, shrinking_steps, limit_steps])
def test_every_step_needs_all_that_it_is_given(steps: Callable[[], Iterator[Step]]) -> None:
    for step in steps():
        for left_out in step.given:
            weaker = replace(step, given=tuple(g for g in step.given if g is not left_out))
            assert not _follows(weaker), (step.statement, left_out.name)


def test_every_check_holds_and_every_mutant_falls() -> None:
    study = s7()
    for check in study.checks:
        evidence = run(check)
        assert evidence.holds, (evidence.what, evidence.counterexample, evidence.undecided)
        assert evidence.certificates
    for mutant in study.mutants:
        assert attack(mutant).refuted, mutant.description


def test_bound_needs_nine_agents_to_tell_one_from_a_half() -> None:
    evidence = run(shrinks(lambda n: 1 - F(1, n)))
    assert evidence.counterexample is not None
    assert evidence.counterexample.startswith("coalitions 2 at 1")
