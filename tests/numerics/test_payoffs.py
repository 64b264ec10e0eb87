"""Payoffs against the definition: random models, structures and opinions."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import exitjoin as ej

from .cases import PERFORMANCES, SCALES, Case, cases

SETTINGS = settings(deadline=None, database=None, max_examples=60)
free = st.just(0.0)  # the tolerance of payoffs must not hide behind a large cost


def errors(found, expected):
    """|found - expected|, subtracted exactly."""
    return [float(abs(Fraction(float(f)) - e)) for f, e in zip(found, expected, strict=True)]


@SETTINGS
@given(cases(cost=free))
def test_payoffs_are_those_of_the_definition(case):
    found = ej.aumann_dreze_value(case.model, case.coalitions)
    assert max(errors(found, case.moment.payoffs())) <= case.tolerance


@SETTINGS
@given(cases(cost=free, acceptance=False), st.floats(-1, 1), st.floats(-1, 1), st.data())
def test_payoffs_where_one_or_two_members_differ_from_the_rest(case, common, other, data):
    """The neighbourhood of the two-type form: all but a few share one opinion."""
    n = len(case.opinions)
    different = data.draw(st.lists(st.integers(0, n - 1), min_size=1, max_size=2))
    case = case.replaced(opinions=[other + i if i in different else common for i in range(n)])
    found = ej.aumann_dreze_value(case.model, case.coalitions)
    assert max(errors(found, case.moment.payoffs())) <= case.tolerance


@SETTINGS
@given(cases(cost=free, acceptance=False), st.integers(-18, 0), st.data())
def test_payoffs_where_members_almost_agree(case, exponent, data):
    """Differences down to the last place of a double: no closed form may be used a little outside its domain."""
    shifts = data.draw(st.lists(st.integers(-3, 3), min_size=len(case.opinions), max_size=len(case.opinions)))
    case = case.replaced(opinions=[1.0 + shift * 10.0**exponent for shift in shifts])
    found = ej.aumann_dreze_value(case.model, case.coalitions)
    assert max(errors(found, case.moment.payoffs())) <= case.tolerance


@SETTINGS
@given(cases(cost=free, acceptance=False), st.sampled_from([-1e3, 1e3, 12345.678, 1e6]), st.floats(1e-3, 1e3))
def test_payoffs_far_from_the_origin(case, shift, factor):
    assume(case.performance not in ("0.1*u**14 - u", "exp(-u**2)"))  # out of range
    case = case.replaced(opinions=[factor * x + shift for x in case.opinions])
    found = ej.aumann_dreze_value(case.model, case.coalitions)
    assert max(errors(found, case.moment.payoffs())) <= case.tolerance


@SETTINGS
@given(cases(cost=free))
def test_coalition_values_are_those_of_the_definition(case):
    found = ej.coalition_values(case.model, case.coalitions)
    assert max(errors(found, [case.moment.value(c) for c in case.coalitions])) <= case.tolerance


@SETTINGS
@given(cases(cost=free))
def test_payoffs_of_a_coalition_add_up_to_its_value(case):
    payoffs = ej.aumann_dreze_value(case.model, case.coalitions)
    values = ej.coalition_values(case.model, case.coalitions)
    for coalition, value in zip(case.coalitions, values, strict=True):
        assert abs(payoffs[coalition].sum() - value) <= len(coalition) * float(case.tolerance)


@SETTINGS
@given(cases(cost=free), st.data())
def test_relabelling_agents_relabels_payoffs(case, data):
    n = len(case.opinions)
    new = data.draw(st.permutations(range(n)))  # agent i becomes new[i]
    before = ej.aumann_dreze_value(case.model, case.coalitions)
    after = ej.aumann_dreze_value(*relabelled(case, new))
    assert np.max(np.abs(after[list(new)] - before)) <= case.tolerance


@SETTINGS
@given(cases())
def test_the_form_of_a_structure_does_not_matter(case):
    labels = [next(k for k, c in enumerate(case.coalitions) if i in c) for i in range(len(case.opinions))]
    as_lists = ej.aumann_dreze_value(case.model, case.coalitions)
    for structure in (labels, np.array(labels), [7 * k - 3 for k in labels], [set(c) for c in case.coalitions[::-1]]):
        assert ej.aumann_dreze_value(case.model, structure).tolist() == as_lists.tolist()


@pytest.mark.parametrize("performance", ["3 - (u - 1/3)**2", "-(u**2 - 1)**2", "u**3 - u", "sin(3*u)"])
@pytest.mark.parametrize("scale", ["s", "s**1.5"])
@pytest.mark.parametrize("influence", ["uniform", ej.weighted([1, 2, 0.3, 5, 1, 1, 0.7, 2, 1.5])])
def test_a_coalition_of_nine(performance, scale, influence):
    opinions = np.random.default_rng(1).normal(size=9).tolist()
    case = Case(opinions, performance, scale=scale, influence=influence, structure=[list(range(9))])
    found = ej.aumann_dreze_value(case.model, case.coalitions)
    assert max(errors(found, case.moment.payoffs())) <= case.tolerance


@pytest.mark.parametrize("performance", sorted(PERFORMANCES))
def test_an_entrant_to_a_large_coalition_that_agrees(performance):
    """AD = Σ_s [g(s+1) φ(c + δ/(s+1)) - g(s) φ(c)] / (m+1), from the definition by grouping equal subsets."""
    c, entrant, m = 0.7, -0.9, 60
    for scale, g in SCALES.items():
        case = Case([entrant] + [c] * m, performance, scale=scale, structure=[[0], list(range(1, m + 1))])
        total, phi = Fraction(0), PERFORMANCES[performance]
        for s in map(Fraction, range(m + 1)):
            with_entrant = g(s + 1, s + 1) * phi((s * Fraction(c) + Fraction(entrant)) / (s + 1))
            total += with_entrant - (g(s, s) * phi(Fraction(c)) if s else 0)
        payoff = total / (m + 1)
        gain = payoff - case.moment.value([0])
        assert errors([ej.gains(case.model, case.coalitions)[0, 1]], [gain])[0] <= case.tolerance
        incumbent = (case.moment.value(range(m + 1)) - payoff - case.moment.value(range(1, m + 1))) / m
        for sign in (-1, 1):
            threshold = float(incumbent + sign * 3 * case.tolerance)
            accepted = ej.moves(case.replaced(acceptance=ej.unanimous(threshold)).model, case.coalitions).accepted
            assert accepted[0, 1] == (sign < 0)


def test_a_large_coalition_of_one_entrant_and_members_that_agree():
    """V5 is a closed form for this coalition too: `numerics.payoffs` says that it is used."""
    model = ej.Model([-0.9] + [0.7] * 60, "sin(3*u)")
    payoffs = ej.aumann_dreze_value(model, [list(range(61))])
    entrant = ej.gains(model, [[0], list(range(1, 61))])[0, 1] + np.sin(-2.7)
    assert payoffs[0] == pytest.approx(entrant, abs=1e-12)


def test_a_large_quadratic_coalition_against_the_closed_form_in_rationals():
    """V3, which `test_payoffs_are_those_of_the_definition` verifies for small coalitions."""
    k, opinions = 200, np.random.default_rng(2).normal(size=200).tolist()
    case = Case(opinions, "3 - (u - 1/3)**2", structure=[list(range(k))])
    y = [Fraction(x) - Fraction(1, 3) for x in opinions]
    h = sum(Fraction(1, j) for j in range(1, k + 1))
    expected = []
    for i in range(k):
        t, q = sum(y) - y[i], sum(z * z for z in y) - y[i] ** 2
        last = (t * t - q) * (k + 1 - 2 * h) / ((k - 1) * (k - 2))
        expected.append(3 - (y[i] ** 2 * h + 2 * y[i] * t * (k - h) / (k - 1) - q * (h - 1) / (k - 1) - last) / k)
    assert max(errors(ej.aumann_dreze_value(case.model, case.coalitions), expected)) <= case.tolerance


def test_more_members_than_a_table_of_subsets_holds():
    model = ej.Model(np.linspace(-1, 1, 21), "sin(u)")
    with pytest.raises(ej.InputError, match="20"):
        ej.aumann_dreze_value(model, [list(range(21))])


@SETTINGS
@given(cases())
def test_influence_matrix_and_its_limit(case):
    w = ej.influence_matrix(case.model, case.coalitions)
    assert np.max(np.abs(w - np.array(case.moment.influence(), dtype=float))) <= 1e-15
    limit = ej.tactical_limit(case.model, case.coalitions)
    assert np.max(np.abs(limit - np.array(case.moment.after_tactics().x, dtype=float))) <= 1e-14


def relabelled(case, new):
    """The model and the structure with agent i called new[i]."""
    old = np.argsort(new)
    influence = case.influence
    if hasattr(influence, "weights"):
        influence = ej.weighted(influence.weights[old])
    model = case.model.replace(opinions=case.model.opinions[old], influence=influence)
    return model, [[new[i] for i in c] for c in case.coalitions]
