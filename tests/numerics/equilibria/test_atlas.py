"""The atlas against every structure looked at by itself."""

import numpy as np
import pytest

from numerics.acceptance import bounded_confidence, capacity, unanimous
from numerics.consensus import tactical_limit
from numerics.costs import per_agent, switching_cost
from numerics.equilibria.atlas import atlas, bell_numbers, stable_structures
from numerics.influence import network, weighted
from numerics.model import Model
from numerics.moves import critical_cost, moves
from numerics.payoffs import coalition_values
from theory.errors import InputError

from ..partitions import all_structures, name_of

RING = np.eye(6, k=1) + np.eye(6, k=-1) + np.eye(6, k=5) + np.eye(6, k=-5)
PERFORMANCES = ("-u**2", "exp(-u**2)", "-(u**2 - 1)**2")
INFLUENCES = {"uniform": "uniform", "weighted": weighted([1.0, 2.0, 0.5, 1.5, 3.0, 1.0]), "network": network(RING)}


def drawn(seed: int, n: int = 6, **changes: object) -> Model:
    opinions = np.random.default_rng(seed).normal(size=n)
    return Model(**{"opinions": opinions, "performance": "-u**2", "switching_cost": 0.1, **changes})


def moment_of(model: Model, structure: list[list[int]], at: str) -> Model:
    return model if at == "opinions" else model.replace(opinions=tactical_limit(model, structure))


@pytest.mark.parametrize("at", ["opinions", "consensus"])
@pytest.mark.parametrize("influence", INFLUENCES)
@pytest.mark.parametrize("performance", PERFORMANCES)
def test_statistics_are_those_of_all_structures(performance: str, influence: str, at: str) -> None:
    model = drawn(3, performance=performance, influence=INFLUENCES[influence])
    found = atlas(model, at)  # type: ignore[arg-type]
    structures = all_structures(6)
    moments = [moment_of(model, structure, at) for structure in structures]
    costs = np.array([critical_cost(m, s) for m, s in zip(moments, structures, strict=True)])
    surpluses = np.array([coalition_values(m, s).sum() for m, s in zip(moments, structures, strict=True)])
    sizes = np.array([len(structure) for structure in structures])
    assert found.n_structures == len(structures) == 203
    assert found.least_stable_cost == pytest.approx(costs.min(), abs=1e-12)
    assert found.optimum == pytest.approx(surpluses.max(), abs=1e-12)
    for value in [*np.quantile(costs, [0, 0.05, 0.3, 0.8, 1.0]) + 1e-9, costs.min() - 1e-3]:
        stable = costs <= value
        assert found.n_stable(value) == stable.sum()
        if not stable.any():
            assert np.isnan(found.best_surplus(value))
            assert found.example("any", value) is None
            continue
        assert found.best_surplus(value) == pytest.approx(surpluses[stable].max(), abs=1e-12)
        assert found.worst_surplus(value) == pytest.approx(surpluses[stable].min(), abs=1e-12)
        for objective, expected in (
            ("most surplus", surpluses[stable].max()),
            ("least surplus", surpluses[stable].min()),
            ("fewest coalitions", sizes[stable].min()),
            ("any", None),
        ):
            structure = found.example(objective, value)
            moment = moment_of(model, structure, at).replace(switching_cost=float(value))
            assert not moves(moment, structure).admissible.any()
            reached = len(structure) if "fewest" in objective else coalition_values(moment, structure).sum()
            assert expected is None or reached == pytest.approx(expected, abs=1e-12)


def test_a_structure_is_stable_at_its_critical_cost_exactly() -> None:
    """Ties go to stability: at κ = κ* no gain exceeds the cost."""
    model = drawn(5)
    for structure in all_structures(6)[::17]:
        cost = critical_cost(model, structure)
        assert atlas(model).n_stable(cost) > atlas(model).n_stable(cost - 1e-9)


def test_any_number_of_threads_gives_the_same_bits() -> None:
    model = drawn(0, n=11)  # 678,570 structures: enough work for two threads
    one, more = atlas(model, threads=1), atlas(model, threads=3)
    for name in ("thresholds", "counts", "most", "least", "fewest", "_examples"):
        assert np.array_equal(getattr(one, name), getattr(more, name)), name
    assert one.n_structures == bell_numbers(11)[-1]


@pytest.mark.parametrize("rule", [unanimous(0.0), capacity(3), bounded_confidence(0.7)])
def test_the_diagram_in_the_threshold(rule: object) -> None:
    model = drawn(1, acceptance=rule)
    found = atlas(model, parameter=name_of(rule))
    make = {unanimous(): unanimous, capacity(3): capacity, bounded_confidence(0.7): bounded_confidence}[rule]
    values = {unanimous: [-0.5, 0.0, 0.05, 0.3], capacity: [1, 2, 3, 5, 6], bounded_confidence: [0.0, 0.2, 0.7, 2.0]}
    for value in values[make]:
        changed = model.replace(acceptance=make(value))
        expected = sum(not moves(changed, structure).admissible.any() for structure in all_structures(6))
        assert found.n_stable(value) == expected


def test_listed_structures_are_the_stable_ones() -> None:
    cost = switching_cost(0.0, exit=per_agent([0.0, 0.1, 0.2, 0.0, 0.0, 0.3]))
    model = drawn(2, switching_cost=cost)
    for base in (0.0, 0.05, 0.4):
        listed = stable_structures(model, base)
        changed = model.replace(switching_cost=switching_cost(base, exit=cost.exit))
        expected = [s for s in all_structures(6) if not moves(changed, s).admissible.any()]
        assert sorted(listed[k] for k in range(len(listed))) == sorted(map(sorted, expected))
        assert (np.diff(listed.critical_costs) >= 0).all()
        for k in range(len(listed)):
            assert listed.surpluses[k] == pytest.approx(coalition_values(model, listed[k]).sum(), abs=1e-12)
    assert len(stable_structures(model, np.inf)) == 203


def test_prices_compare_the_optimum_with_stable_surplus() -> None:
    model = drawn(4, performance="2 - u**2/4", switching_cost=0.01)
    found = atlas(model)
    assert found.price_of_anarchy(5.0) == pytest.approx(found.optimum / found.worst_surplus(5.0))
    assert found.price_of_stability(5.0) == 1.0
    negative = atlas(drawn(4))
    assert negative.price_of_anarchy(5.0) == pytest.approx(negative.worst_surplus(5.0) / negative.optimum)
    assert negative.price_of_anarchy(5.0) > negative.price_of_stability(5.0) == 1.0


def test_refusals() -> None:
    with pytest.raises(InputError, match="203 structures"):
        stable_structures(drawn(0), np.inf, most=202)
    with pytest.raises(InputError, match=r"^objective"):
        atlas(drawn(0)).example("best", 0.1)
    with pytest.raises(InputError, match=r"^cost"):
        atlas(drawn(0)).n_stable(np.nan)
    with pytest.raises(InputError, match=r"^threads"):
        atlas(drawn(0), threads=-1)


def test_one_agent_is_stable_at_every_cost() -> None:
    found = atlas(Model(opinions=[1.0], performance="-u**2"))
    assert (found.n_structures, found.n_stable(-1e9), found.least_stable_cost) == (1, 1, -np.inf)
