"""The oracle against itself and against values worked out by hand."""

from fractions import Fraction

from hypothesis import given, settings

from .cases import cases
from .oracle import ALONE, Game, Moment, law_of_runs

QUADRATIC = Game(lambda u: -(u**2), lambda s, a: s, (Fraction(1),) * 3)


@settings(deadline=None, database=None, max_examples=20)
@given(cases(max_agents=5))
def test_subsets_and_permutations_give_the_same_shapley_value(case):
    moment = case.moment
    for coalition in moment.structure:
        assert moment.shapley(coalition) == moment.shapley_by_permutations(coalition)


def test_two_agents_by_hand():
    moment = Moment(QUADRATIC, [0, 1, 5], [[0, 1], [2]])
    assert moment.payoffs() == [Fraction(1, 4), Fraction(-3, 4), -25]
    assert moment.surplus() == Fraction(-51, 2)


def test_gain_at_a_tactical_equilibrium_is_the_harmonic_formula():
    """S1: δ² (1 - H_{m+1}/(m+1)) with m = 2, and 0 alone; S9: incumbents gain δ² (H_{m+1} - 1)/(m(m+1)) each."""
    moment = Moment(QUADRATIC, [0, 0, 3], [[0, 1], [2]])
    harmonic = Fraction(11, 6)
    move = moment.move(2, frozenset({0, 1}))
    assert move.gain == 9 * (1 - harmonic / 3)
    assert move.incumbents == (9 * (harmonic - 1) / 6,) * 2
    assert moment.move(0, ALONE).gain == 0


def test_law_of_two_agents_by_hand():
    """Both agents may move, either way they merge: one move, one coalition."""
    game = Game(lambda u: -(u**2), lambda s, a: s, (Fraction(1),) * 2, Fraction(1, 10))
    ends = law_of_runs(Moment(game, [0, 2], [[0], [1]]), "random", 1, 10, lambda _: Fraction(0))
    assert ends == {(1, "joint equilibrium", (1, 1), frozenset({frozenset({0, 1})})): 1}
