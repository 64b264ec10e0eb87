"""The tables against the moves of one structure, evaluated directly."""

import numpy as np
import pytest

from numerics.acceptance import aggregate, bounded_confidence, capacity, majority, unanimous
from numerics.consensus import tactical_limit
from numerics.costs import per_agent, per_coalition, switching_cost
from numerics.equilibria.tables import coalition_tables, payoff_tables
from numerics.influence import general, lazy, network, weighted
from numerics.model import Model
from numerics.moves import moves
from numerics.partitions import labels_of
from numerics.payoffs import coalition_values, payoffs
from theory.errors import InputError

from ..partitions import all_structures, name_of

PATH = [[1, 1, 0, 0, 0], [1, 1, 1, 0, 0], [0, 1, 1, 2, 0], [0, 0, 2, 1, 1], [0, 0, 0, 1, 1]]
W = [[3, 1, 0, 0, 1], [1, 2, 1, 0, 0], [0, 0, 1, 1, 0], [1, 0, 0, 2, 1], [0, 1, 0, 1, 1]]
RULES = [
    "open",
    unanimous(0.02),
    majority(0.05),
    aggregate(0.03),
    bounded_confidence(0.9),
    capacity(3),
]
FAMILIES = {
    "uniform": {},
    "gaussian": {"performance": "exp(-u**2)"},
    "double well, lazy, discount": {"influence": lazy(0.5), "performance": "-(u - 1)**2", "discount": 0.8},
    "weighted": {"influence": weighted([1.0, 2.0, 0.5, 1.5, 3.0]), "performance": "-(u**2 - 1)**2"},
    "network": {"influence": network(PATH)},
    "general": {"influence": general(np.array(W) / np.sum(W, axis=1, keepdims=True)), "performance": "exp(-u**2)"},
    "stubborn": {"stubbornness": [0.5, 0.0, 0.2, 0.0, 0.0]},
    "two coordinates": {"opinions": np.random.default_rng(1).normal(size=(5, 2)), "performance": "-u1**2 - u2**4"},
}


def model_of(family: str, **changes: object) -> Model:
    opinions = np.random.default_rng(0).normal(size=5)
    return Model(**{"opinions": opinions, "performance": "-u**2", "switching_cost": 0.1, **FAMILIES[family], **changes})


def at_consensus(model: Model, structure: list[list[int]]) -> Model:
    innate = model.innate if model.is_stubborn else None
    return model.replace(opinions=tactical_limit(model, structure), innate_opinions=innate)


@pytest.mark.parametrize("at", ["opinions", "consensus"])
@pytest.mark.parametrize("family", FAMILIES)
def test_critical_costs_are_those_of_the_moves(family: str, at: str) -> None:
    for rule in RULES:
        cost = switching_cost(0.1, exit=per_agent([0.0, 0.05, 0.1, 0.0, -0.1]), bonus=0.02)
        model = model_of(family, acceptance=rule, switching_cost=cost)
        tables = coalition_tables(model, at)  # type: ignore[arg-type]
        for structure in all_structures(5):
            moment = model if at == "opinions" else at_consensus(model, structure)
            found = moves(moment, structure)
            excess = np.where(found.accepted, found.gains - (found.costs - 0.1), -np.inf)
            labels = labels_of(structure, 5)
            assert tables.critical_value(labels) == pytest.approx(np.max(excess), abs=1e-12)
            stable = tables.critical_value(labels) <= 0.1 + tables.tolerance()
            assert stable == (not found.admissible.any())
            masks = [sum(1 << i for i in coalition) for coalition in structure]
            assert tables.values[masks].sum() == pytest.approx(coalition_values(moment, structure).sum(), abs=1e-12)


@pytest.mark.parametrize("at", ["opinions", "consensus"])
@pytest.mark.parametrize("rule", RULES[1:], ids=lambda rule: type(rule).__name__)
def test_critical_thresholds_tell_what_raising_the_threshold_does(rule: object, at: str) -> None:
    """Just below the critical threshold a move that pays is accepted, just above none is."""
    model = model_of("uniform", acceptance=rule)
    tables = coalition_tables(model, at, name_of(rule))  # type: ignore[arg-type]
    make = {type(unanimous()): unanimous, type(majority()): majority, type(aggregate()): aggregate}
    checked = 0
    for structure in all_structures(5):
        moment = model if at == "opinions" else at_consensus(model, structure)
        critical = tables.critical_value(labels_of(structure, 5))
        if not np.isfinite(critical):
            continue
        for step in (-1e-6, 1e-6):
            if type(rule) in make:
                changed = make[type(rule)](critical + step)
            elif type(rule) is type(capacity(3)):
                changed = capacity(round(-critical) + (step < 0) - 1) if round(-critical) + (step < 0) > 1 else None
            else:
                changed = bounded_confidence(-(critical + step)) if critical + step <= 0 else None
            if changed is not None:
                checked += 1
                assert moves(moment.replace(acceptance=changed), structure).admissible.any() == (step < 0)
    assert checked > 10


def test_payoffs_of_every_coalition() -> None:
    for family in FAMILIES:
        model = model_of(family, acceptance=majority(0.05))
        table, accepted = payoff_tables(model)
        for structure in all_structures(5):
            assert payoffs(model, structure).values == pytest.approx(
                [table[sum(1 << j for j in next(c for c in structure if i in c)), i] for i in range(5)], abs=1e-12
            )
            found = moves(model, structure)
            for column, coalition in enumerate(structure):
                mask = sum(1 << j for j in coalition)
                outside = [i for i in range(5) if i not in coalition]
                assert (found.accepted[outside, column] == accepted[mask, outside]).all()


def test_refusals() -> None:
    with pytest.raises(InputError, match="15 agents"):
        coalition_tables(Model(opinions=[0.0] * 15, performance="-u**2"))
    with pytest.raises(InputError, match="21 agents"):
        payoff_tables(Model(opinions=[0.0] * 21, performance="-u**2"))
    with pytest.raises(InputError, match=r"^at"):
        coalition_tables(model_of("uniform"), "rest")  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"^parameter"):
        coalition_tables(model_of("uniform"), parameter="theta")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="not in the rule"):
        coalition_tables(model_of("uniform"), parameter="acceptance.threshold")
    cost = switching_cost(0.1, exit=per_coalition([0.1]))
    with pytest.raises(InputError, match=r"switching_cost\.exit"):
        coalition_tables(model_of("uniform", switching_cost=cost))
    with pytest.raises(InputError, match=r"switching_cost\.between"):
        coalition_tables(model_of("uniform", switching_cost=switching_cost(0.1, between=[[0.0, 1.0], [1.0, 0.0]])))
