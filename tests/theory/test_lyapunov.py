"""The running derivations of S2 to S5, S10 and S14, against numbers."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import product

import pytest
from sympy import Expr, Integer, Rational, Symbol, cos, exp, expand, harmonic, simplify, sqrt

from proofs_checks.oracles.dynamics import critical_cost, disagreement
from proofs_checks.studies.performances import Polynomial, polynomial
from theory import lyapunov
from theory.errors import InputError
from theory.stability import gain
from theory.symbols import L, V, c, delta, ell, j, k, kappa, m, phi, u


def scatter(x: list[Expr]) -> Expr:
    mean = sum(x, Integer(0)) / len(x)
    return sum(((value - mean) ** 2 for value in x), Integer(0))


@pytest.mark.parametrize(("left", "joined", "others"), list(product((1, 2, 4), (1, 3), (0, 2))))
def test_disagreement_drop_from_the_opinions(left: int, joined: int, others: int) -> None:
    far = [Integer(7)] * others
    merged = c + delta / (joined + 1)
    before = scatter([c + delta] * left + [c] * joined + far)
    after = scatter([c + delta] * (left - 1) + [merged] * (joined + 1) + far)
    assert expand(before - after - lyapunov.disagreement_drop().subs(m, joined)) == 0


def test_gain_is_the_mean_of_the_jensen_terms() -> None:
    terms = lyapunov.jensen_terms()
    for joined in (1, 2, 4):
        mean = sum((terms.term.subs(j, i) for i in range(1, joined + 2)), Integer(0)) / (joined + 1)
        assert simplify(expand(mean - gain(phi(u), m=joined))) == 0
    assert expand(terms.term - terms.factor * terms.gap) == 0


def test_bounds() -> None:
    assert simplify(lyapunov.gain_bound() - L / 2 * delta**2 * m / (m + 1)) == 0
    assert simplify(lyapunov.sharp_gain_bound() - L / 2 * delta**2 * (1 - harmonic(m + 1) / (m + 1))) == 0
    assert simplify(lyapunov.move_bound(L, V, kappa) - L * V / (2 * kappa)) == 0
    cost = Symbol("kappa", positive=True)
    assert simplify(lyapunov.spread_bound(ell, cost) ** 2 - 8 * cost / ell) == 0
    assert lyapunov.spread_bound(2, Rational(1, 4)) == 1
    assert lyapunov.move_bound(-1, 5, 1) == 0


@pytest.mark.parametrize(("performance", "bound"), [(cos(u), 1), (exp(-(u**2)), 2), (-(u**2), 2), (u**2, 0)])
def test_gain_stays_below_its_bounds(performance: Expr, bound: int) -> None:
    for joined, start, gap in product((1, 2, 5), (-1, 0, Rational(1, 2)), (-2, Rational(1, 3), 1)):
        at = {c: start, delta: gap, m: joined}
        value = gain(performance, m=joined).subs(at).evalf(30)
        sharp = lyapunov.sharp_gain_bound(bound).subs(at).evalf(30)
        assert value <= sharp + Rational(1, 10**20)
        assert sharp <= lyapunov.gain_bound(bound).subs(at).evalf(30)


def loss(state: tuple[tuple[Fraction, int], ...], performance: Polynomial) -> Fraction:
    """What all together would reach beyond the surplus of the state."""
    agents = sum(size for _, size in state)
    mean = sum((at * size for at, size in state), Fraction(0)) / agents
    return agents * performance(mean) - sum((performance(at) * size for at, size in state), Fraction(0))


@pytest.mark.parametrize(
    "performance", [polynomial("", 1, 2, -1), polynomial("", 0, 0, -1, 0, -1), polynomial("", 0, 1, -3, Fraction(1, 3))]
)
def test_no_equilibrium_loses_more_surplus_than_the_bound(performance: Polynomial) -> None:
    """Random joint equilibria: each state at its own critical cost, the lowest at which nobody moves."""
    drawn = random.Random(5)
    closest = 0.0
    for _ in range(60):
        sizes = [drawn.choice((1, 1, 1, 2, 3)) for _ in range(drawn.randint(2, 5))]
        places = [Fraction(drawn.choice((0, 8, drawn.randint(0, 8))), 8) for _ in sizes]  # often at the ends
        state = tuple(sorted(zip(places, sizes, strict=True)))
        cost, curvature = critical_cost(state, performance), performance.curvature(state[0][0], state[-1][0])
        if not cost or curvature is None:
            continue
        L, ell = -curvature[0], -curvature[1]
        given = [Rational(x.numerator, x.denominator) for x in (L, ell, cost)]
        bound = lyapunov.surplus_loss_bound(given[0], given[1], given[2], sum(sizes))
        assert loss(state, performance) <= L / 2 * disagreement(state) <= Fraction(int(bound.p), int(bound.q))
        closest = max(closest, float(loss(state, performance)) / float(bound))
    assert closest > 0.3


@pytest.mark.parametrize("agents", [2, 3, 4, 7])
def test_two_camps_of_agents_alone_lose_what_the_surplus_bound_allows(agents: int) -> None:
    state = ((Fraction(0), 1),) * (agents // 2) + ((Fraction(3), 1),) * (agents - agents // 2)
    parabola = polynomial("", 0, 0, -1)
    cost = critical_cost(state, parabola)
    assert loss(state, parabola) == lyapunov.surplus_loss_bound(2, 2, Rational(str(cost)), agents)


def test_magnet() -> None:
    difference = lyapunov.magnet_difference()
    for size in range(1, 8):
        step = gain(-(u**2), m=size + 1) - gain(-(u**2), m=size)
        assert expand(difference.subs(m, size) - step) == 0
        assert step.subs(delta, 1) > 0
    assert lyapunov.magnet_is_increasing()
    growth = lyapunov.magnet_terms()
    assert expand(simplify(growth.term - growth.factor * growth.gap)) == 0
    first = lyapunov.jensen_terms().term
    assert expand(growth.term - (first.subs(j, j + 1) - first)) == 0


def test_fragility_radius_makes_the_move_pay() -> None:
    cost, gap, left, joined = Rational(1, 2), Rational(1, 3), 2, 3
    radius = lyapunov.fragility_radius(cost, gap, left, joined)
    norm = sqrt(Rational(1, left) + Rational(1, joined))  # move along the gradient of the gap
    gain_there = gain(-(u**2), m=joined).subs(delta, gap + radius * norm)
    assert simplify(gain_there - cost) == 0
    assert lyapunov.fragility_radius(cost, 9, left, joined) == 0


@pytest.mark.parametrize(
    "call",
    [
        lambda: lyapunov.move_bound(1, 1, 0),
        lambda: lyapunov.spread_bound(0, 1),
        lambda: lyapunov.spread_bound(1, -1),
        lambda: lyapunov.surplus_loss_bound(1, 2, 1, 3),
        lambda: lyapunov.surplus_loss_bound(2, 0, 1, 3),
        lambda: lyapunov.surplus_loss_bound(2, 2, -1, 3),
        lambda: lyapunov.surplus_loss_bound(2, 2, 1, 0),
        lambda: lyapunov.surplus_loss_bound(2, 2, 1, 1.5),
        lambda: lyapunov.fragility_radius(-1, 0, 1, 1),
        lambda: lyapunov.fragility_radius(1, 0, 0, 1),
    ],
)
def test_bad_input_is_refused(call: object) -> None:
    with pytest.raises(InputError):
        call()  # type: ignore[operator]


def test_the_size_that_is_left_does_not_matter() -> None:
    assert not lyapunov.disagreement_drop().has(k)
