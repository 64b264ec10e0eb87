"""S12: the oracle of discounted payoffs against literal sums, runs on both sides of ε*, and what the checks notice."""

from dataclasses import replace
from fractions import Fraction
from itertools import product

import pytest

from proofs_checks import recheck
from proofs_checks.certificates import value
from proofs_checks.check import run
from proofs_checks.oracles.discounted import discounted_payoff, discounted_worth, lazy_step, literal_worth
from proofs_checks.studies.breaking import Slow, breaking
from proofs_checks.studies.discounted import Said, s12
from proofs_checks.studies.discounted_entries import Entry, brute_gain, founding_gain, gain_text
from proofs_checks.studies.performances import PARABOLA, QUARTIC, SHIFTED_PARABOLA

HALF = Fraction(1, 2)
OPINIONS = (Fraction(1, 3), Fraction(-1), Fraction(3, 2))


@pytest.mark.parametrize("performance", [PARABOLA, SHIFTED_PARABOLA, QUARTIC], ids=str)
@pytest.mark.parametrize("weights", [(1, 1, 1), (2, 1, 3)])
def test_the_exact_sum_is_the_limit_of_literal_sums(performance, weights):
    phi = performance.coefficients
    for rho, rate in product((Fraction(0), HALF, Fraction(3, 4)), (Fraction(1, 4), HALF, Fraction(1), Fraction(3, 2))):
        exact = discounted_worth(OPINIONS, phi, rho, rate, weights)
        assert all(discounted_worth(OPINIONS, phi, rho, rate, weights, steps) == exact for steps in (0, 1, 5))
        partial, _ = literal_worth(OPINIONS, phi, rho, rate, weights, 30)
        largest = 3 * sum(abs(x) * 4**j for j, x in enumerate(phi))  # of |φ|, added up: opinions stay in [-4, 4]
        assert abs(exact - partial) <= rho**30 * largest


def test_a_step_by_hand():
    assert lazy_step((Fraction(0), Fraction(4)), Fraction(1, 4), (1, 1)) == (HALF, Fraction(7, 2))
    assert lazy_step((Fraction(0), Fraction(4)), Fraction(1), (3, 1)) == (1, 1)


def test_at_a_discount_factor_of_1_every_step_has_the_weight_0():
    assert discounted_worth(OPINIONS, PARABOLA.coefficients, Fraction(1), HALF, (1, 1, 1)) == 0
    assert literal_worth(OPINIONS, PARABOLA.coefficients, Fraction(1), HALF, (1, 1, 1), 5)[0] == 0


@pytest.mark.parametrize("rho", [HALF, Fraction(1)])
@pytest.mark.parametrize("more", [{}, {"heavy": 2}, {"left": 2}, {"performance": QUARTIC}], ids=str)
def test_gains_as_text_are_the_gains_by_brute_force(rho, more):
    entry = Entry(2, Fraction(-2), Fraction(0), rho, Fraction(1, 4), **more)
    at = {"rho": rho, "eps": entry.rate}
    assert recheck.check(value(f"{gain_text(entry)} == {brute_gain(entry)}", at, True))
    assert recheck.check(value(f"{gain_text(entry, founding=True)} == {founding_gain(entry)}", at, True))
    if rho < 1:
        plain = replace(entry, normalised=False)
        assert brute_gain(plain) == brute_gain(entry) / (1 - rho)
        assert recheck.check(value(f"{gain_text(plain)} == {brute_gain(plain)}", at, True))


def test_nothing_is_said_where_the_root_is_not_real():
    entry = Entry(1, Fraction(1), Fraction(9, 80), HALF, HALF)  # r = 9/20
    assert Said(under=lambda rho, r: (rho - 2 * r) / (rho * (1 - r))).pays(entry) is None
    assert Said().pays(entry) is False


def test_payoffs_add_up():
    ones = (1, 1, 1)
    paid = [discounted_payoff(OPINIONS, i, PARABOLA.coefficients, HALF, HALF, ones) for i in range(3)]
    assert sum(paid) == discounted_worth(OPINIONS, PARABOLA.coefficients, HALF, HALF, ones)


def test_immediate_consensus_pays_the_present_in_full():
    """ε = 1: the first step is paid at the own opinions, all later ones at the consensus, so β = 1 − ρ."""
    own, agreed = sum(-(x**2) for x in OPINIONS), -(sum(OPINIONS) ** 2) / 3
    value = discounted_worth(OPINIONS, PARABOLA.coefficients, Fraction(3, 4), Fraction(1), (1, 1, 1))
    assert value == own / 4 + 3 * agreed / 4


def test_the_threshold_by_hand():
    """m = 1, δ = 1, ρ = 1/2: G = 1/4; at ε = 1/2 the share β is 4/7, so the gain is 3/28: κ = 3/28 is a tie."""
    tie = Entry(1, Fraction(1), Fraction(3, 28), HALF, HALF)
    assert brute_gain(tie) == tie.cost
    assert not Said().pays(tie)
    assert Said().pays(Entry(1, Fraction(1), Fraction(3, 28), HALF, Fraction(51, 100)))
    assert not Said().pays(Entry(1, Fraction(1), Fraction(3, 28), HALF, Fraction(49, 100)))


def test_runs_of_the_dynamics_on_both_sides_of_the_threshold():
    evidence = run(breaking())
    assert evidence.holds
    assert evidence.instances >= 5
    assert run(breaking(Fraction(11, 10))).counterexample
    assert run(breaking(Fraction(9, 10))).counterexample


def test_the_rate_of_the_runs_is_that_of_the_smallest_rate_program():
    from numerics.model import Model
    from numerics.programs.smallest_rate import smallest_rate

    case = Slow(3, Fraction(3, 4), Fraction(1, 4))
    model = Model([1.0, 0.0, 0.0, 0.0], "-u**2", float(case.cost), discount=float(case.rho))
    assert smallest_rate(model, [[0], [1, 2, 3]], 0, 1).rate == pytest.approx(case.rate, rel=1e-12)


@pytest.mark.parametrize("name", ["smallest_rate", "discounted_gain", "discounted_value", "slow_share"])
def test_a_damaged_formula_of_theory_is_refuted(name, monkeypatch):
    from theory import discount

    true = getattr(discount, name)
    monkeypatch.setattr(discount, name, lambda *args: true(*args) * Fraction(4, 5))
    check = next(check for check in s12().checks if "theory.discount" in check.what)
    assert run(check).counterexample
