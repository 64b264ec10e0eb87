"""Two types: an entrant among agents that agree.

At a tactical equilibrium the members of a coalition agree, and the payoff of an entrant of opinion c + δ among m
incumbents of opinion c is a sum over their number alone; for a polynomial φ it closes in harmonic numbers.

Results: V5, and the polynomial form of the gain.

References
----------
L. S. Shapley, "A value for n-person games", 1953; R. J. Aumann, J. H. Drèze, "Cooperative games with coalition
structures", Int. J. Game Theory 3:217, 1974.
"""

from __future__ import annotations

from functools import lru_cache
from math import comb

from sympy import (
    Add,
    Expr,
    Integer,
    Poly,
    Sum,
    binomial,
    combsimp,
    expand,
    factor,
    factorial,
    harmonic,
    together,
)

from theory.errors import InputError
from theory.harmonic_sums import power_sum
from theory.performance import performance_expression
from theory.symbols import a, c, delta, j, m, r, s, u
from theory.value import scale_expression

MAX_CLOSED_DEGREE = 24
MAX_TERMS = 1000  # of an expanded performance function: a larger one is left as a sum over members
MAX_FACTORED = 40


def two_type_value(phi: Expr | str, scale: Expr | str = s) -> Expr:
    """Return the payoff of an entrant of opinion c + δ among m incumbents of opinion c (V5).

    s of the incumbents come before the entrant in C(m, s) ways, each with the Shapley weight s!(m-s)!/(m+1)!;
    together that is 1/(m+1) for every s.  They were worth g(s) φ(c), and agree on c + δ/(s+1) with the entrant:

        AD = 1/(m+1) [ g(1) φ(c+δ) + Σ_{s=1}^m ( g(s+1) φ(c + δ/(s+1)) - g(s) φ(c) ) ].

    Parameters
    ----------
    phi : performance, an expression in u (abstract functions of u included)
    scale : expression in s (a, the total weight, equals s here)

    Returns
    -------
    sympy expression with an unevaluated Sum over the index j (the number s of incumbents before the entrant)

    Notes
    -----
    The term s = 0 stands alone because v(∅) = 0, whatever g(0) is (or is not: 1/s, log(s)).

    Examples
    --------
    >>> two_type_value(-u**2).subs({m: 1, c: 0, delta: 1}).doit()
    -3/4
    """
    phi, scale = performance_expression(phi), scale_expression(scale)
    weight = two_type_order_weight()
    first = scale_at(scale, Integer(1)) * phi.subs(u, c + delta)
    added = scale_at(scale, j + 1) * phi.subs(u, c + delta / (j + 1)) - scale_at(scale, j) * phi.subs(u, c)
    return weight * (first + Sum(added, (j, 1, m)))


@lru_cache(maxsize=1)
def two_type_order_weight() -> Expr:
    """Return C(m, s) s!(m-s)!/(m+1)!, the probability that exactly s of m incumbents come before the entrant.

    Examples
    --------
    >>> two_type_order_weight()
    1/(m + 1)
    """
    return combsimp(binomial(m, r) * factorial(r) * factorial(m - r) / factorial(m + 1))


@lru_cache(maxsize=128)
def two_type_weight(order: int) -> Expr:
    """Return the weight of φ⁽ʲ⁾(c)/j! δʲ, j = order, in the gain of joining m agents, with scale s.

    Shifting the sum of `two_type_value` by one, the entrant is paid 1/(m+1) [ Σ_{j=1}^{m+1} j φ(c + δ/j) -
    Σ_{j=1}^m j φ(c) ].  In the Taylor series of φ at c, δ^order comes with Σ_j j·j^-order/(m+1); the agent leaves
    behind φ(c+δ), which has it once; and the second sum counts for order 0 only:

        H_{m+1}^(order-1)/(m+1) - 1   for order ≥ 2,   and 0 for order 0 and 1.

    Examples
    --------
    >>> two_type_weight(2)
    -1 + harmonic(m + 1)/(m + 1)
    >>> two_type_weight(0), two_type_weight(1)
    (0, 0)
    """
    if isinstance(order, bool) or not isinstance(order, int) or order < 0:
        raise InputError("order", order, "is no order of a derivative", "use an integer 0, 1, 2, ...")
    paid = power_sum(1 - order, m + 1)
    if order == 0:
        paid -= power_sum(1, m)
    weight = paid * two_type_order_weight() - 1
    return weight if weight.has(harmonic) else factor(together(expand(weight)))


def polynomial_gain(phi: Expr | str) -> Expr:
    """Return the gain of an agent that leaves a coalition agreeing on c + δ for m agents at c: polynomial φ, scale s.

        Δ = Σ_{j≥2} φ⁽ʲ⁾(c)/j! δʲ ( H_{m+1}^(j-1)/(m+1) - 1 )

    Returns
    -------
    sympy expression in c, δ, m, the parameters of φ and harmonic numbers; no sum over members remains

    Raises
    ------
    InputError
        If φ is no polynomial in u.

    Examples
    --------
    >>> polynomial_gain("b - (u - theta)**2")
    delta**2*(1 - harmonic(m + 1)/(m + 1))
    """
    total = Integer(0)
    for order, coefficient in taylor_coefficients(performance_expression(phi)).items():
        weight = two_type_weight(order)
        if weight != 0:
            total += signed_product(coefficient * delta**order, weight)
    return total


def taylor_coefficients(phi: Expr) -> dict[int, Expr]:
    """Return the coefficients φ⁽ʲ⁾(c)/j! of a polynomial φ about c, by order j.

    Examples
    --------
    >>> taylor_coefficients(u**2)
    {0: c**2, 1: 2*c, 2: 1}
    """
    if not has_closed_form(phi):
        raise InputError("performance", phi, "is no polynomial in u of workable size", "use theory.gain.gain")
    polynomial = Poly(phi, u)
    found = {order: Integer(0) for order in range(polynomial.degree() + 1)}
    for (power,), coefficient in polynomial.as_dict().items():
        for order in range(power + 1):
            found[order] += coefficient * binomial(power, order) * c ** (power - order)
    return {order: _tidy(value) for order, value in found.items() if value != 0}


def has_closed_form(phi: Expr) -> bool:
    """Whether φ is a polynomial in u, of degree at most 24 and with at most 1000 terms in u and its parameters."""
    if not phi.is_polynomial(u):
        return False
    variables, degree = len(phi.free_symbols | {u}), degree_bound(phi)
    return degree <= MAX_CLOSED_DEGREE and comb(degree + variables, variables) <= MAX_TERMS


def degree_bound(phi: Expr) -> int:
    """Return a bound of the total degree of an expression, read off its tree without expanding it.

    Examples
    --------
    >>> degree_bound((u**2 - 1) ** 3 * u)
    7
    """
    if not phi.args:
        return int(phi.is_Symbol)
    if phi.is_Add:
        return max(degree_bound(part) for part in phi.args)
    if phi.is_Mul:
        return sum(degree_bound(part) for part in phi.args)
    if phi.is_Pow and phi.exp.is_Integer:
        return degree_bound(phi.base) * abs(int(phi.exp))
    return 1  # a function of the parameters


def _tidy(value: Expr) -> Expr:
    """Factor what is short; a long expression is no shorter factored, and takes long."""
    if len(Add.make_args(value)) > MAX_FACTORED:
        return value
    return factor(value)


def signed_product(left: Expr, right: Expr) -> Expr:
    """Return the product, a minus sign moved from the first factor into the second: δ²(1 - H), not -δ²(H - 1)."""
    if left.could_extract_minus_sign():
        return (-left) * (-right)
    return left * right


def scale_at(scale: Expr, size: Expr) -> Expr:
    """Return g at a number of members, under weights 1: the total weight a equals s."""
    return scale.subs({s: size, a: size}, simultaneous=True)
