"""Influence: who listens to whom inside a coalition, as exact row-stochastic matrices.

A ≥ 0 is the influence matrix of all agents.  Inside a coalition C members listen to each other only:

    W_C[i, j] = A[i, j] / Σ_{k∈C} A[i, k],   i, j ∈ C.

Families with closed forms: uniform, lazy uniform, weighted (rank one), complete with self-weight, and the lazy
walk (1-h) I + h D⁻¹ Adj on a network, with the usual networks.

References
----------
M. H. DeGroot, J. Amer. Statist. Assoc. 69:118, 1974; D. A. Levin, Y. Peres, E. L. Wilmer, "Markov Chains and Mixing
Times", 2nd ed., 2017, chapters 1 and 12.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from sympy import Expr, ImmutableMatrix, Integer, Matrix, MatrixBase

from theory.errors import InputError
from theory.numbers import exact

MAX_SIZE = 4096  # rows of a matrix that is written out


def restricted(A: MatrixBase | Sequence[Sequence[Expr | float]], coalition: Iterable[int]) -> Matrix:
    """Return W_C: the rows and columns of a coalition, each row divided by its sum.

    Parameters
    ----------
    A : square matrix of non-negative numbers or expressions
    coalition : distinct indices of agents; they become 0 .. |C|-1 in the order given

    Raises
    ------
    InputError
        If A is not square or has a negative entry, an index is wrong, or a row of C sums to 0.

    Examples
    --------
    >>> restricted([[1, 1, 2], [0, 3, 1], [1, 1, 1]], [0, 1])
    Matrix([
    [1/2, 1/2],
    [  0,   1]])
    """
    matrix = exact_matrix(A)
    members = list(coalition)
    if not members or len(set(members)) != len(members) or not all(i in range(matrix.rows) for i in members):
        raise InputError("coalition", members, "is no coalition", f"give distinct agents from 0 to {matrix.rows - 1}")
    if any(entry.is_negative for entry in matrix):
        raise InputError("A", matrix.tolist(), "has a negative entry", "influence is 0 or more")
    rows = []
    for i in members:
        row = [matrix[i, l] for l in members]
        total = sum(row, Integer(0))
        if total.is_zero:
            raise InputError("A", row, f"leaves agent {i} without influence in {members}", "give it a self-weight")
        rows.append([entry / total for entry in row])
    return Matrix(rows)


def uniform(k: int) -> Matrix:
    """Return 11ᵀ/k: everyone listens to all members alike.

    Examples
    --------
    >>> uniform(2)
    Matrix([
    [1/2, 1/2],
    [1/2, 1/2]])
    """
    return restricted(_square(k, lambda i, l: Integer(1)), range(k))


def lazy_uniform(k: int, eps: Expr | float) -> Matrix:
    """Return (1-ε) I + ε 11ᵀ/k, ε in (0, 1]: everyone moves the fraction ε of the way to the mean.

    Examples
    --------
    >>> lazy_uniform(2, 0.5)
    Matrix([
    [3/4, 1/4],
    [1/4, 3/4]])
    """
    rate = _rate(eps, "eps")
    return (1 - rate) * Matrix.eye(k) + rate * uniform(k)


def weighted(weights: Sequence[Expr | float]) -> Matrix:
    """Return 1 aᵀ/Σa (rank one): everyone listens to agent j with the same weight a_j > 0.

    Examples
    --------
    >>> weighted([1, 3])
    Matrix([
    [1/4, 3/4],
    [1/4, 3/4]])
    """
    shares = [exact(weight) for weight in weights]
    if not shares or any(share.is_positive is False for share in shares):
        raise InputError("weights", weights, "must be positive", "give at least one positive weight")
    return restricted(_square(len(shares), lambda i, l: shares[l]), range(len(shares)))


def complete(k: int, self_weight: Expr | float) -> Matrix:
    """Return A = J + (w-1) I, normalised: weight 1 on everybody else, w ≥ 0 on oneself.

    Examples
    --------
    >>> complete(3, 2)[0, :]
    Matrix([[1/2, 1/4, 1/4]])
    """
    own = exact(self_weight)
    if own.is_negative:
        raise InputError("self_weight", self_weight, "is negative", "use 0 or more")
    return restricted(_square(k, lambda i, l: own if i == l else Integer(1)), range(k))


def lazy_walk(adjacency: MatrixBase | Sequence[Sequence[Expr | float]], h: Expr | float = 1) -> Matrix:
    """Return (1-h) I + h D⁻¹ Adj, h in (0, 1]: listen to a random neighbour with weight h, else to oneself.

    Raises
    ------
    InputError
        If the adjacency matrix is not square or not symmetric, or an agent has no neighbour.

    Examples
    --------
    >>> lazy_walk(path_graph(3), 0.5)
    Matrix([
    [1/2, 1/2,   0],
    [1/4, 1/2, 1/4],
    [  0, 1/2, 1/2]])
    """
    matrix, rate = exact_matrix(adjacency), _rate(h, "h")
    if not matrix.is_symmetric():
        raise InputError("adjacency", matrix.tolist(), "is not symmetric", "give the adjacency matrix of a network")
    walk = restricted(matrix, range(matrix.rows))
    return (1 - rate) * Matrix.eye(matrix.rows) + rate * walk


def ring_graph(n: int) -> ImmutableMatrix:
    """Return the adjacency matrix of the cycle on n ≥ 3 agents."""
    return _graph(n, 3, lambda i, l: (i - l) % n in (1, n - 1))


def path_graph(n: int) -> ImmutableMatrix:
    """Return the adjacency matrix of the path on n ≥ 2 agents."""
    return _graph(n, 2, lambda i, l: abs(i - l) == 1)


def star_graph(n: int) -> ImmutableMatrix:
    """Return the adjacency matrix of the star on n ≥ 2 agents; agent 0 is the centre."""
    return _graph(n, 2, lambda i, l: (i == 0) != (l == 0))


def complete_graph(n: int) -> ImmutableMatrix:
    """Return the adjacency matrix of the complete network on n ≥ 2 agents."""
    return _graph(n, 2, lambda i, l: i != l)


def complete_bipartite_graph(p: int, q: int) -> ImmutableMatrix:
    """Return the adjacency matrix of K_{p,q}: agents 0 .. p-1 on one side, the other q on the other."""
    if not (_is_size(p) and _is_size(q)):
        raise InputError("sides", (p, q), "are no numbers of agents", "give two integers, 1 or more")
    return _graph(p + q, 2, lambda i, l: (i < p) != (l < p))


def hypercube_graph(d: int) -> ImmutableMatrix:
    """Return the adjacency matrix of the hypercube: 2^d agents, neighbours differ in one binary digit."""
    if not _is_size(d) or d > 12:
        raise InputError("d", d, "is no dimension", "use an integer from 1 to 12")
    return _graph(2**d, 2, lambda i, l: (i ^ l).bit_count() == 1)


def exact_matrix(entries: MatrixBase | Sequence[Sequence[Expr | float]]) -> Matrix:
    """Return a square matrix with exact entries; floats are read as the decimals they print as.

    Raises
    ------
    InputError
        If it is not square.
    """
    rows = entries.tolist() if isinstance(entries, MatrixBase) else [list(row) for row in entries]
    if not rows or any(len(row) != len(rows) for row in rows):
        raise InputError("matrix", rows, "is not square", "give n rows of n numbers")
    return Matrix([[exact(_as_exact(entry)) for entry in row] for row in rows])


def _as_exact(entry: Expr | float) -> Expr | float:
    return float(entry) if getattr(entry, "is_Float", False) else entry


def _square(k: int, entry: Callable[[int, int], Expr]) -> Matrix:
    if not _is_size(k) or k > MAX_SIZE:
        raise InputError("k", k, "is no number of agents", f"use an integer from 1 to {MAX_SIZE}")
    return Matrix(k, k, entry)


def _graph(n: int, least: int, joined: Callable[[int, int], bool]) -> ImmutableMatrix:
    if not _is_size(n) or not least <= n <= MAX_SIZE:
        raise InputError("n", n, "is no size of this network", f"use an integer from {least} to {MAX_SIZE}")
    return ImmutableMatrix(n, n, lambda i, l: Integer(joined(int(i), int(l))))


def _is_size(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _rate(value: Expr | float, field: str) -> Expr:
    rate = exact(value)
    if rate.is_nonpositive or (rate - 1).is_positive:
        raise InputError(field, value, "is out of range", "use a number above 0 and at most 1")
    return rate
