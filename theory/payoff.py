"""Payoff: the Aumann-Drèze value, and its closed forms.

The Shapley value of agent i in a game (C, v), k = |C|, averages what i adds to the agents before it over all
orders in which the members may come:

    Sh_i = Σ_{S ⊆ C∖i} |S|! (k-1-|S|)!/k! · (v(S ∪ i) - v(S)).

The Aumann-Drèze value of a coalition structure is the Shapley value inside each coalition.

Coalitions of equal size have equal weight, so the sum is an average over the size s = 0 .. k-1 of averages
over random s-subsets of the others.  If v depends on S through the sum Y_S of its opinions, the inner averages
are moments of sampling without replacement: b given agents all lie in a random s-subset of k-1 with
probability C(k-1-b, s-b)/C(k-1, s) = s(s-1)…(s-b+1)/((k-1)…(k-b)).  Summing over s leaves harmonic numbers

    H_k^(p) = Σ_{j=1}^k j^-p,

and nothing else: the payoff of a member under uniform influence, a polynomial φ and scale s costs O(k).

Results: V3 (quadratic φ, any opinions), V5 (an entrant among m agents that agree), and the same as V3 for the powers.

References
----------
L. S. Shapley, "A value for n-person games", 1953; R. J. Aumann, J. H. Drèze, "Cooperative games with coalition
structures", Int. J. Game Theory 3:217, 1974; P. A. MacMahon, "Combinatory Analysis", 1915, for augmented
monomial symmetric functions.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import comb, prod
from typing import TypeVar

from sympy import (
    Add,
    Eq,
    Expr,
    Integer,
    Piecewise,
    Poly,
    Rational,
    Sum,
    binomial,
    combsimp,
    expand,
    factor,
    factorial,
    harmonic,
    summation,
    together,
)
from sympy.utilities.iterables import multiset_partitions, partitions

from theory.errors import InputError
from theory.performance import performance_expression
from theory.symbols import a, c, delta, j, k, m, q, r, s, t, u, y
from theory.value import MAX_AGENTS, exact, game, scale_expression

MAX_DEGREE = 12  # closed forms beyond it have hundreds of terms
MAX_CLOSED_DEGREE = 24
MAX_TERMS = 1000  # of an expanded performance function: a larger one is left as a sum over members
MAX_FACTORED = 40

Agent = TypeVar("Agent", bound=Hashable)
Partition = tuple[int, ...]


# --- By definition ------------------------------------------------------------------------------------------


def shapley_value(
    game: Mapping[frozenset[Agent], Expr] | Callable[[frozenset[Agent]], Expr], agents: Iterable[Agent]
) -> dict[Agent, Expr]:
    """Return the Shapley value of every agent, by the definition.

        Sh_i = Σ_{S ⊆ N∖i} |S|! (n-1-|S|)!/n! · (v(S ∪ i) - v(S))

    Parameters
    ----------
    game : mapping from frozensets of agents to values, or a function of a frozenset
    agents : the agents N

    Returns
    -------
    dict from agent to value, sympy expressions (or whatever the values of the game add up to)

    Raises
    ------
    InputError
        Beyond 16 agents, with an agent twice, or if v(∅) is not 0.

    Notes
    -----
    Cost: O(n 2^n).

    References
    ----------
    L. S. Shapley, 1953.

    Examples
    --------
    >>> v = {frozenset(): 0, frozenset("a"): 1, frozenset("b"): 2, frozenset("ab"): 6}
    >>> shapley_value(v, "ab")
    {'a': 5/2, 'b': 7/2}
    """
    members = list(agents)
    n_agents = len(members)
    if len(set(members)) != n_agents:
        raise InputError("agents", members, "has an agent twice", "list every agent once")
    if n_agents > MAX_AGENTS:
        raise InputError("agents", f"{n_agents} agents", "make too many coalitions", f"use at most {MAX_AGENTS}")
    value = game if callable(game) else game.__getitem__
    worth = {
        frozenset(S): value(frozenset(S)) for size in range(n_agents + 1) for S in combinations(members, size)
    }  # every coalition once: values may be costly
    if worth[frozenset()] != 0:
        raise InputError("game", worth[frozenset()], "is the value of the empty coalition", "make it 0")
    weight = [
        Rational(factorial(size) * factorial(n_agents - 1 - size), factorial(n_agents)) for size in range(n_agents)
    ]
    shares: dict[Agent, Expr] = {}
    for i in members:
        terms = [weight[len(S)] * (worth[S | {i}] - before) for S, before in worth.items() if i not in S]
        shares[i] = sum(terms, Integer(0))
    return shares


def aumann_dreze_value(
    opinions: Sequence[Expr | float],
    structure: Iterable[Iterable[int]],
    phi: Expr | str,
    scale: Expr | str = s,
    weights: Sequence[Expr | float] | None = None,
) -> tuple[Expr, ...]:
    """Return every agent's payoff in a coalition structure: the Shapley value inside its coalition.

    Parameters
    ----------
    opinions : numbers or expressions, of the agents 0 .. n-1
    structure : coalitions of agents that partition 0 .. n-1
    phi, scale, weights : as in `theory.value.coalition_value`

    Returns
    -------
    tuple of n sympy expressions

    Raises
    ------
    InputError
        If `structure` is no partition of the agents, or a coalition has more than 16 members.

    References
    ----------
    R. J. Aumann, J. H. Drèze, 1974.

    Examples
    --------
    >>> aumann_dreze_value([0, 1, 5], [[0, 1], [2]], -u**2)
    (1/4, -3/4, -25)
    """
    coalitions = [list(S) for S in structure]
    if sorted(i for S in coalitions for i in S) != list(range(len(opinions))):
        raise InputError("structure", coalitions, f"is no partition of 0..{len(opinions) - 1}", "list every agent once")
    payoff: dict[int, Expr] = {}
    for S in coalitions:
        shares = None if weights is None else [weights[i] for i in S]
        values = shapley_value(game([opinions[i] for i in S], phi, scale, shares), range(len(S)))
        payoff.update({S[i]: value for i, value in values.items()})
    return tuple(payoff[i] for i in range(len(opinions)))


# --- Sampling without replacement ---------------------------------------------------------------------------


@lru_cache(maxsize=64)
def inclusion_probability(blocks: int) -> Expr:
    """Return the probability that b given agents all lie in a random s-subset of the k-1 others.

        C(k-1-b, s-b)/C(k-1, s) = s(s-1)…(s-b+1) / ((k-1)(k-2)…(k-b)),  counted, then simplified.

    The size s is the symbol `r`, for it counts from 0.

    Examples
    --------
    >>> inclusion_probability(2)
    r*(r - 1)/((k - 2)*(k - 1))
    """
    return factor(combsimp(binomial(k - 1 - blocks, r - blocks) / binomial(k - 1, r)))


@lru_cache(maxsize=64)
def set_partitions_by_type(power: int) -> tuple[tuple[Partition, int], ...]:
    """Return, for each partition λ of `power`, how many set partitions of its positions have blocks of these sizes.

    So Y^p = Σ_λ count(λ) m̃_λ, with m̃_λ = Σ y_{i1}^λ1 … y_{ib}^λb over *distinct* agents i1 .. ib (the augmented
    monomial symmetric sum): the positions of the product Y…Y fall into blocks that pick the same agent.

    Examples
    --------
    >>> set_partitions_by_type(3)
    (((3,), 1), ((2, 1), 3), ((1, 1, 1), 1))
    """
    found = []
    for parts in partitions(power):
        shape = tuple(sorted((size for size, times in parts.items() for _ in range(times)), reverse=True))
        repeats = prod(int(factorial(times)) for times in parts.values())
        count = int(factorial(power)) // (prod(int(factorial(size)) for size in shape) * repeats)
        found.append((shape, count))
    return tuple(found) if power else (((), 1),)


def power_sum(exponent: int, upper: Expr) -> Expr:
    """Return Σ_{j=1}^{upper} j^exponent for an integer exponent: a polynomial, or a harmonic number.

    Examples
    --------
    >>> power_sum(-2, k)
    harmonic(k, 2)
    >>> power_sum(1, k)
    k*(k + 1)/2
    """
    return _power_sum(int(exponent)).subs(j, upper)


@lru_cache(maxsize=256)
def _power_sum(exponent: int) -> Expr:
    if exponent < 0:
        return harmonic(j, -exponent)  # its definition
    index = r  # summation over another symbol than the upper end
    return factor(summation(index**exponent, (index, 1, j)))


@dataclass(frozen=True)
class PolynomialTerm:
    """One term of the Shapley value of S ↦ Y_S^p/|S|^(p-1): coefficient · y_i^power · m̃_partition.

    Attributes
    ----------
    power : exponent of the agent's own opinion
    partition : λ, exponents of distinct other agents, whose augmented monomial sum m̃_λ it multiplies
    coefficient : expression in k and harmonic numbers, valid for k > blocks
    """

    power: int
    partition: Partition
    coefficient: Expr

    @property
    def blocks(self) -> int:
        """How many distinct others the term involves: for k ≤ blocks there are too few, and the term is 0."""
        return len(self.partition)

    def coefficient_at(self, size: int) -> Expr:
        """Return the coefficient for k = size, exactly: 0 where there are fewer others than blocks."""
        return Integer(0) if size <= self.blocks else self.coefficient.subs(k, Integer(size))


@lru_cache(maxsize=32)
def polynomial_value(degree: int) -> tuple[PolynomialTerm, ...]:
    """Derive the Shapley value of the game S ↦ Y_S^p/|S|^(p-1), p = degree, for any number k of agents.

    With T the sum over s random others, agent i adds (y + T)^p/(s+1)^(p-1) - T^p/s^(p-1) (the second only for
    s ≥ 1).  Expanding the power, E[T^q] = Σ_λ count(λ) P(all in) m̃_λ, so the coefficient of y^(p-|λ|) m̃_λ is

        1/k Σ_{s=0}^{k-1} P_b(s) count(λ) [ C(p, |λ|)/(s+1)^(p-1) - [|λ| = p]/s^(p-1) ],   b = len(λ),

    and as P_b is a polynomial in s, the sum is one of powers of s+1 and of s: harmonic numbers.

    Parameters
    ----------
    degree : the power p, 0 to 12

    Returns
    -------
    tuple of PolynomialTerm

    Notes
    -----
    A polynomial φ(u) = Σ a_p u^p with scale s is worth v(S) = Σ a_p Y_S^p/|S|^(p-1), so its payoffs are the same
    combination of these.  Terms with more blocks than others vanish: see `PolynomialTerm.coefficient_at`.

    Examples
    --------
    >>> [(term.power, term.partition) for term in polynomial_value(2)]
    [(2, ()), (1, (1,)), (0, (2,)), (0, (1, 1))]
    >>> polynomial_value(2)[0].coefficient
    harmonic(k)/k
    """
    if isinstance(degree, bool) or not isinstance(degree, int) or not 0 <= degree <= MAX_DEGREE:
        raise InputError("degree", degree, "is not supported", f"use an integer from 0 to {MAX_DEGREE}")
    terms = []
    for own in range(degree, -1, -1):
        for shape, count in set_partitions_by_type(degree - own):
            coefficient = _coefficient(degree, own, len(shape)) * count
            if coefficient != 0:
                terms.append(PolynomialTerm(own, shape, coefficient))
    return tuple(terms)


@lru_cache(maxsize=1024)
def _coefficient(degree: int, own: int, blocks: int) -> Expr:
    """Return 1/k Σ_s P_b(s) [C(p, own)/(s+1)^(p-1) - [own = 0]/s^(p-1)]."""
    probability = inclusion_probability(blocks)
    with_agent = binomial(degree, own) * _sum_of_powers(probability.subs(r, j - 1), 1 - degree, k)  # j = s+1 = 1..k
    without = Integer(0)
    if own == 0:  # s = 1 .. k-1: sum to k, less the last term
        without = _sum_of_powers(probability.subs(r, j), 1 - degree, k) - probability.subs(r, k) * k ** (1 - degree)
    return factor(together(expand(with_agent - without) / k))


def _sum_of_powers(polynomial: Expr, shift: int, upper: Expr) -> Expr:
    """Return Σ_{j=1}^{upper} P(j) j^shift for a polynomial P in j."""
    coefficients = Poly(polynomial, j).as_dict()
    return sum((coefficient * power_sum(e + shift, upper) for (e,), coefficient in coefficients.items()), Integer(0))


def augmented_monomial(partition: Partition, power_sums: Callable[[int], Expr]) -> Expr:
    """Return m̃_λ = Σ over distinct agents of y_{i1}^λ1 … y_{ib}^λb from the power sums p_e = Σ y_i^e.

    Möbius inversion over the ways to merge the blocks: Σ_σ Π_B (-1)^(|B|-1) (|B|-1)! p_{Σ_{l∈B} λ_l}.

    Examples
    --------
    >>> augmented_monomial((1, 1), lambda e: {1: t, 2: q}[e])
    -q + t**2
    """
    if not partition:
        return Integer(1)
    total = Integer(0)
    for merged in multiset_partitions(list(range(len(partition)))):
        sign = prod((-1) ** (len(block) - 1) * int(factorial(len(block) - 1)) for block in merged)
        total += sign * prod((power_sums(sum(partition[i] for i in block)) for block in merged), start=Integer(1))
    return expand(total)


def polynomial_payoff(opinions: Sequence[Expr | float], agent: int, phi: Expr | str) -> Expr:
    """Return the payoff of a member of one coalition by the closed form: polynomial φ, scale s, uniform influence.

    Parameters
    ----------
    opinions : numbers or expressions, of the k members
    agent : index of the member
    phi : polynomial in u, of degree at most 12

    Notes
    -----
    Cost: O(k) once the coefficients are derived, against O(2^k) by the definition.

    Examples
    --------
    >>> polynomial_payoff([0, 1], 0, -u**2)
    1/4
    """
    phi = performance_expression(phi)
    if not phi.is_polynomial(u):
        raise InputError("performance", phi, "is not a polynomial", "use aumann_dreze_value")
    x = [exact(value) for value in opinions]
    if not 0 <= agent < len(x):
        raise InputError("agent", agent, "is no member", f"give an index from 0 to {len(x) - 1}")
    others = x[:agent] + x[agent + 1 :]
    powers = lru_cache(maxsize=None)(lambda e: sum((value**e for value in others), Integer(0)))
    total = Integer(0)
    for (degree,), weight in Poly(phi, u).as_dict().items():
        for term in polynomial_value(degree):
            own = x[agent] ** term.power if term.power else Integer(1)
            monomial = augmented_monomial(term.partition, powers) if term.blocks < len(x) else Integer(0)
            total += weight * term.coefficient_at(len(x)) * own * monomial
    return total


def quadratic_coefficients(size: int | None = None) -> dict[Expr, Expr]:
    """Return the coefficients of y², y t, q and t² in the Shapley value of S ↦ Y_S²/|S| on k agents (V3).

    y is the member's own opinion, t the sum and q the sum of squares of the others'.

    Parameters
    ----------
    size : the number k of agents; symbolic if omitted, and then valid for k ≥ 3

    Returns
    -------
    dict with the keys y**2, y*t, q, t**2.  For k = 2 the terms in pairs of others are gone (t² = q there);
    for k = 1 all but y².

    Examples
    --------
    >>> quadratic_coefficients()[y**2]
    harmonic(k)/k
    >>> quadratic_coefficients(2)
    {y**2: 3/4, t*y: 1/2, q: -1/4, t**2: 0}
    """
    if size is not None and size < 1:
        raise InputError("size", size, "is no number of agents", "use 1 or more")
    found = {y**2: Integer(0), y * t: Integer(0), q: Integer(0), t**2: Integer(0)}
    for term in polynomial_value(2):
        coefficient = term.coefficient if size is None else term.coefficient_at(size)
        monomial = expand(y**term.power * augmented_monomial(term.partition, lambda e: (t, q)[e - 1]))
        for key in found:
            found[key] += coefficient * monomial.coeff(key)
    return {key: factor(together(value)) for key, value in found.items()}


@lru_cache(maxsize=1)
def quadratic_value() -> Expr:
    """Derive A_i, the Shapley value of S ↦ Y_S²/|S| on k agents (V3).

    A quadratic φ = b - (u - θ)² with scale s pays b - A_i, with opinions measured from θ.

    Returns
    -------
    Piecewise expression in y (own opinion), t (sum of the others'), q (sum of their squares) and k: for k = 1
    and k = 2 the terms that need more others are absent, for k ≥ 3 it is

        (1/k) [ y² H_k + 2 y t (k-H_k)/(k-1) - q (H_k-1)/(k-1) - (t²-q)(k+1-2H_k)/((k-1)(k-2)) ].

    Examples
    --------
    >>> from sympy import Integer
    >>> quadratic_value().subs({k: Integer(3), y: 1, t: 2, q: 2}, simultaneous=True)  # all agree on 1
    1
    """

    def value(size: int | None) -> Expr:
        return sum((term * monomial for monomial, term in quadratic_coefficients(size).items()), Integer(0))

    return Piecewise((value(1), Eq(k, 1)), (value(2), Eq(k, 2)), (value(None), True))


# --- An entrant among agents that agree -----------------------------------------------------------------------


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
