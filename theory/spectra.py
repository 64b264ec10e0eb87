"""Spectra: the exact eigenvalues of the influence families, for any number of agents (T3).

Each family is a rule that says what a row of W does to a vector, for every type of row, and a list of trial
eigenvectors.  Applying the rows to a trial vector v and dividing by its entry gives the eigenvalue (W v)_i/v_i; it must
be the same for all types of rows, and is checked to be.  Multiplicities count independent eigenvectors and
must add up to the number of agents, which is checked as well.

    uniform            1, 0^(n-1)                       complete, self-weight w    1, ((w-1)/(n-1+w))^(n-1)
    lazy uniform       1, (1-ε)^(n-1)                   ring                       1-h + h cos(2πr/n), r < n
    rank one           1, 0^(n-1)                       path                       1-h + h cos(πr/(n-1)), r < n
    star, K_{p,q}      1, 1-2h, (1-h)^(rest)            hypercube                  1 - 2hr/d, C(d, r) times, r ≤ d
    complete network   1, (1 - hn/(n-1))^(n-1)

Networks carry the lazy walk (1-h) I + h D⁻¹ Adj.  This table is a summary for the reader; the code derives it.

References
----------
D. A. Levin, Y. Peres, E. L. Wilmer, "Markov Chains and Mixing Times", 2nd ed., 2017, chapter 12; S. Boyd, P. Diaconis,
L. Xiao, SIAM Review 46:667, 2004; P. Diaconis, "Group Representations in Probability and Statistics", 1988.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from sympy import (
    Abs,
    Expr,
    I,
    Integer,
    Max,
    Pow,
    Symbol,
    binomial,
    cancel,
    cos,
    exp,
    expand,
    expand_complex,
    expand_trig,
    floor,
    pi,
    sin,
    summation,
    symbols,
    together,
)

from theory.consensus import second_largest_modulus
from theory.errors import InputError
from theory.numbers import exact
from theory.symbols import d, eps, h, n, p, p_other, r, w

Range = tuple[Symbol, Expr, Expr]
Eigenvalue = tuple[Expr, Expr, Range | None]

MAX_VALUES = 100_000


@dataclass(frozen=True)
class Spectrum:
    """The eigenvalues of a family of influence matrices.

    Attributes
    ----------
    family : name, a key of `FAMILIES`
    parameters : names that `values` takes, in order, the sizes first
    size : number of agents, an expression in the parameters
    eigenvalues : triples (eigenvalue, multiplicity, range); range is None, or (r, first, last) if there is one
        eigenvalue for every r in it
    slem : second largest eigenvalue modulus, an expression in the parameters
    least : the smallest sizes for which the family exists
    slem_from : the smallest sizes for which the expression `slem` holds; below, use `slem_value`

    Notes
    -----
    Eigenvalues of different entries may coincide (ring: r and n-r); multiplicities then add up.
    """

    family: str
    parameters: tuple[str, ...]
    size: Expr
    eigenvalues: tuple[Eigenvalue, ...]
    slem: Expr
    least: tuple[int, ...]
    slem_from: tuple[int, ...]

    def values(self, **parameters: Expr | float) -> list[Expr]:
        """Return all eigenvalues, with multiplicity, for concrete sizes (rates may stay symbols).

        Parameters
        ----------
        **parameters : the sizes n, p, q or d as integers, and the rates h, eps or w (h and eps default to 1, w to 1)

        Raises
        ------
        InputError
            If a size is missing or too small, a rate out of range, or a name unknown.

        Examples
        --------
        >>> spectrum("path").values(n=3, h=1)
        [1, 0, -1]
        """
        at = self._substitution(parameters)
        if self.size.subs(at) > MAX_VALUES:
            raise InputError("size", self.size.subs(at), "gives too many eigenvalues", f"use at most {MAX_VALUES}")
        found: list[Expr] = []
        for value, times, index in self.eigenvalues:
            for point in _points(index, at):
                here = {**at, **point}
                found += [value.subs(here)] * int(times.subs(here))
        return found

    def slem_value(self, **parameters: Expr | float) -> Expr:
        """Return the second largest eigenvalue modulus for concrete parameters, exactly, small sizes included.

        Examples
        --------
        >>> spectrum("star").slem_value(n=2, h=0.5)
        0
        """
        values = self.values(**parameters)
        if any(value.free_symbols for value in values):
            raise InputError(
                "parameters", parameters, "leave a rate symbolic", "give numbers, or read the attribute slem"
            )
        counts: dict[Expr, int] = {}
        for value in values:
            counts[value] = counts.get(value, 0) + 1
        return second_largest_modulus(counts)

    def _substitution(self, parameters: dict[str, Expr | float]) -> dict[Symbol, Expr]:
        unknown = set(parameters) - set(self.parameters)
        if unknown:
            raise InputError(
                "parameters", sorted(unknown), f"are not of {self.family}", f"use {', '.join(self.parameters)}"
            )
        at: dict[Symbol, Expr] = {}
        for name, least in zip(self.parameters, self.least, strict=False):  # the sizes
            size = exact(parameters.get(name, Integer(0)))
            if not size.is_Integer or size < least:
                raise InputError(
                    name, parameters.get(name), "is no size of this family", f"use an integer, {least} or more"
                )
            at[_SYMBOLS[name]] = size
        for name in self.parameters[len(self.least) :]:
            rate = exact(parameters.get(name, Integer(1)))
            if rate.is_number and not (rate >= 0 if name == "w" else 0 < rate <= 1):
                raise InputError(name, rate, "is out of range", "use w ≥ 0, and h, eps above 0 and at most 1")
            at[_SYMBOLS[name]] = rate
        return at


_SYMBOLS: dict[str, Symbol] = {"n": n, "d": d, "p": p, "q": p_other, "h": h, "eps": eps, "w": w}


def spectrum(family: str) -> Spectrum:
    """Derive the spectrum of a family of influence matrices, for symbolic sizes and rates.

    Parameters
    ----------
    family : a key of `FAMILIES`

    Raises
    ------
    InputError
        If there is no such family.

    Examples
    --------
    >>> spectrum("lazy_uniform").eigenvalues
    ((1, 1, None), (1 - epsilon, n - 1, None))
    >>> spectrum("ring").slem.subs({n: 4, h: 1})
    1
    """
    if family not in FAMILIES:
        raise InputError("family", family, "is not known", f"use one of {', '.join(FAMILIES)}")
    return FAMILIES[family]()


# --- Families that treat all agents alike: (W v)_i = own v_i + common Σ v -------------------------------------------


def _exchangeable(family: str, own: Expr, common: Expr, rates: tuple[str, ...], least: int = 1) -> Spectrum:
    """Derive the spectrum from the constant vector and from the differences e_1 - e_i."""
    constant = _agreed([own + common * n])  # v = 1, Σ v = n
    total = Integer(0)  # v = e_1 - e_i, Σ v = 0
    difference = _agreed([own + common * total, (own * -1 + common * total) / -1])
    if expand(own * 0 + common * total) != 0:
        raise ArithmeticError("a row outside the difference moves it")
    entries = ((constant, Integer(1), None), (difference, n - 1, None))
    return _checked(family, ("n", *rates), n, entries, Abs(difference), (least,), (max(least, 2),))


@lru_cache(maxsize=1)
def _uniform() -> Spectrum:
    return _exchangeable("uniform", Integer(0), 1 / n, ())


@lru_cache(maxsize=1)
def _lazy_uniform() -> Spectrum:
    return _exchangeable("lazy_uniform", 1 - eps, eps / n, ("eps",))


@lru_cache(maxsize=1)
def _complete() -> Spectrum:
    total = n - 1 + w  # row sum of J + (w-1) I
    return _exchangeable("complete", (w - 1) / total, 1 / total, ("w",), least=2)


@lru_cache(maxsize=1)
def _complete_graph() -> Spectrum:
    return _exchangeable("complete_graph", 1 - h - h / (n - 1), h / (n - 1), ("h",), least=2)


@lru_cache(maxsize=1)
def _rank_one() -> Spectrum:
    """W = 1 aᵀ: (W v)_i = a·v for every i.

    The constant vector has a·v = Σ a = 1; v = e_i/a_i - e_1/a_1, one for each i ≥ 2, has a·v = 0.
    """
    first, other = symbols("a_1 a_i", positive=True)
    image = other * (1 / other) - first * (1 / first)
    null = _agreed([image / (1 / other), image / (-1 / first)])
    if image != 0:
        raise ArithmeticError("a row outside the difference moves it")
    entries = ((Integer(1), Integer(1), None), (null, n - 1, None))
    return _checked("rank_one", ("n",), n, entries, Abs(null), (1,), (2,))


# --- Walks on networks: (W v)_i = (1-h) v_i + h · mean of v over the neighbours of i --------------------------------


def _walk(own: Expr, neighbours: Expr) -> Expr:
    """Return (W v)_i/v_i for a row of the lazy walk; `neighbours` is the mean of v over the neighbours."""
    return 1 - h + h * neighbours / own


@lru_cache(maxsize=1)
def _ring() -> Spectrum:
    """v_x = exp(2πi r x/n); the rows 0 and n-1 have a neighbour across the seam."""
    x = Symbol("x", integer=True)

    def mode(position: Expr) -> Expr:
        return exp(2 * pi * I * r * position / n)

    rows = [(x, x - 1, x + 1), (Integer(0), n - 1, Integer(1)), (n - 1, n - 2, Integer(0))]
    ratios = []
    for own, left, right in rows:
        across = [expand((mode(side) / mode(own)).powsimp()) for side in (left, right)]
        ratios.append(1 - h + h * sum((_mod_period(part) for part in across), Integer(0)) / 2)
    value = _agreed([_real_part(ratio) for ratio in ratios])
    extremes = [Abs(value.subs(r, Integer(1))), Abs(value.subs(r, floor(n / 2)))]
    entries = ((value, Integer(1), (r, Integer(0), n - 1)),)
    return _checked("ring", ("n", "h"), n, entries, Max(*extremes), (3,), (3,))


def _mod_period(value: Expr) -> Expr:
    """Write exp(2πi r y/n) with y between -n/2 and n/2: exp(2πi r) = 1 for an integer r."""
    angle = expand(value.args[0] / (2 * pi * I * r / n)) if isinstance(value, exp) else Integer(0)
    shift = angle.coeff(n)
    return exp(2 * pi * I * r * (angle - shift * n) / n)


def _real_part(value: Expr) -> Expr:
    """Write a sum of conjugate exponentials by cosines; fails if an imaginary part is left."""
    real, imaginary = expand_complex(value).as_real_imag()
    if expand(imaginary) != 0:
        raise ArithmeticError("an eigenvalue of a reversible walk is not real")
    return expand(real)


@lru_cache(maxsize=1)
def _path() -> Spectrum:
    """v_x = cos(π r x/(n-1)): the ends, with one neighbour each, reflect."""
    x = Symbol("x", integer=True)
    angle = pi * r / (n - 1)

    def mode(position: Expr) -> Expr:
        return cos(angle * position)

    inner = _ratio_of_cosines(mode(x - 1) + mode(x + 1), mode(x), angle, x) / 2
    first = mode(Integer(1)) / mode(Integer(0))
    # cos(πr - angle) and cos(πr): expand the angle, sin(πr) vanishes for integer r
    last_own = cos(pi * r)
    last = expand_trig(cos(pi * r - angle)) / last_own
    value = _agreed([1 - h + h * ratio for ratio in (inner, first, last)])
    extremes = [Abs(value.subs(r, Integer(1))), Abs(value.subs(r, n - 1))]
    entries = ((value, Integer(1), (r, Integer(0), n - 1)),)
    return _checked("path", ("n", "h"), n, entries, Max(*extremes), (2,), (2,))


def _ratio_of_cosines(total: Expr, own: Expr, angle: Expr, x: Symbol) -> Expr:
    """Return (cos(α(x-1)) + cos(α(x+1)))/cos(αx), the angle sums expanded with αx and α as symbols."""
    near, step = symbols("y alpha_r", real=True)
    replaced = [expand_trig(cos(near + sign * step)) for sign in (-1, 1)]
    if (
        expand(total - sum(part.subs({near: angle * x, step: angle}) for part in (cos(near - step), cos(near + step))))
        != 0
    ):
        raise ArithmeticError("the neighbours are not one step away")
    ratio = cancel(expand(sum(replaced, Integer(0))) / cos(near))
    if ratio.has(near):
        raise ArithmeticError("the trial vector is no eigenvector")
    return ratio.subs(step, angle)


def _bipartite(family: str, left: Expr, right: Expr, names: tuple[str, ...], least: tuple[int, ...]) -> Spectrum:
    """Derive the spectrum of K_{left,right}: constants a, b on the sides, and differences inside a side.

    Rows of the left side see the mean of the right side, and the reverse.
    """
    same = _agreed([_walk(Integer(1), Integer(1)), _walk(Integer(1), Integer(1))])  # a = b = 1
    opposite = _agreed([_walk(Integer(1), Integer(-1)), _walk(Integer(-1), Integer(1))])  # a = 1, b = -1
    # e_i - e_l inside a side: the other side sees the mean 0, and both rows see the 0 of the other side
    inside = _agreed([_walk(Integer(1), Integer(0)), _walk(Integer(-1), Integer(0))])
    size = left + right
    entries = (
        (same, Integer(1), None),
        (opposite, Integer(1), None),
        (inside, expand((left - 1) + (right - 1)), None),
    )
    slem_from = (3,) if len(names) == 1 else (1, 2)
    return _checked(family, (*names, "h"), size, entries, Max(Abs(opposite), Abs(inside)), least, slem_from)


@lru_cache(maxsize=1)
def _star() -> Spectrum:
    return _bipartite("star", Integer(1), n - 1, ("n",), (2,))


@lru_cache(maxsize=1)
def _complete_bipartite() -> Spectrum:
    return _bipartite("complete_bipartite", p, p_other, ("p", "q"), (1, 1))


@lru_cache(maxsize=1)
def _hypercube() -> Spectrum:
    """v_x = Π_{i∈S} (-1)^{x_i} with |S| = r: flipping a digit of S changes the sign, any other flip nothing."""
    own = Symbol("v", nonzero=True)
    neighbours = (r * -own + (d - r) * own) / d
    value = expand(_agreed([_walk(own, neighbours), _walk(-own, -neighbours)]))
    extremes = [Abs(value.subs(r, Integer(1))), Abs(value.subs(r, d))]
    entries = ((value, binomial(d, r), (r, Integer(0), d)),)
    return _checked("hypercube", ("d", "h"), Pow(2, d), entries, Max(*extremes), (1,), (1,))


# --- Checks ---------------------------------------------------------------------------------------------------------


def _agreed(ratios: list[Expr]) -> Expr:
    """Return the common value of (W v)_i/v_i over the types of rows."""
    values = [_tidy(ratio) for ratio in ratios]
    if any(_tidy(value - values[0]) != 0 for value in values[1:]):
        raise ArithmeticError(f"the trial vector is no eigenvector: {values}")
    return values[0]


def _tidy(value: Expr) -> Expr:
    return expand(value) if value.has(cos, sin) else cancel(together(value))


def _checked(
    family: str,
    parameters: tuple[str, ...],
    size: Expr,
    entries: tuple[Eigenvalue, ...],
    slem: Expr,
    least: tuple[int, ...],
    slem_from: tuple[int, ...],
) -> Spectrum:
    """Return the Spectrum after counting the eigenvalues, and checking that 1 comes first."""
    count = Integer(0)
    for _, times, index in entries:
        count += times if index is None else summation(times, index)
    if expand(count - size) != 0:
        raise ArithmeticError(f"{family}: {count} eigenvalues for {size} agents")
    value, _, index = entries[0]
    if (value if index is None else value.subs(index[0], index[1])) != 1:
        raise ArithmeticError(f"{family}: the constant vector does not have the eigenvalue 1")
    return Spectrum(family, parameters, size, entries, slem, least, slem_from)


def _points(index: Range | None, at: dict[Symbol, Expr]) -> list[dict[Symbol, Expr]]:
    if index is None:
        return [{}]
    symbol, first, last = index
    return [{symbol: Integer(i)} for i in range(int(first.subs(at)), int(last.subs(at)) + 1)]


FAMILIES: dict[str, Callable[[], Spectrum]] = {
    "uniform": _uniform,
    "lazy_uniform": _lazy_uniform,
    "complete": _complete,
    "rank_one": _rank_one,
    "complete_graph": _complete_graph,
    "ring": _ring,
    "path": _path,
    "star": _star,
    "complete_bipartite": _complete_bipartite,
    "hypercube": _hypercube,
}
