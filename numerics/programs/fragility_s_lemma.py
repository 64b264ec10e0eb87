"""The nearest point at which quadratic forms are non-negative: the S-lemma, its program, and its exact certificate.

    minimise yᵀGy   subject to   q_k(y) = yᵀQ_k y + 2 b_kᵀy + c_k ≥ 0,  k = 0, 1, …,      G a positive diagonal matrix.

For any multipliers λ_k ≥ 0 with P = G - Σ λ_k Q_k positive definite, and b = Σ λ_k b_k,

    yᵀGy ≥ yᵀGy - Σ λ_k q_k(y) ≥ D(λ) = -Σ λ_k c_k - bᵀP⁻¹b        for every y that satisfies the constraints,

which weak duality proves in one line.  The greatest D is a semidefinite program.  With one constraint that can be met
strictly (Slater's condition) it equals the least value: the S-lemma.  With several it is a lower bound.

No y has q_0 > 0 and the other q_k ≥ 0 if Σ λ_k [[Q_k, b_k], [b_kᵀ, c_k]] is negative semidefinite for some λ ≥ 0 with
λ_0 = 1.  For one constraint the converse holds: otherwise q_0 > 0 somewhere, which is Slater's condition.

Forms and multipliers are rational (a float is a rational), and both certificates are checked by exact elimination.

References
----------
V. A. Yakubovich, Vestnik Leningrad. Univ. 1:62, 1971; I. Pólik and T. Terlaky, SIAM Review 49:371, 2007;
J. J. Moré, Optim. Methods Softw. 2:189, 1993 (one quadratic constraint, and its hard case).
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Rows = tuple[tuple[Fraction, ...], ...]

BISECTIONS = 200  # of log(μ - μ_0) over 60 decades: far below the last place
SHRINKS = (1e-15, 1e-13, 1e-11, 1e-9, 1e-7, 1e-5, 1e-3)  # of multipliers that rounding has put beyond P ≻ 0
NUDGES = (0.0, 1e-6, -1e-6, 1e-4, -1e-4, 1e-2, -1e-2)  # of multipliers of infeasibility, into the interior
ROUNDING = 1e-12  # relative, of forms that were evaluated in floating point


class Form(NamedTuple):
    """q(y) = yᵀQy + 2bᵀy + c with rational entries, Q symmetric."""

    Q: Rows
    b: tuple[Fraction, ...]
    c: Fraction

    def __call__(self, y: FloatArray) -> FloatArray:
        """Return q in floating point at each row of y."""
        Q, b = np.array(self.Q, dtype=np.float64), np.array(self.b, dtype=np.float64)
        return np.einsum("ni,ij,nj->n", y, Q, y) + 2 * (y @ b) + float(self.c)


def form_of(Q: FloatArray, b: FloatArray, c: float) -> Form:
    """Return a form whose entries are those floats."""
    symmetric = (Q + Q.T) / 2
    rows = tuple(tuple(Fraction(float(x)) for x in row) for row in symmetric)
    return Form(rows, tuple(Fraction(float(x)) for x in b), Fraction(float(c)))


@dataclass(frozen=True, eq=False)
class Certificate:
    """Multipliers that prove a lower bound of a radius, or that it is infinite, about forms that it states.

    Attributes
    ----------
    metric : the diagonal of G.
    forms : gain less cost, then what acceptance asks for, as forms in the change of the reduced opinions.
    multipliers : λ ≥ 0, one for each form.
    lower : a rational number that no radius is below (its square is at most D(λ)); 0 if `impossible`.
    impossible : whether no opinions at all satisfy the constraints with gain > cost.
    is_model : whether the forms are the model's, derived in rational arithmetic from its numbers; otherwise they are
        the model's as evaluated in floating point.
    """

    metric: tuple[Fraction, ...]
    forms: tuple[Form, ...]
    multipliers: tuple[Fraction, ...]
    lower: Fraction
    impossible: bool
    is_model: bool

    def verify(self) -> bool:
        """Check the certificate from its data, in rational arithmetic.

        Examples
        --------
        >>> one = Fraction(1)
        >>> form = Form(((one,),), (0 * one,), -4 * one)
        >>> Certificate((one,), (form,), (one / 2,), one, False, True).verify()
        True
        """
        if any(x < 0 for x in self.multipliers):
            return False
        if self.impossible:
            return self.multipliers[0] > 0 and is_impossible(self.forms, self.multipliers)
        value = dual_value(self.metric, self.forms, self.multipliers)
        return self.lower == 0 or (value is not None and self.lower >= 0 and self.lower**2 <= value)


# --- Exact arithmetic ---------------------------------------------------------------------------------------------


def is_semidefinite(matrix: Sequence[Sequence[Fraction]]) -> bool:
    """Whether a symmetric rational matrix is positive semidefinite: LDLᵀ, in which a zero pivot needs a zero row.

    Examples
    --------
    >>> one = Fraction(1)
    >>> is_semidefinite([[one, -one], [-one, one]]), is_semidefinite([[0 * one, one], [one, one]])
    (True, False)
    """
    rows = [list(row) for row in matrix]
    n = len(rows)
    for k in range(n):
        pivot = rows[k][k]
        if pivot < 0 or (pivot == 0 and any(rows[k][j] != 0 for j in range(k + 1, n))):
            return False
        if pivot == 0:
            continue
        for i in range(k + 1, n):
            factor = rows[i][k] / pivot
            if factor:
                rows[i] = [x - factor * y for x, y in zip(rows[i], rows[k], strict=True)]
    return True


def dual_value(metric: Sequence[Fraction], forms: Sequence[Form], multipliers: Sequence[Fraction]) -> Fraction | None:
    """Return D(λ) exactly, or None unless P = G - Σ λ_k Q_k is positive definite.

    Elimination of [P, b] gives the pivots of P, all of which must be positive, and bᵀP⁻¹b = Σ (column entry)²/pivot.
    """
    total = _weighted(forms, multipliers)
    n = len(metric)
    rows = [[(metric[i] if i == j else 0) - total.Q[i][j] for j in range(n)] + [total.b[i]] for i in range(n)]
    value = -total.c
    for k in range(n):
        pivot = rows[k][k]
        if pivot <= 0:
            return None
        value -= rows[k][n] ** 2 / pivot
        for i in range(k + 1, n):
            factor = rows[i][k] / pivot
            if factor:
                rows[i] = [x - factor * y for x, y in zip(rows[i], rows[k], strict=True)]
    return value


def is_impossible(forms: Sequence[Form], multipliers: Sequence[Fraction]) -> bool:
    """Whether Σ λ_k q_k ≤ 0 everywhere: its matrix is negative semidefinite."""
    total = _weighted(forms, multipliers)
    rows = [[-x for x in row] + [-b] for row, b in zip(total.Q, total.b, strict=True)]
    return is_semidefinite([*rows, [-b for b in total.b] + [-total.c]])


def root_below(square: Fraction) -> Fraction:
    """Return a rational with 30 significant digits whose square is at most `square` ≥ 0."""
    if square <= 0:
        return Fraction(0)
    shift = 100 - (square.numerator.bit_length() - square.denominator.bit_length()) // 2
    scaled = square * Fraction(2) ** (2 * shift)
    return Fraction(math.isqrt(scaled.numerator // scaled.denominator)) / Fraction(2) ** shift


def _weighted(forms: Sequence[Form], multipliers: Sequence[Fraction]) -> Form:
    n = len(forms[0].b)
    pairs = [(form, x) for form, x in zip(forms, multipliers, strict=True) if x]
    Q = tuple(tuple(sum((x * f.Q[i][j] for f, x in pairs), Fraction(0)) for j in range(n)) for i in range(n))
    b = tuple(sum((x * f.b[i] for f, x in pairs), Fraction(0)) for i in range(n))
    return Form(Q, b, sum((x * f.c for f, x in pairs), Fraction(0)))


# --- One constraint: from the eigenvalues -------------------------------------------------------------------------


def scaled_arrays(metric: Sequence[Fraction], form: Form) -> tuple[FloatArray, FloatArray, float]:
    """Return Q, b and c in coordinates G^(1/2) y, in which the metric is Euclidean."""
    root = np.sqrt(np.array(metric, dtype=np.float64))
    return (
        np.array(form.Q, dtype=np.float64) / np.outer(root, root),
        np.array(form.b, dtype=np.float64) / root,
        float(form.c),
    )


def nearest_to_one(Q: FloatArray, b: FloatArray, c: float) -> tuple[FloatArray, float] | None:
    """Return the least y with yᵀQy + 2bᵀy + c = 0, for c < 0, and its multiplier; None if no y is found.

    y = (μI - Q)⁻¹ b with μ = 1/λ above the eigenvalues of Q, where q(y) falls with μ: bisection.  In the hard case b
    has no part along the eigenvectors of the greatest eigenvalue, q stays negative up to it, and y moves along one.
    """
    if not (Q.any() or b.any()):
        return None
    values, vectors = np.linalg.eigh(Q)
    beta = vectors.T @ b
    least = max(float(values[-1]), 0.0)  # of μ

    def at(offset: float) -> tuple[FloatArray, float]:
        y = beta / (offset + (least - values))
        return y, float(y @ (values * y) + 2 * beta @ y + c)

    size = max(float(np.max(np.abs(values))), float(np.linalg.norm(beta)) / max(-c, 1e-300) ** 0.5, 1e-300)
    low, high = math.log(size) - 80.0, math.log(size) + 60.0
    point, value = at(math.exp(low))
    if not value >= 0:
        if least == 0.0:
            return None
        y = point.copy()
        rest = float(values[:-1] @ y[:-1] ** 2 + 2 * beta[:-1] @ y[:-1] + c)
        y[-1] = math.copysign(math.sqrt(max(-rest, 0.0) / least), beta[-1] if beta[-1] else 1.0)
        return vectors @ y, 1 / least
    for _ in range(BISECTIONS):
        middle = 0.5 * (low + high)
        if at(math.exp(middle))[1] >= 0:
            low = middle
        else:
            high = middle
    point, _ = at(math.exp(low))
    return vectors @ point, 1 / (least + math.exp(low))


def simple_bound(Q: FloatArray, b: FloatArray, c: float) -> float:
    """Return ρ with q < 0 for all |y| < ρ: the root of c + 2|b|ρ + max(μ_max, 0) ρ²."""
    slope, bend = float(np.linalg.norm(b)), max(float(np.linalg.eigvalsh(Q)[-1]), 0.0)
    if c >= 0:
        return 0.0
    root = slope + math.sqrt(slope**2 - bend * c)
    return -c / root if root > 0 else math.inf


# --- The program --------------------------------------------------------------------------------------------------


def solve_dual(
    metric: Sequence[Fraction], forms: Sequence[Form], length: float, impossible: bool = False
) -> tuple[str, list[float]]:
    """Maximise D(λ), or look for multipliers of infeasibility; return the solver's status and λ.

    maximise t  subject to  [[G - Σ λ_k Q_k, -Σ λ_k b_k], [·, -Σ λ_k c_k - t]] ⪰ 0, λ ≥ 0,

    and for infeasibility the same without G and with λ_0 = 1.  `length` is the unit that y is measured in.
    """
    import cvxpy as cp

    arrays, norms = [], []
    for form in forms:
        Q, b, c = scaled_arrays(metric, form)
        M = np.block([[Q * length**2, (b * length)[:, None]], [(b * length)[None, :], np.array([[c]])]])
        norms.append(float(np.max(np.abs(M))) or 1.0)
        arrays.append(M / norms[-1])
    n = len(metric)
    corner = np.zeros((n + 1, n + 1))
    corner[n, n] = 1.0
    ball = np.eye(n + 1) - corner
    multipliers, t = cp.Variable(len(forms), nonneg=True), cp.Variable()
    total = sum(multipliers[k] * arrays[k] for k in range(len(forms)))
    limits = [multipliers[0] == 1, multipliers <= 1e6] if impossible else []
    matrix = (0 if impossible else ball) - total - t * corner
    problem = cp.Problem(cp.Maximize(t), [(matrix + matrix.T) / 2 >> 0, *limits])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # that the solution may be inaccurate: the status says so
            problem.solve(solver=cp.CLARABEL)
    except cp.error.SolverError:
        return "solver_error", []
    if multipliers.value is None:
        return str(problem.status), []
    found = np.maximum(np.asarray(multipliers.value, dtype=np.float64), 0.0)
    unit = 1.0 if impossible else length**2
    scaled = [float(x) * unit / norm for x, norm in zip(found, norms, strict=True)]
    if impossible:
        scaled = [x / scaled[0] for x in scaled] if scaled[0] > 0 else []
    return str(problem.status), scaled


def best_certificate(
    metric: tuple[Fraction, ...], forms: tuple[Form, ...], candidates: Sequence[Sequence[float]], is_model: bool
) -> Certificate:
    """Return the certificate of the greatest lower bound that multipliers near the candidates prove exactly."""
    best, chosen = Fraction(0), (Fraction(0),) * len(forms)
    for candidate in candidates:
        if len(candidate) != len(forms) or not all(math.isfinite(x) for x in candidate):
            continue
        for shrink in SHRINKS:
            exact = tuple(Fraction(x) * (1 - Fraction(shrink)) for x in candidate)
            value = dual_value(metric, forms, exact)
            if value is not None and value > best:
                best, chosen = value, exact
    return Certificate(metric, forms, chosen, root_below(best), False, is_model)


def impossibility(
    metric: tuple[Fraction, ...], forms: tuple[Form, ...], is_model: bool, length: float
) -> Certificate | None:
    """Return a certificate that no y has q_0 > 0 and the other q_k ≥ 0, or None if there is none or none is found."""
    alone = (Fraction(1),) + (Fraction(0),) * (len(forms) - 1)
    tried = [alone]
    if len(forms) > 1 and not is_impossible(forms, alone):
        _, found = solve_dual(metric, forms, length, impossible=True)
        tried = [(Fraction(1), *(Fraction(x) * (1 + Fraction(nudge)) for x in found[1:])) for nudge in NUDGES if found]
    for multipliers in tried:
        if is_impossible(forms, multipliers):
            return Certificate(metric, forms, multipliers, Fraction(0), True, is_model)
    return None
