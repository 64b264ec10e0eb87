"""Bifurcation diagrams against stability tried at single values of the parameter."""

import numpy as np
import pytest

from numerics.acceptance import bounded_confidence, capacity, majority
from numerics.consensus import settled
from numerics.equilibria.atlas import atlas
from numerics.equilibria.bifurcation import bifurcation_diagram
from numerics.influence import lazy
from numerics.model import Model
from numerics.moves import moves
from numerics.payoffs import coalition_values
from theory.errors import InputError

from ..partitions import all_structures, name_of

OPINIONS = np.random.default_rng(8).normal(size=4).tolist()


def stable_at(model: Model, at: str) -> list[list[list[int]]]:
    n = model.n_agents
    return [
        s for s in all_structures(n) if not moves(settled(model, s) if at == "consensus" else model, s).admissible.any()
    ]


def check(model: Model, diagram: object, change, at: str) -> None:
    """Compare the diagram in the middle of its intervals with every structure tried there."""
    values = diagram.values
    outer = (values.min() - 1.0, values.max() + 1.0) if diagram.parameter == "switching_cost" else ()
    middles = sorted([*((values[1:] + values[:-1]) / 2), *outer])
    assert middles
    for middle in middles:
        place = int(np.searchsorted(values, middle))
        changed = change(middle)
        expected = stable_at(changed, at)
        assert diagram.n_stable[place] == len(expected)
        assert sorted(diagram.stable_at(middle)) == sorted(map(sorted, expected))
        if expected:
            moments = [(settled(changed, s) if at == "consensus" else changed, s) for s in expected]
            surpluses = [coalition_values(m, s).sum() for m, s in moments]
            assert diagram.best[place] == pytest.approx(max(surpluses), abs=1e-9)
            assert diagram.worst[place] == pytest.approx(min(surpluses), abs=1e-9)
        else:
            assert np.isnan(diagram.best[place])


@pytest.mark.parametrize("at", ["opinions", "consensus"])
def test_in_the_cost(at: str) -> None:
    model = Model(opinions=[*OPINIONS, 0.3], performance="exp(-u**2)", acceptance=majority(-0.01))
    diagram = bifurcation_diagram(model, at=at)  # type: ignore[arg-type]
    check(model, diagram, lambda cost: model.replace(switching_cost=float(cost)), at)
    assert len(diagram.structures) == 52


@pytest.mark.parametrize("rule", [majority(0.0), capacity(2), bounded_confidence(1.0)], ids=name_of)
def test_in_the_number_of_the_rule(rule: object) -> None:
    model = Model(opinions=OPINIONS, performance="-u**2", switching_cost=0.05, acceptance=rule)
    diagram = bifurcation_diagram(model, name_of(rule))
    make = {
        "acceptance.members": lambda members: capacity(int(members)),
        "acceptance.radius": bounded_confidence,
        "acceptance.threshold": majority,
    }[name_of(rule)]
    check(model, diagram, lambda x: model.replace(acceptance=make(x)), "opinions")


@pytest.mark.parametrize("at", ["opinions", "consensus"])
@pytest.mark.parametrize("parameter", ["opinions[1]", "discount", "theta"])
def test_in_other_parameters(parameter: str, at: str) -> None:
    performance = "-u**2" if parameter == "discount" else "-u**4 - u**2"
    discount = 0.5 if parameter == "discount" else None
    influence = lazy(0.4) if parameter == "discount" else "uniform"
    model = Model(OPINIONS, performance, 0.3, discount=discount, influence=influence)
    diagram = bifurcation_diagram(model, parameter, at)  # type: ignore[arg-type]

    def change(value: float) -> Model:
        if parameter == "discount":
            return model.replace(discount=float(value))
        if parameter == "theta":
            return model.replace(opinions=model.opinions - value)  # only u - θ counts
        x = model.opinions.copy()
        x[1] = value
        return model.replace(opinions=x)

    if len(diagram.values) > 1:
        check(model, diagram, change, at)
    else:
        assert parameter == "discount"
        assert len(diagram.n_stable) == len(diagram.values) + 1


@pytest.mark.parametrize("rule", [majority(0.0), capacity(3), bounded_confidence(1.0)], ids=name_of)
def test_at_a_critical_value_the_move_is_accepted_still(rule: object) -> None:
    model = Model(opinions=[0.0, 1.0, 3.0, 3.5], performance="-u**2", switching_cost=0.01, acceptance=rule)
    name = name_of(rule)
    diagram, found = bifurcation_diagram(model, name), atlas(model, parameter=name)
    make = {"acceptance.members": lambda m: capacity(int(m)), "acceptance.radius": bounded_confidence}
    for value in diagram.values.tolist():
        if value < (2 if name == "acceptance.members" else -np.inf):
            continue
        changed = model.replace(acceptance=make.get(name, majority)(value))
        expected = stable_at(changed, "opinions")
        assert len(diagram.stable_at(value)) == found.n_stable(value) == len(expected)
    cost = bifurcation_diagram(model)
    for value in cost.values.tolist():
        assert len(cost.stable_at(value)) == len(stable_at(model.replace(switching_cost=value), "opinions"))


@pytest.mark.parametrize("rule", [capacity(2), bounded_confidence(2.0)], ids=name_of)
def test_sizes_and_distances_are_no_ties_where_payoffs_are_large(rule: object) -> None:
    small = Model([0.0, 1.0, 3.0], "-u**2", 0.05, acceptance=rule)
    large = small.replace(performance="-1e17*u**2", switching_cost=5e15)
    one, other = (bifurcation_diagram(model, name_of(rule)) for model in (small, large))
    assert np.array_equal(one.values, other.values)
    assert len(one.values) > 1
    assert np.array_equal(one.n_stable, other.n_stable)


def test_refusals() -> None:
    whole = bifurcation_diagram(Model(opinions=[0.0, 1.0], performance="-u**2"))
    with pytest.raises(InputError, match=r"^switching_cost"):
        whole.stable_at(np.nan)
    with pytest.raises(InputError, match="not needed"):
        bifurcation_diagram(Model(opinions=[0.0, 1.0], performance="-u**2"), low=0.0)
    with pytest.raises(InputError, match=r"^parameter"):
        bifurcation_diagram(Model(opinions=[0.0, 1.0], performance="-u**2"), None)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="7 agents"):
        bifurcation_diagram(Model(opinions=[0.0] * 7, performance="-u**2"), "theta")
    with pytest.raises(InputError, match=r"^parameter"):
        bifurcation_diagram(Model(opinions=[0.0] * 3, performance="-u**2"), "scale")
    with pytest.raises(InputError, match="not in the rule"):
        bifurcation_diagram(Model(opinions=[0.0] * 3, performance="-u**2"), "acceptance.threshold")
