"""Contraction certificates: how fast opinions agree when the coalition structure switches, in whatever order.

Row-stochastic matrices leave the opinions (1, …, 1) as they are.  On differences of opinions, Rⁿ modulo 1,
their joint spectral radius says how fast opinions agree in any order: below 1, consensus is reached at that rate.  The
influence matrix W(π) of a structure of two coalitions or more keeps their difference, so that its rate is 1; several
such in turn may contract.

Results: T6 (any order), T2 (the ergodicity coefficient is one of the norms).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from numerics.consensus import influence_matrix
from numerics.influence import ROW_ROUNDING
from numerics.model import Model
from numerics.partitions import Structure, every_structure, labels_of
from numerics.programs.joint_spectral_radius import (
    MAX_DIMENSION,
    JointSpectralRadius,
    NormCertificate,
    bounds_of,
    limits_of,
    square_matrices,
)
from numerics.programs.lifting import UNIT, differences, spread_bound
from numerics.validation import integer
from theory.errors import InputError

FloatArray = NDArray[np.float64]

MAX_ALL_STRUCTURES = 6  # agents: 203 structures


def consensus_rate(
    matrices: Sequence[object] | FloatArray,
    tolerance: float = 0.03,
    max_lift: int = 3,
    time_limit: float = 60.0,
) -> JointSpectralRadius:
    """Bound how fast opinions agree under row-stochastic matrices W in whatever order.

    The bounds are of the joint spectral radius of the matrices Q W Qᵀ, the rows of Q being an orthonormal basis of the
    opinions that add up to zero: differences of opinions shrink at this rate in every order, and in some order not
    faster.  It is below 1 if and only if the matrices are a consensus set (`numerics.consensus_sets`).

    Parameters
    ----------
    matrices : list of up to 1000 (n, n) arrays or nested lists, 2 ≤ n ≤ 31; each row is non-negative and adds up to 1
        within 1e-9.
    tolerance, max_lift, time_limit : as in `joint_spectral_radius`; bounds on both sides of 1 are improved further, if
        that may decide whether opinions agree.

    Raises
    ------
    InputError
        Unless the matrices are row-stochastic and of one size.

    Notes
    -----
    Proved of the matrices Q W Qᵀ as floats, which `matrices` of the result has.

    Examples
    --------
    The second agent never listens, the first follows at its own pace:

    >>> bounds = consensus_rate([[[0.5, 0.5], [0, 1]], [[0.2, 0.8], [0, 1]]])
    >>> round(bounds.lower, 6), round(bounds.upper, 6)
    (0.5, 0.5)
    """
    limits = limits_of(tolerance, max_lift, time_limit)
    given = square_matrices(matrices, MAX_DIMENSION + 1)
    n = given.shape[1]
    if n == 1:
        raise InputError("matrices", n, "agent has nobody to agree with", "give matrices of at least two agents")
    for k, W in enumerate(given):
        for i in np.flatnonzero((W < 0).any(axis=1) | ~(np.abs(W.sum(axis=1) - 1) <= ROW_ROUNDING)):
            problem = "is not a row of shares that add up to 1"
            raise InputError(f"matrices[{k}][{i}]", W[i].tolist(), problem, "normalise it")
    Q = differences(n)
    projected = Q @ (given / given.sum(axis=2, keepdims=True)) @ Q.T
    projected[np.abs(projected) < 4 * n * UNIT] = 0.0  # rounding errors of zeros
    spread = NormCertificate("spread", spread_bound(projected), tuple(range(n - 1)), tuple(range(len(given))))
    result = bounds_of(projected, *limits, spread)
    if result.upper < 1 or result.lower > 1 - 1e-9:
        return result
    gap = 1 / result.lower - 1 if result.lower > 0 else 1.0  # the tolerance leaves open whether opinions agree at all
    finer = bounds_of(projected, min(limits[0], gap / 2), *limits[1:], spread)
    return replace(finer, status=result.status) if finer.upper < 1 and result.is_within else result


def contraction_certificate(
    model: Model,
    structures: Sequence[Structure] | None = None,
    rounds: Sequence[Sequence[int]] | None = None,
    tolerance: float = 0.03,
    max_lift: int = 3,
    time_limit: float = 60.0,
) -> JointSpectralRadius:
    """Bound how fast opinions agree while the coalition structure switches in any order.

    One structure of two coalitions or more, kept for ever, keeps them apart: if it may be, the rate is 1.  What can
    contract are rounds, in each of which several structures connect all agents together.

    Parameters
    ----------
    model : Model without stubborn agents.
    structures : the structures π that are switched among; all of them unless given, for up to 6 agents.
    rounds : words in the numbers of these structures; (0, 2) is a tactical step in structure 0, then one in 2, the
        matrix W(π₂) W(π₀).  Rounds follow each other in any order, and the bounds are per round.  Unless given, each
        structure is a round.
    tolerance, max_lift, time_limit : as in `joint_spectral_radius`.

    Returns
    -------
    JointSpectralRadius
        As of `consensus_rate`; `product` numbers the rounds, the last one first.

    Raises
    ------
    InputError
        If the model has a single agent or a stubborn one, or a round is no word in the structures.

    Examples
    --------
    Agent 1 is now with agent 0, now with agent 2, in any order, but with each once in a round:

    >>> model = Model(opinions=[0.0, 1.0, 5.0], performance="-u**2")
    >>> pairs = [[[0, 1], [2]], [[0], [1, 2]]]
    >>> bounds = contraction_certificate(model, pairs, rounds=[(0, 1), (1, 0)])
    >>> bounds.contracts, round(bounds.lower, 6)
    (True, 0.5)
    >>> contraction_certificate(model, pairs).lower > 1 - 1e-12
    True
    """
    W = structure_matrices(model, structures)
    if rounds is None:
        return consensus_rate(W, tolerance, max_lift, time_limit)
    advice = "give words in the numbers of the structures, as [(0, 1), (1, 0)]"
    if not isinstance(rounds, Sequence) or isinstance(rounds, (str, bytes)) or len(rounds) == 0:
        raise InputError("rounds", rounds, "is not a list of words", advice)
    steps = []
    for k, word in enumerate(rounds):
        if not isinstance(word, Sequence) or isinstance(word, (str, bytes)) or len(word) == 0:
            raise InputError(f"rounds[{k}]", word, "is not a word", advice)
        letters = [integer(letter, f"rounds[{k}]", "a structure", 0, len(W) - 1) for letter in word]
        product = np.eye(model.n_agents)
        for letter in letters:
            product = W[letter] @ product
        steps.append(product)
    return consensus_rate(np.stack(steps), tolerance, max_lift, time_limit)


def structure_matrices(model: Model, structures: Sequence[Structure] | None = None) -> FloatArray:
    """Return the influence matrices W(π) of coalition structures, (m, n, n).

    Parameters
    ----------
    structures : all of them unless given, for up to 6 agents: ordered as their labels, the one coalition first.

    Raises
    ------
    InputError
        If agents are stubborn, since W(π) alone does not say how opinions move then, or a structure is none.

    Examples
    --------
    >>> structure_matrices(Model(opinions=[0.0, 1.0], performance="u")).tolist()
    [[[0.5, 0.5], [0.5, 0.5]], [[1.0, 0.0], [0.0, 1.0]]]
    """
    n = model.n_agents
    if model.is_stubborn:
        advice = "give the matrices of its steps to joint_spectral_radius"
        raise InputError("model.stubbornness", model.stubbornness.tolist(), "keeps opinions apart", advice)
    if structures is None:
        if n > MAX_ALL_STRUCTURES:
            problem = "agents have too many structures to take all"
            raise InputError("model", n, problem, f"list some, or take up to {MAX_ALL_STRUCTURES} agents")
        return np.stack([influence_matrix(model, np.array(labels)) for labels in every_structure(n)])
    advice = "give a list of coalition structures, as [[[0, 1], [2]], [[0], [1, 2]]]"
    is_list = isinstance(structures, (Sequence, np.ndarray)) and not isinstance(structures, (str, bytes))
    if not is_list or len(structures) == 0:
        raise InputError("structures", structures, "is not a list of structures", advice)
    labels = [labels_of(structure, n, f"structures[{k}]") for k, structure in enumerate(structures)]
    return np.stack([influence_matrix(model, each) for each in labels])
