"""Declarations: ``x y real, s positive, m integer >= 1`` becomes variables with the assumptions that sympy uses.

A variable is real or integer and may have a lower bound; positive and non-negative are bounds by 0.
"""

from __future__ import annotations

import difflib
import keyword
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from sympy import Rational, Symbol, ceiling, floor

from theory.errors import InputError

MAX_VARIABLES = 30
MAX_BOUND = 10**6

# functions of a relation: least and most number of arguments, and how they are written
FUNCTION_NAMES: dict[str, tuple[int, int, str]] = {
    "abs": (1, 1, "abs(x)"),
    "min": (2, 8, "min(x, y)"),
    "max": (2, 8, "max(x, y)"),
    "sqrt": (1, 1, "sqrt(x)"),
    "H": (1, 2, "H(n) or H(n, p)"),
    "harmonic": (1, 2, "harmonic(n) or harmonic(n, p)"),
    "worth": (3, 3, 'worth("-u**2", "s", [x, y])'),
    "paid": (4, 4, 'paid("-u**2", "s", [x, y], 0)'),
}
KINDS = ("real", "positive", "nonnegative", "integer")
EXAMPLE = 'write "x y real, s positive, m integer >= 1"'

MAX_DIGITS = 40  # of a bound, as text
RESERVED = re.compile(r"root_\w*|H\d*_\w*|(kink|part|root)\d+_fresh")  # what proofs call roots and harmonic numbers

_TOKEN = re.compile(r"\s*(?:(?P<number>-?\d+(?:\.\d+|/\d+)?)|(?P<word>[^\W\d]\w*)|(?P<operator>>=|>)|(?P<comma>,))")


@dataclass(frozen=True)
class Variable:
    """A variable of a statement.

    Attributes
    ----------
    name : str
    integer : bool
        Whether it ranges over integers; over reals otherwise.
    least : Rational or None
        Its lower bound, if any.
    strict : bool
        Whether the bound itself is excluded (never for integers, whose bound is rounded up).

    Examples
    --------
    >>> Variable("m", True, Rational(1)).symbol.is_positive
    True
    >>> print(Variable("x", False, Rational(0), True))
    x > 0
    """

    name: str
    integer: bool = False
    least: Rational | None = None
    strict: bool = False

    @property
    def symbol(self) -> Symbol:
        """The sympy symbol, with its sign."""
        assumptions: dict[str, bool] = {"integer": True} if self.integer else {"real": True}
        if self.least is not None and self.least >= 0:
            assumptions["positive" if self.least > 0 or self.strict else "nonnegative"] = True
        return Symbol(self.name, **assumptions)

    @property
    def bound_is_sign(self) -> bool:
        """Whether the assumptions of the symbol say all of its bound."""
        if self.least is None:
            return True
        return self.least == (1 if self.integer and self.least > 0 else 0)

    def bounded(self, least: Rational, strict: bool) -> Variable:
        """Return the variable with another lower bound; an integer's is rounded up."""
        if self.integer:
            least, strict = (floor(least) + 1 if strict else ceiling(least)), False
        return Variable(self.name, self.integer, Rational(least), strict)

    def admits(self, value: Rational) -> bool:
        """Return whether it may take the value."""
        if self.integer and value.denominator != 1:
            return False
        return self.least is None or value > self.least or (value == self.least and not self.strict)

    def __str__(self) -> str:
        kind = f"integer {self.name}" if self.integer else self.name
        return kind if self.least is None else f"{kind} {'>' if self.strict else '>='} {self.least}"


def parse_variables(variables: str | Mapping[str, str], field: str = "variables") -> tuple[Variable, ...]:
    """Return the variables that are declared.

    Parameters
    ----------
    variables : text, or mapping from name to kind
        A kind is one or two of real, positive, nonnegative, integer, followed by ``>=`` or ``>`` and a number if
        there is a bound.
    field : the name that errors give to the input

    Raises
    ------
    InputError
        For an unknown kind, a name that is taken, reserved, declared twice or no identifier, or more than 30 variables.

    Notes
    -----
    Names are normalised (NFKC), as identifiers of Python are.

    Examples
    --------
    >>> print(*parse_variables("X Y real, s positive, m integer >= 2"), sep=", ")
    X, Y, s > 0, integer m >= 2
    """
    if isinstance(variables, str):
        found = _declared(variables, field)
    elif isinstance(variables, Mapping):
        found = []
        for name, kind in variables.items():
            declared = _declared(f"{name} {kind}", field)
            if len(declared) != 1:
                raise InputError(field, f"{name} {kind}", "does not declare one variable", EXAMPLE)
            found += declared
    else:
        raise InputError(field, variables, "is no declaration of variables", EXAMPLE)
    names = [v.name for v in found]
    if not found:
        raise InputError(field, variables, "declares no variable", EXAMPLE)
    if len(names) > MAX_VARIABLES:
        raise InputError(field, variables, f"declares {len(names)} variables", f"use at most {MAX_VARIABLES}")
    for name in names:
        if names.count(name) > 1:
            raise InputError(field, variables, f"declares '{name}' twice", "declare each name once")
        if name in FUNCTION_NAMES or keyword.iskeyword(name):
            raise InputError(field, variables, f"declares '{name}', which has a meaning already", "choose another name")
        if RESERVED.fullmatch(name):
            raise InputError(field, variables, f"declares '{name}', a name that proofs use", "choose another name")
    return tuple(found)


def _declared(text: str, field: str) -> list[Variable]:
    tokens, place = [], 0
    text = text.strip()
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            problem = f"cannot be read at column {place + 1}: '{text[place : place + 20]}'"
            raise InputError(field, text, problem, EXAMPLE)
        kind = str(match.lastgroup)
        tokens.append((kind, match.group(kind)))
        place = match.end()
    found: list[Variable] = []
    names: list[str] = []
    while tokens:
        kind, token = tokens.pop(0)
        if kind == "word" and token not in KINDS:
            if not token.isidentifier():
                raise InputError(field, text, f"has '{token}', which is no name", "use letters, digits and _")
            names.append(unicodedata.normalize("NFKC", token))
        elif kind == "comma":
            continue
        elif kind == "word" and names:
            words = [token]
            while tokens and tokens[0][1] in KINDS:
                words.append(tokens.pop(0)[1])
            bound = None
            if tokens and tokens[0][0] == "operator":
                strict = tokens.pop(0)[1] == ">"
                if not tokens or tokens[0][0] != "number":
                    raise InputError(field, text, "has a bound without a number", EXAMPLE)
                bound = _number(tokens.pop(0)[1], text, field), strict
            found += [_variable(name, words, bound, text, field) for name in names]
            names = []
        else:
            raise InputError(field, text, f"has '{token}' where a name should be", EXAMPLE)
    if names:
        close = difflib.get_close_matches(names[-1], KINDS, n=1)
        advice = f"did you mean '{close[0]}'?" if close else f"add one of {', '.join(KINDS)}: {EXAMPLE}"
        raise InputError(field, text, f"gives no kind to '{names[-1]}'", advice)
    return found


def _number(token: str, text: str, field: str) -> Rational:
    if len(token) > MAX_DIGITS:
        raise InputError(field, text, "has a bound out of range", f"use at most {MAX_DIGITS} digits")
    if re.search(r"/0+$", token):
        raise InputError(field, text, f"has the bound {token}, which is no number", EXAMPLE)
    return Rational(token)


def _variable(name: str, kinds: list[str], bound: tuple[Rational, bool] | None, text: str, field: str) -> Variable:
    integer = "integer" in kinds
    bounds = [bound] if bound is not None else []
    if "positive" in kinds:
        bounds.append((Rational(0), True))
    if "nonnegative" in kinds:
        bounds.append((Rational(0), False))
    if not bounds:
        return Variable(name, integer)
    least, strict = max(bounds)
    if abs(least) > MAX_BOUND:
        raise InputError(field, text, f"bounds '{name}' by a number out of range", f"use at most {MAX_BOUND}")
    return Variable(name, integer).bounded(least, strict)
