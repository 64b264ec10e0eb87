"""S14 against the program that computes fragility radii, and what its check notices."""

from dataclasses import replace
from fractions import Fraction
from math import sqrt

import pytest

from numerics.model import Model
from numerics.programs.fragility_radius import fragility_radius
from proofs_checks.check import run
from proofs_checks.studies.fragility import s14
from proofs_checks.studies.fragility_threats import (
    Said,
    Threat,
    at_radius,
    exact_root,
    of_length,
    per_square,
    squares,
    wrong,
)

SIZES = [(1, 1), (1, 3), (2, 2), (3, 1), (2, 5)]


def threat(k, m, delta=Fraction(1, 2), star=Fraction(3, 2)):
    return Threat(k, m, delta, per_square(m) * star**2)


@pytest.mark.parametrize(("k", "m"), SIZES)
@pytest.mark.parametrize("delta", [Fraction(1, 2), Fraction(-1), Fraction(0)])
def test_the_program_finds_the_radius_of_the_claim(k, m, delta):
    case = threat(k, m, delta)
    model = Model([float(delta)] * k + [0.0] * m, "-u**2", float(case.cost))
    found = fragility_radius(model, [list(range(k)), list(range(k, k + m))], move=(0, 1))
    squared = Said().squared_radius(case)
    assert found.status == "optimal"
    assert found.radius == pytest.approx(sqrt(squared), rel=1e-6)
    assert found.gain == pytest.approx(float(case.cost), rel=1e-6)  # at the radius, not above it
    along = at_radius(case, squared)
    if along is not None and delta != 0:  # two directions are as good for a gap of 0
        moved = [float(x) for x in along]
        assert found.opinions - model.opinions == pytest.approx(moved, abs=1e-5)


@pytest.mark.parametrize(("k", "m"), SIZES)
def test_a_move_that_pays_has_radius_0(k, m):
    case = threat(k, m, Fraction(2))
    model = Model([2.0] * k + [0.0] * m, "-u**2", float(case.cost))
    found = fragility_radius(model, [list(range(k)), list(range(k, k + m))], move=(0, 1))
    assert (found.status, found.radius) == ("unstable already", 0.0)
    assert Said().squared_radius(case) == 0


def test_the_radius_by_hand():
    """Two agents at 1/2 and 0, κ = 1/4, δ* = 1: moving both by 1/4 apart makes the gap 1."""
    case = Threat(1, 1, Fraction(1, 2), Fraction(1, 4))
    assert Said().squared_radius(case) == 2 * Fraction(1, 4) ** 2
    assert at_radius(case, Fraction(1, 8)) == (Fraction(1, 4), Fraction(-1, 4))
    assert case.gain((Fraction(1, 4), Fraction(-1, 4))) == case.cost
    assert squares(case.aligned) == 2
    assert [exact_root(Fraction(x)) for x in (4, 2)] == [2, None]


@pytest.mark.parametrize("factor", [Fraction(9, 10), Fraction(11, 10)])
def test_a_radius_that_is_10_percent_off_is_noticed(factor):
    class Off(Said):
        def squared_radius(self, threat):
            return factor**2 * super().squared_radius(threat)

    for k, m in ((1, 1), (2, 1), (2, 2)):
        assert wrong(Said(), threat(k, m)) is None
        assert wrong(Off(), threat(k, m)) is not None


def test_a_gap_of_1_is_as_far_away_as_a_gap_of_minus_1():
    """|δ| without its sign: the radius for δ in its place is wrong below δ* = 3/2, not only where the move pays."""
    signed = Said(absolute=False)
    assert signed.squared_radius(threat(1, 1, Fraction(-1))) == Fraction(25, 8)
    assert wrong(signed, threat(1, 1, Fraction(1))) is None
    assert "shorter than the radius" in wrong(signed, threat(1, 1, Fraction(-1))).words
    assert signed.squared_radius(threat(1, 1, Fraction(-2))) == 0


def test_kappa_is_the_largest_gain_at_the_radius():
    case = threat(2, 2, Fraction(1, 2))
    squared = Said().squared_radius(case)
    changes = list(of_length(case, squared))
    assert squared == 1
    assert len(changes) == 8 + 16  # along an axis, or all four by 1/2
    assert all(squares(change) == squared for change in changes)
    gains = [case.gain(change) for change in changes]
    assert max(gains) == case.cost > min(gains)
    assert wrong(Said(pays_there=True), case) is not None


def test_opinions_that_change_after_consensus_need_less():
    early = threat(2, 1)
    assert wrong(Said(), early) is None
    assert "shorter than the radius" in wrong(Said(), replace(early, late=True)).words


def test_a_damaged_formula_of_theory_is_refuted(monkeypatch):
    from theory import lyapunov

    true = lyapunov.fragility_radius
    monkeypatch.setattr(lyapunov, "fragility_radius", lambda *args: 2 * true(*args))
    check = next(check for check in s14().checks if "theory.lyapunov" in check.what)
    assert run(check).counterexample
