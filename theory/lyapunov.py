"""Why the dynamics stop, and how far apart opinions can stay: the arguments as running derivations.

Disagreement V = Σ (x_i - x̄)² under uniform influence.  An agent of opinion c + δ joins m agents that agree on c.

- S2: the gain is an average of Jensen gaps of φ, so it is ≥ 0 for concave and ≤ 0 for convex φ (`jensen_terms`).
- S3: the move removes δ² m/(m+1) from V (`disagreement_drop`).  If φ'' ≥ -L then ψ = φ + (L/2)u² is convex, and the
  gain is linear in the performance: Δ_φ = Δ_ψ + (L/2) Δ_{-u²} ≤ (L/2) δ² (1 - H_{m+1}/(m+1)) (`sharp_gain_bound`),
  at most (L/2) δ² m/(m+1), half of L times the drop (`gain_bound`).
- S4: each move gains more than κ > 0, so V drops by more than 2κ/L: fewer than L V/(2κ) moves (`move_bound`).
- S5: if φ'' ≤ -ℓ the same argument turned round bounds gains from below; where no move gains more than κ, the
  spread is at most √(8κ/ℓ) (`spread_bound`), and the surplus at most κ L/ℓ per agent below the best that the mean
  opinion allows (`surplus_loss_bound`).
- S10: the gain grows with m (`magnet_difference` for quadratic, `magnet_terms` for any concave φ).

References
----------
Q. Zhu, arXiv:2606.26139, 2026 (this project reconstructs its model); J. L. W. V. Jensen, Acta Math. 30:175, 1906;
V. D. Blondel, J. M. Hendrickx, J. N. Tsitsiklis, IEEE Trans. Autom. Control 54:2586, 2009, for Lyapunov functions
of averaging.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from sympy import Expr, Ge, Integer, Symbol, ceiling, expand, factor, floor, harmonic, sqrt, together

from theory.errors import InputError
from theory.harmonic_sums import power_sum
from theory.numbers import exact
from theory.symbols import L as L_symbol
from theory.symbols import c, delta, j, k, m, n, phi, u
from theory.two_types import polynomial_gain, two_type_weight

# lower bound of H_{m+1} for m ≥ 1, from its first term; enough for every inequality below
HARMONIC_FLOOR = Integer(1)


# --- S3: what a move removes from the disagreement ------------------------------------------------------------


@lru_cache(maxsize=1)
def disagreement_drop() -> Expr:
    """Derive V_before - V_after = δ² m/(m+1) of a move followed by consensus (S3).

    Before: k agents on c + δ, m on c.  After: k - 1 on c + δ, m + 1 on the mean c + δ/(m+1).  The other
    agents stay, and averaging keeps x̄, so V = Σ x² - n x̄² changes by the change of Σ x².

    Examples
    --------
    >>> disagreement_drop()
    delta**2*m/(m + 1)
    """
    merged = c + delta / (m + 1)
    sum_before, sum_after = k * (c + delta) + m * c, (k - 1) * (c + delta) + (m + 1) * merged
    if not _vanishes(sum_before - sum_after):
        raise ArithmeticError("averaging moved the mean of the opinions")
    before, after = k * (c + delta) ** 2 + m * c**2, (k - 1) * (c + delta) ** 2 + (m + 1) * merged**2
    return factor(together(expand(before - after)))


# --- S2: Jensen, term by term ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class JensenTerms:
    """The gain as an average of Jensen gaps: Δ = 1/(m+1) Σ_{s=0}^m term(s), term = factor · gap.

    Attributes
    ----------
    index : symbol j = s + 1 of the sum, from 1 to m+1 (s incumbents are there before the entrant)
    term : (s+1) φ(c + δ/(s+1)) - s φ(c) - φ(c + δ), as it stands in the gain
    weight : λ = s/(s+1), the weight of c
    factor : s + 1 > 0
    gap : φ(λ c + (1-λ)(c+δ)) - λ φ(c) - (1-λ) φ(c+δ): ≥ 0 for concave φ, ≤ 0 for convex φ
    """

    index: Symbol
    term: Expr
    weight: Expr
    factor: Expr
    gap: Expr


@lru_cache(maxsize=1)
def jensen_terms() -> JensenTerms:
    """Write each term of the two-type gain as a positive multiple of a Jensen gap, for an abstract φ (S2).

    Raises
    ------
    ArithmeticError
        If the identity failed: it is checked, not assumed.

    Examples
    --------
    >>> jensen_terms().weight
    (j - 1)/j
    """
    weight = (j - 1) / j
    mixture = weight * c + (1 - weight) * (c + delta)
    if not _vanishes(mixture - (c + delta / j)):
        raise ArithmeticError("the mixture is not the opinion the coalition agrees on")
    gap = phi(c + delta / j) - weight * phi(c) - (1 - weight) * phi(c + delta)
    term = j * phi(c + delta / j) - (j - 1) * phi(c) - phi(c + delta)
    if not _vanishes(term - j * gap):
        raise ArithmeticError("a term of the gain is no multiple of its Jensen gap")
    return JensenTerms(j, term, weight, j, gap)


# --- S3, S4, S5: bounds ---------------------------------------------------------------------------------------


def sharp_gain_bound(L: Expr | float = L_symbol) -> Expr:
    """Derive Δ ≤ (L/2) δ² (1 - H_{m+1}/(m+1)) for φ'' ≥ -L.

    The gain is linear in the performance, φ = ψ - (L/2) u² with ψ = φ + (L/2) u² convex, and ψ gains at most 0
    (S2).  What is left is the gain of -(L/2) u².

    Examples
    --------
    >>> sharp_gain_bound()
    L*delta**2*(1 - harmonic(m + 1)/(m + 1))/2
    """
    jensen_terms()
    return exact(L) / 2 * polynomial_gain(-(u**2))


def gain_bound(L: Expr | float = L_symbol) -> Expr:
    """Derive Δ ≤ (L/2)(V_before - V_after) = (L/2) δ² m/(m+1) for φ'' ≥ -L, L ≥ 0 (S3).

    H_{m+1} ≥ 1 in `sharp_gain_bound` leaves (L/2) δ² (1 - 1/(m+1)), and that is L/2 times the drop.

    Examples
    --------
    >>> gain_bound()
    L*delta**2*m/(2*(m + 1))
    """
    relaxed = sharp_gain_bound(L).subs(harmonic(m + 1), HARMONIC_FLOOR)
    bound = exact(L) / 2 * disagreement_drop()
    if not _vanishes(relaxed - bound):
        raise ArithmeticError("the relaxed gain is not half of L times the drop")
    return bound


def move_bound(L: Expr | float, V: Expr | float, kappa: Expr | float) -> Expr:
    """Derive L V/(2κ): with φ'' ≥ -L and κ > 0 fewer moves than this happen from disagreement V (S4).

    An admissible move gains more than κ, and at most L/2 times the drop of V; so the drop exceeds 2κ/L, and drops
    add up to V at most.  With V = 0 (or L ≤ 0, φ convex) no move happens at all.

    Raises
    ------
    InputError
        If κ ≤ 0: then S3 bounds nothing.

    Examples
    --------
    >>> move_bound(2, 10, 0.5)
    20
    """
    L, V, kappa = exact(L), exact(V), exact(kappa)
    if kappa.is_nonpositive:
        raise InputError("kappa", kappa, "is not positive", "the bound needs a positive switching cost")
    per_drop = factor(gain_bound(L_symbol) / disagreement_drop())  # gain per unit of V
    if per_drop.has(m, delta):
        raise ArithmeticError("the gain per unit of disagreement depends on the move")
    if L.is_nonpositive:
        return Integer(0)
    return per_drop.subs(L_symbol, L) * V / kappa


def spread_bound(ell: Expr | float, kappa: Expr | float) -> Expr:
    """Derive spread ≤ √(8κ/ℓ) at a joint equilibrium with open acceptance, φ'' ≤ -ℓ < 0 and κ ≥ 0 (S5).

    φ + (ℓ/2) u² is concave, so gains are at least (ℓ/2) δ² (1 - H_{m+1}/(m+1)).  That grows with m (S10) and is
    least at m = 1; no gain above κ leaves (ℓ/2) δ² (1 - H_2/2) ≤ κ for any two coalitions.

    Raises
    ------
    InputError
        If ℓ ≤ 0 or κ < 0.

    Examples
    --------
    >>> from theory.symbols import kappa
    >>> spread_bound(2, kappa)
    2*sqrt(kappa)
    """
    ell, kappa = exact(ell), exact(kappa)
    if ell.is_nonpositive:
        raise InputError("ell", ell, "is not positive", "the bound needs a strictly concave performance function")
    if kappa.is_negative:
        raise InputError("kappa", kappa, "is negative", "with a negative cost nothing is an equilibrium")
    if not magnet_is_increasing():
        raise ArithmeticError("the least gain is not at m = 1")
    least = (sharp_gain_bound(ell) / delta**2).subs(m, 1)
    return sqrt(kappa / least)


def surplus_loss_bound(L: Expr | float, ell: Expr | float, kappa: Expr | float, agents: Expr | int = n) -> Expr:
    """Derive n φ(x̄) - W ≤ (L/2) ⌊n/2⌋⌈n/2⌉/n · 8κ/ℓ ≤ n κ L/ℓ at a joint equilibrium, as in `spread_bound` (from S5).

    W = Σ_C |C| φ(c_C) is Σ_i φ(x_i) once members agree.  By Taylor at x̄ with φ'' ≥ -L, and Σ (x_i - x̄) = 0,
    W ≥ n φ(x̄) - (L/2) V.  V is convex in each opinion, so of opinions on an interval it is greatest with each at one
    end (Popoviciu): with k at one of them V = k (n-k)/n spread², at most ⌊n/2⌋⌈n/2⌉/n spread².  Averaging keeps x̄, so
    n φ(x̄) is what all together would reach, and for concave φ (Jensen) the largest surplus of any structure.

    Equality for φ = b - (ℓ/2)(u-θ)²: everybody alone, half at each end of an interval of length √(8κ/ℓ).

    Parameters
    ----------
    L, ell : -L ≤ φ'' ≤ -ℓ < 0 between the opinions
    kappa : switching cost κ ≥ 0; acceptance is open
    agents : n

    Raises
    ------
    InputError
        If ℓ ≤ 0 or κ < 0, if L < ℓ, or if n is no positive integer.

    Examples
    --------
    >>> surplus_loss_bound(2, 2, 1, 10), surplus_loss_bound(2, 2, 1, 3)
    (10, 8/3)
    """
    L, ell, agents = exact(L), exact(ell), exact(agents)
    if (L - ell).is_negative:
        raise InputError("L", L, f"is less than ell = {ell}", "give bounds with -L ≤ φ'' ≤ -ell")
    if (agents - 1).is_negative or agents.is_integer is False:
        raise InputError("n", agents, "is no number of agents", "use a positive integer")
    widest = floor(agents / 2) * ceiling(agents / 2) / agents  # V of opinions on an interval of length 1
    return L / 2 * widest * spread_bound(ell, kappa) ** 2


# --- S10: the gain grows with m -------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def magnet_difference() -> Expr:
    """Derive Δ(m+1) - Δ(m) of a quadratic φ in closed form, H = H_{m+1} a harmonic number (S10).

    With H_{m+2} = H_{m+1} + 1/(m+2):  δ² ((m+2) H - (m+1)) / ((m+1)(m+2)²) > 0, as H ≥ 1.

    Examples
    --------
    >>> magnet_difference()
    delta**2*(m*harmonic(m + 1) - m + 2*harmonic(m + 1) - 1)/((m + 1)*(m + 2)**2)
    """
    weight = -two_type_weight(2)
    following = weight.subs(m, m + 1).subs(harmonic(m + 2), power_sum(-1, m + 1) + 1 / (m + 2))
    return delta**2 * factor(together(expand(following - weight)))


def magnet_is_increasing() -> Ge:
    """Return the inequality that makes `magnet_difference` non-negative, at the least value of H: true for all m.

    (m+2) H - (m+1) is increasing in H, and at H = 1 it is 1.

    Examples
    --------
    >>> magnet_is_increasing()
    True
    """
    H = Symbol("H", positive=True)
    numerator = together(magnet_difference() / delta**2).as_numer_denom()[0].subs(harmonic(m + 1), H)
    if not numerator.diff(H).is_positive:
        raise ArithmeticError("the numerator does not increase with H")
    return Ge(expand(numerator.subs(H, HARMONIC_FLOOR)), 0)


@lru_cache(maxsize=1)
def magnet_terms() -> JensenTerms:
    """Write the growth of the terms of the gain as a Jensen gap: S10 for every concave φ.

    With T_j = j φ(c + δ/j) - (j-1) φ(c) - φ(c+δ), the gain is the mean of T_1 .. T_{m+1}, and

        T_{j+1} - T_j = (j+1) [ φ(c + δ/(j+1)) - j/(j+1) φ(c + δ/j) - 1/(j+1) φ(c) ],

    a Jensen gap, for c + δ/(j+1) mixes c + δ/j and c with these weights.  So the terms grow for concave φ,
    and the mean of a growing sequence grows; it falls for convex φ.

    Returns
    -------
    JensenTerms
        `term` is T_{j+1} - T_j, `weight` that of c + δ/j, `factor` and `gap` multiply to the term.

    Examples
    --------
    >>> magnet_terms().factor
    j + 1
    """
    of = jensen_terms().term
    term = expand(of.subs(j, j + 1) - of)
    weight = j / (j + 1)
    if not _vanishes(weight * (c + delta / j) + (1 - weight) * c - (c + delta / (j + 1))):
        raise ArithmeticError("the mixture is not the next consensus")
    gap = phi(c + delta / (j + 1)) - weight * phi(c + delta / j) - (1 - weight) * phi(c)
    if not _vanishes(term - (j + 1) * gap):
        raise ArithmeticError("the growth is no multiple of a Jensen gap")
    return JensenTerms(j, term, weight, j + 1, gap)


def fragility_radius(kappa: Expr | float, gap: Expr | float, size_left: Expr | int, size_joined: Expr | int) -> Expr:
    """Derive the least Euclidean change of opinions that makes a move profitable, quadratic φ (S14).

    The move pays once |δ| > δ* with δ*² (1 - H_{m+1}/(m+1)) = κ.  A change e of the opinions changes
    δ = c_C - c_D by a linear form with coefficients 1/|C| on C and -1/|D| on D, of norm √(1/|C| + 1/|D|); so
    the least change is (δ* - |δ|)/√(1/|C| + 1/|D|), and 0 if the move pays already.

    Raises
    ------
    InputError
        If κ < 0 or a size is below 1.

    Examples
    --------
    >>> fragility_radius(1, 0, 1, 1)
    sqrt(2)
    """
    kappa, gap = exact(kappa), exact(gap)
    sizes = exact(size_left), exact(size_joined)
    if kappa.is_negative or any((size - 1).is_negative for size in sizes):
        raise InputError("kappa or size", (kappa, *sizes), "is out of range", "use κ ≥ 0 and sizes of at least 1")
    per_square = (polynomial_gain(-(u**2)) / delta**2).subs(m, sizes[1])
    norm = sqrt(sizes[0] * (1 / sizes[0]) ** 2 + sizes[1] * (1 / sizes[1]) ** 2)
    radius = (sqrt(kappa / per_square) - abs(gap)) / norm
    return Integer(0) if radius.is_negative else radius


def _vanishes(value: Expr) -> bool:
    """Whether a rational expression (in symbols and values of φ) is identically 0."""
    return expand(together(value).as_numer_denom()[0]) == 0
