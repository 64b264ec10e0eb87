"""Consensus: where opinions settle inside a coalition, and how fast.  Exact, and symbolic where that makes sense.

Opinions move by x(t+1) = W x(t), W row-stochastic.  If W is primitive they converge to (w·x) 1 with w the Perron
weights, wᵀW = wᵀ, Σw = 1, at the rate slem(W), the second largest eigenvalue modulus (T1).  The ergodicity
coefficient τ(W) = ½ max_{i,j} Σ_l |W_il - W_jl| bounds one step: spread(Wx) ≤ τ spread(x), and slem ≤ τ (T2).

Perron weights come from the Markov chain tree theorem: w_i is proportional to the principal minor of I - W without
row and column i.  It is polynomial in the entries, so it works for symbols (T4: symmetric networks, w_i = d_i/vol).

References
----------
M. H. DeGroot, J. Amer. Statist. Assoc. 69:118, 1974; F. T. Leighton, R. L. Rivest, IEEE Trans. Inform. Theory 32:733,
1986 (tree theorem); E. Seneta, "Non-negative Matrices and Markov Chains", 2nd ed., 1981; H. Wielandt, Math. Z. 52:642,
1950.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from sympy import Abs, Expr, Float, Integer, Matrix, MatrixBase, Max, Min, Rational, Symbol, cancel, log, oo, together

from theory.errors import InputError
from theory.gain import DIGITS
from theory.influence import exact_matrix
from theory.numbers import exact

MAX_SPECTRUM = 64  # rows of a matrix whose characteristic polynomial is factored


def perron_weights(W: MatrixBase | Sequence[Sequence[Expr | float]]) -> Matrix:
    """Return the Perron weights w of a row-stochastic matrix: wᵀW = wᵀ, Σ w = 1 (T1, T4).

    w_i = det((I-W) without row and column i) / the sum of these, by the Markov chain tree theorem.

    Parameters
    ----------
    W : (n, n) row-stochastic matrix of numbers or expressions

    Returns
    -------
    (n, 1) Matrix; all entries positive if W is irreducible

    Raises
    ------
    InputError
        If a row does not sum to 1, or the weights are not unique (two closed classes of agents).

    Notes
    -----
    Cost: n determinants, O(n⁴) for numbers; for symbols use n ≤ 5 or so.

    Examples
    --------
    >>> perron_weights([[0.5, 0.5], [0.25, 0.75]])
    Matrix([
    [1/3],
    [2/3]])
    """
    matrix = _stochastic(W)
    laplacian = Matrix.eye(matrix.rows) - matrix
    minors = [_minor(laplacian, i) for i in range(matrix.rows)]
    total = cancel(together(sum(minors, Integer(0))))
    if total == 0:
        raise InputError(
            "W", matrix.tolist(), "has more than one consensus", "split the coalition into its closed classes"
        )
    return Matrix([cancel(together(minor / total)) for minor in minors])


def consensus(W: MatrixBase | Sequence[Sequence[Expr | float]], x: Sequence[Expr | float]) -> Expr:
    """Return the opinion w·x on which a coalition agrees from opinions x.

    Raises
    ------
    InputError
        As `perron_weights`; if the opinions do not match W; if W is a matrix of numbers that is not primitive
        up to transient agents, so that opinions oscillate for ever.

    Examples
    --------
    >>> consensus([[0.5, 0.5], [0.25, 0.75]], [0, 3])
    2
    """
    matrix = _stochastic(W)
    opinions = [exact(value) for value in x]
    if len(opinions) != matrix.rows:
        raise InputError("x", x, f"does not match {matrix.rows} agents", "give one opinion per agent")
    weights = perron_weights(matrix)
    if not matrix.free_symbols:
        closed = [i for i in range(matrix.rows) if weights[i] != 0]  # the one closed class; the others are transient
        if not is_primitive(matrix.extract(closed, closed)):
            raise InputError("W", matrix.tolist(), "is periodic: opinions oscillate", "give agents a self-weight")
    return sum((weight * value for weight, value in zip(weights, opinions, strict=True)), Integer(0))


def spread(x: Sequence[Expr | float]) -> Expr:
    """Return max x - min x.

    Examples
    --------
    >>> spread([0.5, 2, -1])
    3
    """
    opinions = [exact(value) for value in x]
    if not opinions:
        raise InputError("x", x, "is empty", "give at least one opinion")
    return Max(*opinions) - Min(*opinions)


def eigenvalues(W: MatrixBase | Sequence[Sequence[Expr | float]]) -> dict[Expr, int]:
    """Return the exact eigenvalues of a matrix of numbers, with multiplicities.

    The characteristic polynomial is factored over the rationals; eigenvalues are rational, in square roots, or
    `CRootOf`, an exact root of a polynomial that can be evaluated to any precision.

    Raises
    ------
    InputError
        If the matrix has symbols (see `theory.spectra`), or more than 64 rows.

    Examples
    --------
    >>> eigenvalues([[0.5, 0.5], [0.25, 0.75]])
    {1: 1, 1/4: 1}
    """
    matrix = exact_matrix(W)
    if matrix.free_symbols:
        raise InputError("W", matrix.tolist(), "has symbols", "give numbers, or use theory.spectra for a family")
    if matrix.rows > MAX_SPECTRUM:
        raise InputError(
            "W", f"{matrix.rows} rows", "is too large for exact eigenvalues", f"use at most {MAX_SPECTRUM}"
        )
    polynomial = matrix.charpoly(Symbol("lambda"))
    if not (polynomial.domain.is_ZZ or polynomial.domain.is_QQ):
        return {value: int(times) for value, times in matrix.eigenvals().items()}
    found: dict[Expr, int] = {}
    for factor, times in polynomial.factor_list()[1]:
        for root in factor.all_roots(radicals=factor.degree() <= 2):
            found[root] = found.get(root, 0) + times
    return dict(sorted(found.items(), key=lambda item: _modulus(item[0]), reverse=True))


def slem(W: MatrixBase | Sequence[Sequence[Expr | float]]) -> Expr:
    """Return the second largest eigenvalue modulus of a stochastic matrix of numbers, exactly.

    One eigenvalue 1 is set aside; 0 for one agent.

    Examples
    --------
    >>> slem([[0.5, 0.5], [0.25, 0.75]])
    1/4
    """
    return second_largest_modulus(eigenvalues(_stochastic(W)))


def second_largest_modulus(spectrum: dict[Expr, int]) -> Expr:
    """Return the largest modulus after one eigenvalue 1 is removed; 0 if nothing is left."""
    rest = dict(spectrum)
    rest[Integer(1)] = rest.get(Integer(1), 0) - 1
    values = [value for value, times in rest.items() if times > 0]
    return Abs(max(values, key=_modulus)) if values else Integer(0)


def ergodicity_coefficient(W: MatrixBase | Sequence[Sequence[Expr | float]]) -> Expr:
    """Return τ(W) = ½ max_{i,j} Σ_l |W_il - W_jl|, in [0, 1] (T2).

    Exact for numbers; a Max of expressions for symbols.

    Examples
    --------
    >>> ergodicity_coefficient([[0.5, 0.5], [0.25, 0.75]])
    1/4
    """
    matrix = _stochastic(W)
    distances = [
        sum((Abs(matrix[i, column] - matrix[l, column]) for column in range(matrix.cols)), Integer(0)) / 2
        for i, l in combinations(range(matrix.rows), 2)
    ]
    return Max(Integer(0), *distances)


def is_primitive(W: MatrixBase | Sequence[Sequence[Expr | float]]) -> bool:
    """Return whether some power of a non-negative matrix is positive.

    It is enough to look at the pattern of the power (n-1)² + 1 (Wielandt 1950).

    Examples
    --------
    >>> is_primitive([[0, 1], [1, 0]]), is_primitive([[0.5, 0.5], [1, 0]])
    (False, True)
    """
    matrix = exact_matrix(W)
    if any(entry.is_nonnegative is not True for entry in matrix):
        raise InputError("W", matrix.tolist(), "has an entry not known to be 0 or more", "give non-negative numbers")
    n_agents = matrix.rows
    reach = [frozenset(l for l in range(n_agents) if not matrix[i, l].is_zero) for i in range(n_agents)]
    power, exponent = [frozenset({i}) for i in range(n_agents)], (n_agents - 1) ** 2 + 1
    while exponent:  # by squaring: patterns multiply like boolean matrices
        if exponent & 1:
            power = _compose(power, reach)
        reach, exponent = _compose(reach, reach), exponent >> 1
    return all(len(row) == n_agents for row in power)


def time_to_consensus(slem: Expr | float, eps: Expr | float) -> Expr:
    """Return log(1/ε)/(-log slem), the number of steps in which the slowest mode shrinks by the factor ε.

    0 for slem = 0 (agreement after finitely many steps: one, if W is diagonalisable), oo for slem = 1.

    Examples
    --------
    >>> time_to_consensus(0.5, 0.125).simplify()
    3
    """
    rate, factor = exact(slem), exact(eps)
    if factor.is_nonpositive or (factor - 1).is_nonnegative:
        raise InputError("eps", eps, "is out of range", "use a number above 0 and below 1")
    if rate.is_negative or (rate - 1).is_positive:
        raise InputError("slem", slem, "is out of range", "use a number from 0 to 1")
    if rate.is_zero:
        return Integer(0)
    return oo if (rate - 1).is_zero else log(1 / factor) / -log(rate)


def _compose(first: list[frozenset[int]], second: list[frozenset[int]]) -> list[frozenset[int]]:
    return [frozenset().union(*(second[l] for l in row)) for row in first]


def _minor(matrix: Matrix, i: int) -> Expr:
    if matrix.rows == 1:
        return Integer(1)
    # Berkowitz needs no division, so symbols do not swell into fractions
    return matrix.minor_submatrix(i, i).det(method="berkowitz")


def _stochastic(W: MatrixBase | Sequence[Sequence[Expr | float]]) -> Matrix:
    matrix = exact_matrix(W)
    for i in range(matrix.rows):
        total = cancel(together(sum(matrix.row(i), Integer(0))))
        if total != 1:
            raise InputError(
                "W", matrix.row(i).tolist()[0], f"is row {i} and sums to {total}", "make every row sum to 1"
            )
    if any(entry.is_negative for entry in matrix):
        raise InputError("W", matrix.tolist(), "has a negative entry", "influence is 0 or more")
    return matrix


def _modulus(value: Expr) -> Rational | Float:
    """Return |value|, to many digits unless rational, for comparisons."""
    return abs(value) if value.is_Rational else Abs(value.evalf(DIGITS))
