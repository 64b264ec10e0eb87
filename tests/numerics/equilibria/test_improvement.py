"""The improvement graph and its Markov chains against moves evaluated one structure at a time, and against runs."""

from fractions import Fraction
from itertools import combinations, pairwise

import numpy as np
import pytest
from scipy.sparse.csgraph import connected_components
from scipy.stats import binom, norm

import exitjoin as ej
from numerics.equilibria import improvement, markov
from numerics.equilibria.atlas import atlas
from numerics.equilibria.improvement import improvement_graph
from numerics.equilibria.markov import fundamental_matrix, markov_chain

BELL = [1, 1, 2, 5, 15, 52, 203, 877, 4140]
PERFORMANCES = ["-u**2", "exp(-u**2)", "-(u**2 - 1)**2"]
SCHEDULES = ["random", "best response", "largest gain"]


# The oracle: structures by recursion, moves by `moves` for one structure after the other.


def all_structures(n):
    """Every partition of the agents as labels, by where the last agent is."""
    if n == 0:
        return [()]
    return [(*labels, k) for labels in all_structures(n - 1) for k in range(max(labels, default=-1) + 2)]


def canonical(labels):
    """The same structure, coalitions numbered by their first members."""
    seen = {}
    return tuple(seen.setdefault(label, len(seen)) for label in labels)


def first_best(moves):
    """The move of greatest net gain; of equal ones, the first.  No two gains of the models here differ by so little."""
    return next(move for move in moves if move[2] > max(net for _, _, net, _ in moves) - 1e-12)


class Table:
    """Every accepted move of every structure: (agent, number of the structure reached, net gain, whether it pays)."""

    def __init__(self, model):
        self.structures = all_structures(model.n_agents)
        number = {labels: k for k, labels in enumerate(self.structures)}
        self.moves = []
        for labels in self.structures:
            found, alone = ej.moves(model, list(labels)), max(labels) + 1
            here = []
            for i, target in np.argwhere(found.accepted).tolist():
                after = canonical((*labels[:i], target if target < alone else model.n_agents, *labels[i + 1 :]))
                net = found.gains[i, target] - found.costs[i, target]
                here.append((i, number[after], net, bool(found.admissible[i, target])))
            self.moves.append(here)

    def edges(self):
        """{(from, to): number of admissible moves}."""
        count = {}
        for k, here in enumerate(self.moves):
            for _, after, _, pays in here:
                if pays:
                    count[k, after] = count.get((k, after), 0) + 1
        return count

    def row(self, k, schedule):
        """[(to, probability)] in rationals, by the words of the schedule."""
        paying = [move for move in self.moves[k] if move[3]]
        movers = {move[0] for move in paying}
        if schedule == "largest gain":
            return [(first_best(paying)[1], Fraction(1))] if paying else []
        out = []
        for i in movers:
            own = [move for move in paying if move[0] == i]
            if schedule == "best response":
                own = [first_best(own)]
            out += [(after, Fraction(1, len(movers) * len(own))) for _, after, _, _ in own]
        return out

    def logit_row(self, k, n, temperature):
        """{to: probability}, staying included."""
        row = {k: 0.0}
        for i in range(n):
            own = [(after, np.exp(net / temperature)) for agent, after, net, _ in self.moves[k] if agent == i]
            total = 1.0 + sum(weight for _, weight in own)
            for after, weight in [(k, 1.0), *own]:
                row[after] = row.get(after, 0.0) + weight / total / n
        return row

    def dense(self, schedule):
        """The transition matrix, sinks staying where they are."""
        matrix = np.zeros((len(self.moves), len(self.moves)))
        for k in range(len(self.moves)):
            for after, chance in self.row(k, schedule) or [(k, 1)]:
                matrix[k, after] += float(chance)
        return matrix


def random_model(seed, n=None, kinds=None):
    """A model whose moves are generic: φ, influence, rule and cost go round, everything else is drawn."""
    rng = np.random.default_rng(seed)
    n = 4 + seed % 3 if n is None else n
    links = np.triu(rng.random((n, n)) < 0.6, 1) * rng.uniform(0.5, 2.0, (n, n))
    influence = ["uniform", ej.weighted(rng.uniform(0.3, 3.0, n)), ej.network(links + links.T)][seed % 3]
    rule = ["open", ej.unanimous(-0.05), ej.capacity(3), "open", ej.majority(0.01), ej.bounded_confidence(1.5)][
        seed % 6
    ]
    cost = [0.03, -0.02, ej.switching_cost(0.02, exit=ej.per_agent(rng.uniform(0, 0.1, n)), bonus=0.01), 0.1, -0.05]
    return ej.Model(
        opinions=rng.normal(0, 1.2, n),
        performance=PERFORMANCES[seed // 3 % 3],
        switching_cost=cost[seed % 5],
        influence=influence,
        acceptance=rule,
        scale=["s", "s", "s**0.7"][seed % 7 % 3],
    )


def other_models():
    """Kinds of model that `random_model` leaves out."""
    rng = np.random.default_rng(5)
    matrix = rng.uniform(0.1, 1.0, (4, 4))
    general = ej.general(matrix / matrix.sum(axis=1, keepdims=True))
    x = rng.normal(size=4)
    return {
        "general": ej.Model(x, "exp(-u**2)", 0.01, influence=general),
        "stubborn": ej.Model(x, "-(u**2 - 1)**2", 0.02, stubbornness=[0.5, 0.0, 0.2, 1.0], scale="s**1.2"),
        "vectors": ej.Model(rng.normal(size=(4, 2)), "-u1**2 - (u2 - 0.5)**2", 0.05, acceptance=ej.aggregate(0.02)),
        "discount": ej.Model(x, "-u**2", 0.02, influence=ej.lazy(0.3), discount=0.9),
        "two": ej.Model([0.3, -1.0], "-u**2", 0.1),
        "one": ej.Model([0.3], "-u**2", 0.1),
    }


MODELS = {f"random {seed}": random_model(seed) for seed in range(20)} | other_models()


@pytest.fixture(scope="module")
def tables():
    """The oracle's table of every model."""
    return {name: Table(model) for name, model in MODELS.items()}


# Structures.


@pytest.mark.parametrize("n", range(1, 9))
def test_structures_are_all_partitions_in_order(n):
    graph = improvement_graph(ej.Model(np.linspace(-1, 1, n), "-u**2", 1e3))
    assert graph.n_structures == BELL[n]
    assert graph.structures.dtype == np.uint8
    assert list(map(tuple, graph.structures.tolist())) == sorted(all_structures(n))
    assert graph.edges.nnz == 0
    assert len(graph.sinks) == BELL[n]
    assert not graph.has_cycle
    assert graph.cycle() == []


def test_numbers_of_structures_whichever_way_they_are_given():
    graph = improvement_graph(ej.Model([0.0, 1.0, 2.0, 4.0], "-u**2"))
    for k in range(15):
        coalitions = graph.structure(k)
        assert graph.index(coalitions) == k == graph.index(coalitions[::-1])
        assert graph.index((7 - 2 * graph.structures[k].astype(int)).tolist()) == k
    assert graph.structure(14) == [[0], [1], [2], [3]]
    assert graph.structure(0) == [[0, 1, 2, 3]]


def test_completions_count_the_ways_to_go_on():
    counts = improvement.completions(8)
    assert counts[:, 0].tolist() == BELL
    for r, k in ((3, 2), (4, 1), (5, 3)):
        begun = tuple(range(k))
        assert counts[r, k] == sum(labels[:k] == begun for labels in all_structures(k + r))


# Edges and classes.


@pytest.mark.parametrize("name", MODELS)
def test_edges_are_the_admissible_moves(name, tables):
    graph, table = improvement_graph(MODELS[name]), tables[name]
    rows, columns = graph.edges.nonzero()
    found = dict(zip(zip(rows.tolist(), columns.tolist(), strict=True), graph.edges.data.tolist(), strict=True))
    assert found == table.edges()
    assert graph.sinks.tolist() == [k for k, here in enumerate(table.moves) if not any(move[3] for move in here)]


@pytest.mark.parametrize("name", MODELS)
def test_sinks_are_as_many_as_the_stable_structures_of_the_atlas(name):
    """The atlas counts them by another route, from pairs of coalitions."""
    model = MODELS[name]
    cost = model.switching_cost
    base = cost if isinstance(cost, float) else cost.base
    assert len(improvement_graph(model).sinks) == atlas(model).n_stable(base)


def test_cases_have_sinks_cycles_and_refusals(tables):
    """What the other tests go through is there."""
    graphs = {name: improvement_graph(model) for name, model in MODELS.items()}
    assert sum(graph.has_cycle for graph in graphs.values()) >= 4
    assert sum(len(graph.absorbing_classes) > len(graph.sinks) for graph in graphs.values()) >= 1
    assert sum(len(graph.sinks) > 1 for graph in graphs.values()) >= 10
    moves = [move for table in tables.values() for here in table.moves for move in here]
    assert sum(net > 0 for _, _, net, _ in moves) > 1000 < sum(net < 0 for _, _, net, _ in moves)


@pytest.mark.parametrize("name", MODELS)
def test_classes_and_cycles_against_strong_connectivity(name):
    model = MODELS[name]
    graph = improvement_graph(model)
    count, component = connected_components(graph.edges, directed=True, connection="strong")
    rows, columns = graph.edges.nonzero()
    leaves = {component[u] for u, v in zip(rows, columns, strict=True) if component[u] != component[v]}
    closed = [np.flatnonzero(component == c).tolist() for c in range(count) if c not in leaves]
    assert [states.tolist() for states in graph.absorbing_classes] == sorted(closed)
    assert graph.has_cycle == (count < graph.n_structures)
    assert bool(check_cycle(model)) == graph.has_cycle


def check_cycle(model):
    """The cycle that is found, every move of it admissible and leading to the next structure."""
    steps = improvement_graph(model).cycle()
    for now, after in pairwise([*steps, *steps[:1]]):
        admissible = ej.moves(model, now.structure).admissible
        reached = []
        for column in np.flatnonzero(admissible[now.agent]).tolist():
            coalitions = [[i for i in coalition if i != now.agent] for coalition in [*now.structure, []]]
            coalitions[column].append(now.agent)
            reached.append(sorted(sorted(coalition) for coalition in coalitions if coalition))
        assert after.structure in reached
    return steps


@pytest.mark.parametrize(("seed", "length"), [(152, 3), (36, 4), (193, 6)])
def test_cycles_of_more_than_two_moves(seed, length):
    """Seeds found by search: with unanimous acceptance a move need not be possible both ways."""
    rng = np.random.default_rng(seed)
    x, phi = rng.normal(0, 1.2, 4), [*PERFORMANCES, "sin(3*u)"][seed % 4]
    cost, threshold = rng.choice([-0.02, -0.1, -0.3]), rng.choice([0.0, 0.05, -0.02, 0.1])
    model = ej.Model(x, phi, cost, acceptance=ej.unanimous(float(threshold)))
    assert len(check_cycle(model)) == length


def potential_table(model):
    """P(S) of Hart and Mas-Colell, from P(S) = (v(S) + Σ_{i∈S} P(S∖i))/|S|, in rationals."""
    n, potential, potentials = model.n_agents, {frozenset(): Fraction(0)}, []
    for size in range(1, n + 1):
        for members in map(frozenset, combinations(range(n), size)):
            rest = [i for i in range(n) if i not in members]
            value = Fraction(float(ej.coalition_values(model, [sorted(members), *([i] for i in rest)])[0]))
            potential[members] = (value + sum(potential[members - {i}] for i in members)) / size
    for labels in all_structures(n):
        coalitions = [frozenset(i for i in range(n) if labels[i] == k) for k in range(max(labels) + 1)]
        potentials.append(sum(potential[c] for c in coalitions))
    return potentials


@pytest.mark.parametrize("name", MODELS)
def test_gains_are_changes_of_the_potential(name, tables):
    model, potential = MODELS[name].replace(switching_cost=0.0), potential_table(MODELS[name])
    for k, here in enumerate(Table(model).moves if model.n_agents < 6 else []):
        for _, after, gain, _ in here:
            assert abs(potential[after] - potential[k] - Fraction(float(gain))) < 1e-12


@pytest.mark.parametrize("seed", range(30))
def test_there_is_no_cycle_at_costs_that_are_not_negative(seed):
    rng = np.random.default_rng(seed)
    costs = [0.0, rng.uniform(0, 0.1), ej.switching_cost(exit=ej.per_agent(rng.uniform(0, 0.3, 6)), entry=0.02)]
    model = random_model(seed, 6).replace(switching_cost=costs[seed % 3])
    graph = improvement_graph(model)
    assert not graph.has_cycle
    assert len(graph.absorbing_classes) == len(graph.sinks) > 0
    potential = potential_table(model)  # in the order of structures, as both list them
    assert potential.index(max(potential)) in graph.sinks


def test_with_negative_costs_there_can_be_a_cycle():
    """Costs must not be negative: two agents who are paid to move."""
    model = ej.Model([0.0, 1.0], "-u**2", -1.0)
    graph = improvement_graph(model)
    assert graph.has_cycle
    assert len(graph.sinks) == 0
    assert [c.tolist() for c in graph.absorbing_classes] == [[0, 1]]
    chain = graph.chain()
    assert chain.hitting_probabilities().tolist() == [1.0]
    assert chain.expected_moves() == 0.0
    assert chain.absorption().stopping == 0.0
    assert chain.stationary_distribution().tolist() == [0.5, 0.5]


def test_a_cycle_names_the_agent_whose_move_pays():
    """Either agent could leave the other, but only agent 1 is paid to."""
    model = ej.Model([0.0, 1.0], "-u**2", ej.switching_cost(exit=ej.per_agent([5.0, -1.0])))
    assert [(move.structure, move.agent) for move in improvement_graph(model).cycle()] == [
        ([[0, 1]], 1),
        ([[0], [1]], 1),
    ]


def test_where_every_move_is_admissible_structures_are_visited_as_the_graph_alone_says():
    """κ far below 0: the chain ignores the opinions, and its stationary distribution solves π = π P."""
    for n in (3, 5):
        chains = [markov_chain(ej.Model(np.random.default_rng(s).normal(size=n), "-u**2", -100.0)) for s in (0, 1)]
        shares = [chain.stationary_distribution() for chain in chains]
        assert np.array_equal(*shares)
        assert shares[0].min() > 0
        assert np.allclose(shares[0] @ chains[0].transitions, shares[0], rtol=0, atol=1e-15)


# Chains.


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_transitions_are_those_of_the_schedule(name, schedule, tables):
    chain, table = markov_chain(MODELS[name], schedule), tables[name]
    found = chain.transitions.toarray()
    for k in range(chain.n_structures):
        expected = np.zeros(chain.n_structures)
        for after, chance in table.row(k, schedule):
            expected[after] += float(chance)
        assert np.allclose(found[k], expected, rtol=0, atol=1e-15)


@pytest.mark.parametrize("name", MODELS)
def test_transitions_of_noisy_choice(name, tables):
    model = MODELS[name]
    chain, table = markov_chain(model, ej.logit(0.2)), tables[name]
    found = chain.transitions.toarray()
    for k in range(chain.n_structures):
        expected = np.zeros(chain.n_structures)
        for after, chance in table.logit_row(k, model.n_agents, 0.2).items():
            expected[after] = chance
        assert np.allclose(found[k], expected, rtol=1e-11, atol=0)


def test_of_equal_moves_the_first_counts():
    """Agents 1 and 2 are alike: agent 0 joins the first of them, and of all equal moves agent 0's comes first."""
    model = ej.Model([0.0, 1.0, 1.0], "-u**2", 0.1)
    best, largest = markov_chain(model, "best response"), markov_chain(model, "largest gain")
    alone, first = best.index([[0], [1], [2]]), best.index([[0, 1], [2]])
    second = best.index([[0, 2], [1]])
    assert best.transitions[[alone], :].toarray()[0, [first, second]].tolist() == pytest.approx([2 / 3, 1 / 3])
    assert largest.transitions[[alone], :].toarray()[0, first] == 1.0


def exact_absorption(table, schedule, classes, start):
    """Probabilities of ending in each class, and expected moves, by eliminating one state after the other."""
    closed = {k for states in classes for k in states.tolist()}
    rows = {k: {} for k in range(len(table.moves)) if k not in closed}
    for k, row in rows.items():
        for after, chance in table.row(k, schedule):
            row[after] = row.get(after, 0) + chance
    time = dict.fromkeys(rows, Fraction(1))
    for gone in [k for k in rows if k != start]:
        row, waited = rows.pop(gone), time.pop(gone)
        stay = 1 - row.pop(gone, 0)
        for k, other in rows.items():
            if gone in other:
                chance = other.pop(gone) / stay
                time[k] += chance * waited
                for after, p in row.items():
                    other[after] = other.get(after, 0) + chance * p
    if start in closed:
        return [Fraction(start in states) for states in classes], Fraction(0)
    stay = 1 - rows[start].pop(start, 0)
    ends = [sum(p for after, p in rows[start].items() if after in states) / stay for states in classes]
    return ends, time[start] / stay


@pytest.mark.parametrize("name", [name for name, model in MODELS.items() if model.n_agents < 6])
@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("densely", [True, False])
def test_absorption_in_rationals(name, schedule, densely, tables, monkeypatch):
    if not densely:
        monkeypatch.setattr(markov, "MAX_KNOT", 1)
    chain = markov_chain(MODELS[name], schedule)
    basins = chain.basins()
    for start in {0, chain.n_structures // 2, chain.n_structures - 1}:
        ends, moves = exact_absorption(tables[name], schedule, chain.absorbing_classes, start)
        found = chain.absorption(chain.structure(start))
        assert found.start == start
        assert found.status == basins.status == "solved"
        assert found.residual < 1e-14 > basins.residual
        assert found.unresolved < 1e-14 > basins.unresolved
        for probabilities, expected in (
            (found.probabilities, found.expected_moves),
            (basins.probabilities[start], basins.expected_moves[start]),
        ):
            assert np.allclose(probabilities, [float(p) for p in ends], rtol=0, atol=1e-13)
            assert abs(expected - moves) < 1e-12 * (1 + moves)
    assert np.allclose(basins.probabilities.sum(axis=1), 1.0, rtol=0, atol=1e-13)


def test_all_alone_is_where_moves_begin_unless_told():
    chain = markov_chain(MODELS["random 3"])
    alone = [[i] for i in range(4)]
    assert chain.absorption().start == chain.index(alone)
    assert np.array_equal(chain.hitting_probabilities(), chain.hitting_probabilities(alone))
    assert chain.expected_moves() == chain.expected_moves(alone) > 0
    assert chain.hitting_probabilities(chain.structure(int(chain.absorbing_classes[0][0])))[0] == 1.0


def test_a_component_that_takes_too_long_gives_bounds_and_says_so(monkeypatch):
    name = next(name for name, model in MODELS.items() if any(k for _, k in markov_chain(model)._stretches))
    chain = markov_chain(MODELS[name])
    exact, sizes = chain.basins(), [len(states) for states, knot in chain._stretches if knot]
    start = chain.structure(int(next(states for states, knot in chain._stretches if knot)[0]))
    exact_one = chain.absorption(start)
    monkeypatch.setattr(markov, "MAX_KNOT", 1)
    monkeypatch.setattr(markov, "MAX_WORK", 1)
    basins, one = chain.basins(), chain.absorption(start)
    assert basins.status == one.status == "work limit"
    assert max(sizes) > 1
    assert 1e-12 < one.unresolved < 1
    assert "of the probability is unresolved" in one.guarantee
    for bounds, values, gap in (
        (one.probabilities, exact_one.probabilities, one.unresolved),
        (basins.probabilities, exact.probabilities, basins.unresolved),
    ):
        assert (bounds <= values + 1e-13).all()
        assert (values <= bounds + gap + 1e-13).all()
    assert one.unresolved == pytest.approx(1 - one.probabilities.sum())
    assert one.expected_moves < exact_one.expected_moves
    with pytest.raises(ej.InputError, match="unresolved: structures come back too often; read the bounds"):
        chain.hitting_probabilities(start)


# Runs.  A count that is unlikelier than LEVEL, shared out over all comparisons of a test, fails it.

LEVEL = 1e-3


def chance_of(count, runs, p):
    """The probability of a count at least as far out: two-sided, of a binomial."""
    p = min(max(p, 0.0), 1.0)
    return min(1.0, 2 * min(binom.cdf(count, runs, p), binom.sf(count - 1, runs, p)))


def walk(table, schedule, closed, runs, rng):
    """Independent runs from all alone, counted by where they are: how many end where, and after how many moves.

    Every run draws its move by the schedule; runs in one structure are alike, so that their counts are multinomial.
    """
    rows = [table.row(k, schedule) for k in range(len(table.moves))]
    here, ended, lengths = np.zeros(len(rows), dtype=int), np.zeros(len(rows), dtype=int), []
    here[-1] = runs
    while here.sum():
        inside = here * closed
        ended += inside
        lengths.append(inside.sum())
        after = np.zeros(len(rows), dtype=int)
        for k in np.flatnonzero(here - inside):
            targets, chances = zip(*rows[k], strict=True)
            np.add.at(after, list(targets), rng.multinomial(here[k], [float(p) for p in chances]))
        here = after
    return ended, np.array(lengths)


def test_frequencies_of_a_hundred_thousand_runs(tables):
    """Of 20 models and every schedule: where runs end and how long they take, each within its confidence interval."""
    rng, runs, chances, several = np.random.default_rng(20), 100_000, [], 0
    for name in [f"random {seed}" for seed in range(20)]:
        for schedule in SCHEDULES:
            chain = markov_chain(MODELS[name], schedule)
            exact, closed = chain.absorption(), np.zeros(chain.n_structures, dtype=int)
            for states in chain.absorbing_classes:
                closed[states] = 1
            ended, lengths = walk(tables[name], schedule, closed, runs, rng)
            several += np.count_nonzero(exact.probabilities > 1e-3) > 1
            for states, p in zip(chain.absorbing_classes, exact.probabilities, strict=True):
                chances.append(chance_of(ended[states].sum(), runs, p))
            moves = np.arange(len(lengths))
            mean = lengths @ moves / runs
            error = np.sqrt(lengths @ (moves - mean) ** 2 / runs**2)
            assert error > 0 or abs(mean - exact.expected_moves) < 1e-12
            chances.append(2 * norm.sf(abs(mean - exact.expected_moves) / error) if error > 0 else 1.0)
    assert several >= 20
    assert len(chances) > 200
    assert min(chances) > LEVEL / len(chances)


def test_frequencies_tell_schedules_apart(tables):
    """The test above can fail: the runs of one schedule do not pass for those of another."""
    rng, told = np.random.default_rng(21), 0
    for name in [f"random {seed}" for seed in range(20)]:
        chain, other = markov_chain(MODELS[name]), markov_chain(MODELS[name], "best response")
        closed = np.zeros(chain.n_structures, dtype=int)
        closed[np.concatenate(chain.absorbing_classes)] = 1
        if not np.array_equal(np.concatenate(chain.absorbing_classes), np.concatenate(other.absorbing_classes)):
            continue
        ended, _ = walk(tables[name], "best response", closed, 100_000, rng)
        exact = zip(chain.absorbing_classes, chain.hitting_probabilities(), strict=True)
        told += min(chance_of(ended[states].sum(), 100_000, p) for states, p in exact) < 1e-9
    assert told >= 5


def frozen_models():
    """Models under which opinions stay where they are up to rounding: a rate, or weights, of 1e-17 or less."""
    rng = np.random.default_rng(8)
    links = np.array([[0, 1, 0, 0, 1], [1, 0, 1, 0, 0], [0, 1, 0, 1, 0], [0, 0, 1, 0, 1], [1, 0, 0, 1, 0]], dtype=float)
    still, own = ej.lazy(1e-300), ej.network(links, self_weight=1e18)
    return [
        ej.Model(rng.normal(size=5), "exp(-u**2)", 0.01, influence=still),
        ej.Model(rng.normal(size=5), "-(u**2 - 1)**2", 0.05, influence=still, acceptance="unanimous"),
        ej.Model(rng.normal(size=5), "-u**2", 0.02, influence=still, acceptance=ej.capacity(2)),
        ej.Model(rng.normal(size=5), "-u**2", 0.05, influence=own, scale="s**1.2"),
    ]


@pytest.mark.parametrize("schedule", [*SCHEDULES, ej.logit(0.1)], ids=str)
@pytest.mark.parametrize("case", range(4))
def test_simulated_runs_at_fixed_opinions(case, schedule):
    """Where the runs of `ensemble` are after a few steps, opinions held fixed, against powers of the transitions."""
    model, steps, runs = frozen_models()[case], 5, 3_000
    many = ej.ensemble(
        model, runs, seed=case, schedule=schedule, tactical_steps=1, max_steps=steps, keep=True, threads=1
    )
    assert np.abs(many.opinions - model.opinions).max() < 1e-14
    chain = markov_chain(model, schedule)
    expected = np.zeros(chain.n_structures)
    expected[-1] = 1.0
    sinks = np.diff(chain.transitions.indptr) == 0
    for _ in range(steps):
        expected = expected @ chain.transitions + expected * sinks
    ends, times = np.unique(many.labels, axis=0, return_counts=True)
    seen = np.zeros(chain.n_structures, dtype=int)
    np.add.at(seen, [chain.index(labels) for labels in ends], times)
    chances = [chance_of(count, runs, p) for count, p in zip(seen, expected, strict=True)]
    assert min(chances) > LEVEL / (16 * len(chances))


# Stationary distributions.


@pytest.mark.parametrize("temperature", [3.0, 0.3, 0.02])
@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_noisy_choice_without_costs_or_refusals_is_gibbs(seed, temperature):
    """P(π) ∝ exp(Φ(π)/T), to many digits of each entry, however small: a law of potential games."""
    model = random_model(seed, 5).replace(acceptance="open", switching_cost=0.0)
    share = markov_chain(model, ej.logit(temperature)).stationary_distribution()
    potential = potential_table(model)
    top = max(potential)
    expected = np.exp([float((p - top) / Fraction(temperature)) for p in potential])
    assert np.allclose(share, expected / expected.sum(), rtol=1e-14 * (100 + 10 / temperature), atol=0)
    if temperature == 0.02:
        assert share.min() < 1e-12


@pytest.mark.parametrize("name", ["random 0", "random 4", "random 8", "general", "vectors", "one"])
def test_stationary_distribution_of_noisy_choice(name):
    chain = markov_chain(MODELS[name], ej.logit(0.5))
    share = chain.stationary_distribution()
    assert abs(share.sum() - 1) < 1e-14
    assert np.array_equal(np.flatnonzero(share), chain.absorbing_classes[0])
    assert np.allclose(share @ chain.transitions, share, rtol=0, atol=1e-15)


def test_stationary_distribution_of_a_single_sink():
    chain = markov_chain(ej.Model([0.0, 1.0, 5.0], "-u**2", 0.05))
    assert chain.stationary_distribution().tolist() == [1.0, 0.0, 0.0, 0.0, 0.0]


@pytest.mark.parametrize("k", [1, 2, 3, 8])
def test_fundamental_matrix_in_rationals(k):
    """Every entry to a few digits of relative error, even if the states are left once in 10^14 steps."""
    rng = np.random.default_rng(k)
    for rate in (0.5, 1e-14):
        between, leaving = rng.random((k, k)) * (rng.random((k, k)) < 0.8), rng.random(k) * rate
        np.fill_diagonal(between, 0.0)
        exact = [[-Fraction(float(between[i, j])) for j in range(k)] for i in range(k)]
        for i in range(k):
            exact[i][i] = Fraction(float(leaving[i])) - sum(exact[i][j] for j in range(k) if j != i)
        found = fundamental_matrix(between, leaving)
        for i in range(k):  # (I - Q) N = I, solved column by column by Cramer's rule in rationals
            for j in range(k):
                changed = [[Fraction(r == j) if c == i else exact[r][c] for c in range(k)] for r in range(k)]
                value = float(determinant(changed) / determinant(exact))
                assert abs(found[i, j] - value) <= 1e-14 * value


def determinant(matrix):
    """By elimination in rationals."""
    rows, out = [list(row) for row in matrix], Fraction(1)
    for p in range(len(rows)):
        pivot = next((r for r in range(p, len(rows)) if rows[r][p]), None)
        if pivot is None:
            return Fraction(0)
        if pivot != p:
            rows[p], rows[pivot], out = rows[pivot], rows[p], -out
        out *= rows[p][p]
        for r in range(p + 1, len(rows)):
            share = rows[r][p] / rows[p][p]
            rows[r] = [a - share * b for a, b in zip(rows[r], rows[p], strict=True)]
    return out


# Bad input.


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"opinions": [0.0] * 12}, "model: '12 agents' have 4213597 coalition structures; use at most 11 agents"),
        ({"opinions": [0.0] * 30}, "have too many coalition structures"),
        ({"opinions": ej.normal(4)}, "are drawn afresh for each run"),
        ({"acceptance": ej.adaptive("unanimous", "0.1*entries")}, "remembers what has happened"),
        ({"switching_cost": ej.switching_cost(entry=ej.per_coalition([1.0]))}, "switching_cost.entry"),
        ({"switching_cost": ej.switching_cost(between=[[0.0, 1.0]])}, "switching_cost.between"),
    ],
)
@pytest.mark.parametrize("build", [improvement_graph, markov_chain])
def test_models_that_are_refused(build, changes, message):
    model = ej.Model(**({"opinions": [0.0, 1.0, 2.0, 3.0], "performance": "-u**2"} | changes))
    with pytest.raises(ej.InputError) as error:
        build(model)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda m: markov_chain(m, "round robin"), "remembers whose turn it is"),
        (lambda m: markov_chain(m, "fast"), "is not a schedule"),
        (lambda m: markov_chain(m, ej.logit(0.1)).hitting_probabilities(), "never stops"),
        (lambda m: markov_chain(m, ej.logit(0.1)).basins(), "use stationary_distribution()"),
        (lambda m: markov_chain(m).hitting_probabilities([[0, 1]]), "start: [[0, 1]] leaves out agent"),
        (lambda m: improvement_graph(m).index([0, 1]), "structure: [0, 1] has 2 labels"),
        (lambda m: improvement_graph(m).structure(52), "number: 52 is not the number of a structure; give one"),
        (lambda m: improvement_graph(m).structure(-1), "give one from 0 to 51"),
        (lambda m: improvement_graph(m).structure(0.0), "give one from 0 to 51"),
        (lambda m: markov_chain(m).stationary_distribution(), "absorbing classes; use hitting_probabilities()"),
        (lambda m: markov_chain(m, ej.logit(1e-4)).stationary_distribution(), "raise the temperature"),
    ],
)
def test_questions_that_are_refused(ask, message):
    with pytest.raises(ej.InputError) as error:
        ask(ej.Model([0.0, 0.4, 1.0, 2.0, 5.0], "-u**2", 0.9))
    assert message in str(error.value)


def test_classes_too_large_are_refused(monkeypatch):
    monkeypatch.setattr(markov, "MAX_DENSE", 4)
    monkeypatch.setattr(markov, "MAX_TABLE", 10)
    model = ej.Model([0.0, 1.0, 2.0], "-u**2", -100.0)
    with pytest.raises(ej.InputError, match="makes 5 structures come back"):
        markov_chain(model).stationary_distribution()
    with pytest.raises(ej.InputError, match="ask for one start at a time"):
        markov_chain(model).basins()
