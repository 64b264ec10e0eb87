"""Smallest rate: how fast consensus must be for a move to pay, and which rates leave a structure stable.

Members paid at every tactical step (a model with a discount ρ) get the share β(ε) of their payoff for their own
opinion, which they take along wherever they go.  Every gain is therefore 1 - β(ε) times the gain G of patient agents,
whatever the opinions, inside coalitions that agree or do not:

    Δ(ε) = (1 - β(ε)) G,     1 - β(ε) grows with ε from 0 to ρ.

So a move of cost κ ≥ 0 pays exactly for the rates ε > ε*, Δ(ε*) = κ, if ρ G > κ, and at no rate otherwise; a move of
cost κ < 0 pays at every rate if ρ G > κ, and for ε < ε* otherwise: then it is a loss that slow consensus keeps small.
ε* is derived and solved for in `theory.discount`.

Results: S12.

References
----------
Q. Zhu, arXiv:2606.26139, 2026 (this project reconstructs its model).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Rational

from numerics.influence import lazy
from numerics.kernels.acceptance import asks_members
from numerics.model import Model
from numerics.moves import Moves, moves
from numerics.partitions import Structure, labels_of
from numerics.ties import tie_tolerance
from numerics.validation import is_integer
from theory import discount, symbols
from theory.errors import InputError

FloatArray = NDArray[np.float64]

SOLVER = "closed form"
GUARANTEE = "The gain is 1 - β(ε) times that of patient agents, and 1 - β grows with ε (derived in theory.discount)"


@dataclass(frozen=True)
class SmallestRate:
    """The rates ε in (0, 1] at which one move pays: those with rate < ε < below.

    Attributes
    ----------
    rate : ε*, in [0, 1); 0 if no rate is too small, infinite if none is enough.  At ε* itself there is a tie.
    below : infinite, unless only rates below it pay (negative cost and a loss).
    gain_fast : G, the gain of patient agents, in units of payoff.
    cost : κ of the move.
    gain : Δ recomputed with consensus at the rate where gain and cost meet; at rate 1 where they meet at none.
    formula : ε* in r = κ/G and the discount ρ, as solved.
    solver, status, guarantee : how it was found, in words.
    """

    rate: float
    below: float
    gain_fast: float
    cost: float
    gain: float
    formula: Expr
    solver: str
    status: str
    guarantee: str


@dataclass(frozen=True)
class StableRates:
    """The rates ε in (0, 1] at which a structure is stable against moves: those with low ≤ ε ≤ high, if there are any.

    Attributes
    ----------
    low : 0 if no rate is too small.
    high : 1 if none is too large, 0 if a move pays at every rate; below `low` if each rate is too small or too large.
    breaks_above : (agent, coalition) of a move that pays at rates above `high`; empty if there is none.
    breaks_below : the same for rates below `low`.  The number of coalitions stands for founding one alone.
    solver, status, guarantee : how it was found, in words.
    """

    low: float
    high: float
    breaks_above: tuple[int, ...]
    breaks_below: tuple[int, ...]
    solver: str
    status: str
    guarantee: str


def smallest_rate(model: Model, structure: Structure, agent: int, target: int | None) -> SmallestRate:
    """Return the smallest rate of consensus at which a move pays, at the model's current opinions.

        ε* = 1 - √( (ρ-r)/(ρ(1-r)) ),   r = κ/G:   the move pays if and only if ε > ε*   (κ ≥ 0)

    Parameters
    ----------
    model : Model with a discount and concrete opinions; its own rate of consensus does not matter.
    structure : coalition structure.
    agent : who moves.
    target : the coalition joined, by its place in the structure; None to found one alone.

    Raises
    ------
    InputError
        If the model has no discount, or there is no such move.

    Notes
    -----
    O(n²), the cost of all moves.  Whether the coalition accepts plays no part.  If ρ G exceeds κ by no more than a tie
    (`numerics.ties`), no rate is enough.

    Examples
    --------
    >>> model = Model([0.0, 0.0, 2.0], "-u**2", switching_cost=0.5, discount=0.9)
    >>> found = smallest_rate(model, [[0, 1], [2]], agent=2, target=0)
    >>> round(found.rate, 4), found.status
    (0.0267, 'pays at rates above 0.0266715')
    >>> smallest_rate(model.replace(switching_cost=1.5), [[0, 1], [2]], agent=2, target=0).status
    'pays at no rate'
    """
    patience, found, tolerance = _patient_moves(model, structure)
    n, alone = found.gains.shape[0], found.gains.shape[1] - 1
    if not is_integer(agent) or not 0 <= agent < n:
        raise InputError("agent", agent, "is not an agent", f"give one from 0 to {n - 1}")
    if target is not None and (not is_integer(target) or not 0 <= target < alone):
        raise InputError("target", target, "is not a coalition", f"give one from 0 to {alone - 1}, or None for alone")
    column = alone if target is None else int(target)
    gain, cost = float(found.gains[agent, column]), float(found.costs[agent, column])
    if np.isnan(gain):
        raise InputError("target", target, f"is where agent {agent} is already", "name another coalition")
    rate, below, status = 0.0, np.inf, "pays at every rate"
    meets = 1.0
    if patience * gain > cost + tolerance:
        if cost >= 0:
            rate = meets = _rate(cost, gain, patience)
            status = f"pays at rates above {rate:.6g}" if rate > 0 else status
    elif cost + tolerance < 0:
        below = meets = _rate(cost, gain, patience)
        status = f"pays at rates below {below:.6g}"
    else:
        rate, status = np.inf, "pays at no rate"
    at = model.replace(influence=lazy(meets if 0 < meets <= 1 else 1.0))
    recomputed = float(moves(at, structure).gains[agent, column])
    return SmallestRate(
        rate, below, gain, cost, recomputed, discount.rate_formula(), SOLVER, status, GUARANTEE + "."
    )  # fmt: skip


def stable_rates(model: Model, structure: Structure) -> StableRates:
    """Return the rates of consensus at which no admissible move exists, at the model's current opinions: an interval.

    Parameters
    ----------
    model : Model with a discount and concrete opinions, whose acceptance does not ask the members for their gains:
        open, bounded confidence or capacity.
    structure : coalition structure.

    Raises
    ------
    InputError
        If the model has no discount, or its acceptance depends on the rate.

    Notes
    -----
    O(n²), the cost of all moves.

    Examples
    --------
    >>> model = Model([0.0, 0.0, 2.0], "-u**2", switching_cost=0.5, discount=0.9)
    >>> found = stable_rates(model, [[0, 1], [2]])
    >>> found.status, found.breaks_above
    ('stable at rates up to 0.0266715', (2, 0))
    """
    if asks_members(model.acceptance.code):
        name = type(model.acceptance).__name__.lower()
        advice = "use open, bounded confidence or capacity, or look at moves(model, structure) at a rate of your own"
        raise InputError("acceptance", name, "asks members for gains, which depend on the rate", advice)
    patience, found, tolerance = _patient_moves(model, structure)
    gains, costs = (np.where(found.accepted, part, np.nan) for part in (found.gains, found.costs))
    with np.errstate(invalid="ignore"):
        pays_at_one = patience * gains > costs + tolerance
        always = pays_at_one & (costs < 0)
        above = pays_at_one & (costs >= 0)
        below = ~pays_at_one & (costs + tolerance < 0)
    low, high = 0.0, 1.0
    first: tuple[int, ...] = ()
    last: tuple[int, ...] = ()
    if always.any():
        first, high = _place(always.astype(float)), 0.0
    elif above.any():
        first = _place(np.where(above, -costs / np.where(above, gains, 1.0), -np.inf))
        high = _rate(float(costs[first]), float(gains[first]), patience)
    if below.any():
        last = _place(np.where(below, costs / np.where(below, gains, 1.0), -np.inf))
        low = _rate(float(costs[last]), float(gains[last]), patience)
    if low > high or high == 0:
        status = "stable at no rate"
    elif low == 0:
        status = "stable at every rate" if high == 1 else f"stable at rates up to {high:.6g}"
    else:
        status = f"stable at rates from {low:.6g}" + (f" to {high:.6g}" if high < 1 else "")
    return StableRates(low, high, first, last, SOLVER, status, GUARANTEE + "; every move was looked at.")


def _patient_moves(model: Model, structure: Structure) -> tuple[float, Moves, float]:
    """Return the discount, all moves of patient agents, and the tolerance of ties."""
    if model.discount is None:
        raise InputError(
            "discount", None, "is not given", "give the model a factor such as 0.9, or any rate is as good"
        )
    labels_of(structure, model.n_agents)
    return model.discount, moves(model.replace(discount=None), structure), tie_tolerance(model, structure)


def _rate(cost: float, gain: float, patience: float) -> float:
    """Return ε in [0, 1] with (1-β(ε)) gain = cost, for 0 ≤ cost/gain, to the last digit of a float."""
    share, rho = Rational(cost) / Rational(gain), Rational(patience)
    if share == 0:
        return 0.0
    if share >= rho:  # a tie at rate 1
        return 1.0
    return float(discount.rate_formula().evalf(30, subs={symbols.ratio: share, symbols.rho: rho}))


def _place(score: FloatArray) -> tuple[int, ...]:
    """Return the (agent, coalition) of the largest score."""
    return tuple(int(i) for i in np.unravel_index(int(np.argmax(score)), score.shape))
