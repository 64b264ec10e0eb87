"""Stability: the conditions of the exit-join model, derived for any performance function and scale.

`derive` runs the derivation from the definitions (opinions agree inside coalitions, payoffs are Aumann-Drèze
values) and collects its results in `Conditions`: the gain of a move, when a structure is stable against it, when
incumbents accept it, the barrier, the limit of large coalitions, and the bounds that curvature implies.

The functions for single results are public as well: `gain`, `founding_gain`, `incumbents_gain`, `barrier`,
`critical_cost`, `structure_critical_cost`, `size_gain`, `size_game`.

Setting.  Coalitions C (k agents on c + δ) and D (m agents on c) at a tactical equilibrium; an agent of C joins D if
its gain exceeds the switching cost κ and D accepts.  "Stable against the move" means Δ ≤ κ.

Results: S1, S2, S3, S4, S5, S8, S9, S10, S13.

References
----------
Q. Zhu, "Multiscale Exit-Join Dynamics: Tactical Consensus and Strategic Coalition Formation", arXiv:2606.26139, 2026
(this project reconstructs its model from its abstract); R. J. Aumann, J. H. Drèze, 1974.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from sympy import Expr, Ge, Integer, Le, nan, oo, zoo
from sympy.core.relational import Relational

from theory import exposition
from theory.errors import InputError
from theory.gain import (
    barrier,
    critical_cost,
    entrant_payoff,
    founding_gain,
    gain,
    gain_limit,
    incumbents_gain,
    member_payoff,
    proportionality,
    structure_critical_cost,
)
from theory.lyapunov import gain_bound, move_bound, spread_bound
from theory.numbers import exact
from theory.performance import Curvature, curvature, performance_expression
from theory.size_game import SizeGame, size_gain, size_game
from theory.symbols import V, alpha, kappa, s
from theory.two_types import scale_at
from theory.value import scale_expression

__all__ = [
    "Conditions",
    "SizeGame",
    "barrier",
    "critical_cost",
    "derive",
    "entrant_payoff",
    "founding_gain",
    "gain",
    "gain_limit",
    "incumbents_gain",
    "member_payoff",
    "size_gain",
    "size_game",
    "structure_critical_cost",
]

LETTERS = {"alpha": "alpha", "delta": "delta", "kappa": "kappa", "phi": "varphi", "ell": "ell"}
HARMONIC_NOTE = "H(n) = 1 + 1/2 + ... + 1/n and H(n, p) = 1 + 1/2^p + ... + 1/n^p are harmonic numbers."


@dataclass(frozen=True)
class Row:
    """One formula of `Conditions.sections`.

    Attributes
    ----------
    label : what it is, in words
    symbol : what it is, in LaTeX; empty if the formula is a relation
    formula : expression or relation
    relation : "=" or "<=", what stands between symbol and formula; empty if the formula is a relation
    """

    label: str
    symbol: str
    formula: Expr | Relational
    relation: str = "="


@dataclass(frozen=True)
class Conditions:
    """Everything `derive` finds about one performance function and scale.

    Attributes
    ----------
    performance, scale : what was given, as expressions in u and in s
    gain : Δ of an agent of opinion c + δ that leaves k agents of its opinion for m agents at c
    founding_gain : the gain of leaving k agents of its opinion to be alone
    incumbents_gain : what each of the m incumbents gains from the entrant
    stability : Δ ≤ κ, the structure is stable against the move
    founding_stability : the same for founding alone
    acceptance : incumbents' gain ≥ α, all incumbents accept
    barrier : κ - Δ
    critical_cost : the switching cost from which on the move does not pay: Δ
    size_gain : the gain divided by φ(c) when all agents agree (δ = 0)
    gain_limit : limit of the gain as m → ∞, or None if not derived
    interval : the opinions on which the curvature was taken
    curvature : L and ℓ with -L ≤ φ'' ≤ -ℓ there, or None if not derived
    gain_bound : (L/2) δ² m/(m+1), at least the gain; None unless L is finite and positive and g(s) = s
    move_bound : L V/(2κ), at least the number of moves for κ > 0; None as before, 0 if φ is convex
    spread_bound : √(8κ/ℓ), the largest spread of a joint equilibrium; None unless ℓ is positive and g(s) = s
    assumptions : what the results suppose, in words
    """

    performance: Expr
    scale: Expr
    gain: Expr
    founding_gain: Expr
    incumbents_gain: Expr
    stability: Relational
    founding_stability: Relational
    acceptance: Relational
    barrier: Expr
    critical_cost: Expr
    size_gain: Expr
    gain_limit: Expr | None
    interval: tuple[Expr, Expr]
    curvature: Curvature | None
    gain_bound: Expr | None
    move_bound: Expr | None
    spread_bound: Expr | None
    assumptions: tuple[str, ...]

    def sections(self) -> list[tuple[str, list[Row]]]:
        """Return every formula under its heading, in the order of an exposition."""
        return _sections(self)

    def as_text(self) -> str:
        """Return the conditions as plain text: headings, and one formula a line."""
        lines: list[str] = []
        for heading, rows in self.sections():
            lines += ["", heading, "-" * len(heading)]
            width = max((len(row.label) for row in rows), default=0)
            for row in rows:
                sign = f"{row.relation} " if row.relation else ""
                lines.append(f"{row.label:<{width}}  {sign}{exposition.text(row.formula)}")
        title = "Conditions of the exit-join model"
        notes = [f"- {note}" for note in self.assumptions]
        if any("H(" in line for line in lines):
            notes.append(f"- {HARMONIC_NOTE}")
        body = [title, "=" * len(title), *lines, "", "Assumptions", "-----------", *notes]
        return "\n".join(line.rstrip() for line in body)

    def as_latex(self, standalone: bool = False) -> str:
        """Return the conditions as LaTeX: a fragment for a document with amsmath, or a whole document.

        Parameters
        ----------
        standalone : whether to wrap the fragment in a document that compiles by itself
        """
        parts = []
        for heading, rows in self.sections():
            parts.append(f"\\section*{{{_latex_words(heading)}}}")
            for row in rows:
                parts.append(f"{_latex_words(row.label[:1].upper() + row.label[1:])}:")
                parts.append(exposition.equation(row.symbol, row.formula, row.relation.replace("<=", r"\leq")))
        parts.append("\\section*{Assumptions}\n\\begin{itemize}")
        notes = [_latex_words(note) for note in self.assumptions]
        if any("H_{" in part for part in parts):
            notes.append("$H_n = \\sum_{i=1}^n 1/i$ and $H_n^{(p)} = \\sum_{i=1}^n i^{-p}$ are harmonic numbers.")
        parts += [f"  \\item {note}" for note in notes]
        parts.append("\\end{itemize}")
        fragment = "\n".join(parts)
        if not standalone:
            return f"% needs \\usepackage{{amsmath}}\n{fragment}"
        preamble = "\\documentclass{article}\n\\usepackage{amsmath}\n\\allowdisplaybreaks\n\\begin{document}"
        return f"{preamble}\n{fragment}\n\\end{{document}}"


def derive(phi: Expr | str, scale: Expr | str = s, lo: Expr | float = -oo, hi: Expr | float = oo) -> Conditions:
    """Derive gains, stability conditions and bounds from a performance function and a scale.

    Parameters
    ----------
    phi : expression in u (text or sympy), with any parameters
    scale : expression in s
    lo, hi : an interval that holds all opinions; curvature, and what follows from it, is taken there.  The whole
        line by default, which suits φ whose second derivative is bounded.

    Returns
    -------
    Conditions

    Raises
    ------
    InputError
        If `phi` or `scale` is no expression of the model, or the interval is empty.

    Examples
    --------
    >>> conditions = derive("b - (u - theta)**2")
    >>> conditions.stability
    delta**2*(1 - harmonic(m + 1)/(m + 1)) <= kappa
    >>> conditions.spread_bound
    2*sqrt(kappa)
    """
    performance, size = performance_expression(phi), scale_expression(scale)
    _check_scale(size)
    delta_gain, alone, accepted = (
        gain(performance, size),
        founding_gain(performance, size),
        incumbents_gain(performance, size),
    )
    notes = [
        "Opinions agree inside every coalition (tactical equilibrium) under uniform influence.",
        "A coalition of s agents that agrees on u is worth g(s) phi(u); members are paid Aumann-Dreze values.",
        "c: opinion of the m incumbents; c + delta: opinion of the agent and of the k members it leaves.",
        "kappa: switching cost; alpha: least gain for which an incumbent accepts.",
        "V: the sum of (x_i - mean)^2 over all agents at the start.",
    ]
    bend, bounds = _bounds(performance, size, lo, hi, notes)
    limit = gain_limit(performance, size)
    if limit is not None:
        notes.append("The limit for many incumbents holds where phi is differentiable at c.")
    return Conditions(
        performance=performance,
        scale=size,
        gain=delta_gain,
        founding_gain=alone,
        incumbents_gain=accepted,
        stability=Le(delta_gain, kappa, evaluate=False),
        founding_stability=Le(alone, kappa, evaluate=False),
        acceptance=Ge(accepted, alpha, evaluate=False),
        barrier=kappa - delta_gain,
        critical_cost=delta_gain,
        size_gain=size_gain(size),
        gain_limit=limit,
        interval=(exact(lo), exact(hi)),
        curvature=bend,
        gain_bound=bounds[0],
        move_bound=bounds[1],
        spread_bound=bounds[2],
        assumptions=tuple(notes),
    )


def _check_scale(scale: Expr) -> None:
    """Refuse a scale that is no number for some small coalition, or 0 for all."""
    for members in range(1, 9):
        value = scale_at(scale, Integer(members))
        if value.has(zoo, nan, oo, -oo) or value.is_real is False:
            raise InputError(
                "scale", str(scale), f"is not finite for a coalition of {members}", "change the expression"
            )
    if scale == 0:
        raise InputError("scale", str(scale), "makes every coalition worth 0", 'use "s", for example')


def _bounds(
    phi: Expr, scale: Expr, lo: Expr | float, hi: Expr | float, notes: list[str]
) -> tuple[Curvature | None, tuple[Expr | None, Expr | None, Expr | None]]:
    """Return the curvature and the bounds of S3, S4 and S5; say in `notes` which are missing and why."""
    nothing = (None, None, None)
    try:
        bend = curvature(phi, lo, hi)
    except InputError as error:
        if error.field == "interval" and (lo, hi) != (-oo, oo):
            raise
        reason = f"{error.field} {error.problem}; {error.advice}".replace("φ", "phi")
        notes.append(f"No curvature: {reason}.")
        return None, nothing
    where = "on the whole line" if (lo, hi) == (-oo, oo) else f"for opinions in [{lo}, {hi}]"
    ratio = proportionality(scale)
    if ratio is None or not ratio.is_positive:
        notes.append("The bounds from curvature need a scale that is a positive multiple of s.")
        return bend, nothing
    if bend.ell.is_nonnegative:
        notes.append(f"phi is concave {where}: no gain is negative.")
    if bend.L.is_nonpositive:
        notes.append(f"phi is convex {where}: no gain is positive.")
    L, ell = ratio * bend.L, ratio * bend.ell
    upper = moves = spread = None
    if L.is_extended_positive and L.is_infinite:
        notes.append("phi'' is not bounded below: for the bounds on gains and moves give an interval of opinions.")
    elif L.is_nonpositive:
        moves = move_bound(L, V, kappa)
        notes.append(f"The bound on the number of moves holds {where}, for kappa > 0.")
    elif L.is_positive:
        upper, moves = gain_bound(L), move_bound(L, V, kappa)
        notes.append(f"The bounds on the gain and on the number of moves hold {where}, the second for kappa > 0.")
    else:
        notes.append(f"The sign of L = {exposition.text(L)} is not known: for bounds give numbers.")
    if ell.is_positive and ell.is_finite:
        spread = spread_bound(ell, kappa)
        notes.append(f"The bound on the spread holds {where}, for kappa >= 0 and open acceptance.")
    return bend, (upper, moves, spread)


def _sections(conditions: Conditions) -> list[tuple[str, list[Row]]]:
    model = [
        Row("performance phi(u)", r"\varphi(u)", conditions.performance),
        Row("scale g(s)", "g(s)", conditions.scale),
    ]
    move = [
        Row("gain", r"\Delta", conditions.gain),
        Row("critical cost", r"\kappa^*", conditions.critical_cost),
        Row("barrier", r"\kappa - \Delta", conditions.barrier),
        Row("stable against the move iff", "", conditions.stability, ""),
    ]
    if conditions.gain_limit is not None:
        move.append(Row("gain, limit of many incumbents", r"\lim_{m \to \infty} \Delta", conditions.gain_limit))
    alone = [
        Row("gain of founding", r"\Delta_0", conditions.founding_gain),
        Row("stable against founding iff", "", conditions.founding_stability, ""),
    ]
    incumbents = [
        Row("gain of each incumbent", r"\Delta_D", conditions.incumbents_gain),
        Row("all incumbents accept iff", "", conditions.acceptance, ""),
    ]
    agreed = [Row("gain divided by the performance", r"\Delta/\varphi(c)", conditions.size_gain)]
    sections = [
        ("Model", model),
        ("Joining m agents at gap delta", move),
        ("Founding a coalition alone", alone),
        ("What the incumbents gain", incumbents),
        ("When all agents agree", agreed),
    ]
    bounds = _bound_rows(conditions)
    return [*sections, ("What curvature implies", bounds)] if bounds else sections


def _bound_rows(conditions: Conditions) -> list[Row]:
    if conditions.curvature is None:
        return []
    best = conditions.curvature.exact
    rows = [
        Row(f"{'least' if best else 'an'} L with phi'' >= -L", "L", conditions.curvature.L),
        Row(f"{'greatest' if best else 'an'} ell with phi'' <= -ell", r"\ell", conditions.curvature.ell),
    ]
    if conditions.gain_bound is not None:
        rows.append(Row("gain", r"\Delta", conditions.gain_bound, "<="))
    if conditions.move_bound is not None:
        rows.append(Row("number of moves", r"\#\text{moves}", conditions.move_bound, "<="))
    if conditions.spread_bound is not None:
        rows.append(Row("spread of a joint equilibrium", r"\text{spread}", conditions.spread_bound, "<="))
    if not best:  # enclosures, rounded outwards to 9 digits: decimals read better than their fractions
        rows = [replace(row, formula=row.formula.evalf(10)) for row in rows]
    return rows


def _latex_words(note: str) -> str:
    """Write words as LaTeX: relations and Greek letters as symbols, and no character that is a command."""
    relations = {">=": r"$\geq$", "<=": r"$\leq$", "phi''": r"$\varphi''$", "^2": "$^2$", "x_i": "$x_i$"}
    for words, symbol in relations.items():
        note = note.replace(words, symbol)
    note = re.sub(r"\b(alpha|delta|kappa|phi|ell)\b", lambda name: f"$\\{LETTERS[name[0]]}$", note)
    note = re.sub(r"\b(Aumann-Dr)e(ze)\b", r"\1\\`e\2", note)
    pieces = note.split("$")  # words and formulas by turns
    special = {"_": r"\_", "^": r"\^{}", "&": r"\&", "%": r"\%", "#": r"\#", "<": "$<$", ">": "$>$"}
    pieces[::2] = ["".join(special.get(character, character) for character in words) for words in pieces[::2]]
    return "$".join(pieces)
