"""The oracle against itself and against values worked out by hand."""

from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from .cases import FAMILIES, RULES, Accept, Case, Charge, Charges, General, Network, Noisy, built, cases, kinds
from .oracle import (
    ALONE,
    Costs,
    Game,
    History,
    Logit,
    Moment,
    Rule,
    Term,
    Undecided,
    choices,
    exponential,
    law_of_runs,
    limit_maps,
    perron_vector,
    replay,
    shapley_value,
    solve,
)

SETTINGS = settings(deadline=None, database=None, max_examples=20)
F = Fraction


def square(u):
    return -(u**2)


def size(s, a):
    return s


QUADRATIC = Game(square, size, (F(1),) * 3)


def nothing(moment):
    return F(0)


@SETTINGS
@given(cases(max_agents=5))
def test_subsets_and_permutations_give_the_same_shapley_value(case):
    moment = case.moment
    for coalition in moment.structure:
        assert moment.shapley(coalition) == moment.shapley_by_permutations(coalition)


def test_two_agents_by_hand():
    moment = Moment(QUADRATIC, [0, 1, 5], [[0, 1], [2]])
    assert moment.payoffs() == [F(1, 4), F(-3, 4), -25]
    assert moment.surplus() == F(-51, 2)


def test_gain_at_a_tactical_equilibrium_is_the_harmonic_formula():
    """S1: δ² (1 - H_{m+1}/(m+1)) with m = 2, and 0 alone; S9: incumbents gain δ² (H_{m+1} - 1)/(m(m+1)) each."""
    moment = Moment(QUADRATIC, [0, 0, 3], [[0, 1], [2]])
    harmonic = F(11, 6)
    move = moment.move(2, frozenset({0, 1}))
    assert move.gain == 9 * (1 - harmonic / 3)
    assert move.incumbents == (9 * (harmonic - 1) / 6,) * 2
    assert moment.move(0, ALONE).gain == 0


def test_law_of_two_agents_by_hand():
    """Both agents may move, either way they merge: one move, one coalition."""
    game = Game(square, size, (F(1),) * 2, F(1, 10))
    ends = law_of_runs(Moment(game, [0, 2], [[0], [1]]), "random", 1, 10, nothing)
    assert ends == {(1, "joint equilibrium", (1, 1), frozenset({frozenset({0, 1})})): 1}


def test_shapley_value_of_the_glove_game():
    """Agents 0 and 1 own a left glove, agent 2 the right one: 1/6, 1/6, 4/6."""
    values = [F(int(mask & 4 != 0 and mask & 3 != 0)) for mask in range(8)]
    assert shapley_value(values) == [F(1, 6), F(1, 6), F(2, 3)]
    assert shapley_value([F(0)]) == []


# Limits


def test_a_system_that_needs_a_pivot():
    assert solve([[F(0), F(2)], [F(1), F(1)]], [[F(4)], [F(3)]]) == [[1], [2]]


def test_perron_weights_of_a_path_are_its_degrees():
    """T4: a path of three with loops has degrees 2, 3, 2."""
    path = Network([[0.0, 1.0, 0.0], [1.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
    game = Game(square, size, (F(1),) * 3, listens=path.listens)
    assert perron_vector(game.influence([0, 1, 2])) == [F(2, 7), F(3, 7), F(2, 7)]
    moment = Moment(game, [7, 0, -14], [[0, 1, 2]])
    assert moment.after_tactics().x == (-2, -2, -2)
    assert game.components({0, 2}) == [frozenset({0}), frozenset({2})]
    assert moment.value({0, 2}) == -(7**2) - 14**2
    assert moment.value({0, 1, 2}) == -3 * 2**2
    assert moment.value({0, 1}) == -2 * F(7, 2) ** 2


def test_closed_classes_and_an_agent_between_them():
    """Agent 2 listens to itself, to the class {0} and to the class {1, 3}, whose weights are 1/3 and 2/3."""
    rows = [[1, 0, 0, 0], [0, F(1, 2), 0, F(1, 2)], [F(1, 8), F(3, 8), F(1, 2), 0], [0, F(1, 4), 0, F(3, 4)]]
    game = Game(square, size, (F(1),) * 4, listens=tuple(tuple(map(F, row)) for row in rows))
    moment = Moment(game, [4, 0, 99, 12], [[0, 1, 2, 3]])
    assert moment.after_tactics().x == (4, 8, 7, 8)
    assert game.components(range(4)) == [frozenset(range(4))]
    assert moment.value(range(4)) == -(4**2 + 8**2 + 7**2 + 8**2)
    assert game.components({0, 1, 3}) == [frozenset({0}), frozenset({1, 3})]


def test_stubborn_pairs_by_hand():
    """Both half attached to 0 and 1: z = 1/4, 3/4.  Only agent 0: both end at its innate opinion."""
    both = Game(square, size, (F(1),) * 2, stubbornness=(F(1, 2), F(1, 2)))
    assert Moment(both, [0, 1], [[0, 1]]).after_tactics().x == (F(1, 4), F(3, 4))
    assert Moment(both, [5, 9], [[0, 1]], innate=[0, 1]).after_tactics().x == (F(1, 4), F(3, 4))
    assert Moment(both, [0, 1], [[0, 1]]).after_tactics(1).x == (F(1, 4), F(3, 4))
    assert Moment(both, [0, 1], [[0, 1]]).value({0, 1}) == -F(10, 16)
    one = Game(square, size, (F(1),) * 2, stubbornness=(F(1, 3), F(0)), innate=(F(7), F(0)))
    assert Moment(one, [0, 1], [[0, 1]]).after_tactics().x == (7, 7)
    assert Moment(one, [0, 1], [[0], [1]]).after_tactics().x == (7, 1)
    assert Moment(one, [0, 1], [[0, 1]]).after_tactics(1).x == (F(2, 3) * F(1, 2) + F(7, 3), F(1, 2))


def test_a_stubborn_agent_between_a_class_and_its_listener():
    """Agent 1 is half attached to 0 and hears agent 0, who hears nobody; agent 2 hears agent 1."""
    rows = [[1, 0, 0], [F(1, 2), F(1, 2), 0], [0, F(1, 2), F(1, 2)]]
    current, innate = limit_maps([[F(p) for p in row] for row in rows], [F(0), F(1, 2), F(0)])
    assert current == [[1, 0, 0], [F(1, 3), 0, 0], [F(1, 3), 0, 0]]
    assert innate == [[0, 0, 0], [0, F(2, 3), 0], [0, F(2, 3), 0]]


@pytest.mark.parametrize("family", FAMILIES)
@SETTINGS
@given(data=st.data())
def test_limits_are_fixed_and_are_where_steps_lead(family, data):
    case = data.draw(kinds(family))
    limit = case.moment.after_tactics()
    assert limit.after_tactics(1).points == limit.points
    x = innate = np.array(case.moment.innate, dtype=float)
    x = np.array(case.moment.points, dtype=float)
    w = np.array(case.moment.influence(), dtype=float)
    s = np.array(case.game.stubbornness or [0.0] * len(x), dtype=float)[:, None]
    for _ in range(3000):
        x = (1 - s) * (w @ x) + s * innate
    gap = np.abs(x - np.array(limit.points, dtype=float)).max()
    assert gap <= 1e-9 or gap <= 1e-3 * np.ptp(case.moment.points)  # rates may be close to 1


@SETTINGS
@given(st.data())
def test_rank_one_and_general_limits_agree(data):
    """The weighted mean is what closed classes and Perron vectors give for a matrix of rank one."""
    case = data.draw(kinds("weighted", False))
    weights = case.game.weights
    same = Game(case.game.phi, case.game.scale, weights, listens=(weights,) * len(weights))
    other = Moment(same, case.opinions, case.coalitions)
    assert other.after_tactics().points == case.moment.after_tactics().points
    assert other.payoffs() == case.moment.payoffs()


def test_the_discounted_value_is_the_discounted_sum():
    """(1-ρ) Σ_t ρ^t Σ_i φ(x_i(t)) for lazy influence, from the definition and by the formula."""
    for rho, rate in ((0.5, 1.0), (0.9, 0.3), (0.0, 0.5)):
        game = Game(lambda u: 3 - (u - F(1, 3)) ** 2, size, (F(1),) * 3, rate=F(rate), discount=F(rho))
        x, total = np.array([0.5, -1.0, 2.0]), 0.0
        for t in range(400):
            total += (1 - rho) * rho**t * (3 - (x - 1 / 3) ** 2).sum()
            x = (1 - rate) * x + rate * x.mean()
        assert float(Moment(game, [F(1, 2), -1, 2], [[0, 1, 2]]).value({0, 1, 2})) == pytest.approx(total, abs=1e-12)


def test_opinions_in_the_plane_by_hand():
    game = Game(lambda p: p[0] * p[1], size, (F(1), F(3)))
    moment = Moment(game, [(0, 4), (4, 0)], [[0, 1]])
    assert moment.after_tactics().x == ((3, 1), (3, 1))
    assert moment.value({0, 1}) == 6
    assert moment.payoffs() == [3, 3]
    assert (moment.spread(), moment.disagreement(), moment.largest()) == (4, 16, 4)


# Costs and rules


def test_switching_costs_by_hand():
    costs = Costs(
        F(10),
        Term("agent", (F(1), F(2), F(3))),
        Term("coalition", (F(100), F(200))),
        Term("pair", ((F(0), F(0)), (F(5), F(6)), (F(7), F(8)))),
        ((F(0), F(1000)), (F(2000), F(0))),
    )
    game = Game(square, size, (F(1),) * 3, costs)
    moment = Moment(game, [0, 1, 2], [[1], [0], [2]])  # numbers 0, 1, 2: nothing is known of coalition 2
    assert moment.move(1, frozenset({0})).cost == 10 + 2 + 200 - 6 + 1000
    assert moment.move(0, frozenset({1})).cost == 10 + 1 + 100 - 0 + 2000
    assert moment.move(2, frozenset({1})).cost == 10 + 3 + 100 - 7
    assert moment.move(1, frozenset({2})).cost == 10 + 2
    merged = moment.after_move(moment.move(1, frozenset({2})))
    assert merged.numbers == {frozenset({0}): 1, frozenset({1, 2}): 2}
    alone = merged.move(2, ALONE)
    assert (alone.cost, alone.net) == (13, alone.gain - 13)
    assert merged.after_move(alone).numbers == {frozenset({0}): 1, frozenset({1}): 2, frozenset({2}): 0}


def test_majority_and_aggregate_by_hand():
    """Joining three incumbents who gain 3, 0 and -2: two gain at least 0, one at least 1, their sum is 1."""
    for name, threshold, accepted in [
        ("unanimous", -2, True),
        ("unanimous", -1, False),
        ("majority", 0, True),
        ("majority", 1, False),
        ("aggregate", F(1, 4), True),
        ("aggregate", F(1, 2), False),
        ("capacity", 4, True),
        ("capacity", 3, False),
        ("capacity", F(7, 2), True),
    ]:
        moment = Moment(Game(square, size, (F(1),) * 4, rule=Rule(name, F(threshold))), [0, 1, 2, 3], [[0, 1, 2], [3]])
        move = SimpleNamespace(mover=3, target=frozenset({0, 1, 2}), incumbents=(F(3), F(0), F(-2)))
        assert moment.is_accepted(move, F(0)) == accepted, (name, threshold)
        assert moment.is_accepted(SimpleNamespace(mover=0, target=ALONE, incumbents=()), F(0))


def test_half_is_no_majority():
    moment = Moment(Game(square, size, (F(1),) * 3, rule=Rule("majority")), [0, 1, 2], [[0, 1], [2]])
    assert not moment.is_accepted(SimpleNamespace(mover=2, target=frozenset({0, 1}), incumbents=(F(1), F(-1))), F(0))


def test_what_rounding_decides_is_undecided():
    tolerance = F(1, 100)
    move = SimpleNamespace(mover=2, target=frozenset({0, 1}), incumbents=(F(1), F(-1, 100)))
    for name, expected in (("unanimous", None), ("majority", None), ("aggregate", True)):
        moment = Moment(Game(square, size, (F(1),) * 3, rule=Rule(name)), [0, 1, 2], [[0, 1], [2]])
        if expected is None:
            with pytest.raises(Undecided):
                moment.is_accepted(move, tolerance)
        else:
            assert moment.is_accepted(move, tolerance) == expected


def test_bounded_confidence_by_hand():
    """A weighted mean of 4 against an opinion of 6, and a distance of 5 in the plane."""
    for radius, accepted in ((F(21, 10), True), (F(19, 10), False), (F(-3), False)):
        game = Game(square, size, (F(1), F(2), F(5)), rule=Rule("bounded confidence", radius))
        moment = Moment(game, [0, 6, 6], [[0, 1], [2]])
        assert moment.is_accepted(moment.move(2, frozenset({0, 1})), F(0)) == accepted
    for radius, accepted in ((F(51, 10), True), (F(49, 10), False)):
        game = Game(lambda p: p[0], size, (F(1), F(1)), rule=Rule("bounded confidence", radius))
        moment = Moment(game, [(0, 0), (3, 4)], [[0], [1]])
        assert moment.is_accepted(moment.move(1, frozenset({0})), F(0)) == accepted


def test_counts_fade_and_vanish_with_their_coalition():
    seen = []

    def threshold(*counts):
        seen.append(counts)
        return F(0)

    game = Game(square, size, (F(1),) * 3, rule=Rule("capacity", threshold, memory=F(1, 2)))
    moment = Moment(game, [0, 1, 2], [[0], [1], [2]])
    moment = moment.after_move(moment.move(0, frozenset({2})))  # number 2 gains an agent, number 0 ends
    assert moment.history == History(((2, F(1, 2)),), (), F(1, 2), 1, 0)
    moment = moment.after_move(None)
    moment = moment.after_move(moment.move(2, ALONE))  # founds number 0
    assert moment.history == History(((2, F(1, 8)),), ((2, F(1, 2)),), F(5, 8), 3, 2)
    assert moment.numbers == {frozenset({0}): 2, frozenset({1}): 1, frozenset({2}): 0}
    moment.threshold(frozenset({0}))
    moment.threshold(frozenset({2}))
    assert seen == [(F(1, 8), F(1, 2), F(5, 8), 3, 1), (0, 0, F(5, 8), 3, 1)]


# Schedules


def test_round_robin_and_largest_gain_by_hand():
    """Opinions 0, 1, 3: joining at distance δ gains δ²/4."""
    moment = Moment(QUADRATIC, [0, 1, 3], [[0], [1], [2]])
    ((share, move),) = choices(moment, "round robin", F(0))
    assert (share, move.mover, move.target, move.gain) == (1, 0, frozenset({2}), F(9, 4))
    later = moment.after_move(None)
    assert choices(later, "round robin", F(0))[0][1].mover == 0  # nobody has moved yet
    later.history = History(last=0)
    ((_, move),) = choices(later, "round robin", F(0))
    assert (move.mover, move.target) == (1, frozenset({2}))
    later.history = History(last=2)
    assert choices(later, "round robin", F(0))[0][1].mover == 0
    with pytest.raises(Undecided):  # agents 0 and 2 gain as much from each other
        choices(moment, "largest gain", F(1, 10**6))
    costs = Costs(exit=Term("agent", (F(1), F(0), F(0))))
    moment = Moment(Game(square, size, (F(1),) * 3, costs), [0, 1, 3], [[0], [1], [2]])
    ((share, move),) = choices(moment, "largest gain", F(1, 10**6))
    assert (share, move.mover, move.target, move.net) == (1, 2, frozenset({0}), F(9, 4))


def test_logit_of_two_agents_by_hand():
    """Each is drawn with probability 1/2, and joins the other with probability e/(1 + e), e = exp((1 - κ)/τ)."""
    game = Game(square, size, (F(1),) * 2, F(1, 2))
    law = choices(Moment(game, [0, 2], [[0], [1]]), Logit(F(2)), F(0))
    e = exponential(F(1, 4))
    assert abs(float(e) - np.exp(0.25)) < 1e-15
    assert [(p, None if m is None else m.mover) for p, m in law] == [
        (1 / (1 + e), None),
        (e / (1 + e) / 2, 0),
        (e / (1 + e) / 2, 1),
    ]
    assert sum(p for p, _ in law) == 1


def test_rest_by_hand():
    refusing = Rule("capacity", F(1))
    waiting = Rule("capacity", lambda e, x, m, t, s: F(1), F(1))
    for rule, at_rest in ((refusing, True), (waiting, False)):
        moment = Moment(Game(square, size, (F(1),) * 2, rule=rule), [0, 2], [[0], [1]])
        assert moment.is_joint_equilibrium(F(0))
        assert moment.is_at_rest("random", F(0)) == moment.is_at_rest(Logit(F(1)), F(0)) == at_rest
        apart = Moment(moment.game, [0, 2], [[0, 1]])
        assert not apart.is_at_rest("random", F(0))  # members do not agree
    dear = Game(square, size, (F(1),) * 2, F(5), rule=waiting)
    assert Moment(dear, [0, 2], [[0], [1]]).is_at_rest("random", F(0))
    assert not Moment(dear, [0, 2], [[0], [1]]).is_at_rest(Logit(F(1)), F(0))
    together = Moment(Game(square, size, (F(1),) * 2), [1, 1], [[0, 1]])
    assert together.is_at_rest("random", F(0))
    assert not together.is_at_rest(Logit(F(1)), F(0))


# Replay


def sampled(case, schedule, steps, max_steps, rng):
    """A trajectory drawn from the oracle's own law."""
    moment, movers, targets = case.moment.after_tactics(steps), [], []
    for _ in range(max_steps):
        if moment.is_at_rest(schedule, F(1, 2**40)):
            break
        law = choices(moment, schedule, F(1, 2**40)) or [(F(1), None)]
        move = law[rng.choice(len(law), p=np.array([float(p) for p, _ in law]))][1]
        movers.append(-1 if move is None else move.mover)
        targets.append(-1 if move is None or move.target == ALONE else min(move.target))
        moment = moment.after_move(move).after_tactics(steps).rounded()
    return SimpleNamespace(mover=np.array([*movers, -1]), target=np.array([*targets, -1])), moment


@pytest.mark.parametrize("schedule", ["random", "best response", "round robin", "largest gain", Noisy(0.3)], ids=str)
@settings(deadline=None, database=None, max_examples=8)
@given(data=st.data())
def test_replay_follows_its_own_law(schedule, data):
    schedule = getattr(schedule, "schedule", schedule)
    rule = data.draw(st.sampled_from(RULES))
    case = data.draw(kinds(rule=rule, cost="terms", max_agents=3, performances={1: ["-u**2"], 2: ["u1*u2 + u1"]}))
    steps = data.draw(st.sampled_from([1, float("inf")]))
    try:
        path, end = sampled(case, schedule, steps, 4, np.random.default_rng(0))
        entries = list(replay(case.moment, path, schedule, steps, lambda _: F(1, 2**40)))
    except Undecided:
        assume(False)
    last = entries[-1][0]
    assert (last.points, last.numbers, last.history) == (end.points, end.numbers, end.history)


@pytest.mark.parametrize(
    ("schedule", "mover", "target"),
    [
        ("random", 0, 0),  # its own coalition
        ("random", 0, -1),  # alone, where it is
        ("best response", 0, 1),  # agent 2 is better
        ("round robin", 1, 2),  # agent 0 comes first
        ("largest gain", 1, 2),  # agents 0 and 2 gain more
        (Logit(F(1)), 0, -1),
    ],
)
def test_replay_refuses_what_the_rules_do_not_allow(schedule, mover, target):
    start = Moment(QUADRATIC, [0, 1, 3], [[0], [1], [2]])
    path = SimpleNamespace(mover=np.array([mover, -1]), target=np.array([target, -1]))
    with pytest.raises((AssertionError, ValueError)):
        list(replay(start, path, schedule, 1, lambda _: F(1, 10**9)))


# Descriptions


def test_descriptions_mean_what_they_say():
    case = Case(
        [0.0, 1.0, 2.0],
        switching_cost=Charges(1.0, Charge("agent", [1.0, 2.0, 3.0]), between=[[0.0, 5.0], [7.0, 0.0]]),
        influence=General([[0.5, 0.5, 0.0], [0.0, 1.0, 0.0], [0.25, 0.25, 0.5]]),
        acceptance=Accept("majority", 0.5),
        structure=[[2], [0, 1]],
        stubbornness=0.5,
    )
    assert case.game.rule == Rule("majority", F(1, 2))
    assert case.moment.move(2, frozenset({0, 1})).cost == 1 + 3 + 5
    assert case.moment.influence()[2] == [0, 0, 1]
    other = case.relabelled([1, 2, 0])  # agent 2 is now called 0
    assert other.coalitions == [[0], [1, 2]]
    assert other.opinions == [2.0, 0.0, 1.0]
    assert other.influence.matrix == [[0.5, 0.25, 0.25], [0.0, 0.5, 0.5], [0.0, 0.0, 1.0]]
    payoffs = case.moment.payoffs()
    assert other.moment.payoffs() == [payoffs[2], payoffs[0], payoffs[1]]
    assert built("open") == "open"
