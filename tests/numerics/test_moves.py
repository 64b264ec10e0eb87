"""Gains, acceptance, critical cost, equilibrium and regime against the definitions."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import exitjoin as ej

from .cases import cases
from .oracle import ALONE, Undecided
from .test_payoffs import relabelled

SETTINGS = settings(deadline=None, database=None, max_examples=60)


def expected_moves(case):
    """{(agent, column): move} of the oracle."""
    targets = [*map(frozenset, case.coalitions), ALONE]
    table = {(i, k): case.moment.move(i, target) for i in range(len(case.opinions)) for k, target in enumerate(targets)}
    return {entry: move for entry, move in table.items() if move is not None}


@SETTINGS
@given(cases(cost=st.just(0.0)))
def test_gains_are_those_of_the_definition(case):
    found, expected = ej.gains(case.model, case.coalitions), expected_moves(case)
    assert found.shape == (len(case.opinions), len(case.coalitions) + 1)
    assert {(int(i), int(k)) for i, k in zip(*np.nonzero(~np.isnan(found)), strict=True)} == set(expected)
    for entry, move in expected.items():
        assert abs(Fraction(float(found[entry])) - move.gain) <= case.tolerance


@SETTINGS
@given(cases())
def test_accepted_and_admissible_moves(case):
    found, expected = ej.moves(case.model, case.coalitions), expected_moves(case)
    assert np.array_equal(found.gains, ej.gains(case.model, case.coalitions), equal_nan=True)
    for i, k in np.ndindex(found.gains.shape):
        move = expected.get((i, k))
        if move is None:
            assert not found.admissible[i, k]
            continue
        for method, value in (("is_accepted", found.accepted[i, k]), ("is_admissible", found.admissible[i, k])):
            try:
                assert getattr(case.moment, method)(move, case.tolerance) == value, (move, method)
            except Undecided:
                continue


@SETTINGS
@given(cases(), st.floats(-1.0, 1.0), st.data())
def test_acceptance_at_a_threshold_next_to_an_incumbents_gain(case, share, data):
    """The threshold is put a little below, above or exactly at what one incumbent gains."""
    moves = [move for move in case.moment.moves() if move.incumbents]
    assume(moves)
    pivot = data.draw(st.sampled_from(moves)).incumbents[0]
    offset = data.draw(st.sampled_from([0, 0, 1000, -1000, 10, -10])) * case.tolerance
    case = case.replaced(acceptance=ej.unanimous(float(pivot + offset)))
    found = ej.moves(case.model, case.coalitions)
    for (i, k), move in expected_moves(case).items():
        try:
            assert case.moment.is_accepted(move, case.tolerance) == found.accepted[i, k]
        except Undecided:
            continue


@SETTINGS
@given(cases())
def test_critical_cost_is_the_greatest_accepted_gain(case):
    try:
        accepted = [move.gain for move in case.moment.moves() if case.moment.is_accepted(move, case.tolerance)]
    except Undecided:
        assume(False)
    found = ej.critical_cost(case.model, case.coalitions)
    if not accepted:
        assert found == -np.inf
    else:
        assert abs(Fraction(found) - max(accepted)) <= case.tolerance


@SETTINGS
@given(cases(), st.sampled_from(["below", "at", "above"]))
def test_joint_equilibrium_next_to_the_critical_cost(case, where):
    critical = ej.critical_cost(case.model, case.coalitions)
    assume(np.isfinite(critical))
    shift = {"below": -1e-6, "at": 0.0, "above": 1e-6}[where]
    case = case.replaced(switching_cost=critical + shift)
    assert ej.is_joint_equilibrium(case.model, case.coalitions) == (where != "below" and case.moment.members_agree())


@SETTINGS
@given(cases(agreeing=True))
def test_joint_equilibrium_and_regime(case):
    try:
        expected = case.moment.is_joint_equilibrium(case.tolerance), case.moment.regime(case.tolerance)
    except Undecided:
        assume(False)
    found = ej.is_joint_equilibrium(case.model, case.coalitions), ej.regime(case.model, case.coalitions)
    assert found == expected


@SETTINGS
@given(cases(agreeing=False))
def test_joint_equilibrium_where_members_may_disagree(case):
    try:
        expected = case.moment.is_joint_equilibrium(case.tolerance), case.moment.regime(case.tolerance)
    except Undecided:
        assume(False)
    found = ej.is_joint_equilibrium(case.model, case.coalitions), ej.regime(case.model, case.coalitions)
    assert found == expected


@SETTINGS
@given(cases(), st.data())
def test_relabelling_agents_relabels_gains(case, data):
    new = data.draw(st.permutations(range(len(case.opinions))))
    before, after = ej.gains(case.model, case.coalitions), ej.gains(*relabelled(case, new))[list(new)]
    assert np.array_equal(np.isnan(before), np.isnan(after))
    assert np.max(np.nan_to_num(np.abs(after - before))) <= case.tolerance


@SETTINGS
@given(cases(), st.data())
def test_columns_follow_the_order_of_the_coalitions(case, data):
    order = data.draw(st.permutations(range(len(case.coalitions))))
    found = ej.moves(case.model, case.coalitions)
    other = ej.moves(case.model, [case.coalitions[k] for k in order])
    columns = [*order, len(order)]
    assert np.array_equal(found.gains[:, columns], other.gains, equal_nan=True)
    assert np.array_equal(found.admissible[:, columns], other.admissible)


@pytest.mark.parametrize(
    ("opinions", "structure", "cost", "expected"),
    [
        ([0, 0, 0], [[0, 1, 2]], 0.0, "strategic unanimity"),
        ([0.1, 0.1, 0.1], [[0, 1], [2]], 0.0, "tactical unanimity"),
        ([0, 0, 2], [[0, 1], [2]], 2.0, "polarization"),
        ([0, 1, 2], [[0], [1], [2]], 2.0, "segregation"),
        ([0, 1, 1], [[0], [1], [2]], 2.0, "segregation"),
        ([0, 1, 2], [[0], [1], [2]], 0.9, "not a joint equilibrium"),
        ([0, 1, 2], [[0, 1, 2]], 9.0, "not a joint equilibrium"),
    ],
)
def test_regimes_by_hand(opinions, structure, cost, expected):
    assert ej.regime(ej.Model(opinions, "-u**2", cost), structure) == expected


def test_a_single_agent_has_no_move():
    model = ej.Model([3.0], "-u**2", -1.0)
    assert np.isnan(ej.gains(model, [[0]])).tolist() == [[True, True]]
    assert ej.critical_cost(model, [[0]]) == -np.inf
    assert ej.is_joint_equilibrium(model, [[0]])


@pytest.mark.parametrize("performance", ["-u**2", "2 - 3*u", "-(u**2 - 1)**2", "sin(3*u)", "tanh(2*u)"])
@pytest.mark.parametrize("common", [0.0, 0.1, 1 / 3, 1e6 + 0.1])
@pytest.mark.parametrize("influence", ["uniform", ej.weighted([0.1, 0.2, 0.7, 3, 1 / 3, 11])])
def test_no_move_gains_at_unanimity(performance, common, influence):
    """Every gain is 0 in theory; with scale a(S) and equal opinions v is additive."""
    scale = "s" if influence == "uniform" else "a"
    model = ej.Model([common] * 6, performance, 0.0, scale, influence)
    for structure in ([[i] for i in range(6)], [[0, 1], [2, 3, 4], [5]], [list(range(6))]):
        assert ej.is_joint_equilibrium(model, structure)
        assert np.nanmax(np.abs(ej.gains(model, structure))) <= ej.tie_tolerance(model)


def test_tolerance_of_ties_is_a_power_of_two_that_scales_with_the_payoffs():
    small = ej.tie_tolerance(ej.Model([0.0, 1.0], "-u**2"))
    assert np.log2(small) % 1 == 0
    assert 2.0**-46 * 3 <= small <= 2.0**-46 * 3 * 2 * 2  # max|g| = 2, |φ| ≤ 1, max|x| |φ'| ≤ 2
    assert ej.tie_tolerance(ej.Model([0.0, 1.0], "-1024*u**2")) == 1024 * small
    assert ej.tie_tolerance(ej.Model([0.0, 1.0], "-u**2", switching_cost=2.0**40)) >= 2.0**-6


@pytest.mark.parametrize("outer", [(-1000.0, 970.0), (0.3, 0.3)])
def test_a_tie_on_a_peak_that_is_narrow_in_the_range_of_opinions(outer):
    """Four agents agree at 0.3, where φ is 0.91: no regrouping of them gains, whoever else there is."""
    model = ej.Model([*outer, 0.3, 0.3, 0.3, 0.3], "exp(-u**2)", 0.0)
    found = ej.moves(model, [[0], [1], [2, 3, 4], [5]])
    assert np.nanmax(np.abs(found.gains[2:, 2:])) <= 1e-15
    assert not found.admissible[2:, 2:].any()


def test_a_tie_on_a_narrow_peak_that_only_a_consensus_meets():
    """Agent 2 leaves the twin of agent 4 to join agent 4: nothing changes, on a peak where no opinion is."""
    model = ej.Model([-1000.0, 970.0, -7.0, 7.3, 7.3, -7.0], "exp(-u**2)", 0.0)
    found = ej.moves(model, [[0], [1], [2, 3], [4], [5]])
    assert abs(found.gains[2, 3]) <= 1e-15
    assert not found.admissible[2, 3]


def test_an_exact_tie_is_no_improvement():
    """Gains of exactly 1 and of 1/3 against the same cost; and just below it."""
    for opinions, cost in (([0.0, 2.0], 1.0), ([0.0, (4 / 3) ** 0.5], 1 / 3)):
        model = ej.Model(opinions, "-u**2", cost)
        assert ej.is_joint_equilibrium(model, [[0], [1]])
        assert not ej.is_joint_equilibrium(model.replace(switching_cost=cost - 1e-12), [[0], [1]])
        assert ej.is_joint_equilibrium(model.replace(switching_cost=cost + 1e-12), [[0], [1]])
