"""Passes over the rows of a sparse matrix when it is read: its diagonal, and whether it is symmetric.

Rows are sorted by column: row i has the columns ``indices[indptr[i]:indptr[i+1]]`` and the entries of `data`
at the same places.
"""

import numpy as np
from numba import njit


@njit(cache=True, nogil=True, error_model="numpy")
def first_unsorted(indptr, indices):
    """The first row whose columns do not increase or are not below n, or -1."""
    n = indptr.shape[0] - 1
    for i in range(n):
        for p in range(indptr[i], indptr[i + 1]):
            if indices[p] >= n or (p > indptr[i] and indices[p] <= indices[p - 1]):
                return i
    return -1


@njit(cache=True, nogil=True, error_model="numpy")
def diagonal(indptr, indices, data, out):
    """Write the diagonal to `out`."""
    for i in range(out.shape[0]):
        out[i] = 0.0
        for p in range(indptr[i], indptr[i + 1]):
            if indices[p] == i:
                out[i] = data[p]


@njit(cache=True, nogil=True, error_model="numpy")
def with_diagonal(indptr, indices, data, weight, new_indptr, new_indices, new_data):
    """Write the rows of a matrix that has no diagonal, with `weight` on it."""
    n = indptr.shape[0] - 1
    q = 0
    new_indptr[0] = 0
    for i in range(n):
        placed = False
        for p in range(indptr[i], indptr[i + 1]):
            if not placed and indices[p] > i:
                new_indices[q], new_data[q] = i, weight
                placed = True
                q += 1
            new_indices[q], new_data[q] = indices[p], data[p]
            q += 1
        if not placed:
            new_indices[q], new_data[q] = i, weight
            q += 1
        new_indptr[i + 1] = q


@njit(cache=True, nogil=True, error_model="numpy")
def symmetrise(indptr, indices, data, rounding):
    """Make entries that differ by rounding equal to their mean; return a pair that differs by more, or (-1, -1).

    Rows are visited in order, so that the entries (j, i) that mirror a row i are met in the order of the columns
    of their own row j: a cursor in each row finds them without a search.
    """
    n = indptr.shape[0] - 1
    cursor = indptr[:-1].copy()
    for i in range(n):
        for p in range(indptr[i], indptr[i + 1]):
            j = np.int64(indices[p])
            q = cursor[j]
            if q == indptr[j + 1]:
                return i, j  # (j, i) is zero
            column = np.int64(indices[q])
            if column != i:
                return (j, column) if column < i else (i, j)
            cursor[j] = q + 1
            if j > i:
                a, b = data[p], data[q]
                if a != b:
                    if abs(a - b) > rounding * max(a, b):
                        return i, j
                    data[p] = data[q] = a + 0.5 * (b - a)
    for j in range(n):
        if cursor[j] != indptr[j + 1]:
            return j, np.int64(indices[cursor[j]])
    return -1, -1
