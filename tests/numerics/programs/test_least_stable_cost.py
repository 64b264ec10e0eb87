"""The least stable cost against all structures tried one by one, and against the atlas."""

import numpy as np
import pytest

import exitjoin as ej
from numerics.consensus import tactical_limit
from numerics.equilibria.atlas import atlas
from numerics.moves import critical_cost, moves
from numerics.programs import compatible_coalitions, least_stable_cost, structure_search

from ..partitions import all_structures

least = least_stable_cost.least_stable_cost
PERFORMANCES = ("-u**2", "exp(-u**2)", "-(u**2 - 1)**2", "sin(3*u)")
ACCEPTANCES = ("open", ej.unanimous(0.01), ej.capacity(3))
AT = ("opinions", "consensus")


def random_model(seed, n=5, **changes):
    """A model of any kind; the seed goes through influence, performance and acceptance."""
    rng = np.random.default_rng(seed)
    links = np.triu(rng.random((n, n)) < 0.5, 1).astype(float)
    given = {
        "performance": PERFORMANCES[seed % 4],
        "influence": ("uniform", ej.weighted(rng.uniform(0.2, 2.0, n)), ej.network(links + links.T))[seed % 3],
        "acceptance": ACCEPTANCES[(seed // 2) % 3],
        "stubbornness": 0.4 if seed % 5 == 4 else 0.0,
    }
    return ej.Model(rng.normal(size=n), **(given | changes))


def critical(model, structure, at, extra=0.0):
    """The largest gain beyond what the agent pays above the base."""
    if at == "consensus":
        innate = model.innate if model.is_stubborn else None
        model = model.replace(opinions=tactical_limit(model, structure), innate_opinions=innate)
    every = moves(model, structure)
    return float(np.max((every.gains - (every.costs - extra))[every.accepted], initial=-np.inf))


def same(a, b):
    return a == b or a == pytest.approx(b, rel=1e-12, abs=1e-13)


@pytest.mark.parametrize("at", AT)
@pytest.mark.parametrize("seed", range(16))
def test_the_least_of_all_structures(seed, at):
    model = random_model(seed)
    found = least(model, at=at)
    assert found.status == "optimal"
    assert same(found.cost, min(critical(model, structure, at) for structure in all_structures(5)))
    assert same(found.cost, critical(model, found.structure, at))


@pytest.mark.parametrize("seed", range(6))
def test_stable_at_the_cost_and_nothing_stable_below(seed):
    model = random_model(seed, acceptance="open")
    found = least(model)
    at_it = model.replace(switching_cost=found.cost)
    assert not moves(at_it, found.structure).admissible.any()
    below = model.replace(switching_cost=found.cost - 1e-9)
    assert all(moves(below, structure).admissible.any() for structure in all_structures(5))


@pytest.mark.parametrize("seed", range(6))
def test_costs_per_agent_are_beyond_the_base(seed):
    extra = np.random.default_rng(seed).uniform(-0.5, 0.5, 5)
    cost = ej.switching_cost(base=0.7, exit=ej.per_agent(extra), entry=0.1)
    model = random_model(seed, switching_cost=cost)
    found = least(model)
    assert same(found.cost, min(critical(model, structure, "opinions", 0.7) for structure in all_structures(5)))


@pytest.mark.parametrize("seed", range(6))
def test_payoffs_take_the_place_of_the_table_of_pairs(seed, monkeypatch):
    extra = np.random.default_rng(seed).uniform(-0.5, 0.5, 5)
    model = random_model(seed, switching_cost=ej.switching_cost(base=0.0, exit=ej.per_agent(extra)))
    expected = least(model)
    monkeypatch.setattr(compatible_coalitions, "MAX_PAIRS_AGENTS", 4)
    found = least(model)
    assert same(found.cost, expected.cost)


@pytest.mark.parametrize("seed", range(6))
def test_against_the_atlas(seed):
    at = AT[seed % 2]
    model = random_model(seed, n=8, influence="uniform", stubbornness=0.0)
    assert same(least(model, at=at).cost, atlas(model, at).least_stable_cost)


@pytest.mark.parametrize("at", AT)
def test_of_a_given_structure(at):
    model = ej.Model([0.0, 0.3, 2.0, 2.5], "-u**2")
    found = least(model, [[2, 3], [0, 1]], at)
    assert found.structure == [[2, 3], [0, 1]]  # in the order given, which numbered costs go by
    assert found.cost == critical(model, [[0, 1], [2, 3]], at)
    if at == "opinions":
        assert found.cost == critical_cost(model, [[0, 1], [2, 3]])


def test_a_given_structure_may_have_costs_of_its_own_coalitions():
    cost = ej.switching_cost(0.3, exit=ej.per_coalition([5.0, 0.0]))
    model = ej.Model([0.0, 0.3, 2.0, 2.5], "-u**2", cost)
    plain = ej.moves(model, [[2, 3], [0, 1]])
    assert least(model, [[2, 3], [0, 1]]).cost == np.nanmax(plain.gains - plain.costs + 0.3)
    assert least(model, [[0, 1], [2, 3]]).cost != least(model, [[2, 3], [0, 1]]).cost


def test_a_structure_that_nobody_can_leave_is_stable_at_every_cost():
    found = least(ej.Model([0.0, 1.0, 5.0], "-u**2", acceptance=ej.capacity(1)))
    assert (found.cost, found.structure) == (-np.inf, [[0], [1], [2]])
    assert least(ej.Model([1.0], "-u**2")).cost == -np.inf


def test_without_time_the_cost_is_an_upper_bound_and_says_so(monkeypatch):
    model = ej.Model(np.random.default_rng(4).normal(size=7), "-u**2")
    exact = least(model)
    monkeypatch.setattr(structure_search, "_LOOK", 1)
    monkeypatch.setattr(least_stable_cost, "_descended", lambda given: [1 << i for i in range(7)])
    found = least(model, time_limit=1e-9)
    assert found.status == "time limit"
    assert found.bound <= exact.cost <= found.cost
    assert same(found.cost, critical(model, found.structure, "opinions"))


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"at": "later"}, "at"), ({"time_limit": -1}, "time_limit"), ({"structure": [[0]]}, "structure")],
)
def test_refuses_what_it_cannot_read(changes, field):
    with pytest.raises(ej.InputError) as caught:
        least(ej.Model([0.0, 1.0], "-u**2"), **changes)
    assert caught.value.field == field


def test_refuses_too_many_agents():
    with pytest.raises(ej.InputError, match="at most 18 agents"):
        least(ej.Model(np.zeros(19), "-u**2"))
    with pytest.raises(ej.InputError, match='at="opinions"'):
        least(ej.Model(np.zeros(15), "-u**2"), at="consensus")
