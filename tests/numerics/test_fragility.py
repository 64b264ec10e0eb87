"""The diagnosis of a team against its parts computed directly."""

import numpy as np
import pytest

from numerics.acceptance import bounded_confidence, capacity, unanimous
from numerics.consensus import settled
from numerics.costs import per_agent, switching_cost
from numerics.fragility import fragility, parameters_of
from numerics.influence import lazy, network, weighted
from numerics.model import Model
from numerics.moves import critical_cost, moves
from theory.errors import InputError

TEAM = [[0, 1, 5], [2, 3, 4]]
OPINIONS = [0.0, 0.2, 1.0, 1.3, 0.9, -0.4]
RING = np.eye(6, k=1) + np.eye(6, k=-1) + np.eye(6, k=5) + np.eye(6, k=-5) + np.eye(6, k=3) + np.eye(6, k=-3)


def team(**changes: object) -> Model:
    return Model(**{"opinions": OPINIONS, "performance": "-u**2", "switching_cost": 0.8, **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"switching_cost": 0.1},
        {"acceptance": unanimous(0.01)},
        {"switching_cost": 0.1, "acceptance": capacity(3)},
        {"influence": weighted([1.0, 2.0, 1.0, 1.0, 3.0, 1.0])},
        {"influence": network(RING), "performance": "exp(-u**2)", "switching_cost": 0.05},
        {"switching_cost": switching_cost(0.5, exit=per_agent([0.0, 0.1, 0.2, 0.3, 0.0, 0.0]))},
    ],
    ids=["stable", "unstable", "unanimous", "capacity", "weighted", "network", "costs"],
)
def test_margins_are_those_of_the_moves_at_consensus(changes: dict[str, object]) -> None:
    model = team(**changes)
    found = fragility(model, TEAM, runs=50)
    there = settled(model, TEAM)
    direct = moves(there, TEAM)
    barriers = np.where(direct.accepted, direct.costs - direct.gains, np.inf)
    assert np.array_equal(found.margins, barriers.min(axis=1))
    assert found.margin == barriers.min()
    assert found.stable == (not direct.admissible.any())
    assert found.critical_cost == critical_cost(there, TEAM)
    assert found.refused == np.sum(moves(there.replace(acceptance="open"), TEAM).admissible & ~direct.accepted)
    for i, move in enumerate(found.agents):
        assert (move is None) == (not np.isfinite(barriers[i]).any())
        if move is not None:
            column = TEAM.index(list(move.target)) if move.target else 2
            assert move.barrier == pytest.approx(found.margins[i])
            assert (move.gain, move.cost) == (direct.gains[i, column], direct.costs[i, column])
            assert i in move.source
    assert set(found.thresholds) | set(found.omitted) >= set(parameters_of(model))
    for name, near in found.thresholds.items():
        assert near.stable == found.stable, name


def test_pushes_shorter_than_the_radius_never_break_the_team() -> None:
    """The first pushes are as long as the radius: only the breaking direction itself, of probability 0, breaks it."""
    found = fragility(team(), TEAM, runs=500)
    assert found.radius is not None
    assert found.basin.sizes[0] == found.radius.radius
    assert found.basin.chances[0] == 1.0
    assert found.basin.chances[-1] < 1.0
    for chance, ends in zip(found.basin.chances, found.basin.intervals, strict=True):
        for p in ends:  # Wilson: the chance is 1.96 standard errors of p away from p
            assert (chance - p) ** 2 == pytest.approx(1.96**2 * p * (1 - p) / 500, abs=1e-12)
        assert ends[0] <= chance <= ends[1] + 1e-15


def test_thresholds_break_the_team() -> None:
    found = fragility(team(), TEAM, runs=10)
    near = found.thresholds["opinions[2]"]
    for step in (-1e-6, 1e-6):
        x = found.opinions.copy()
        x[2] = near.value + step
        there = settled(found.model.replace(opinions=x), TEAM)
        assert moves(there, TEAM).admissible.any() == (step > 0)


def test_the_cascade_starts_with_the_binding_move() -> None:
    found = fragility(team(switching_cost=0.1), TEAM, runs=200)
    assert not found.stable
    assert found.binding is not None
    assert found.cascade is not None
    after = {
        frozenset(found.binding.source) - {found.binding.agent},
        frozenset([*found.binding.target, found.binding.agent]),
    }
    assert set(map(frozenset, found.cascade.structure)) == after
    assert sum(share for _, share in found.cascade.ends) == pytest.approx(1.0)
    assert found.cascade.settled == 1.0
    assert found.cascade.returned == {str(s): share for s, share in found.cascade.ends}.get(str(TEAM), 0.0)


def test_payments_hold_a_team_that_breaks() -> None:
    found = fragility(team(switching_cost=0.1), TEAM, runs=10)
    assert found.transfers is not None
    assert found.transfers.subsidy > 0
    assert not moves(found.transfers.applied_to(found.model), TEAM).admissible.any()
    assert fragility(team(), TEAM, runs=10).transfers.subsidy == 0


def test_one_coalition_and_one_agent() -> None:
    whole = fragility(team(), [[0, 1, 2, 3, 4, 5]], runs=20)
    assert whole.stable
    assert whole.margin == pytest.approx(0.8)
    assert whole.binding is not None
    assert whole.binding.target == ()
    alone = fragility(Model(opinions=[1.0], performance="-u**2"), [[0]], runs=20)
    assert alone.stable
    assert alone.binding is alone.cascade is None
    assert alone.margin == np.inf
    assert (alone.basin.chances == 1.0).all()


def test_the_same_seed_gives_the_same_diagnosis() -> None:
    one, other = (fragility(team(), TEAM, seed=3, runs=100) for _ in range(2))
    assert np.array_equal(one.basin.chances, other.basin.chances)
    assert one.cascade.ends == other.cascade.ends
    assert not np.array_equal(one.basin.chances, fragility(team(), TEAM, seed=4, runs=100).basin.chances)


def test_vectors_stubbornness_and_discount() -> None:
    """What cannot be computed is left out and said, the rest is there."""
    x = np.random.default_rng(0).normal(size=(6, 2))
    found = fragility(Model(x, "-u1**2 - u2**2", 0.8), TEAM, runs=20)
    assert found.opinions.shape == (6, 2)
    assert "opinions[0][1]" in found.thresholds
    held = fragility(team(stubbornness=0.3), TEAM, runs=20)
    assert np.isfinite(held.margin)
    slow = fragility(team(influence=lazy(0.5), discount=0.9), TEAM, runs=20)
    assert "influence.rate" in slow.thresholds
    near = fragility(team(acceptance=bounded_confidence(0.5)), TEAM, runs=20)
    assert near.thresholds["acceptance.radius"].at == 0.5


def test_ties_are_no_moves_that_would_pay() -> None:
    agreed = Model(opinions=[0.1] * 10, performance="-u**2", acceptance=capacity(1))
    assert fragility(agreed, [[i] for i in range(10)], runs=5).refused == 0


def test_pushes_out_of_the_domain_are_left_out_and_said() -> None:
    found = fragility(Model([0.5, 1.0, 2.0], "log(u)", switching_cost=0.5), [[0, 1], [2]], runs=10)
    assert found.stable
    assert found.basin is None
    assert "performance" in found.omitted["basin"]
    assert found.radius is not None


def test_refusals() -> None:
    with pytest.raises(InputError, match=r"^runs"):
        fragility(team(), TEAM, runs=0)
    with pytest.raises(InputError, match=r"^structure"):
        fragility(team(), [[0, 1]])
    with pytest.raises(InputError, match=r"^seed"):
        fragility(team(), TEAM, seed=-1)
