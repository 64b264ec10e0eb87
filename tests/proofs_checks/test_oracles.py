"""The oracles against values worked out by hand."""

from fractions import Fraction as F

import pytest

from proofs_checks.oracles import cyclotomic, dynamics, games, matrices
from proofs_checks.studies.performances import DOUBLE_WELL, PARABOLA, TENT

HALF = F(1, 2)
SWAP = ((F(0), F(1)), (F(1), F(0)))
CHAIN = ((F(1, 2), F(1, 2), F(0)), (F(1, 4), F(1, 2), F(1, 4)), (F(0), F(1, 2), F(1, 2)))


def test_characteristic_polynomial_of_a_known_matrix():
    # eigenvalues 1, 1/2, 0: λ³ − 3/2 λ² + 1/2 λ
    assert matrices.characteristic_polynomial(CHAIN) == (1, F(-3, 2), HALF, 0)


def test_deflation_divides_and_refuses_what_is_no_root():
    assert matrices.deflated((F(1), F(-3, 2), HALF, F(0)), F(1)) == (1, F(-1, 2), 0)
    with pytest.raises(ArithmeticError, match="not a root"):
        matrices.deflated((F(1), F(0)), F(1))


@pytest.mark.parametrize(
    ("polynomial", "radius", "inside"),
    [
        ((1, F(-1, 2)), HALF, True),
        ((1, F(-1, 2)), F(1, 3), False),
        ((1, 0, F(1, 4)), HALF, True),  # ± i/2
        ((1, 0, F(1, 4)), F(49, 100), False),
        ((1, -1, F(1, 4)), HALF, True),  # 1/2 twice
        ((1, 0, 0), F(0), True),
        ((1, F(1, 5), 0), F(0), False),
    ],
)
def test_roots_in_a_disk(polynomial, radius, inside):
    assert matrices.roots_within(tuple(map(F, polynomial)), radius) is inside


def test_perron_weights_solve_the_balance_equations():
    assert matrices.perron_weights(CHAIN) == (F(1, 4), HALF, F(1, 4))
    with pytest.raises(ArithmeticError, match="2 independent"):
        matrices.perron_weights(matrices.identity(2))


def test_primitive_needs_aperiodicity():
    assert matrices.is_primitive(CHAIN)
    assert not matrices.is_primitive(SWAP)


def test_ergodicity_coefficient_of_extreme_matrices():
    assert matrices.ergodicity_coefficient(matrices.identity(3)) == 1
    assert matrices.ergodicity_coefficient(((HALF, HALF), (HALF, HALF))) == 0
    assert matrices.ergodicity_coefficient(CHAIN) == HALF


def test_shapley_value_of_the_airport_game():
    # runway costs 1, 2, 3: shares 1/3, 1/3 + 1/2, 1/3 + 1/2 + 1
    game = [max((i + 1 for i in range(3) if S >> i & 1), default=0) for S in range(8)]
    assert [games.shapley(game, i) for i in range(3)] == [F(1, 3), F(5, 6), F(11, 6)]
    assert [games.shapley_by_orders(game, i) for i in range(3)] == [F(1, 3), F(5, 6), F(11, 6)]


def test_payoff_of_two_agents_by_hand():
    # φ = −u²: v({0}) = 0, v({1}) = −1, v({0, 1}) = −1/2
    assert games.aumann_dreze((F(0), F(1)), 0, PARABOLA) == F(1, 4)
    assert games.aumann_dreze((F(0), F(1)), 1, PARABOLA) == F(-3, 4)


def test_moves_of_two_single_agents():
    state = ((F(0), 1), (F(1), 1))
    found = list(dynamics.moves(state, PARABOLA))
    assert [move.gain for move in found] == [F(1, 4), F(1, 4)]
    assert all(move.after == ((HALF, 2),) for move in found)
    assert [move.incumbents for move in found] == [(F(1, 4),), (F(1, 4),)]


def test_founding_alone_gains_nothing_and_keeps_the_others():
    (move,) = dynamics.moves(((F(2), 3),), PARABOLA)
    assert move.target is None
    assert move.gain == 0
    assert move.after == ((F(2), 1), (F(2), 2))


def test_acceptance_by_the_incumbents():
    state = ((F(0), 1), (F(1), 1))
    assert dynamics.critical_cost(state, PARABOLA) == F(1, 4)
    assert dynamics.critical_cost(state, PARABOLA, accepts=dynamics.unanimous(F(1))) is None


def test_longest_schedule_and_its_limit():
    state = ((F(0), 1), (F(1), 1))
    assert dynamics.longest_schedule(state, F(1, 5), PARABOLA, 10) == 1
    assert dynamics.longest_schedule(state, F(1, 4), PARABOLA, 10) == 0
    assert dynamics.longest_schedule(state, F(-1), PARABOLA, 10) == 10


def test_averaging_settles_in_one_step():
    assert dynamics.settled((F(0), F(1), F(5)), ((0, 1), (2,))) == ((HALF, 2), (F(5), 1))
    assert dynamics.scatter((F(0), F(1))) == HALF


def test_cosine_power_sums():
    fifth = [cyclotomic.CosineNumber(F(0), F(1), F(j, 5)) for j in range(5)]
    assert cyclotomic.power_sum(fifth, 1) == 0
    assert cyclotomic.power_sum(fifth, 2) == F(5, 2)
    assert cyclotomic.power_sum([cyclotomic.CosineNumber(F(0), F(1), F(1, 5))], 1) is None  # cos 72° is irrational
    assert cyclotomic.cyclotomic_polynomial(6) == (1, -1, 1)


def test_performance_knows_its_exact_curvature():
    assert DOUBLE_WELL.curvature(F(-1), F(2)) == (-44, 4)  # 4 − 12u², largest at the vertex u = 0
    assert TENT.concave_on(F(-1), F(1))
    assert not TENT.convex_on(F(-1), F(1))
    assert TENT.convex_on(F(0), F(1))
