"""Expressions: text from a user becomes a sympy expression without being evaluated as code.

The text is read by the standard library's `ast` parser and translated node by node; anything that
is not arithmetic, a number, a listed name or a listed function is refused, so nothing a user writes
is ever executed.  Decimal numbers become exact rationals: ``0.1`` is 1/10.

Size is bounded before and during the translation: length of the text, number of nodes, exponents,
polynomial degree and the magnitude of constants.  The bounds are generous for a formula in a paper and
small enough that refusing takes milliseconds.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import lru_cache

from sympy import Abs, Expr, Integer, Rational, Symbol, cos, exp, log, pi, sin, sqrt, tanh

from theory import symbols
from theory.errors import InputError

FUNCTIONS = {"exp": exp, "log": log, "sqrt": sqrt, "sin": sin, "cos": cos, "tanh": tanh, "abs": Abs}
CONSTANTS = {"pi": pi}

MAX_CHARACTERS = 1000
MAX_NODES = 200
MAX_EXPONENT = 32
MAX_DEGREE = 64
MAX_NESTING = 10  # of functions: sympy takes seconds for thirty logarithms inside each other
MAX_CONSTANT = 10**300
MAX_EXPONENTIAL = 690  # exp of it is below MAX_CONSTANT
MAX_BITS = 1000  # of a constant's numerator or denominator: within the range of a float

SCALE_VARIABLES = {"s": symbols.s, "a": symbols.a}
THRESHOLD_VARIABLES = {
    "entries": symbols.entries, "exits": symbols.exits, "moves": symbols.moves, "steps": symbols.steps, "s": symbols.s,
}  # fmt: skip
_EXAMPLES = {"u": "-u**2", "u1": "-u1**2 - u2**2", "entries": "0.01*entries"}  # by the first variable
PARAMETERS = {"b": symbols.b, "theta": symbols.theta, "sigma": symbols.sigma, "gamma": symbols.gamma}


def parse_performance(
    text: str | int | float | Expr, parameters: bool = False, field: str = "performance", dimension: int = 1
) -> Expr:
    """Return the performance function φ(u) that `text` denotes.

    Parameters
    ----------
    text : str, number or sympy expression
        Arithmetic (``+ - * / **``), numbers, ``pi``, the variable ``u`` and the functions exp, log,
        sqrt, sin, cos, tanh, abs.
    parameters : bool
        Whether the symbolic parameters b, theta, sigma and gamma are allowed as well.
    field : str
        The name that errors give to the input.
    dimension : int
        Number of coordinates of an opinion: beyond one the variables are ``u1``, ``u2``, ...

    Raises
    ------
    InputError
        If the text is anything else, or too large.

    Examples
    --------
    >>> parse_performance("3 - (u - 0.5)**2")
    3 - (u - 1/2)**2
    """
    return _parse(text, field, {str(x): x for x in symbols.coordinates(dimension)}, parameters)


def parse_scale(text: str | int | float | Expr, parameters: bool = False, field: str = "scale") -> Expr:
    """Return the scale g that `text` denotes, in ``s`` (number of members) and ``a`` (their total weight).

    Errors and grammar as in `parse_performance`.

    Examples
    --------
    >>> parse_scale("s**1.5")
    s**(3/2)
    """
    return _parse(text, field, SCALE_VARIABLES, parameters)


def parse_threshold(text: str | int | float | Expr, field: str = "acceptance.threshold") -> Expr:
    """Return the threshold of an adaptive acceptance rule, in ``entries``, ``exits``, ``moves``, ``steps`` and ``s``.

    Errors and grammar as in `parse_performance`.

    Examples
    --------
    >>> parse_threshold("0.01*(1 + entries)")
    entries/100 + 1/100
    """
    return _parse(text, field, THRESHOLD_VARIABLES, False)


def _parse(text: str | int | float | Expr, field: str, variables: Mapping[str, Symbol], parameters: bool) -> Expr:
    names = {**variables, **(PARAMETERS if parameters else {})}
    if isinstance(text, Expr):
        stranger = sorted(str(x) for x in text.free_symbols - set(names.values()))
        if stranger:
            raise InputError(field, text, f"contains {', '.join(stranger)}", _advice(names))
        _check_value(text, field, text)
        return text
    if isinstance(text, (int, float)) and not isinstance(text, bool):
        if isinstance(text, int) and text.bit_length() > MAX_BITS:  # Python does not print it
            raise InputError(field, text, "is a constant that is too large", "use numbers between 1e-300 and 1e300")
        text = repr(text)
    if not isinstance(text, str):
        raise InputError(
            field, text, "is not an expression", f'give text such as "{_EXAMPLES.get(next(iter(names)), "s")}"'
        )
    if len(text) > MAX_CHARACTERS:
        raise InputError(field, text, f"is too long ({len(text)} characters)", f"use at most {MAX_CHARACTERS}")
    return _parse_text(text, field, tuple(names.items()))


@lru_cache(maxsize=256)
def _parse_text(text: str, field: str, names: tuple[tuple[str, Symbol], ...]) -> Expr:
    allowed = dict(names)
    try:
        tree = ast.parse(text.strip(), mode="eval")
        if sum(1 for _ in ast.walk(tree)) > 3 * MAX_NODES:  # operators and contexts are nodes of their own
            raise InputError(
                field, text, "has too many terms", f"use at most {MAX_NODES} numbers, names and operations"
            )
        value, _ = _Translator(text, field, allowed).translate(tree.body)
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(field, text, "is not a complete arithmetic expression", _advice(allowed)) from None
    _check_value(value, field, text)
    return value


def _advice(names: Mapping[str, Symbol]) -> str:
    return f"use numbers, + - * / **, {', '.join([*names, *CONSTANTS])} and the functions {', '.join(FUNCTIONS)}"


def _check_value(value: Expr, field: str, given: object) -> None:
    """Refuse what sympy folded to something that is no real number (1/0, sqrt(-1), log(0))."""
    from sympy import I, nan, oo, zoo

    if value.has(nan, oo, -oo, zoo, I) or value.is_real is False:
        raise InputError(field, given, "is not a real, finite expression", "check divisions, roots and logarithms")


class _Translator:
    """Translate an `ast` node into a sympy expression and a bound of its polynomial degree."""

    def __init__(self, text: str, field: str, names: Mapping[str, Symbol]) -> None:
        self.text, self.field, self.names = text, field, names
        self.nesting = 0

    def refuse(self, node: ast.AST, problem: str, advice: str | None = None) -> InputError:
        piece = ast.get_source_segment(self.text.strip(), node) or self.text
        return InputError(self.field, self.text, f"{problem}: {piece[:40]!r}", advice or _advice(self.names))

    def translate(self, node: ast.expr) -> tuple[Expr, int]:
        if isinstance(node, ast.Constant):
            result = self.number(node), 0
        elif isinstance(node, ast.Name):
            result = self.name(node)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
            value, degree = self.translate(node.operand)
            result = (-value if isinstance(node.op, ast.USub) else value), degree
        elif isinstance(node, ast.BinOp):
            result = self.operation(node)
        elif isinstance(node, ast.Call):
            result = self.call(node)
        else:
            raise self.refuse(node, "contains something that is not arithmetic")
        self.bound(node, *result)
        return result

    def number(self, node: ast.Constant) -> Expr:
        if isinstance(node.value, bool) or not isinstance(node.value, (int, float)):
            raise self.refuse(node, "contains something that is not a number")
        literal = (ast.get_source_segment(self.text.strip(), node) or "").replace("_", "")
        if isinstance(node.value, int):
            return Integer(node.value)
        exponent = literal.lower().partition("e")[2]
        if exponent and abs(int(exponent)) > 300:
            raise self.refuse(node, "contains a number out of range", "use numbers between 1e-300 and 1e300")
        return Rational(literal)

    def name(self, node: ast.Name) -> tuple[Expr, int]:
        if node.id in self.names:
            return self.names[node.id], 1
        if node.id in CONSTANTS:
            return CONSTANTS[node.id], 0
        raise self.refuse(node, "contains an unknown name")

    def operation(self, node: ast.BinOp) -> tuple[Expr, int]:
        left, p = self.translate(node.left)
        right, q = self.translate(node.right)
        match node.op:
            case ast.Add():
                return left + right, max(p, q)
            case ast.Sub():
                return left - right, max(p, q)
            case ast.Mult():
                return left * right, p + q
            case ast.Div():
                if right.is_zero:
                    raise self.refuse(node, "divides by zero")
                self.needed(right, "!=")
                return left / right, p + q
            case ast.Pow():
                return self.power(node, left, p, right)
        raise self.refuse(node, "contains an operation that is not + - * / **")

    def power(self, node: ast.BinOp, base: Expr, degree: int, exponent: Expr) -> tuple[Expr, int]:
        advice = f"use a constant exponent between -{MAX_EXPONENT} and {MAX_EXPONENT}; exp(...) for exponentials"
        if exponent in PARAMETERS.values():
            return base**exponent, degree
        if not exponent.is_Rational or abs(exponent) > MAX_EXPONENT:
            raise self.refuse(node, "contains a power it cannot take", advice)
        if base.is_zero and exponent < 0:
            raise self.refuse(node, "divides by zero")
        if base.is_Rational and max(_bits(base), 1) * abs(exponent) > MAX_BITS:
            raise self.refuse(node, "contains a constant that is too large", advice)
        if exponent < 0:
            self.needed(base, "!=")
        new_degree = degree * max(1, int(abs(exponent)) + (exponent.q > 1))
        if new_degree > MAX_DEGREE:
            raise self.refuse(node, f"has a degree above {MAX_DEGREE}", advice)
        return base**exponent, new_degree

    def needed(self, value: Expr, operator: str) -> None:
        """Take note that a term is defined only where a value is != 0, or >= 0; sympy may cancel it later."""

    def call(self, node: ast.Call) -> tuple[Expr, int]:
        if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS:
            raise self.refuse(node, "calls something unknown")
        if node.keywords or len(node.args) != 1 or isinstance(node.args[0], ast.Starred):
            raise self.refuse(node, f"calls {node.func.id} with anything but one argument")
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            raise self.refuse(node, f"nests more than {MAX_NESTING} functions", "write a simpler expression")
        argument, degree = self.translate(node.args[0])
        self.nesting -= 1
        if node.func.id == "exp" and argument.is_number and argument > MAX_EXPONENTIAL:  # before sympy computes it
            raise self.refuse(node, "contains a constant that is too large", "use numbers between 1e-300 and 1e300")
        return FUNCTIONS[node.func.id](argument), degree

    def bound(self, node: ast.AST, value: Expr, degree: int) -> None:
        if degree > MAX_DEGREE:
            raise self.refuse(node, f"has a degree above {MAX_DEGREE}", "use a polynomial of lower degree")
        out_of_range = "use numbers between 1e-300 and 1e300"
        if value.is_Rational and _bits(value) > MAX_BITS:
            raise self.refuse(node, "contains a constant that is too large", out_of_range)
        if value.is_number and not value.is_Rational:  # exp(600), sqrt(2) + pi: its parts are in range already
            size = abs(value.evalf(15))
            if not size.is_Float or size > MAX_CONSTANT:
                raise self.refuse(node, "contains a constant that is not a number in range", out_of_range)


def _bits(value: Expr) -> int:
    return max(int(value.p).bit_length(), int(value.q).bit_length())
