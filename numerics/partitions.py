"""Coalition structures: partitions of the agents, as lists of members or as labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from numerics.validation import is_integer
from theory.errors import InputError, shortened

Structure = Sequence[Sequence[int]] | Sequence[int] | NDArray[np.int64]

_ADVICE = "list every agent 0..{last} once, as [[0, 1], [2]], or give one label per agent, as [0, 0, 1]"


def labels_of(structure: Structure, n_agents: int, field: str = "structure") -> NDArray[np.int64]:
    """Return the label of each agent's coalition.

    Coalitions given as lists are numbered in the order given; labels, in the order of their values.

    Parameters
    ----------
    structure : list of coalitions (lists of agents 0..n-1), or one integer label per agent.
    n_agents : int

    Raises
    ------
    InputError
        Unless every agent is in exactly one coalition and no coalition is empty.

    Examples
    --------
    >>> labels_of([[1, 2], [0]], 3).tolist()
    [1, 0, 0]
    >>> labels_of([5, 2, 2], 3).tolist()
    [1, 0, 0]
    """
    advice = _ADVICE.format(last=n_agents - 1)
    is_list = isinstance(structure, Sequence) and not isinstance(structure, (str, bytes))
    if not is_list and not (isinstance(structure, np.ndarray) and structure.ndim > 0):
        raise InputError(field, structure, "is not a coalition structure", advice)
    if isinstance(structure, np.ndarray) and structure.ndim == 1 and structure.dtype.kind in "iu" and len(structure):
        if len(structure) != n_agents:
            raise InputError(field, structure, f"has {len(structure)} labels for {n_agents} agents", advice)
        return _ranked(structure)
    entries = list(structure)
    if entries and all(is_integer(x) for x in entries):
        if len(entries) != n_agents:
            raise InputError(field, structure, f"has {len(entries)} labels for {n_agents} agents", advice)
        rank = {label: i for i, label in enumerate(sorted({int(x) for x in entries}))}  # of any size
        return np.array([rank[int(x)] for x in entries], dtype=np.int64)
    if (fast := _from_arrays(entries, n_agents)) is not None:
        return fast
    labels = np.full(n_agents, -1, dtype=np.int64)
    for number, coalition in enumerate(entries):
        if isinstance(coalition, str) or not isinstance(coalition, (Sequence, np.ndarray, set, frozenset)):
            raise InputError(f"{field}[{number}]", coalition, "is not a list of agents", advice)
        if not len(coalition):
            raise InputError(f"{field}[{number}]", coalition, "is an empty coalition", "leave it out")
        for agent in coalition:
            if not is_integer(agent) or not 0 <= agent < n_agents:
                raise InputError(f"{field}[{number}]", agent, "is not an agent", advice)
            if labels[agent] >= 0:
                raise InputError(f"{field}[{number}]", agent, "is in two coalitions or twice in one", advice)
            labels[agent] = number
    missing = np.flatnonzero(labels < 0)
    if len(missing):
        raise InputError(field, structure, f"leaves out agent {shortened(missing.tolist())}", advice)
    return labels


def is_one_coalition(structure: Structure, n_agents: int) -> bool:
    """Whether the structure is an array of labels that are all the same: read off without making others."""
    is_array = isinstance(structure, np.ndarray) and structure.shape == (n_agents,) and structure.dtype.kind in "iu"
    return is_array and bool(np.min(structure) == np.max(structure))


def _ranked(values: NDArray[np.integer]) -> NDArray[np.int64]:
    """Number integers by rank: without sorting, unless they are spread over a range much wider than their number."""
    low, high = int(values.min()), int(values.max())
    if high - low > 4 * len(values) + 1024:
        return np.unique(values, return_inverse=True)[1].astype(np.int64)
    if values.dtype.kind == "u":
        labels = (values - values.dtype.type(low)).astype(np.int64)
    else:
        labels = values.astype(np.int64)
        if low:
            labels -= low
    taken = np.zeros(high - low + 1, dtype=bool)
    taken[labels] = True
    return labels if taken.all() else (np.cumsum(taken) - 1)[labels]


def _from_arrays(entries: Sequence[object], n_agents: int) -> NDArray[np.int64] | None:
    """Return the labels of coalitions that are arrays of agents; None if they are not, or are no partition."""
    parts = [part for part in entries if isinstance(part, np.ndarray) and part.ndim == 1 and part.dtype.kind in "iu"]
    sizes = [len(part) for part in parts]
    if not parts or len(parts) < len(entries) or 0 in sizes or sum(sizes) != n_agents:
        return None
    if any(int(part.min()) < 0 or int(part.max()) >= n_agents for part in parts):
        return None
    labels = np.full(n_agents, -1, dtype=np.int64)
    labels[np.concatenate(parts).astype(np.int64)] = np.repeat(np.arange(len(parts)), sizes)
    return labels if (labels >= 0).all() else None  # n entries that reach all n agents reach each of them once


def coalitions_of(labels: NDArray[np.int64]) -> list[list[int]]:
    """Return the coalitions as sorted lists, in the order of their smallest members.

    Examples
    --------
    >>> coalitions_of(np.array([1, 0, 1]))
    [[0, 2], [1]]
    """
    order = np.argsort(labels, kind="stable")
    cuts = np.flatnonzero(np.diff(labels[order])) + 1
    return sorted(part.tolist() for part in np.split(order, cuts))


def members_of(labels: NDArray[np.int64]) -> list[list[int]]:
    """Return the coalitions as sorted lists, in the order of their labels 0, 1, ….

    Examples
    --------
    >>> members_of(np.array([1, 0, 1]))
    [[1], [0, 2]]
    """
    return [np.flatnonzero(labels == c).tolist() for c in range(int(labels.max()) + 1)]


def every_structure(n_agents: int) -> Iterator[tuple[int, ...]]:
    """Yield all structures as labels, the coalition of all first: each agent joins one there is, or founds the next.

    Examples
    --------
    >>> list(every_structure(2))
    [(0, 0), (0, 1)]
    """
    if n_agents == 0:
        yield ()
        return
    for labels in every_structure(n_agents - 1):
        for label in range(max(labels, default=-1) + 2):
            yield (*labels, label)


def ternary_numbers(n_agents: int) -> NDArray[np.int64]:
    """Return T(S) = Σ_{i∈S} 3^i of every bit mask S, (2^n,): disjoint S and S' have a place T(S) + 2 T(S') below 3^n.

    Examples
    --------
    >>> ternary_numbers(2).tolist()
    [0, 1, 3, 4]
    """
    out = np.zeros(1, dtype=np.int64)
    for i in range(n_agents):
        out = np.concatenate([out, out + 3**i])
    return out


def singletons(n_agents: int) -> NDArray[np.int64]:
    """Return the labels of the structure in which every agent is alone."""
    return np.arange(n_agents, dtype=np.int64)
