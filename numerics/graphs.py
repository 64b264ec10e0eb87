"""Graphs, read: an array, nested lists, a sparse matrix or a networkx graph, as compressed sparse rows.

The rows of a matrix A are held by three arrays: row i has the columns ``indices[indptr[i]:indptr[i+1]]``, in
increasing order, and the entries ``data[indptr[i]:indptr[i+1]]``, none of them zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from numerics.validation import MAX_AGENTS, is_real
from theory.errors import InputError

Rows: TypeAlias = tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.float64]]

_ADVICE = "give an (n, n) array, nested lists, a scipy.sparse matrix or a networkx graph"


def rows_of(given: object, field: str) -> Rows:
    """Return the rows of a square matrix: ``indptr``, ``indices`` and ``data``, all of them new arrays.

    Parameters
    ----------
    given : (n, n) array or nested lists, scipy.sparse matrix or array (entries given twice are added up), or
        networkx graph: its nodes in their order, its attribute ``weight``, 1 unless given.
    field : what an error calls it.

    Raises
    ------
    InputError
        Unless it is a square matrix of real numbers with at least one row.

    Notes
    -----
    O(n + entries) for what is sparse; nothing sparse is ever made dense.

    Examples
    --------
    >>> indptr, indices, data = rows_of([[2, 0], [1, 3]], "influence.graph")
    >>> indptr.tolist(), indices.tolist(), data.tolist()
    ([0, 1, 3], [0, 0, 1], [2.0, 1.0, 3.0])
    """
    if hasattr(given, "adj") and hasattr(given, "nodes"):
        return _rows_of_graph(given, field)
    if isinstance(given, np.ndarray) or (isinstance(given, Sequence) and not isinstance(given, (str, bytes))):
        return _rows_of_dense(given, field)
    from scipy.sparse import issparse

    if issparse(given):
        return _rows_of_sparse(given, field)
    raise InputError(field, given, "is not a matrix", _ADVICE)


def _check_shape(shape: tuple[int, ...], field: str) -> None:
    if len(shape) != 2 or shape[0] != shape[1] or not 0 < shape[0] <= MAX_AGENTS:
        problem = f"is not the shape of a matrix of at most {MAX_AGENTS:,} agents"
        raise InputError(field, shape, problem, _ADVICE)


def _rows_of_dense(given: Any, field: str) -> Rows:
    if not isinstance(given, np.ndarray):
        for i, row in enumerate(given):
            if not isinstance(row, (Sequence, np.ndarray)) or isinstance(row, (str, bytes)):
                raise InputError(f"{field}[{i}]", row, "is not a row of numbers", _ADVICE)
            if len(row) != len(given):
                raise InputError(f"{field}[{i}]", row, f"has {len(row)} entries, not {len(given)}", _ADVICE)
        _check_shape((len(given), len(given)), field)
        given = np.array([_numbers(row, f"{field}[{i}]") for i, row in enumerate(given)])
    _check_shape(given.shape, field)
    if given.dtype.kind == "O":
        given = np.array([_numbers(row, f"{field}[{i}]") for i, row in enumerate(given)])
    matrix = _floats(given, field)
    rows, columns = np.nonzero(matrix)
    indptr = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=len(matrix)))])
    return indptr.astype(np.int64), columns.astype(np.uint32), matrix[rows, columns]


def _numbers(row: Any, field: str) -> NDArray[np.float64]:
    if isinstance(row, np.ndarray) and row.dtype.kind in "iuf" and row.ndim == 1:
        return row.astype(np.float64)
    for j, entry in enumerate(row):
        if not is_real(entry):
            raise InputError(f"{field[:-1]}, {j}]", entry, "is not a number", _ADVICE)
    try:
        return np.array(row, dtype=np.float64)
    except OverflowError:
        raise InputError(field, row, "has a number that is not finite", _ADVICE) from None


def _floats(values: Any, field: str) -> NDArray[np.float64]:
    if values.dtype.kind not in "iuf":
        raise InputError(field, values, f"has entries of type {values.dtype}, not numbers", _ADVICE)
    return np.array(values, dtype=np.float64)


def _rows_of_sparse(given: Any, field: str) -> Rows:
    from scipy.sparse import csr_array

    _check_shape(given.shape, field)
    if given.dtype.kind not in "iuf":
        raise InputError(field, given, f"has entries of type {given.dtype}, not numbers", _ADVICE)
    matrix = csr_array(given, dtype=np.float64, copy=True)
    matrix.sum_duplicates()  # and sorts the rows
    matrix.eliminate_zeros()
    return matrix.indptr.astype(np.int64), matrix.indices.astype(np.uint32), matrix.data


def _rows_of_graph(graph: Any, field: str) -> Rows:
    """The adjacency of a networkx graph; parallel edges of a multigraph are added up."""
    from scipy.sparse import coo_array

    nodes = list(graph.nodes)
    _check_shape((len(nodes), len(nodes)), field)
    number_of = {node: i for i, node in enumerate(nodes)}
    parallel = bool(graph.is_multigraph())
    rows: list[int] = []
    columns: list[int] = []
    weights: list[float] = []
    for i, node in enumerate(nodes):
        for neighbour, attributes in graph.adj[node].items():
            for edge in attributes.values() if parallel else (attributes,):
                weight = edge.get("weight", 1)
                if not is_real(weight):
                    raise InputError(
                        f"{field}[{node!r}][{neighbour!r}]", weight, "is not a number", "give the edge a weight"
                    )
                rows.append(i)
                columns.append(number_of[neighbour])
                weights.append(float(weight))
    shape = len(nodes), len(nodes)
    return _rows_of_sparse(coo_array((np.array(weights, dtype=float), (rows, columns)), shape=shape), field)
