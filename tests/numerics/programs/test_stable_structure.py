"""Stable structures against all structures tried one by one, and against the atlas."""

from dataclasses import dataclass

import numpy as np
import pytest

import exitjoin as ej
from numerics.consensus import tactical_limit
from numerics.equilibria.atlas import atlas
from numerics.moves import moves
from numerics.payoffs import coalition_values
from numerics.programs import compatible_coalitions, stable_structure, structure_search
from numerics.programs.compatible_coalitions import stability_of, without_hopeless_pairs
from numerics.programs.stable_structure import OBJECTIVES, clique_rows

from ..partitions import all_structures

find = stable_structure.stable_structure
PERFORMANCES = ("-u**2", "exp(-u**2)", "-(u**2 - 1)**2")
ACCEPTANCES = ("open", ej.unanimous(0.01), ej.capacity(3))
AT = ("opinions", "consensus")
SHARES = (0.0, 0.2, 0.7, 0.4)  # of structures that are stable, about


def random_model(seed, n=5):
    """A model of any kind; the seed goes through influence, performance and acceptance."""
    rng = np.random.default_rng(seed)
    links = np.triu(rng.random((n, n)) < 0.5, 1).astype(float)
    influence = ("uniform", ej.weighted(rng.uniform(0.2, 2.0, n)), ej.network(links + links.T), "uniform")[seed % 4]
    return ej.Model(
        opinions=rng.normal(size=n),
        performance=PERFORMANCES[seed % 3],
        influence=influence,
        acceptance=ACCEPTANCES[(seed // 2) % 3],
        stubbornness=0.3 if seed % 4 == 3 else 0.0,
        scale="s" if seed % 5 else "s**1.3",
    )


@dataclass
class Tried:
    """One structure: whether a move of it is admissible, the greatest gain of an accepted one, and its surplus."""

    structure: list
    is_stable: bool
    critical: float
    surplus: float


def settled(model, structure, at):
    if at == "opinions":
        return model
    innate = model.innate if model.is_stubborn else None
    return model.replace(opinions=tactical_limit(model, structure), innate_opinions=innate)


def tried(model, at):
    """Every structure, from all of its moves."""
    out = []
    for structure in all_structures(model.n_agents):
        now = settled(model, structure, at)
        every = moves(now, structure)
        critical = np.max((every.gains - every.costs)[every.accepted], initial=-np.inf)
        surplus = coalition_values(now, structure).sum()
        out.append(Tried(structure, not every.admissible.any(), float(critical), float(surplus)))
    return out


def with_some_stable(model, at, share):
    """The model at a cost that lies between two critical costs, so that about that share of structures is stable."""
    costs = np.unique([entry.critical for entry in tried(model, at)])
    costs = costs[np.isfinite(costs)]
    if len(costs) < 2:
        return model
    k = min(int(share * (len(costs) - 1)), len(costs) - 2)
    return model.replace(switching_cost=float((costs[k] + costs[k + 1]) / 2))


def check(found, everything, objective):
    stable = [entry for entry in everything if entry.is_stable]
    if not stable:
        assert found.structure is None
        assert found.status == "infeasible"
        return
    assert found.status == "optimal"
    labels = {frozenset(map(frozenset, entry.structure)): entry for entry in stable}
    mine = labels[frozenset(map(frozenset, found.structure))]  # it is one of the stable structures
    assert found.surplus == pytest.approx(mine.surplus, rel=1e-12, abs=1e-12)
    surpluses = [entry.surplus for entry in stable]
    if objective == "most surplus":
        assert found.surplus == pytest.approx(max(surpluses), rel=1e-9, abs=1e-9)
        assert found.bound == pytest.approx(found.surplus, rel=1e-8, abs=1e-8)
    if objective == "least surplus":
        assert found.surplus == pytest.approx(min(surpluses), rel=1e-9, abs=1e-9)
        assert found.bound == pytest.approx(found.surplus, rel=1e-8, abs=1e-8)
    if objective == "fewest coalitions":
        assert len(found.structure) == min(len(entry.structure) for entry in stable)
        assert found.bound == pytest.approx(len(found.structure))


@pytest.mark.parametrize("at", AT)
@pytest.mark.parametrize("seed", range(12))
def test_search_and_program_find_the_best_of_all_structures(seed, at):
    for share in SHARES[seed % 2 :: 2]:
        model = with_some_stable(random_model(seed), at, share)
        everything = tried(model, at)
        for k, objective in enumerate(OBJECTIVES):
            check(find(model, objective, at, "search"), everything, objective)
            if (seed + k) % 4 == 0 or (share in (0.2, 0.7) and objective == "least surplus"):
                check(find(model, objective, at, "milp"), everything, objective)


def test_the_cases_above_have_several_and_no_stable_structures():
    counts = []
    for seed in (0, 3, 5, 10):
        for share in SHARES[seed % 2 :: 2]:
            model = with_some_stable(random_model(seed), "opinions", share)
            counts.append(sum(entry.is_stable for entry in tried(model, "opinions")))
    assert min(counts) <= 2 < 20 < max(counts)


@pytest.mark.parametrize("seed", range(6))
def test_costs_per_agent(seed):
    extra = np.random.default_rng(seed).uniform(-0.3, 0.5, 5)
    cost = ej.switching_cost(base=0.1, exit=ej.per_agent(extra), entry=ej.per_agent(0.2 * extra), bonus=0.05)
    model = random_model(seed).replace(switching_cost=cost)
    everything = tried(model, "opinions")
    for method in ("search", "milp"):
        check(find(model, "least surplus", method=method), everything, "least surplus")


@pytest.mark.parametrize("seed", range(8))
def test_a_cost_that_equals_a_critical_cost_keeps_the_structure(seed):
    """A tie is no improvement: at κ = κ*(π) the structure is stable, a little below it is not."""
    at = AT[seed % 2]
    model = random_model(seed).replace(acceptance="open")
    entry = sorted(tried(model, at), key=lambda one: one.critical)[3]
    for shift, is_stable in ((0.0, True), (-1e-9, False)):
        changed = model.replace(switching_cost=entry.critical + shift)
        given = stability_of(changed, at)
        graph = given.compatible(given.level)
        masks = [sum(1 << i for i in coalition) for coalition in entry.structure]
        positions = [int(np.flatnonzero(graph.masks == mask)[0]) for mask in masks if mask in graph.masks]
        kept = len(positions) == len(masks) and graph.are_compatible(np.array(positions))
        assert kept == is_stable


@pytest.mark.parametrize("seed", range(8))
def test_rows_and_presolve_keep_every_stable_structure_and_rows_cut_every_other(seed):
    at = AT[seed % 2]
    model = with_some_stable(random_model(seed), at, 0.3)
    given = stability_of(model, at)
    graph = given.compatible(given.level)
    smaller = without_hopeless_pairs(graph)
    rows, fewer_rows = (clique_rows(g, np.arange(len(g.masks))) for g in (graph, smaller))
    n_stable = 0
    for entry in tried(model, at):
        masks = [sum(1 << i for i in coalition) for coalition in entry.structure]
        for kept, matrix in ((graph, rows), (smaller, fewer_rows)):
            z = np.isin(kept.masks, masks).astype(float)
            is_cover = z.sum() == len(masks)
            assert (is_cover and (matrix @ z >= 0).all()) == entry.is_stable
        n_stable += entry.is_stable
    assert n_stable > 0


@pytest.mark.parametrize("seed", range(8))
def test_narrowing_keeps_every_stable_structure_that_is_good_enough(seed):
    model = with_some_stable(random_model(seed), "opinions", 0.5)
    given = stability_of(model, "opinions")
    graph = given.compatible(given.level)
    surpluses = sorted(entry.surplus for entry in tried(model, "opinions") if entry.is_stable)
    upper = surpluses[len(surpluses) // 3]
    smaller, cost = structure_search.narrowed(graph, given.values[graph.masks], upper)
    assert np.array_equal(cost, given.values[smaller.masks])
    for entry in tried(model, "opinions"):
        masks = [sum(1 << i for i in coalition) for coalition in entry.structure]
        if entry.is_stable and entry.surplus <= upper + 1e-12:
            positions = np.flatnonzero(np.isin(smaller.masks, masks))
            assert len(positions) == len(masks)
            assert smaller.are_compatible(positions)


@pytest.mark.parametrize("seed", range(4))
def test_two_stages_of_a_search(seed, monkeypatch):
    monkeypatch.setattr(structure_search, "SHORT", 12)
    model = ej.Model(np.random.default_rng(seed).normal(size=8), "-u**2", switching_cost=0.3)
    for objective in ("least surplus", "fewest coalitions"):
        found, program = (find(model, objective, method=method) for method in ("search", "atlas"))
        assert (found.status, found.bound) == ("optimal", pytest.approx(program.bound, rel=1e-12))


@pytest.mark.parametrize("seed", range(4))
def test_against_the_atlas(seed):
    rng = np.random.default_rng(seed)
    at = AT[seed % 2]
    acceptance = ("open", ej.unanimous(0.0))[seed // 2]
    model = ej.Model(rng.normal(size=9), PERFORMANCES[seed % 3], switching_cost=0.1, acceptance=acceptance)
    everything = atlas(model, at)
    for cost in np.quantile(everything.thresholds[np.isfinite(everything.thresholds)], (0.02, 0.3)):
        changed = model.replace(switching_cost=float(cost) + 1e-6)
        most, least = (find(changed, objective, at) for objective in ("most surplus", "least surplus"))
        assert most.surplus == pytest.approx(everything.best_surplus(cost + 1e-6), rel=1e-12, abs=1e-12)
        assert least.surplus == pytest.approx(everything.worst_surplus(cost + 1e-6), rel=1e-12, abs=1e-12)
        assert most.critical_cost <= cost + 2e-6
        by_atlas = find(changed, "least surplus", at, "atlas")
        assert by_atlas.surplus == pytest.approx(least.surplus, rel=1e-12, abs=1e-12)
        assert by_atlas.guarantee == "all 21147 structures were enumerated"


@pytest.mark.parametrize("seed", range(2))
def test_the_integer_program_of_nine_agents(seed):
    model = ej.Model(np.random.default_rng(seed).normal(size=9), "-u**2", switching_cost=0.05)
    program, by_search = (find(model, "least surplus", method=method) for method in ("milp", "search"))
    assert program.surplus == pytest.approx(by_search.surplus, rel=1e-9)
    assert program.bound <= program.surplus + 1e-12
    assert program.solver.startswith("HiGHS")
    assert program.n_rows > 9


@pytest.mark.parametrize("seed", range(8))
def test_rows_added_as_they_are_violated(seed, monkeypatch):
    model = with_some_stable(random_model(seed), "opinions", 0.3)
    monkeypatch.setattr(stable_structure, "MAX_ENTRIES", -1)
    check(find(model, "least surplus", method="milp"), tried(model, "opinions"), "least surplus")


@pytest.mark.parametrize("seed", range(8))
def test_payoffs_take_the_place_of_the_table_of_pairs(seed, monkeypatch):
    extra = np.random.default_rng(seed).uniform(-0.1, 0.1, 5)
    model = with_some_stable(random_model(seed), "opinions", 0.3)
    cost = ej.switching_cost(base=model.switching_cost, exit=ej.per_agent(extra))
    model = model.replace(switching_cost=cost)
    everything = tried(model, "opinions")
    monkeypatch.setattr(compatible_coalitions, "MAX_PAIRS_AGENTS", 4)
    assert stability_of(model, "opinions").tables is None
    for objective in ("most surplus", "least surplus"):
        check(find(model, objective, method="search"), everything, objective)


def test_fifteen_agents():
    model = ej.Model(np.random.default_rng(3).normal(size=15), "-u**2", switching_cost=0.01)
    found = find(model, "least surplus")
    assert found.status == "optimal"
    assert not moves(model, found.structure).admissible.any()
    grand = coalition_values(model, [list(range(15))]).sum()
    assert found.surplus < grand  # -u² is concave: all together have the most


def test_infeasible_says_the_least_cost():
    model = ej.Model([0.0, 0.1, 3.0], "-u**2", switching_cost=-2.0)
    least = min(entry.critical for entry in tried(model.replace(switching_cost=0.0), "opinions"))
    for method in ("search", "milp", "atlas"):
        found = find(model, method=method)
        assert found.structure is None
        assert found.status == "infeasible"
        assert found.message == f"no stable structure at κ = -2; the least is {least:.6g}"
    assert find(model.replace(switching_cost=least + 1e-9)).structure == [[0, 1, 2]]


def test_one_agent():
    found = find(ej.Model([0.5], "-u**2"), "most surplus")
    assert (found.structure, found.surplus, found.critical_cost) == ([[0]], -0.25, -np.inf)


def test_a_search_without_time_says_so_with_a_bound(monkeypatch):
    model = ej.Model(np.random.default_rng(0).normal(size=8), "-u**2", switching_cost=0.5)
    best = find(model, "least surplus")
    monkeypatch.setattr(structure_search, "_LOOK", 20)
    found = find(model, "least surplus", method="search", time_limit=1e-9)
    assert found.status == "time limit"
    assert found.bound <= best.surplus
    if found.structure is not None:
        assert not moves(model, found.structure).admissible.any()
    monkeypatch.setattr(stable_structure, "PATIENCE", 1e-9)
    taken_over = find(model, "least surplus")
    assert (taken_over.method, taken_over.status) == ("atlas", "optimal")
    assert taken_over.surplus == pytest.approx(best.surplus, rel=1e-12)


def test_a_program_without_time_says_so():
    model = ej.Model(np.random.default_rng(0).normal(size=8), "-u**2", switching_cost=0.5)
    found = find(model, "least surplus", method="milp", time_limit=1e-3)
    assert found.status == "time limit"
    assert found.bound <= find(model, "least surplus").surplus


def test_a_solver_that_fails_is_not_believed(monkeypatch):
    model = ej.Model([0.0, 0.1, 3.0], "-u**2", switching_cost=1.0)
    monkeypatch.setattr(stable_structure, "_solve", lambda *given: ("solver failed", None, -np.inf))
    found = find(model, "least surplus", method="milp")
    assert found.status == "solver failed"
    assert "perhaps not the best" in found.message
    assert find(model, "any", method="milp").structure is None


def test_an_answer_that_is_not_stable_is_not_given(monkeypatch):
    model = ej.Model([0.0, 0.1, 3.0], "-u**2", switching_cost=0.1)
    wrong = stable_structure._Answer([[0], [1], [2]], "optimal", 0.0, "none at all")
    monkeypatch.setattr(stable_structure, "_by_search", lambda *given: wrong)
    with pytest.raises(RuntimeError, match="a move of it pays"):
        find(model)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"objective": "best"}, "objective"),
        ({"method": "simplex"}, "method"),
        ({"at": "later"}, "at"),
        ({"time_limit": 0}, "time_limit"),
        ({"time_limit": "long"}, "time_limit"),
    ],
)
def test_refuses_unknown_choices(changes, field):
    with pytest.raises(ej.InputError) as caught:
        find(ej.Model([0.0, 1.0], "-u**2"), **changes)
    assert caught.value.field == field


def test_refuses_too_many_agents_and_costs_of_numbered_coalitions():
    with pytest.raises(ej.InputError, match="at most 18 agents"):
        find(ej.Model(np.zeros(19), "-u**2"))
    with pytest.raises(ej.InputError, match='at="opinions"'):
        find(ej.Model(np.zeros(15), "-u**2"), at="consensus")
    cost = ej.switching_cost(exit=ej.per_coalition([0.1, 0.2]))
    with pytest.raises(ej.InputError, match="one structure"):
        find(ej.Model([0.0, 1.0], "-u**2", switching_cost=cost))


@pytest.mark.parametrize("method", ["search", "milp", "atlas"])
def test_one_tolerance_decides_ties_at_consensus(method):
    """Opinions far apart have a wide tolerance, those of coalitions in the middle a narrow one: the first decides."""
    model = ej.Model([-100.0, 100.0, 0.1, 0.6], "-u**2")
    cost = stable_structure.evaluated(model, [[0, 1], [2, 3]], "consensus")[1] - 1e-11
    changed = model.replace(switching_cost=cost)
    assert stable_structure.evaluated(changed, [[0, 1], [2, 3]], "consensus")[0]
    assert find(changed, "least surplus", at="consensus", method=method).status == "optimal"


@pytest.mark.parametrize("seed", range(9))
def test_against_the_atlas_under_every_influence(seed):
    """Ten agents: the optima of search and integer program are the atlas's, and no move of them pays."""
    rng = np.random.default_rng(seed)
    edges = np.triu(rng.random((10, 10)) < 0.4, 1) | np.eye(10, k=1, dtype=bool)
    influence = ("uniform", ej.weighted(rng.uniform(0.5, 2, 10)), ej.network((edges | edges.T).astype(float)))[seed % 3]
    model = ej.Model(rng.normal(size=10), PERFORMANCES[seed // 3], influence=influence)
    everything = atlas(model)
    cost = float(np.quantile(everything.thresholds[np.isfinite(everything.thresholds)], 0.2)) + 1e-6
    changed = model.replace(switching_cost=cost)
    wanted = {"most surplus": everything.best_surplus(cost), "least surplus": everything.worst_surplus(cost)}
    for method in ("milp", "search"):
        for objective, surplus in wanted.items():
            found = find(changed, objective, method=method)
            assert found.status == "optimal"
            assert found.surplus == pytest.approx(surplus, rel=1e-8, abs=1e-8)
            assert not ej.moves(changed, found.structure).admissible.any()
