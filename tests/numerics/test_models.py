"""Every kind of model at one moment against the oracle: influence, stubbornness, dimension, discount, cost, acceptance.

Larger models, and what only the original kinds have, are in `test_payoffs.py` and `test_moves.py`.
"""

import re
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

import exitjoin as ej

from .cases import (
    COSTS,
    FAMILIES,
    RULES,
    SCALES,
    Case,
    General,
    Network,
    influence_of,
    kinds,
    opinions_of,
    rates,
    structures,
)
from .oracle import ALONE, Moment, Undecided, shapley_value

SETTINGS = settings(deadline=None, database=None, max_examples=12, suppress_health_check=[HealthCheck.filter_too_much])
KINDS = [(family, stubborn) for family in FAMILIES for stubborn in (False, True)]
each_kind = pytest.mark.parametrize(("family", "stubborn"), KINDS)


def drawn(data, **kind):
    """A case whose tolerance does not hide behind a large cost."""
    return data.draw(kinds(**kind)).replaced(switching_cost=0.0)


def error(found, expected):
    """The largest |found - expected|, subtracted exactly."""
    found, expected = np.asarray(found, dtype=float), np.array(expected, dtype=object)
    assert found.shape == expected.shape
    pairs = zip(found.ravel().tolist(), expected.ravel().tolist(), strict=True)
    return float(max(abs(Fraction(f) - e) for f, e in pairs))


def largest(case):
    return 1 + max(abs(y) for x in (case.moment.points, case.moment.innate) for point in x for y in point)


# The tactical layer


@each_kind
@SETTINGS
@given(data=st.data())
def test_one_tactical_step_and_its_limit(family, stubborn, data):
    case = drawn(data, family=family, stubborn=stubborn)
    moment, n = case.moment, len(case.opinions)
    assert error(ej.influence_matrix(case.model, case.coalitions), moment.influence()) <= 1e-14
    assert error(ej.tactical_limit(case.model, case.coalitions), moment.after_tactics().x) <= 1e-13 * largest(case)
    now = data.draw(opinions_of(n, len(moment.points[0])))
    step = Moment(case.game, now, case.coalitions, innate=moment.x if case.innate is None else None).after_tactics(1)
    found = ej.degroot_step(case.model, case.coalitions, np.array(now))
    assert error(found, step.x) <= 1e-13 * (largest(case) + 1.5)


# Values and payoffs


def check_payoffs(case):
    """Values, payoffs, how they were computed, and that a coalition shares its value."""
    values = ej.coalition_values(case.model, case.coalitions)
    assert error(values, [case.moment.value(c) for c in case.coalitions]) <= case.tolerance
    found = ej.aumann_dreze_value(case.model, case.coalitions)
    assert error(found, case.moment.payoffs()) <= case.tolerance
    for coalition, value in zip(case.coalitions, values, strict=True):
        assert abs(found[coalition].sum() - value) <= (len(coalition) + 1) * float(case.tolerance)
    report = ej.payoffs(case.model, case.coalitions)
    assert len(report.method) == len(case.coalitions)
    assert set(report.method) <= {"exact", "closed form", "interpolated"}  # nobody samples so few agents
    assert len(report.error) == len(report.values) == len(found)
    for i, expected in enumerate(case.moment.payoffs()):
        assert report.error[i] >= 0
        assert abs(Fraction(float(report.values[i])) - expected) <= Fraction(float(report.error[i])) + case.tolerance


@each_kind
@SETTINGS
@given(data=st.data())
def test_payoffs_are_those_of_the_definition(family, stubborn, data):
    check_payoffs(drawn(data, family=family, stubborn=stubborn))


@SETTINGS
@given(data=st.data())
def test_discounted_payoffs_are_those_of_the_definition(data):
    check_payoffs(drawn(data, discounted=True))


@each_kind
@pytest.mark.parametrize("scale", sorted(set(SCALES) - {"s"}))
@settings(SETTINGS, max_examples=2)
@given(data=st.data())
def test_payoffs_of_every_scale(family, stubborn, scale, data):
    check_payoffs(drawn(data, family=family, stubborn=stubborn, scales=[scale], min_agents=3))


@SETTINGS
@given(st.integers(0, 6), st.data())
def test_shapley_value_of_any_game(k, data):
    values = data.draw(st.lists(st.integers(-1000, 1000), min_size=2**k, max_size=2**k))
    values[0] = 0
    assume(k > 0)
    assert error(ej.shapley_value(np.array(values, dtype=float)), shapley_value(list(map(Fraction, values)))) <= 1e-10


# Moves


def expected_moves(case):
    """{(agent, column): move} of the oracle."""
    targets = [*map(frozenset, case.coalitions), ALONE]
    table = {(i, k): case.moment.move(i, target) for i in range(len(case.opinions)) for k, target in enumerate(targets)}
    return {entry: move for entry, move in table.items() if move is not None}


def check_moves(case):
    """Gains, acceptance, admissibility, critical cost and whether the moment is a joint equilibrium."""
    expected, found = expected_moves(case), ej.moves(case.model, case.coalitions)
    assert found.gains.shape == (len(case.opinions), len(case.coalitions) + 1)
    assert np.array_equal(found.gains, ej.gains(case.model, case.coalitions), equal_nan=True)
    assert {(int(i), int(k)) for i, k in np.argwhere(~np.isnan(found.gains))} == set(expected)
    for i, k in np.ndindex(found.gains.shape):
        move = expected.get((i, k))
        if move is None:
            assert not found.accepted[i, k]
            assert not found.admissible[i, k]
            continue
        assert abs(Fraction(float(found.gains[i, k])) - move.gain) <= case.tolerance
        for method, value in (("is_accepted", found.accepted[i, k]), ("is_admissible", found.admissible[i, k])):
            try:
                assert getattr(case.moment, method)(move, case.tolerance) == value, (method, i, k)
            except Undecided:
                continue
    try:
        accepted = case.moment.accepted(case.tolerance)
        at_rest = case.moment.is_joint_equilibrium(case.tolerance)
    except Undecided:
        return
    critical = ej.critical_cost(case.model, case.coalitions)
    if accepted:
        assert abs(Fraction(critical) - max(move.gain for move in accepted)) <= case.tolerance
    else:
        assert critical == -np.inf
    assert ej.is_joint_equilibrium(case.model, case.coalitions) == at_rest


@each_kind
@SETTINGS
@given(data=st.data())
def test_moves_are_those_of_the_definition(family, stubborn, data):
    rule, cost = data.draw(st.sampled_from(RULES)), data.draw(st.sampled_from(COSTS))
    check_moves(data.draw(kinds(family, stubborn, rule, cost)))


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("cost", COSTS)
@SETTINGS
@given(data=st.data())
def test_moves_of_every_rule_and_cost(rule, cost, data):
    check_moves(data.draw(kinds(rule=rule, cost=cost, min_agents=3)))


@SETTINGS
@given(data=st.data())
def test_discounted_moves_are_those_of_the_definition(data):
    rule, cost = data.draw(st.sampled_from(RULES)), data.draw(st.sampled_from(COSTS))
    check_moves(data.draw(kinds(rule=rule, cost=cost, discounted=True)))


@each_kind
@SETTINGS
@given(data=st.data())
def test_equilibrium_next_to_the_critical_cost(family, stubborn, data):
    """At the limit of the tactical layer a structure is stable from its critical cost on."""
    case = data.draw(kinds(family, stubborn, min_agents=2)).at_consensus()
    critical = ej.critical_cost(case.model, case.coalitions)
    try:
        assume(case.moment.members_agree())
    except Undecided:
        assume(False)
    for shift, stable in ((-1e-6, False), (0.0, True), (1e-6, True)):
        assert ej.is_joint_equilibrium(case.replaced(switching_cost=critical + shift).model, case.coalitions) == stable


# Symmetry


@each_kind
@SETTINGS
@given(data=st.data())
def test_relabelling_agents_relabels_everything(family, stubborn, data):
    case = data.draw(kinds(family, stubborn, data.draw(st.sampled_from(RULES)), "terms"))
    new = data.draw(st.permutations(range(len(case.opinions))))
    other = case.relabelled(new)
    for function in (ej.aumann_dreze_value, ej.tactical_limit, ej.gains):
        before, after = function(case.model, case.coalitions), function(other.model, other.coalitions)[new]
        assert np.array_equal(np.isnan(before), np.isnan(after))
        assert np.abs(np.nan_to_num(after - before)).max() <= max(float(case.tolerance), 1e-13)
    values = [ej.coalition_values(c.model, c.coalitions) for c in (case, other)]
    assert np.abs(values[0] - values[1]).max() <= case.tolerance
    try:
        sharp = [m for m in expected_moves(case).items() if case.moment.is_admissible(m[1], case.tolerance) is not None]
    except Undecided:
        assume(False)
    before, after = (ej.moves(c.model, c.coalitions).admissible for c in (case, other))
    assert all(before[i, k] == after[new[i], k] for (i, k), _ in sharp)


@SETTINGS
@given(data=st.data())
def test_swapping_coordinates_changes_nothing(data):
    case = drawn(data, dimension=2)
    swapped = {"u1": "u2", "u2": "u1"}
    other = ej.Model(
        np.array(case.opinions)[:, ::-1],
        re.sub("u[12]", lambda name: swapped[name[0]], case.performance),
        scale=case.scale,
        influence=case.model.influence,
        stubbornness=case.stubbornness,
        innate_opinions=None if case.innate is None else np.array(case.innate)[:, ::-1],
    )
    assert_same(case.model, other, case)


# Coincidences


def assert_same(model, other, case, flat=lambda x: x):
    """Two models with the same payoffs, gains, values and limits at a structure."""
    close = 4 * float(case.tolerance)
    for function in (ej.aumann_dreze_value, ej.coalition_values, ej.gains):
        one, two = function(model, case.coalitions), function(other, case.coalitions)
        assert np.array_equal(np.isnan(one), np.isnan(two))
        assert np.abs(np.nan_to_num(one - two)).max() <= close
    one, two = (np.sort(flat(ej.tactical_limit(m, case.coalitions))) for m in (model, other))
    assert np.abs(one - two).max() <= 1e-13 * largest(case)


@pytest.mark.parametrize("stubborn", [False, True])
@SETTINGS
@given(data=st.data())
def test_families_that_coincide(stubborn, data):
    """A complete graph and rate 1 are uniform; equal rows are weighted; a network is its normalised matrix."""
    case = drawn(data, stubborn=stubborn, scales=["s", "s**1.5", "s**2 - s"])
    n = len(case.opinions)
    weights = data.draw(st.lists(st.floats(0.1, 10.0), min_size=n, max_size=n))
    weight = data.draw(st.sampled_from([1.0, 0.3]))
    edges = np.array(data.draw(influence_of("network", n)).listens, dtype=float)
    families = [
        ["uniform", ej.lazy(1.0), ej.weighted([weight] * n), Network([[weight] * n] * n).built()],
        ["uniform", ej.network(weight * (1 - np.eye(n)), self_weight=weight), General([[1 / n] * n] * n).built()],
        [ej.weighted(weights), ej.general(np.tile(np.array(weights) / sum(weights), (n, 1)))],
        [ej.network(edges), ej.network(csr_array(edges)), ej.general(edges / edges.sum(axis=1, keepdims=True))],
    ]
    for one, *others in families:
        for other in others:
            assert_same(case.model.replace(influence=one), case.model.replace(influence=other), case)


@SETTINGS
@given(data=st.data())
def test_a_coordinate_without_influence_on_performance(data):
    """Opinions on a line in the plane, and as a column, are worth what they are worth as numbers."""
    case = drawn(data, dimension=1)
    innate = None if case.innate is None else np.array(case.innate)
    flat = re.sub(r"\bu\b", "u2", case.performance)
    for constant in (0.0, 0.5):
        embedded = ej.Model(
            np.stack([np.full(len(case.opinions), constant), case.opinions], axis=1),
            flat,
            scale=case.scale,
            influence=case.model.influence,
            stubbornness=case.stubbornness,
            innate_opinions=None if innate is None else np.stack([np.full(len(innate), constant), innate], axis=1),
        )
        assert_same(case.model, embedded, case, flat=lambda x: x[:, 1] if x.ndim == 2 else x)


@SETTINGS
@given(data=st.data())
def test_opinions_of_one_dimension_as_a_column(data):
    case = drawn(data, dimension=1, stubborn=False)
    column = case.model.replace(opinions=np.array(case.opinions)[:, None])
    assert_same(case.model, column, case, flat=np.ravel)


@SETTINGS
@given(data=st.data())
def test_nobody_stubborn_is_degroot(data):
    case = drawn(data, stubborn=False)
    for stubbornness in (0.0, [0.0] * len(case.opinions)):
        assert_same(case.model, case.model.replace(stubbornness=stubbornness), case)


@pytest.mark.parametrize("family", FAMILIES)
@SETTINGS
@given(data=st.data())
def test_the_fully_stubborn_are_paid_for_their_innate_opinions(family, data):
    """With scale s a coalition is worth the sum of φ(x⁰_i), whatever its components."""
    case = drawn(data, family=family, stubborn=True, scales=["s"]).replaced(stubbornness=1.0)
    expected = [case.moment.performance(point) for point in case.moment.innate]
    assert error(ej.aumann_dreze_value(case.model, case.coalitions), expected) <= case.tolerance
    assert error(ej.tactical_limit(case.model, case.coalitions), Moment(case.game, _innate(case), []).x) <= 1e-14


def _innate(case):
    return case.opinions if case.innate is None else case.innate


@SETTINGS
@given(data=st.data())
def test_discounting_by_hand(data):
    """ρ = 0: only the present counts.  Rate 1: the present counts 1 - ρ, its consensus ρ."""
    case = drawn(data, discounted=True)
    patient = case.replaced(discount=None, influence="uniform")
    present = [case.moment.performance(point) for point in case.moment.points]
    now = ej.aumann_dreze_value(case.replaced(discount=0.0).model, case.coalitions)
    assert error(now, present) <= case.tolerance
    share = data.draw(st.sampled_from([0.25, 0.5, 0.875]))
    later = patient.moment.payoffs()
    expected = [(1 - Fraction(share)) * p + Fraction(share) * q for p, q in zip(present, later, strict=True)]
    for influence in ("uniform", ej.lazy(1.0)):
        model = case.replaced(discount=share, influence=influence).model
        assert error(ej.aumann_dreze_value(model, case.coalitions), expected) <= case.tolerance


@SETTINGS
@given(rates, st.sampled_from([0.2, 0.5, 0.9]), st.sampled_from(["-u**2", "3 - (u - 1/3)**2"]), st.data())
def test_slow_consensus_scales_gains(rate, rho, performance, data):
    """S12: at a tactical equilibrium the gain is (1-β) times that of patient agents."""
    n = data.draw(st.integers(2, 5))
    case = Case(data.draw(opinions_of(n, 1)), performance, structure=data.draw(structures(n))).at_consensus()
    slow = case.replaced(influence=ej.lazy(rate), discount=rho)
    beta = (1 - rho) / (1 - rho * (1 - rate) ** 2)
    found, patient = (ej.gains(c.model, c.coalitions) for c in (slow, case))
    assert np.abs(np.nan_to_num(found - (1 - beta) * patient)).max() <= 4 * case.tolerance


def test_a_disconnected_coalition_is_worth_its_parts():
    """V6: two strangers and the friend between them; without the friend each keeps its own opinion."""
    model = ej.Model([0.0, 1.0, 4.0], "-u**2", influence=ej.network([[0, 1, 0], [1, 0, 1], [0, 1, 0]]))
    assert ej.coalition_values(model, [[0, 2], [1]]).tolist() == pytest.approx([-16, -1])
    assert ej.tactical_limit(model, [[0, 2], [1]]).tolist() == [0.0, 1.0, 4.0]
    assert ej.tactical_limit(model, [[0, 1, 2]]) == pytest.approx([11 / 7] * 3)  # degrees 2, 3, 2
    assert ej.aumann_dreze_value(model, [[0, 2], [1]]).tolist() == pytest.approx([0, -1, -16])
    assert ej.gains(model, [[0, 2], [1]])[0, 2] == pytest.approx(0, abs=1e-12)  # parting changes nothing


def test_classes_that_do_not_listen_keep_their_opinions():
    model = ej.Model([4.0, -2.0, 9.0], "-u**2", influence=ej.general([[1, 0, 0], [0, 1, 0], [0.25, 0.5, 0.25]]))
    assert ej.tactical_limit(model, [[0, 1, 2]]) == pytest.approx([4, -2, 0])
    assert ej.coalition_values(model, [[0, 1, 2]]) == pytest.approx([-20])
    assert ej.coalition_values(model, [[0, 1], [2]]) == pytest.approx([-20, -81])
    assert ej.influence_matrix(model, [[0], [1, 2]]).tolist()[2] == pytest.approx([0, 2 / 3, 1 / 3])


def test_stubborn_agents_end_apart():
    """Both half attached to 0 and 1: z = 1/4, 3/4."""
    model = ej.Model([0.0, 1.0], "-u**2", stubbornness=0.5)
    assert ej.tactical_limit(model, [[0, 1]]) == pytest.approx([0.25, 0.75])
    assert ej.coalition_values(model, [[0, 1]]) == pytest.approx([-10 / 16])
    moved = model.replace(opinions=[5.0, 6.0], innate_opinions=[0.0, 1.0])
    assert ej.tactical_limit(moved, [[0, 1]]) == pytest.approx([0.25, 0.75])
    assert ej.degroot_step(model, [[0, 1]], [5.0, 6.0]) == pytest.approx([2.75, 3.25])


def test_the_tolerance_of_ties_covers_innate_opinions():
    """Opinions that agree at 0 still end where stubborn agents pull them."""
    model = ej.Model([0.0, 0.0], "-u**2", stubbornness=[0.5, 0.0], innate_opinions=[1.0, 0.0])
    assert ej.tie_tolerance(model) >= 2.0**-46
    assert ej.tie_tolerance(model, [[0], [1]]) >= 2.0**-46


@pytest.mark.parametrize("influence", ["uniform", ej.lazy(0.5)])
def test_innate_opinions_of_the_open_minded_are_forgotten(influence):
    """However far away they are, not even a rounding error is left of them."""
    model = ej.Model([1.0, 1.0], "-u**2", 0.1, "s", influence, stubbornness=[0.1, 0.0], innate_opinions=[1.0, 1e9])
    assert ej.tactical_limit(model, [[0, 1]]) == pytest.approx([1.0, 1.0], abs=1e-15)
    assert ej.is_joint_equilibrium(model, [[0, 1]])


def test_a_graph_is_its_matrix_of_weights():
    networkx = pytest.importorskip("networkx")
    graph = networkx.Graph()
    graph.add_nodes_from(range(4))
    graph.add_weighted_edges_from([(0, 1, 2.0), (1, 2, 0.5)])
    matrix = [[0, 2, 0, 0], [2, 0, 0.5, 0], [0, 0.5, 0, 0], [0, 0, 0, 0]]
    case = Case([0.0, 1.0, -1.0, 3.0], "sin(3*u)", structure=[[0, 2], [1, 3]])
    one, other = (case.model.replace(influence=ej.network(given, self_weight=0.5)) for given in (graph, matrix))
    assert_same(one, other, case)
