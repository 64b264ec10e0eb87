"""Penalised least squares: the weights of agents, drawn to given ones.

    minimise ‖D b - z‖² + λ v ‖b - prior‖²   over the weights b of one agent,

D and z its transitions, v the mean square of the regressors of its group.  The programs of all agents with groups of
one size are solved together.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from numerics.fitting.transitions import Transitions
from numerics.programs.influence_fit import simplex_least_squares

FloatArray = NDArray[np.float64]

RANK = 1e-9  # of the largest singular value: differences below it are rounding of answers, not information
TIE = 1e-9  # a λ v that only decides between weights that fit equally well: three digits above the solver's
MAX_ENTRIES = 10_000_000  # of the matrices that are held at once: 80 MB


class Program(NamedTuple):
    """One agent, v of its group, the (k+1,) weights it is drawn to, and a finite λ; 0 only decides between equals."""

    agent: Transitions
    scale: float
    prior: FloatArray
    regularisation: float


class Fitted(NamedTuple):
    """(k+1,) weights for each program, its gap (see `numerics.programs.influence_fit`), the solver and its status."""

    weights: list[FloatArray]
    gap: list[float]
    solver: str
    status: str


def fitted(programs: list[Program]) -> Fitted:
    """Return the weights that solve each program, in their order."""
    weights: list[FloatArray] = [np.empty(0)] * len(programs)
    gap = [math.nan] * len(programs)
    solver, status = "", "optimal"
    factors: dict[int, tuple[FloatArray, FloatArray, float]] = {}  # the same agent comes once for each λ
    for numbers in _batches(programs):
        part = [programs[number] for number in numbers]
        p = part[0].agent.k + 1
        A, y = np.zeros((len(part), 2 * p, p)), np.zeros((len(part), 2 * p))
        for row, (agent, scale, prior, strength) in enumerate(part):
            if id(agent) not in factors:
                factors[id(agent)] = *_factor_of(agent), _tie(agent, scale)
            A[row, :p], y[row, :p], tie = factors[id(agent)]
            pull = math.sqrt(scale * strength) if strength > 0 else tie
            A[row, p:], y[row, p:] = pull * np.eye(p), pull * prior
        found = simplex_least_squares(A, y, np.array([program.agent.allowed for program in part]))
        for number, b, least in zip(numbers, found.weights, found.gap.tolist(), strict=True):
            weights[number], gap[number] = b, least
        solver, status = found.solver, status if found.status == "optimal" else found.status
    return Fitted(weights, gap, solver, status)


def factor(D: FloatArray, z: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return square R and r with ‖D b - z‖² = ‖R b - r‖² + constant, filled up with zeros.

    Examples
    --------
    >>> R, r = factor(np.array([[3.0], [4.0]]), np.array([1.0, 1.0]))
    >>> bool(abs(R[0, 0] ** 2 - 25) < 1e-12), bool(abs(R[0, 0] * r[0] - 7) < 1e-12)
    (True, True)
    """
    p = D.shape[1]
    R, r = np.zeros((p, p)), np.zeros(p)
    Q, upper = np.linalg.qr(D)
    R[: len(upper)], r[: len(upper)] = upper, Q.T @ z
    return R, r


def _batches(programs: list[Program]) -> list[list[int]]:
    """Return numbers of programs with equally many weights, as many together as may be held."""
    sizes: dict[int, list[int]] = {}
    for number, program in enumerate(programs):
        sizes.setdefault(program.agent.k + 1, []).append(number)
    out = []
    for p, numbers in sizes.items():
        step = max(1, MAX_ENTRIES // (2 * p * p))
        out += [numbers[first : first + step] for first in range(0, len(numbers), step)]
    return out


def _factor_of(agent: Transitions) -> tuple[FloatArray, FloatArray]:
    D = np.zeros((len(agent.moves), agent.k + 1))  # nothing in the column of its own: differences from it
    D[:, agent.heard] = agent.regressors
    return factor(D, agent.moves)


def _tie(agent: Transitions, scale: float) -> float:
    """Return the root of the λ v that stands for λ = 0: zero, unless transitions leave weights open."""
    rank = np.linalg.matrix_rank(agent.regressors, rtol=RANK) if len(agent.moves) else 0
    return 0.0 if 0 < rank == len(agent.heard) else math.sqrt(TIE * scale)
