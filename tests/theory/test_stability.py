"""Gains, critical costs and conditions against the definition."""

from __future__ import annotations

from itertools import product
from time import thread_time

import pytest
from sympy import Expr, Integer, Max, Rational, Sum, expand, harmonic, limit, oo, simplify, sqrt
from sympy import Symbol as Sym

from theory import stability
from theory.errors import InputError
from theory.payoff import aumann_dreze_value
from theory.performance import DOUBLE_WELL, GAUSSIAN, QUADRATIC
from theory.symbols import V, alpha, c, delta, g, gamma, k, kappa, m, n, phi, s, sigma, theta, u


def brute_gain(performance: Expr | str, scale: Expr | str, left: int, joined: int) -> Expr:
    """Return the payoff after minus the payoff before, by summing over subsets."""
    after = aumann_dreze_value([c + delta] + [c] * joined, [range(joined + 1)], performance, scale)[0]
    return after - aumann_dreze_value([c + delta] * left, [range(left)], performance, scale)[0]


def brute_incumbent(performance: Expr | str, scale: Expr | str, joined: int) -> Expr:
    after = aumann_dreze_value([c + delta] + [c] * joined, [range(joined + 1)], performance, scale)[1]
    return after - aumann_dreze_value([c] * joined, [range(joined)], performance, scale)[0]


@pytest.mark.parametrize(("left", "joined"), list(product((1, 3), range(5))))
def test_gain_for_any_performance_and_scale(left: int, joined: int) -> None:
    expected = brute_gain(phi(u), g(s), left, joined)
    assert simplify(expand(stability.gain(phi(u), g(s), m=joined).subs(k, left) - expected)) == 0
    if joined:
        general = stability.gain(phi(u), g(s)).subs({m: joined, k: left}).doit()
        assert simplify(expand(general - expected)) == 0
        incumbent = stability.incumbents_gain(phi(u), g(s)).subs(m, joined).doit()
        assert simplify(expand(incumbent - brute_incumbent(phi(u), g(s), joined))) == 0
    else:
        founding = stability.founding_gain(phi(u), g(s)).subs(k, left)
        assert simplify(expand(founding - expected)) == 0


@pytest.mark.parametrize("scale", ["s", "3*a", "s**2", "s**3 - s", "1/s", "2", "s**1.5", "s**gamma", "log(s)"])
@pytest.mark.parametrize("performance", ["u**3 - 2*u**2 + 1", "b - (u - theta)**2"])
def test_gain_of_polynomials(performance: str, scale: str) -> None:
    for left, joined in [(1, 1), (2, 3)]:
        at = {k: left, m: joined}
        expected = brute_gain(performance, scale, left, joined)
        assert simplify(expand(stability.gain(performance, scale).subs(at).doit() - expected)) == 0
        assert simplify(expand(stability.gain(performance, scale, m=joined).subs(k, left) - expected)) == 0
        incumbent = stability.incumbents_gain(performance, scale).subs(at).doit()
        assert simplify(expand(incumbent - brute_incumbent(performance, scale, joined))) == 0


@pytest.mark.parametrize(
    "performance", [GAUSSIAN.subs({theta: Rational(1, 3), sigma: 2}), DOUBLE_WELL, "exp(sin(u))*tanh(u)"]
)
def test_barrier_against_brute_force(performance: Expr | str) -> None:
    point = {c: Rational(1, 5), delta: Rational(3, 4)}
    for left, joined in product((1, 2), (1, 2, 4)):
        at = {**point, m: joined, k: left, kappa: Rational(1, 10)}
        value = stability.barrier(performance).subs(at).doit()
        assert abs((value - Rational(1, 10) + brute_gain(performance, "s", left, joined).subs(point)).evalf(30)) < 1e-25


def test_quadratic_results() -> None:
    H = harmonic(m + 1)
    assert expand(stability.gain(QUADRATIC) - delta**2 * (1 - H / (m + 1))) == 0
    assert stability.founding_gain(QUADRATIC) == 0
    assert simplify(stability.incumbents_gain(QUADRATIC) - delta**2 * (H - 1) / (m * (m + 1))) == 0
    assert stability.critical_cost(QUADRATIC) == stability.gain(QUADRATIC)
    assert expand(stability.gain_limit(QUADRATIC)) == delta**2


@pytest.mark.parametrize("performance", [QUADRATIC, DOUBLE_WELL, "u**3 - u"])
def test_limit_of_polynomials(performance: Expr | str) -> None:
    orders = {p: Sym(f"H{p}") for p in range(2, 4)}
    value = stability.gain(performance).expand()
    value = value.subs({harmonic(m + 1, p): symbol for p, symbol in orders.items()})  # H^(p), p > 1, is bounded
    size = Sym("M", positive=True)
    expected = value.subs(harmonic(m + 1), sqrt(size)).subs(m, size)  # H grows, but slower than any power
    assert expand(limit(expected, size, oo) - stability.gain_limit(performance)) == 0


def test_limit_of_other_functions_is_approached() -> None:
    point = {c: 0.2, delta: 0.75, k: 2}
    for performance, scale in [("exp(u)", "s"), ("exp(u)", "s + sqrt(s)"), ("u**2", "3 + 1/s"), ("cos(u)", "2*s")]:
        value = stability.gain(performance, scale, m=120).subs(point).evalf()
        later = stability.gain(performance, scale, m=30).subs(point).evalf()
        end = stability.gain_limit(performance, scale).subs(point).evalf()
        assert abs(value - end) < abs(later - end) < 1
    assert stability.gain_limit("u", "s**2") is None
    assert stability.gain_limit("u", "exp(s)") is None


def best_move(points: list[Integer], sizes: list[int], performance: str, scale: str) -> Expr:
    """Return the largest gain of any move, each by the definition."""
    gains = []
    for left, (here, k_left) in enumerate(zip(points, sizes, strict=True)):
        stay = aumann_dreze_value([here] * k_left, [range(k_left)], performance, scale)[0]
        if k_left > 1:
            gains.append(aumann_dreze_value([here], [[0]], performance, scale)[0] - stay)
        for right, (there, size) in enumerate(zip(points, sizes, strict=True)):
            if left != right:
                after = aumann_dreze_value([here] + [there] * size, [range(size + 1)], performance, scale)[0]
                gains.append(after - stay)
    return max(gains)


@pytest.mark.parametrize(
    ("performance", "scale"), [("-u**2", "s"), ("-(u**2-1)**2", "s"), ("u**2", "s**2"), ("u**2", "s")]
)
def test_structure_critical_cost_by_every_move(performance: str, scale: str) -> None:
    for points, sizes in [([0, 1, 3], [2, 1, 3]), ([2, -1], [1, 1]), ([5], [3])]:
        exact = [Integer(x) for x in points]
        value = stability.structure_critical_cost(exact, sizes, performance, scale)
        assert value == best_move(exact, sizes, performance, scale)


def test_structure_critical_cost_of_symbols_and_of_nobody() -> None:
    other = Sym("c_2", real=True)
    value = stability.structure_critical_cost([0, other], [1, 2], phi(u))
    assert isinstance(value, Max)
    assert stability.structure_critical_cost([0], [1], "-u**2") == -oo
    value = stability.structure_critical_cost([0, 1], [2, 2], "exp(-u**2)")
    assert value.is_number
    assert not value.has(Max)


def test_size_game_by_every_structure() -> None:
    from sympy.utilities.iterables import partitions

    for scale, agents in product(["s**2", "s**3", "s**1.5", "s", "sqrt(s)", "log(s) + 1"], [2, 4, 5]):
        game = stability.size_game(scale, agents)
        costs = []
        for parts in partitions(agents):
            sizes = [size for size, times in parts.items() for _ in range(times)]
            cost = stability.structure_critical_cost(
                [0] * len(sizes), sizes, Integer(1), stability.scale_expression(scale)
            )
            if len(sizes) == 1:
                assert simplify(cost - game.unanimity_cost) == 0
            else:
                costs.append(cost)
        assert simplify(min(costs, key=lambda x: x.evalf(30)) - game.rival_cost) == 0


def test_strategic_unanimity() -> None:
    game = stability.size_game()
    assert simplify(game.gain - ((m + 1) ** (gamma - 1) - k ** (gamma - 1))) == 0
    assert simplify(game.unanimity_cost - (1 - n ** (gamma - 1))) == 0
    growing = stability.size_game("s**2", 4)
    assert growing.stability(2, 0) == True  # noqa: E712  a sympy truth value
    assert growing.uniqueness(2, 0) == True  # noqa: E712
    assert growing.uniqueness(2, 3) == False  # noqa: E712
    with pytest.raises(InputError):
        game.uniqueness(1)


@pytest.mark.parametrize("performance", [QUADRATIC, GAUSSIAN, DOUBLE_WELL])
def test_derive_standard_functions(performance: Expr) -> None:
    start = thread_time()
    conditions = stability.derive(performance)
    text, source = conditions.as_text(), conditions.as_latex(standalone=True)
    assert thread_time() - start < 5
    assert "stable against the move iff" in text
    assert text.isascii()
    assert source.count(r"\begin{equation}") == source.count(r"\end{equation}") >= 8
    assert source.count("{") == source.count("}")
    assert conditions.stability.lts == conditions.gain
    assert conditions.acceptance.gts == conditions.incumbents_gain
    assert conditions.acceptance.lts == alpha
    assert conditions.barrier == kappa - conditions.gain


def test_derive_bounds() -> None:
    conditions = stability.derive(QUADRATIC)
    assert expand(conditions.move_bound - V / kappa) == 0
    assert conditions.spread_bound == 2 * sqrt(kappa)
    gaussian = stability.derive(GAUSSIAN)
    assert gaussian.curvature is not None
    assert sigma**-2 == gaussian.curvature.L
    assert simplify(gaussian.move_bound - V / (2 * kappa * sigma**2)) == 0
    assert gaussian.spread_bound is None
    assert stability.derive(DOUBLE_WELL).gain_bound is None
    assert stability.derive(DOUBLE_WELL, lo=-1, hi=1).move_bound == 4 * V / kappa
    assert stability.derive("u**2").move_bound == 0
    assert stability.derive("-u**2", "2*s").move_bound == 2 * V / kappa
    assert stability.derive("-u**2", "s**2").move_bound is None


@pytest.mark.parametrize(
    ("performance", "scale"),
    [
        ("exp(sin(u))*tanh(u)", "s"),
        ("-abs(u)", "s"),
        ("u**12 - u", "s"),
        ("-u**2", "s**gamma"),
        ("exp(sin(u))*tanh(u)", "s**gamma*log(s)"),
        ("(u - 0.3)**32*(u + 0.7)**30", "s"),
        ("(u - theta)**22*(b - sigma*u)**9", "s**5"),
        ("sin(sin(sin(sin(u*theta))))", "sqrt(s)"),
        ("3", "s"),
        ("u**gamma", "1/s"),
        ("1/(1 + u**2)", "s**32"),
    ],
)
def test_derive_never_hangs(performance: str, scale: str) -> None:
    start = thread_time()
    conditions = stability.derive(performance, scale)
    assert conditions.as_text()
    assert conditions.as_latex()
    assert thread_time() - start < 10


def test_text_is_honest_about_sums() -> None:
    assert "sum(" in stability.derive("exp(u)").as_text()
    assert stability.gain("exp(u)").has(Sum)
    assert "sum(" not in stability.derive("u**4").as_text()
    assert "harmonic numbers" in stability.derive("u**4").as_text()


def test_another_performance_function_is_another_answer() -> None:
    first, second = stability.derive("-u**2"), stability.derive("-u**4")
    assert first.gain != second.gain
    assert first.incumbents_gain != second.incumbents_gain
    assert stability.derive("-3*u**2").spread_bound != first.spread_bound
    assert stability.derive("-u**2", "s**2").size_gain != first.size_gain


@pytest.mark.parametrize(
    "call",
    [
        lambda: stability.derive("import os"),
        lambda: stability.derive("-u**2", "u"),
        lambda: stability.derive("-u**2", lo=1, hi=1),
        lambda: stability.gain("u**2", m=-1),
        lambda: stability.gain("u**2", m=True),
        lambda: stability.structure_critical_cost([0, 1], [1], "u"),
        lambda: stability.structure_critical_cost([0, 1], [1, 0], "u"),
        lambda: stability.size_game("s", 1),
        lambda: stability.size_game("s", 31),
    ],
)
def test_bad_input_is_refused(call: object) -> None:
    with pytest.raises(InputError):
        call()  # type: ignore[operator]
