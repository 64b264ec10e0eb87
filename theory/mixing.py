"""How fast opinions that never settle agree: the mean square of the paradox, exactly (S7).

φ concave, κ < 0, open acceptance: the structure is a Markov chain that ignores the opinions (`theory.size_chain`) and
the opinions follow it, x' = W(π') x with W(π') the averaging of coalitions: a Markov jump linear system.  Its mean
square X_π(t) = E[x xᵀ; π(t) = π] obeys a linear law.  All agents being alike, what matters of it are

    q(λ, {a, b}) = E[ Σ over pairs {C, D} of coalitions of sizes a and b of (c_C - c_D)²;  sizes λ ],

for each partition λ of n and each pair of sizes in it: a class.  When an agent leaves C for D, of m members,

    (c' - c_E)² = m/(m+1) (c_D - c_E)² + 1/(m+1) (c_C - c_E)² - m/(m+1)² (c_D - c_C)²      (`merging_weights`),

so q(t+1) = M q(t) with M exact (`lifted_operator`), and E V(t) = Σ ab/n q(λ, {a, b}).  The differences span the
translation-invariant quadratic forms, and a positive operator has an eigenvector in its cone, which averaging over
the names of the agents keeps there: the spectral radius ρ_n of M is that of the whole system on disagreement.

That ρ_n < 1 for all n and that every start with V > 0 shows it, and rational bounds that need no eigenvalue:
`theory.mixing_bounds`.

References
----------
O. L. V. Costa, M. D. Fragoso, R. P. Marques, Discrete-Time Markov Jump Linear Systems, Springer 2005, chapter 3;
M. G. Krein, M. A. Rutman, Amer. Math. Soc. Transl. 26, 1950, for the eigenvector in the cone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

from sympy import QQ, Expr, Poly, PurePoly, Rational, Symbol, expand, factor, linsolve, real_roots, symbols
from sympy.polys.matrices import DomainMatrix

from theory.errors import InputError
from theory.numbers import exact
from theory.size_chain import Sizes, changed, check_agents, move_chance, size_partitions
from theory.symbols import m

MAX_EXACT = 8  # agents: degree 47, whose real roots take 3 seconds; the rate of more by `numerics.mixing`
MAX_PATH = 1000  # steps, of numbers that grow by some digits with each


class PairClass(NamedTuple):
    """Pairs of coalitions of two sizes, in structures of given sizes."""

    sizes: Sizes
    pair: tuple[int, int]


Operator = dict[tuple[int, int], Fraction]


@lru_cache(maxsize=1)
def merging_weights() -> tuple[Expr, Expr, Expr]:
    """Derive the weights of (c_D - c_E)², (c_C - c_E)² and (c_D - c_C)² in (c' - c_E)², c' = (m c_D + c_C)/(m+1).

    Examples
    --------
    >>> merging_weights()
    (m/(m + 1), 1/(m + 1), -m/(m + 1)**2)
    """
    left, joined, other = symbols("c_C c_D c_E", real=True)
    weights = symbols("w_D w_C w_CD", real=True)
    squares = (joined - other) ** 2, (left - other) ** 2, (joined - left) ** 2
    merged = (m * joined + left) / (m + 1)
    rest = expand((merged - other) ** 2 - sum(w * square for w, square in zip(weights, squares, strict=True)))
    (solution,) = linsolve(Poly(rest, left, joined, other).coeffs(), *weights)
    return tuple(factor(weight) for weight in solution)


@lru_cache(maxsize=32)
def pair_classes(agents: int) -> tuple[PairClass, ...]:
    """Return the classes: each partition of n with each pair of sizes of two of its coalitions.

    Examples
    --------
    >>> pair_classes(3)
    (PairClass(sizes=(2, 1), pair=(1, 2)), PairClass(sizes=(1, 1, 1), pair=(1, 1)))
    >>> len(pair_classes(6))
    17
    """
    found = []
    for sizes in size_partitions(agents):
        for pair in sorted({(min(pair), max(pair)) for pair in combinations(sizes, 2)}):
            found.append(PairClass(sizes, pair))
    return tuple(found)


@lru_cache(maxsize=32)
def _operator(agents: int) -> Operator:
    classes = pair_classes(agents)
    row_of = {known: row for row, known in enumerate(classes)}
    entries: Operator = {}
    for column, known in enumerate(classes):
        for sizes, one, other, weight in _shares(known):
            place = row_of[PairClass(sizes, (min(one, other), max(one, other)))], column
            entries[place] = entries.get(place, Fraction(0)) + weight
    return {place: weight for place, weight in entries.items() if weight}


def lifted_operator(agents: int) -> Operator:
    """Return M of q(t+1) = M q(t), exactly: the entries that are not 0 by (row, column) in `pair_classes`.

    Columns: M[:, j] is what (c_E - c_F)², of one pair of class j, adds to the classes in the mean of one move.

    Cost: the classes times the square of the number of sizes in them; 20 agents: a second.

    Raises
    ------
    InputError
        Unless 2 ≤ n ≤ 30.

    Examples
    --------
    >>> {place: str(weight) for place, weight in lifted_operator(3).items()}
    {(0, 0): '1/12', (1, 0): '2/3', (0, 1): '1/4'}
    """
    return dict(_operator(check_agents(agents)))


def mixing_polynomial(agents: int) -> PurePoly:
    """Return the characteristic polynomial of `lifted_operator`, monic with rational coefficients.

    Raises
    ------
    InputError
        Unless 2 ≤ n ≤ 8.

    Examples
    --------
    >>> mixing_polynomial(3).all_coeffs()
    [1, -1/12, -1/6]
    """
    size = len(pair_classes(check_agents(agents, MAX_EXACT)))
    rows: dict[int, dict[int, object]] = {}
    for (i, j), value in _operator(int(agents)).items():
        rows.setdefault(i, {})[j] = QQ(value.numerator, value.denominator)
    coefficients = DomainMatrix(rows, (size, size), QQ).charpoly()
    return PurePoly([QQ.to_sympy(c) for c in coefficients], Symbol("lambda"))


def mixing_rate(agents: int) -> Expr:
    """Return ρ_n, the factor by which E V falls in one move in the long run: an exact algebraic number.

    The spectral radius is an eigenvalue itself, being that of a positive operator: the largest real root.

    Returns
    -------
    sympy expression
        In closed form up to degree 2, as a root of an irreducible polynomial beyond.

    Raises
    ------
    InputError
        Unless 2 ≤ n ≤ 8.

    Examples
    --------
    >>> mixing_rate(2), mixing_rate(3)
    (0, 1/24 + sqrt(97)/24)
    >>> mixing_rate(5).evalf(12)
    0.705789254617
    """
    _, factors = mixing_polynomial(check_agents(agents, MAX_EXACT)).factor_list()
    roots = [root for part, _ in factors for root in real_roots(part, multiple=True)]
    return max(roots, key=lambda root: root.evalf(30))


def disagreement_path(start: Sequence[Sequence[Expr | float]], steps: int) -> tuple[Fraction, ...]:
    """Return E V(t), t = 0 .. steps, exactly; V(0) is taken once the coalitions of the start agree.

    Parameters
    ----------
    start : the opinions of the members of each coalition, rational
    steps : number of moves, at most 1000

    Raises
    ------
    InputError
        For an empty coalition, an opinion that is not rational, fewer than 2 or more than 30 agents.

    Notes
    -----
    One product with a sparse matrix of exact numbers a step.

    Examples
    --------
    >>> [str(V) for V in disagreement_path([[0], [0], [3]], 3)]
    ['6', '3', '5/4', '29/48']
    """
    if isinstance(steps, bool) or not isinstance(steps, int) or not 0 <= steps <= MAX_PATH:
        raise InputError("steps", steps, "is out of range", f"use an integer from 0 to {MAX_PATH}")
    opinions = [[_rational(x) for x in members] for members in start]
    if not all(opinions):
        raise InputError("start", start, "has an empty coalition", "leave it out")
    agents = check_agents(sum(map(len, opinions)))
    classes = pair_classes(agents)
    sizes = tuple(sorted(map(len, opinions), reverse=True))
    coalitions = [(len(members), sum(members, Fraction(0)) / len(members)) for members in opinions]
    state = dict.fromkeys(classes, Fraction(0))
    for (a, c), (b, d) in combinations(coalitions, 2):
        state[PairClass(sizes, (min(a, b), max(a, b)))] += (c - d) ** 2
    q = list(state.values())
    V = disagreement_weights(agents)
    path = [_dot(V, q)]
    for _ in range(steps):
        following = [Fraction(0)] * len(q)
        for (i, j), weight in _operator(agents).items():
            following[i] += weight * q[j]
        q = following
        path.append(_dot(V, q))
    return tuple(path)


def disagreement_weights(agents: int) -> tuple[Fraction, ...]:
    """Return the weights ab/n of the classes in V:  n V = Σ over pairs of coalitions of |C||D| (c_C - c_D)².

    Examples
    --------
    >>> [str(weight) for weight in disagreement_weights(3)]
    ['2/3', '1/3']
    """
    return tuple(Fraction(a * b, agents) for _, (a, b) in pair_classes(agents))


def _shares(known: PairClass) -> Iterator[tuple[Sizes, int, int, Fraction]]:
    """Yield what (c_E - c_F)² of one pair {E, F} becomes in the mean: sizes, two sizes of a pair, and the weight."""
    sizes, (a, b) = known
    others = Counter(sizes)
    others.subtract((a, b))
    rest = {size: count for size, count in others.items() if count}
    for e, f in ((a, b), (b, a)):
        chance = move_chance(sizes, e)
        keep, _, back = _weights(f)
        after = changed(sizes, (e, f), (e - 1, f + 1))  # from E to F: F keeps c' between c_F and c_E
        if e > 1:
            yield after, e - 1, f + 1, chance * (keep + back)
        for g, count in rest.items():
            yield after, f + 1, g, chance * count * back
        for g, count in rest.items():
            after = changed(sizes, (e, g), (e - 1, g + 1))  # from E to another G
            if e > 1:
                yield after, e - 1, f, chance * count
            yield after, g + 1, f, chance * count * _weights(g)[1]
            after = changed(sizes, (g, e), (g - 1, e + 1))  # from another G to E
            yield after, e + 1, f, move_chance(sizes, g) * count * _weights(e)[0]
        if e > 1:  # founding alone, from E: the founder and those left behind are at c_E
            after = changed(sizes, (e,), (e - 1, 1))
            yield after, e - 1, f, chance
            yield after, 1, f, chance
    for g, count in rest.items():  # moves that touch neither
        chance = count * move_chance(sizes, g)
        if g > 1:
            yield changed(sizes, (g,), (g - 1, 1)), a, b, chance
        for h, targets in rest.items():
            if targets > (g == h):
                yield changed(sizes, (g, h), (g - 1, h + 1)), a, b, chance * (targets - (g == h))


@lru_cache(maxsize=64)
def _weights(size: int) -> tuple[Fraction, Fraction, Fraction]:
    """Return `merging_weights` for m = size as fractions."""
    values = (weight.subs(m, size) for weight in merging_weights())
    return tuple(Fraction(int(value.p), int(value.q)) for value in values)  # type: ignore[return-value]


def _rational(value: Expr | float) -> Fraction:
    number = exact(value)
    if not isinstance(number, Rational):
        raise InputError("opinion", value, "is not rational", "give integers, fractions or decimals")
    return Fraction(int(number.p), int(number.q))


def _dot(x: Sequence[Fraction], y: Sequence[Fraction]) -> Fraction:
    return sum((a * b for a, b in zip(x, y, strict=True)), Fraction(0))
