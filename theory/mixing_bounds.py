"""Why opinions that never settle agree for every n, and bounds of the rate without an eigenvalue (S7).

One move takes from V at least the share 1/(2n) in the mean, whatever the structure and the opinions (`rate_bound`).  So
E V(t) ≤ (1 - 1/(2n))^t V(0): opinions agree in mean square and, as Σ E V(t) ≤ 2n V(0) is finite, almost surely.

Sharper, for given n: with weights y > 0 on the classes of `theory.mixing` let F = Σ y q.  If

    lower · y ≤ Mᵀy ≤ upper · y    entry by entry,

then lower · F ≤ E[F after one move] ≤ upper · F at every state, F being a positive combination of squares; and V and F
bound each other.  So E V(t) lies between constant multiples of lower^t and upper^t from every start with V > 0, and
lower ≤ ρ_n ≤ upper (`decay_bounds`).

Such weights need not exist for large n, but E V(t) lies between constant multiples of ρ_n^t V(0) for every n ≥ 3.  The
dual of the law of the mean squares has an eigenvector Y ≠ 0 in the cone: a form Y_π(x) ≥ 0 for each structure, the
same under all shifts of x and all names of the agents, with E Y(t) = ρ_n^t Y(0).  Were Y = 0 at a state with V > 0, it
would be 0 wherever moves lead from there: to everyone alone; to all in one coalition but an agent i with x_i ≠ x̄;
and to everyone alone again, with x = δ e_i up to a shift.  So e_iᵀ Y e_i = 0 for everyone alone, for every i by
symmetry, and Y = 0 there; and as agents that agree merge without a change of x, Y = 0 everywhere, a contradiction.
Hence Y > 0 where V > 0 and c V ≤ Y ≤ C V.  And ρ_n > 0: at sizes (n-1, 1) an agent can found its own coalition and
rejoin.  So the limit of (E V(t))^{1/t} is ρ_n from every start with V(0) > 0; for n = 2, where one move ends all
disagreement, it is ρ_2 = 0.

References
----------
L. Collatz, Math. Z. 48:221, 1942, and H. Wielandt, Math. Z. 52:642, 1950, for the quotients;
M. G. Krein, M. A. Rutman, Amer. Math. Soc. Transl. 26, 1950, for the eigenvector in the cone.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from sympy import Expr, expand, factor, symbols

from theory.errors import InputError
from theory.lyapunov import disagreement_drop
from theory.mixing import disagreement_weights, lifted_operator
from theory.numbers import exact
from theory.size_chain import check_agents
from theory.symbols import delta, m, n

MAX_AGENTS = 8  # for more, the best weights are no longer all positive; see `decay_bounds`


@dataclass(frozen=True)
class Decay:
    """Bounds of the rate and the weights that prove them.

    Attributes
    ----------
    lower, upper : lower ≤ ρ_n ≤ upper, rational
    weights : y > 0, one for each class
    """

    lower: Fraction
    upper: Fraction
    weights: tuple[Fraction, ...]


def quotients(agents: int, weights: tuple[Fraction, ...]) -> tuple[Fraction, ...]:
    """Return (Mᵀy)_j / y_j of positive weights y: their least and greatest bound ρ_n.

    Raises
    ------
    InputError
        Unless there is one positive weight for each class.

    Examples
    --------
    >>> [str(x) for x in quotients(3, disagreement_weights(3))]
    ['5/12', '1/2']
    """
    size = len(disagreement_weights(check_agents(agents)))
    if len(weights) != size or any(weight <= 0 for weight in weights):
        raise InputError("weights", weights, "are not positive, one for each class", f"give {size} positive numbers")
    sums = [Fraction(0)] * size
    for (i, j), value in lifted_operator(agents).items():
        sums[j] += value * weights[i]
    return tuple(total / weight for total, weight in zip(sums, weights, strict=True))


def decay_bounds(agents: int, digits: int = 12) -> Decay:
    """Return rational bounds of ρ_n, as close as the digits of the weights allow, and what proves them.

    The weights are found by the power method on rounded rational numbers, starting from V; the bounds are exact
    whatever the rounding.

    Parameters
    ----------
    agents : n, from 2 to 8: from 9 on the limit has negative weights, and E V(t) needs `numerics.mixing`
    digits : of the weights, from 2 to 30

    Raises
    ------
    InputError
        For numbers out of range.

    Examples
    --------
    >>> bounds = decay_bounds(3, 6)
    >>> float(bounds.lower) < (1 + 97**0.5) / 24 < float(bounds.upper), float(bounds.upper - bounds.lower) < 1e-5
    (True, True)
    """
    check_agents(agents, MAX_AGENTS)
    if isinstance(digits, bool) or not isinstance(digits, int) or not 2 <= digits <= 30:
        raise InputError("digits", digits, "is out of range", "use an integer from 2 to 30")
    weights, scale = disagreement_weights(agents), 10**digits
    seen: set[tuple[Fraction, ...]] = set()
    while weights not in seen:  # rounded weights are finitely many
        seen.add(weights)
        images = [q * weight for q, weight in zip(quotients(agents, weights), weights, strict=True)]
        greatest = max(images) or Fraction(1)
        weights = tuple(Fraction(max(round(image / greatest * scale), 1), scale) for image in images)
    ratios = quotients(agents, weights)
    return Decay(min(ratios), max(ratios), weights)


def rate_bound(agents: Expr | int = n) -> Expr:
    """Derive E V(t+1) ≤ (1 - 1/(2n)) E V(t) for n agents, so ρ_n ≤ 1 - 1/(2n) < 1.

    A move to m agents at distance δ takes δ² m/(m+1) ≥ δ²/2 from V (S3).  An agent at c has at most K targets, and with
    ĉ the plain mean of the consensus of the K coalitions, Σ_D (c - c_D)² = K (c - ĉ)² + Σ_D (c_D - ĉ)² ≥ K (c - ĉ)²: in
    the mean its move takes at least (c - ĉ)²/2.  Over all agents that is Σ_i (x_i - ĉ)²/(2n) ≥ V/(2n), for x̄ is
    the point with the least sum of squares.

    Raises
    ------
    InputError
        If n < 2: an agent without others has no move.

    Examples
    --------
    >>> rate_bound()
    1 - 1/(2*n)
    >>> rate_bound(5)
    9/10
    """
    count = exact(agents)
    if (count - 2).is_negative or (count.is_number and not count.is_Integer):
        raise InputError("n", agents, "is no number of agents that can move", "use an integer of at least 2")
    share = disagreement_drop() / delta**2
    if not factor(share.subs(m, m + 1) - share).is_positive:
        raise ArithmeticError("a move to more agents does not take more from V")
    least = share.subs(m, 1)
    # a square around any point is one around another, a constant square, and a term that vanishes in the sum
    x, old, new = symbols("x old new", real=True)
    if expand((x - new) ** 2 - (x - old) ** 2 - (old - new) ** 2) != expand(2 * (x - old) * (old - new)):
        raise ArithmeticError("moving the centre of a sum of squares adds more than its square")
    return 1 - least / count
