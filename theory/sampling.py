"""Sampling without replacement: closed forms of the Shapley value for polynomial φ and any opinions.

Coalitions of equal size have equal weight in the Shapley value, so it is an average over the size s = 0 .. k-1 of
averages over random s-subsets of the others.  If v depends on S through the sum Y_S of its opinions, the inner
averages are moments of sampling without replacement: b given agents all lie in a random s-subset of k-1 with
probability C(k-1-b, s-b)/C(k-1, s) = s(s-1)…(s-b+1)/((k-1)…(k-b)).  Summing over s leaves harmonic numbers and
nothing else: the payoff of a member under uniform influence, a polynomial φ and scale s costs O(k).

Results: V3 (quadratic φ, any opinions), and the same for every power.

References
----------
L. S. Shapley, "A value for n-person games", 1953; R. J. Aumann, J. H. Drèze, "Cooperative games with coalition
structures", Int. J. Game Theory 3:217, 1974; P. A. MacMahon, "Combinatory Analysis", 1915, for augmented
monomial symmetric functions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import prod

from sympy import (
    Eq,
    Expr,
    Integer,
    Piecewise,
    Poly,
    binomial,
    combsimp,
    expand,
    factor,
    factorial,
    together,
)
from sympy.utilities.iterables import partitions

from theory.errors import InputError
from theory.harmonic_sums import power_sum
from theory.numbers import exact
from theory.performance import performance_expression
from theory.symbols import j, k, q, r, t, u, y

MAX_DEGREE = 12  # closed forms beyond it have hundreds of terms

Partition = tuple[int, ...]


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

    Examples
    --------
    >>> augmented_monomial((1, 1), lambda e: {1: t, 2: q}[e])
    -q + t**2
    """
    total = Integer(0)
    for parts, count in power_sum_products(partition).items():
        total += count * prod((power_sums(e) for e in parts), start=Integer(1))
    return expand(total)


@lru_cache(maxsize=1024)
def power_sum_products(partition: Partition) -> Mapping[Partition, int]:
    """Return how often each product p_μ1 p_μ2 … of power sums occurs in the augmented monomial sum m̃_λ.

    Möbius inversion, one exponent at a time: in m̃_λ p_e the new agent is none of the others, or is one of them,

        m̃_(λ, e) = p_e m̃_λ - Σ_l m̃_(λ with λ_l + e in place of λ_l).

    Examples
    --------
    >>> dict(power_sum_products((1, 1, 1)))
    {(1, 1, 1): 1, (2, 1): -3, (3,): 2}
    """
    if not partition:
        return {(): 1}
    *rest, last = partition
    found: Counter[Partition] = Counter()
    for parts, count in power_sum_products(tuple(rest)).items():
        found[_sorted((*parts, last))] += count
    for i, exponent in enumerate(rest):
        for parts, count in power_sum_products(_sorted((*rest[:i], exponent + last, *rest[i + 1 :]))).items():
            found[parts] -= count
    return {parts: count for parts, count in found.items() if count}


@lru_cache(maxsize=1024)
def products_of_others(partition: Partition) -> Mapping[tuple[int, Partition], int]:
    """Return the augmented monomial sum of the *others* in the agent's own opinion y and the power sums of *all*.

    A choice of distinct agents leaves the agent out, or the agent has exactly one of the exponents:

        m̃_λ(others) = m̃_λ(all) - Σ_l y^λ_l m̃_(λ without λ_l)(others).

    Returns
    -------
    mapping from (e, μ) to the number of times y^e p_μ1 p_μ2 … occurs

    Examples
    --------
    >>> dict(products_of_others((2,)))  # p_2 - y²
    {(0, (2,)): 1, (2, ()): -1}
    """
    found = Counter({(0, parts): count for parts, count in power_sum_products(partition).items()})
    for i, exponent in enumerate(partition):
        for (own, parts), count in products_of_others(partition[:i] + partition[i + 1 :]).items():
            found[own + exponent, parts] -= count
    return {key: count for key, count in found.items() if count}


def _sorted(exponents: Sequence[int]) -> Partition:
    return tuple(sorted(exponents, reverse=True))


@dataclass(frozen=True)
class MemberTerm:
    """One term y^power p_μ1 p_μ2 … of the Shapley value, p_e the power sums over *all* members.

    Attributes
    ----------
    power : exponent of the agent's own opinion
    partition : μ, exponents of the power sums
    parts : (own, blocks, count), ...: its coefficient is Σ count · Σ_r `coefficient_summand(degree, own, blocks)`
    """

    power: int
    partition: Partition
    parts: tuple[tuple[int, int, int], ...]


@lru_cache(maxsize=32)
def member_terms(degree: int) -> tuple[MemberTerm, ...]:
    """Return the Shapley value of S ↦ Y_S^p/|S|^(p-1), p = degree ≥ 2, as a polynomial in the agent's own opinion.

    The same as `polynomial_value`, with the sums over the others written as sums over all members less the
    agent's own part; so the members of a coalition share the coefficients of one polynomial of degree p.

    Examples
    --------
    >>> [(term.power, term.partition) for term in member_terms(2)]
    [(2, ()), (1, (1,)), (0, (2,)), (0, (1, 1))]
    """
    if isinstance(degree, bool) or not isinstance(degree, int) or not 2 <= degree <= MAX_DEGREE:
        raise InputError("degree", degree, "is not supported", f"use an integer from 2 to {MAX_DEGREE}")
    found: dict[tuple[int, Partition], Counter[tuple[int, int]]] = {}
    for own in range(degree, -1, -1):
        for shape, ways in set_partitions_by_type(degree - own):
            for (power, parts), count in products_of_others(shape).items():
                found.setdefault((own + power, parts), Counter())[own, len(shape)] += ways * count
    return tuple(
        MemberTerm(power, parts, tuple((own, blocks, count) for (own, blocks), count in counts.items() if count))
        for (power, parts), counts in found.items()
    )


@lru_cache(maxsize=1024)
def coefficient_summand(degree: int, own: int, blocks: int) -> Expr:
    """Return what s = r random others contribute to the coefficient of y^own m̃_λ, b = len(λ) blocks, degree ≥ 2.

        (1/k) P_b(r) [ C(p, own)/(r+1)^(p-1) - [own = 0]/r^(p-1) ]

    The sum over r = 0 .. k-1 (from r = 1 for own = 0) is the coefficient that `polynomial_value` puts in closed
    form; all its terms have one sign, so in floating point the sum loses no digits, which the closed form does.

    Examples
    --------
    >>> coefficient_summand(2, 0, 1)
    -1/(k*(k - 1)*(r + 1))
    """
    bracket = binomial(degree, own) * (r + 1) ** (1 - degree)
    if own == 0:
        bracket -= r ** (1 - degree)
    return factor(inclusion_probability(blocks) * factor(together(bracket)) / k)


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
