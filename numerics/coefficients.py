"""Tables of the derived closed forms, for every size of coalition up to n.

The formulas are derived in `theory.sampling` and `theory.two_types`; here they are evaluated, so that a kernel
looks a number up instead of restating a formula.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sympy import Dummy, Expr, Mul, Poly, Pow, Symbol, fraction, harmonic, lambdify, together

from numerics.expressions import Program, compile_program
from theory import discount as derived
from theory import gain, sampling, symbols, two_types

_CHUNK = 1 << 14
_RowTerm = tuple[int, int, sampling.Partition, tuple[tuple[int, int, int], ...]]
_Sum = tuple[Expr, bool]


@lru_cache(maxsize=64)
def harmonic_weights(degree: int, n_agents: int) -> NDArray[np.float64]:
    """(degree+1, n+1) array: entry [j, m] multiplies φ⁽ʲ⁾(c)/j! δʲ in the gain of joining m agents.

    The terms j = 0 and 1 of the gain cancel, and joining m = 0 agents gains nothing.
    """
    table = np.zeros((degree + 1, n_agents + 1))
    sizes = np.arange(1, n_agents + 1)
    for j in range(2, degree + 1):
        table[j, 1:] = evaluate_in_size(two_types.two_type_weight(j), symbols.m, sizes)
    return table


@lru_cache(maxsize=64)
def incumbent_weights(n_agents: int) -> NDArray[np.float64]:
    """(n+1,) array: what multiplies δ² in the gain of each of m incumbents (S9), φ(u) = -u²; 0 for m = 0."""
    weights = np.zeros(n_agents + 1)
    per_square = gain.incumbents_gain(-(symbols.u**2)) / symbols.delta**2
    weights[1:] = evaluate_in_size(per_square, symbols.m, np.arange(1, n_agents + 1))
    return weights


def slow_share(discount: float, rate: float) -> float:
    """β of `theory.discount`: the share of payoffs for members' own opinions at discount factor ρ and rate ε."""
    return float(_slow_share()(discount, rate))


@lru_cache(maxsize=1)
def slow_share_program() -> Program:
    """β of `theory.discount` as a program in (ρ, ε), for rates that change during a run."""
    return compile_program(derived.slow_share(), (symbols.rho, symbols.eps))


def slow_share_weight(symbol: Symbol) -> tuple[Callable[[float, float], float], int]:
    """Return the denominator of β as a function of ρ and ε, positive, and its degree in one of them.

    Times it, gains that are 1 - β times those of patient agents are polynomials.
    """
    below = fraction(together(derived.slow_share()))[1]
    return lambdify((symbols.rho, symbols.eps), below, "math"), int(Poly(below, symbol).degree())


@lru_cache(maxsize=1)
def _slow_share() -> Callable[[float, float], float]:
    compiled: Callable[[float, float], float] = lambdify((symbols.rho, symbols.eps), derived.slow_share(), "math")
    return compiled


@lru_cache(maxsize=64)
def quadratic_coefficients(n_agents: int) -> NDArray[np.float64]:
    """(4, n+1) array: coefficients of y², y t, q and t² in the Shapley value of S ↦ Y_S²/|S| among k agents."""
    monomials = (symbols.y**2, symbols.y * symbols.t, symbols.q, symbols.t**2)
    table = np.zeros((4, n_agents + 1))
    for k in range(1, min(n_agents, 2) + 1):  # too few others for the general form
        exact = sampling.quadratic_coefficients(k)
        table[:, k] = [float(exact[monomial]) for monomial in monomials]
    if n_agents > 2:
        general = sampling.quadratic_coefficients()
        sizes = np.arange(3, n_agents + 1)
        for row, monomial in enumerate(monomials):
            table[row, 3:] = evaluate_in_size(general[monomial], symbols.k, sizes)
    return table


def quadratic_rows(sizes: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the columns of `quadratic_coefficients` for the sizes given, as rows: (len(sizes), 4).

    Cost: O(max(sizes)) time, one harmonic sum; O(len(sizes)) memory beside it.  Size 0 has a row of zeros.

    Examples
    --------
    >>> quadratic_rows(np.array([1, 2])).tolist()
    [[1.0, 0.0, 0.0, 0.0], [0.75, 0.5, -0.25, 0.0]]
    """
    rows = np.zeros((len(sizes), 4))
    rows[sizes <= 2] = quadratic_coefficients(2).T[sizes[sizes <= 2]]
    large = sizes > 2
    if large.any():
        general = sampling.quadratic_coefficients()
        for column, monomial in enumerate((symbols.y**2, symbols.y * symbols.t, symbols.q, symbols.t**2)):
            rows[large, column] = evaluate_in_size(general[monomial], symbols.k, sizes[large])
    return rows


class PolynomialTables(NamedTuple):
    """Coefficients of the payoffs for polynomial φ and scale s, laid out for `kernels.closed_forms`.

    A member of a coalition of size k is paid, for φ(u) = Σ_p b_p (u - c)^p and its opinion c + y,

        b_0 + b_1 y + Σ_terms b_degree · rows[size, term] · y^power · products[monomial],

    where products[0] = 1 and products[i] = products[parent[i]] · mean of the members' y^part[i].

    Attributes
    ----------
    degree, power, monomial : (terms,) integers, as above
    parent, part : (monomials,) integers; each monomial comes after its parent
    rows : (sizes, terms) floats; all of them of order 1
    """

    degree: NDArray[np.int64]
    power: NDArray[np.int64]
    monomial: NDArray[np.int64]
    parent: NDArray[np.int64]
    part: NDArray[np.int64]
    rows: NDArray[np.float64]


def polynomial_tables(degree: int, sizes: NDArray[np.int64]) -> PolynomialTables:
    """Evaluate the derived Shapley values of S ↦ Y_S^p/|S|^(p-1), p = 2 .. degree, for the sizes given.

    Parameters
    ----------
    degree : of φ, 0 to 12
    sizes : (r,) sizes of coalitions, in any order; row i of the tables is for sizes[i], and zeros for size 0

    Notes
    -----
    Cost: O(max(sizes) · degree) time in extended precision, O(max(sizes) + len(sizes) · terms) memory.  The numbers
    of terms for degree 2, 3, .. 12 are 4, 11, 23, 42, 72, 117, 184, 281, 420, 615 and 887.  Sums of terms of one
    sign instead of harmonic numbers: those cancel to nothing for few agents and high powers.

    Examples
    --------
    >>> tables = polynomial_tables(2, np.array([1, 2]))  # y² alone; y²/2 + (mean y) y - (mean y²)/2 for two
    >>> tables.rows.tolist()
    [[1.0, 0.0, 0.0, 0.0], [0.5, 1.0, -0.5, 0.0]]
    """
    terms, parent, part, monomial = _polynomial_layout(degree)
    rows = np.zeros((len(sizes), len(terms)))
    order = np.argsort(sizes, kind="stable")
    increasing = sizes[order]
    done = int(np.searchsorted(increasing, 1))
    carry: dict[_Sum, np.longdouble] = {}
    for first in range(0, int(sizes.max(initial=0)), _CHUNK):  # numbers of others, in chunks that fit the cache
        last = int(np.searchsorted(increasing, first + _CHUNK, side="right"))
        chunk = increasing[done:last]
        stop = min(first + _CHUNK, int(increasing[-1]))
        sums = _coefficients_of_chunk(degree, first, stop, chunk, carry)
        exact = chunk.astype(_precision(first))
        for column, (power, _, parts, counts) in enumerate(terms):
            total = np.zeros(len(chunk), dtype=exact.dtype)
            for own, blocks, count in counts:
                total += count * sums[power, own, blocks]
            for _ in parts:  # means of powers instead of their sums
                total *= exact
            rows[order[done:last], column] = total
        done = last
    return PolynomialTables(
        np.array([term[0] for term in terms], dtype=np.int64),
        np.array([term[1] for term in terms], dtype=np.int64),
        monomial,
        parent,
        part,
        rows,
    )


@lru_cache(maxsize=16)
def _polynomial_layout(
    degree: int,
) -> tuple[tuple[_RowTerm, ...], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Terms (degree, power, partition, parts), and the tree of products of power sums they refer to."""
    terms = tuple(
        (power, term.power, term.partition, term.parts)
        for power in range(2, degree + 1)
        for term in sampling.member_terms(power)
    )
    place: dict[sampling.Partition, int] = {(): 0}
    parent, part = [0], [0]

    def find(partition: sampling.Partition) -> int:
        if partition not in place:
            before = find(partition[:-1])
            place[partition] = len(place)
            parent.append(before)
            part.append(partition[-1])
        return place[partition]

    monomial = np.array([find(partition) for _, _, partition, _ in terms], dtype=np.int64)
    return terms, np.array(parent, dtype=np.int64), np.array(part, dtype=np.int64), monomial


def _coefficients_of_chunk(
    degree: int, first: int, stop: int, sizes: NDArray[np.int64], carry: dict[_Sum, np.longdouble]
) -> dict[tuple[int, int, int], NDArray[np.floating]]:
    """Σ_r `coefficient_summand(p, own, blocks)` for p = 2 .. degree and sizes from first + 1 to stop.

    carry : the sums over r < first, which this replaces by those over r < stop.
    """
    precision = _precision(first)
    found: dict[tuple[int, int, int], NDArray[np.floating]] = {}
    sums: dict[_Sum, NDArray[np.floating]] = {}  # up to a constant, many are the same
    others = np.arange(max(first, 1), stop, dtype=precision)
    exact = sizes.astype(precision)
    with np.errstate(divide="ignore"):
        in_size = [np.where(sizes > b, _by_products(part, symbols.k)(exact), 0) for b, part in _parts_in_size(degree)]
    for p, own, blocks, number, in_others in _summands(degree):
        key = in_others, own > 0
        if key not in sums:
            terms = _by_products(in_others, symbols.r)(others)
            if first == 0:  # nobody before the agent: v(∅) = 0
                start = np.longdouble(int(in_others.subs(symbols.r, 0)) if own else 0)
                terms = np.concatenate([[start], np.broadcast_to(terms, others.shape)])
            total = np.cumsum(terms, dtype=np.longdouble)
            before = carry.get(key, np.longdouble(0))
            sums[key] = (before + total[sizes - 1 - first]).astype(precision)
            carry[key] = before + total[-1]
        found[p, own, blocks] = number * sums[key] * in_size[blocks]
    return found


def _precision(first: int) -> type[np.floating]:
    """Type of the numbers of a chunk: the terms of larger coalitions may be rounded to doubles before they are summed.

    Their rounding errors average out, and are thousands of times below the tie tolerance of such a coalition.
    """
    return np.longdouble if first == 0 else np.float64


@lru_cache(maxsize=16)
def _summands(degree: int) -> tuple[tuple[int, int, int, int, Expr], ...]:
    """(p, own, blocks, number, part in r) of every `coefficient_summand`; the part in k depends on blocks alone."""
    found = []
    for p in range(2, degree + 1):
        for own in range(p, -1, -1):
            for blocks in range(own < p, p - own + 1):
                number, rest = sampling.coefficient_summand(p, own, blocks).as_coeff_Mul()
                found.append((p, own, blocks, int(number), rest.as_independent(symbols.k)[0]))
    return tuple(found)


@lru_cache(maxsize=16)
def _parts_in_size(degree: int) -> tuple[tuple[int, Expr], ...]:
    """(blocks, part in k) of `coefficient_summand`, for 0 to `degree` blocks."""
    found = []
    for blocks in range(degree + 1):
        own = max(degree - blocks, 0)
        _, rest = sampling.coefficient_summand(degree, own, blocks).as_coeff_Mul()
        found.append((blocks, rest.as_independent(symbols.k)[1]))
    return tuple(found)


@lru_cache(maxsize=4096)
def _by_products(expression: Expr, symbol: Symbol) -> Callable[[NDArray[np.floating]], NDArray[np.floating]]:
    """Compile an expression, its integer powers as products: powers of extended precision are slow."""

    def product(base: Expr, exponent: Expr) -> Expr:
        repeated = Mul(*[base] * abs(int(exponent)), evaluate=False)
        return repeated if exponent > 0 else Pow(repeated, -1, evaluate=False)

    written_out = expression.replace(lambda e: e.is_Pow and e.exp.is_Integer, lambda e: product(*e.args))
    function: Callable[[NDArray[np.floating]], NDArray[np.floating]] = lambdify([symbol], written_out, "numpy")
    return function


def evaluate_in_size(expression: Expr, size: Symbol, values: NDArray[np.int64]) -> NDArray[np.float64]:
    """Evaluate an expression with harmonic numbers H_{size + shift}^{(p)} at integers.

    Harmonic numbers are accumulated in extended precision: the error of each stays below one unit in the
    last place of a double for sizes up to 10⁶.
    """
    dummies, columns = [], []
    for atom in sorted(expression.atoms(harmonic), key=str):
        shift = int(atom.args[0] - size)
        order = int(atom.args[1]) if len(atom.args) > 1 else 1
        terms = np.arange(1, int(values.max()) + shift + 1, dtype=np.longdouble) ** -order
        sums = np.concatenate([[0.0], np.cumsum(terms)])
        dummy = Dummy()
        expression = expression.subs(atom, dummy)
        dummies.append(dummy)
        columns.append(sums[values + shift])
    function = lambdify([size, *dummies], expression, "numpy")
    return np.broadcast_to(np.asarray(function(values.astype(np.longdouble), *columns), dtype=float), values.shape)
