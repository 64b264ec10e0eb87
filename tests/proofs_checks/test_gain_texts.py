"""The text of a certificate is the number that brute force finds, and the weighted oracle extends the uniform one."""

import re
from dataclasses import replace
from fractions import Fraction

import pytest

from proofs_checks.oracles import dynamics, weighted
from proofs_checks.oracles.games import aumann_dreze, shapley_by_orders
from proofs_checks.studies.entry_gains import (
    SCALES,
    formula_text,
    formula_value,
    gain,
    gain_text,
    incumbent_gain,
    incumbent_text,
)
from proofs_checks.studies.instances import Entry, entries
from proofs_checks.studies.joining import Joining, scatter_text
from proofs_checks.studies.performances import CAPPED, CUBE, DOUBLE_WELL, PARABOLA, PERFORMANCES, TENT
from proofs_checks.studies.quadratic_gain import stated
from proofs_checks.studies.rests import Rest, largest_gain_text
from proofs_checks.studies.stopping import Run

F = Fraction


def exact(text, **names):
    """Evaluate text with every integer as a fraction."""

    def harmonic(n):
        return sum((F(1, j) for j in range(1, int(n) + 1)), F(0))

    def paid(phi, g, opinions, i):
        return aumann_dreze(tuple(opinions), int(i), lambda u: exact(phi, u=u), SCALES[g])

    known = {"F": F, "H": harmonic, "paid": paid, "max": max, "min": min, "abs": abs, **names}
    split = re.split(r'("[^"]*")', text)  # what is quoted is evaluated later
    return eval(
        "".join(part if part.startswith('"') else re.sub(r"(?<![\w.])(\d+)", r"F(\1)", part) for part in split), known
    )


@pytest.mark.parametrize("performance", [*PERFORMANCES, CAPPED], ids=str)
def test_formulas_are_the_functions(performance):
    for u in (F(-3, 2), F(0), F(1, 3), F(5, 2)):
        assert exact(performance.formula, u=u) == performance(u)


def test_texts_of_gains_are_the_gains():
    for entry in entries((PARABOLA, CUBE, TENT), (1, 2), (0, F(-1, 2)), (1, F(-2, 3))):
        assert exact(gain_text(entry)) == gain(entry)
        assert exact(gain_text(entry, 2, "s**2")) == gain(entry, 2, "s**2")
        assert exact(incumbent_text(entry)) == incumbent_gain(entry)
        assert exact(formula_text(stated, entry)) == formula_value(stated, entry)


@pytest.mark.parametrize("weights", [(1, 1), (1, 2), (3, 1, 2), (-1, 3)])
@pytest.mark.parametrize("performance", [PARABOLA, DOUBLE_WELL, TENT], ids=str)
def test_texts_of_weighted_gains_are_the_gains(weights, performance):
    case = Joining(performance, tuple(map(F, weights)), F(0), F(-1, 2), F(2), (F(2),))
    assert exact(case.gain_text()) == case.gain()
    assert exact(case.removed_text()) == case.removed()
    opinions = tuple(F(j, 2) for j in range(len(weights)))
    assert exact(scatter_text(case.weights, opinions)) == weighted.scatter(case.weights, opinions)
    members = replace(case, scale="|S|")
    assert exact(members.gain_text()) == members.gain()
    if set(weights) != {1} and performance is DOUBLE_WELL:
        assert members.gain() != case.gain()


def test_the_largest_gain_is_the_critical_cost():
    state = ((F(0), 2), (F(1), 1), (F(3), 1))
    assert exact(largest_gain_text(Rest(PARABOLA, state, F(0)))) == dynamics.critical_cost(state, PARABOLA)
    assert largest_gain_text(Rest(PARABOLA, ((F(0), 1),), F(0))) is None


def test_weights_of_one_are_uniform_influence():
    opinions = (F(1), F(0), F(-1, 2))
    for i in range(3):
        assert weighted.payoff((F(1),) * 3, opinions, i, CUBE) == aumann_dreze(opinions, i, CUBE)
        assert weighted.payoff((F(5),) * 3, opinions, i, CUBE) == 5 * aumann_dreze(opinions, i, CUBE)
    structure = frozenset({frozenset({0}), frozenset({1, 2})})
    ones = (F(1),) * 3
    for cost in (F(1, 8), F(1, 20)):
        start = dynamics.settled(opinions, [sorted(C) for C in structure])
        expected = dynamics.longest_schedule(start, cost, PARABOLA, 9)
        assert weighted.longest_schedule(ones, opinions, structure, cost, PARABOLA, 9) == expected > 0


def test_weighted_payoffs_are_averages_over_orders():
    weights, opinions = (F(1), F(2), F(3)), (F(1), F(0), F(-1))
    game = [F(0)]
    for S in range(1, 8):
        members = [j for j in range(3) if S >> j & 1]
        a = sum(weights[j] for j in members)
        game.append(a * DOUBLE_WELL(sum(weights[j] * opinions[j] for j in members) / a))
    for i in range(3):
        assert weighted.payoff(weights, opinions, i, DOUBLE_WELL) == shapley_by_orders(game, i)


def test_a_heavy_entrant_pulls_the_consensus():
    case = Joining(PARABOLA, (F(3), F(1)), F(0), F(1))
    assert case.merged == (F(3, 4), F(3, 4))
    assert case.removed() == F(3, 4)
    assert Joining(PARABOLA, (F(1), F(1)), F(0), F(1)).gain() == gain(Entry(PARABOLA, 1, F(0), F(1)))


RUNS = [
    Run(PARABOLA, F(2), F(-1, 8), (F(0), F(0), F(1)), (F(1),) * 3, ((0, 1), (2,))),
    Run(CUBE, F(6), F(-1), (F(0), F(2), F(1)), (F(1), F(3), F(2)), ((0, 2), (1,))),
    Run(CUBE, F(6), F(-1), (F(0), F(2), F(1)), (F(1), F(3), F(2)), ((0, 2), (1,)), "|S|"),
]


@pytest.mark.parametrize("run", RUNS, ids=str)
def test_texts_of_first_moves_are_their_gains(run):
    scale = {"a(S)": sum, "|S|": len}[run.scale]
    moves = weighted.moves(run.weights, run.settled, run.coalitions, run.performance, scale)
    gains = [move.gain for move in moves]
    assert list(map(exact, run.first_gains())) == gains
    assert len(set(gains)) > 1


def test_moves_of_weight_one_are_those_of_uniform_influence():
    run = RUNS[0]
    found = weighted.moves(run.weights, run.settled, run.coalitions, PARABOLA)
    state = dynamics.settled(run.opinions, run.structure)
    assert {move.gain for move in found} == {move.gain for move in dynamics.moves(state, PARABOLA)}


@pytest.mark.parametrize("run", RUNS, ids=str)
def test_a_cycle_of_moves_that_pay_comes_back(run):
    path = run.cycle()
    assert len(path) >= 2
    assert all(move.gain > run.cost for move in path)
    opinions, structure = path[-1].opinions, path[-1].structure
    scale = {"a(S)": sum, "|S|": len}[run.scale]
    for move in path:
        assert move in set(weighted.moves(run.weights, opinions, structure, run.performance, scale))
        opinions, structure = move.opinions, move.structure
    assert (opinions, structure) == (path[-1].opinions, path[-1].structure)


def test_moves_that_cost_something_have_no_cycle_and_those_that_need_not_pay_have_no_end():
    run = replace(RUNS[0], cost=F(1, 20))
    assert run.cycle() == ()
    assert run.moves(40) < 40
    assert replace(run, paying=False).moves(5) == 5
