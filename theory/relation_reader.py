"""Reading relations: one side of a comparison becomes an exact expression; what cannot be read is marked.

The two functions of the model expand to rational expressions in the opinions:

    worth("phi", "g", [x, …])    = g(k) φ(mean),                     k = number of opinions,
    paid("phi", "g", [x, …], i)  = the Shapley value of agent i = 0, 1, … in the coalition with these opinions.
"""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Sequence
from itertools import combinations
from math import ceil, comb

from sympy import Abs, Expr, Integer, Max, Min, Rational, Symbol, harmonic, sqrt

from theory import symbols
from theory.declarations import FUNCTION_NAMES, Variable
from theory.errors import InputError
from theory.expressions import MAX_NODES, _Translator
from theory.payoff import shapley_value
from theory.performance import without_floats
from theory.value import coalition_value, game

MAX_AGENTS = 6  # of a coalition that worth and paid expand: the value of each subset is an expression
MAX_ORDER = 12  # of a generalised harmonic number
MAX_TERMS = 100_000  # of an expression that is multiplied out
MAX_NESTED = 24  # abs, min, max, sqrt inside each other


class MarkedError(InputError):
    """Text that cannot be read, with the place.

    Attributes
    ----------
    column : int
        Where it starts, counted from 1.
    caret : str
        The text, and below it a caret under the place.
    """

    def __init__(self, field: str, text: str, start: int, end: int, problem: str, advice: str) -> None:
        start = min(start, len(text))
        end = max(start, min(end, len(text)))
        shown = f"{text[max(0, start - 25) : start]}>>>{text[start:end][:30]}<<<{text[end : end + 25]}"
        super().__init__(field, shown, f"{problem} at column {start + 1}", advice)
        self.given = text
        self.column = start + 1
        self.caret = f"{text}\n{' ' * start}{'^' * max(1, end - start)}"


def nearest(name: str, known: Sequence[str]) -> str:
    """Return advice that names the known name most like `name`, or all of them.

    Examples
    --------
    >>> nearest("yy", ["x", "y"])
    "did you mean 'y'?"
    """
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f"did you mean '{close[0]}'?" if close else f"known names: {', '.join(known)}"


def readable(value: Expr) -> bool:
    """Return whether an expression is rational up to the listed functions.

    Examples
    --------
    >>> from sympy import exp
    >>> readable(Abs(symbols.u)), readable(exp(symbols.u))
    (True, False)
    """
    if value.is_Symbol or value.is_Rational:
        return True
    if value.is_Pow:
        return bool((value.exp.is_Integer or abs(value.exp) == Rational(1, 2)) and readable(value.base))
    if isinstance(value, harmonic):
        return bool(value.args[0].is_integer)
    listed = value.is_Add or value.is_Mul or isinstance(value, (Abs, Min, Max))
    return bool(listed) and all(readable(part) for part in value.args)


def expands_too_far(value: Expr) -> bool:
    """Return whether an expression of its degree, in its variables, may have more than 100 000 terms.

    Examples
    --------
    >>> x, y = Symbol("x"), Symbol("y")
    >>> expands_too_far((x + y) ** 32), expands_too_far(sum(Symbol(f"x{i}") for i in range(8)) ** 32)
    (False, True)
    """
    names = len(value.free_symbols)
    return comb(_degree(value) + names, names) > MAX_TERMS


def _degree(value: Expr) -> int:
    if value.is_Pow:
        return _degree(value.base) * ceil(abs(value.exp))
    degrees = [_degree(part) for part in value.args]
    return sum(degrees) if value.is_Mul else max(degrees, default=int(value.is_Symbol))


def tree_of(text: str, field: str) -> ast.expr:
    """Return the syntax tree of a text of one line, of bounded size.

    Examples
    --------
    >>> type(tree_of("x >= 0", "conclusion")).__name__
    'Compare'
    """
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError as error:
        start = max(0, (error.offset or 1) - 1)
        end = (error.end_offset or start + 2) - 1
        turned = re.search(r"(?<![<>=!])=([<>])", text)
        single = re.search(r"(?<![<>=!])=(?!=)", text)
        stranger = re.search(r"[≤≥≠−·²³]", text)
        if not text:
            problem, advice = "is empty", 'write a comparison such as "x + y >= 0"'
        elif stranger:
            start, end = stranger.span()
            problem, advice = f"has the character '{stranger[0]}'", "write <=, >=, !=, -, * and ** on the keyboard"
        elif turned:
            start, end = turned.span()
            problem, advice = f"has '{turned[0]}'", f"write {turned[1]}="
        elif single:
            start, end = single.span()
            problem, advice = "has a single =", "write == for equality"
        elif "never closed" in error.msg or "unmatched" in error.msg or "does not match" in error.msg:
            problem, advice = "has an unbalanced parenthesis", "close every parenthesis once"
        elif "decimal literal" in error.msg:
            problem, advice = "has a name that starts with a digit", "write 2*x for twice x"
        else:
            problem, advice = "cannot be read", "write a comparison such as x + 2*y >= 0"
        raise MarkedError(field, text, start, end, problem, advice) from None
    except (ValueError, MemoryError, RecursionError):
        raise MarkedError(field, text, 0, 1, "cannot be read", "write a comparison such as x + 2*y >= 0") from None
    if sum(1 for _ in ast.walk(tree)) > 6 * MAX_NODES:
        raise InputError(field, text, "has too many terms", f"use at most {2 * MAX_NODES} names and operations")
    return tree


class Reader(_Translator):
    """Translates one side of a comparison; refuses with the place."""

    def __init__(self, text: str, field: str, variables: Sequence[Variable]) -> None:
        super().__init__(text, field, {v.name: v.symbol for v in variables})
        self.needs: list[tuple[Expr, str]] = []  # (value, "!=" or ">="): where every term is defined
        self.nested = 0  # abs, min, max, sqrt around the node that is read

    def needed(self, value: Expr, operator: str) -> None:
        if operator == "!=" and (value.is_Mul or value.is_Pow):  # factors, as sympy keeps a denominator
            for factor in value.args if value.is_Mul else (value.base,):
                self.needed(factor, operator)
        elif not (value.is_nonzero if operator == "!=" else value.is_nonnegative):
            self.needs.append((without_floats(value), operator))

    def refuse(self, node: ast.AST, problem: str, advice: str | None = None) -> InputError:
        line = self.text.encode()  # the offsets of ast count bytes
        start, stop = getattr(node, "col_offset", 0), getattr(node, "end_col_offset", None)
        end = len(line) if stop is None else stop
        spans = len(line[:start].decode(errors="ignore")), len(line[:end].decode(errors="ignore"))
        words = f"use numbers, + - * / **, {', '.join(self.names)} and {', '.join(FUNCTION_NAMES)}"
        return MarkedError(self.field, self.text, *spans, problem, advice or words)

    def read(self, node: ast.expr) -> Expr:
        """Return the exact expression of a node."""
        try:
            value = without_floats(self.translate(node)[0])
        except RecursionError:
            raise self.refuse(node, "is nested too deeply", "use fewer parentheses") from None
        if not readable(value):
            raise self.refuse(node, "is not rational", f"use + - * / ** and {', '.join(FUNCTION_NAMES)}")
        if expands_too_far(value):
            raise self.refuse(node, "expands to too many terms", "use lower powers or fewer variables")
        return value

    def name(self, node: ast.Name) -> tuple[Expr, int]:
        if node.id in self.names:
            return self.names[node.id], 1
        if node.id in FUNCTION_NAMES:
            raise self.refuse(node, f"uses the function {node.id} without arguments", f"write {node.id}(...)")
        raise self.refuse(node, f"has an unknown name '{node.id}'", nearest(node.id, [*self.names, *FUNCTION_NAMES]))

    def operation(self, node: ast.BinOp) -> tuple[Expr, int]:
        if isinstance(node.op, ast.BitXor):
            raise self.refuse(node, "has a ^", "write ** for powers")
        return super().operation(node)

    def power(self, node: ast.BinOp, base: Expr, degree: int, exponent: Expr) -> tuple[Expr, int]:
        if not exponent.is_Integer:
            raise self.refuse(node.right, "has an exponent that is no integer constant", "use sqrt for a square root")
        return super().power(node, base, degree, exponent)

    def call(self, node: ast.Call) -> tuple[Expr, int]:
        if not isinstance(node.func, ast.Name):
            raise self.refuse(node, "calls something that is not a function", None)
        name = node.func.id
        if name not in FUNCTION_NAMES:
            raise self.refuse(node.func, f"has an unknown function '{name}'", nearest(name, list(FUNCTION_NAMES)))
        if node.keywords or any(isinstance(x, ast.Starred) for x in node.args):
            raise self.refuse(node, f"gives {name} something that is not a plain argument")
        least, most, usage = FUNCTION_NAMES[name]
        if not least <= len(node.args) <= most:
            raise self.refuse(node, f"gives {name} {len(node.args)} arguments", f"write {usage}")
        if name in ("worth", "paid"):
            return self._of_the_model(name, node)
        self.nested += 1
        if self.nested > MAX_NESTED:
            raise self.refuse(node, f"nests more than {MAX_NESTED} functions", "use fewer of them inside each other")
        arguments, degrees = zip(*(self.translate(x) for x in node.args), strict=True)
        self.nested -= 1
        if name in ("H", "harmonic"):
            return self._harmonic(node, arguments)
        value = {"abs": Abs, "min": Min, "max": Max, "sqrt": sqrt}[name](*arguments)
        if value.is_real is False:
            raise self.refuse(node, "takes the root of a negative number", "check its sign")
        if name == "sqrt":
            roots = value.find(lambda p: p.is_Pow and not p.exp.is_Integer)
            if any(r.base != arguments[0] and not r.base.is_nonnegative for r in roots):
                raise self.refuse(node, "has a root that splits into factors of unknown sign", "take the factor out")
            self.needed(arguments[0], ">=")
        return value, max(degrees)

    def _harmonic(self, node: ast.Call, arguments: tuple[Expr, ...]) -> tuple[Expr, int]:
        if not arguments[0].is_integer:
            advice = "declare its variable as integer, as in 'm integer >= 1'"
            raise self.refuse(node.args[0], "is a harmonic number of something that is no integer", advice)
        order = arguments[1] if len(arguments) > 1 else Integer(1)
        if not (order.is_Integer and 1 <= order <= MAX_ORDER):
            raise self.refuse(node.args[1], "is the order of a harmonic number", f"use 1 to {MAX_ORDER}")
        if arguments[0].is_number and not 0 <= arguments[0] <= 1000:
            raise self.refuse(node.args[0], "is out of the range of harmonic numbers", "use 0 to 1000")
        self.needed(arguments[0], ">=")
        return (harmonic(arguments[0]) if order == 1 else harmonic(arguments[0], order)), 1

    def _of_the_model(self, name: str, node: ast.Call) -> tuple[Expr, int]:
        phi, needs_of_phi = self._quoted(node.args[0], symbols.u)
        scale, needs_of_scale = self._quoted(node.args[1], symbols.s)
        members = node.args[2]
        if not isinstance(members, ast.List) or not 1 <= len(members.elts) <= MAX_AGENTS:
            raise self.refuse(members, "is no list of opinions", f"give 1 to {MAX_AGENTS} opinions, as in [x, y]")
        pairs = [self.translate(x) for x in members.elts]
        opinions, degree = [value for value, _ in pairs], max(d for _, d in pairs)
        least = len(opinions) if name == "worth" else 1  # the payoff of an agent takes the value of every subset
        for group in (g for k in range(least, len(opinions) + 1) for g in combinations(opinions, k)):
            for value, operator in needs_of_phi:
                self.needed(value.subs(symbols.u, sum(group) / Integer(len(group))), operator)
            for value, operator in needs_of_scale:
                self.needed(value.subs(symbols.s, len(group)), operator)
        if name == "worth":
            return coalition_value(opinions, phi, scale), degree
        agent = node.args[3]
        index = agent.value if isinstance(agent, ast.Constant) else None
        if type(index) is not int or index not in range(len(opinions)):
            raise self.refuse(agent, "is no agent of the coalition", f"use 0 to {len(opinions) - 1}")
        return shapley_value(game(opinions, phi, scale), range(len(opinions)))[index], degree

    def _quoted(self, node: ast.expr, argument: Symbol) -> tuple[Expr, list[tuple[Expr, str]]]:
        """Return the expression in u or s, and in the declared variables, that a string denotes."""
        usage = f'give it in quotes, in {argument}, as in "{"-u**2" if argument == symbols.u else "s"}"'
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            raise self.refuse(node, f"is no text in {argument}", usage)
        inner = Reader(node.value.strip(), self.field, ())
        inner.nested = self.nested
        inner.names = {**self.names, str(argument): argument}
        for other in {"a", "s", "u"} - {str(argument)}:  # a is the total weight, and u, s have values of their own
            inner.names.pop(other, None)
        try:
            return inner.read(ast.parse(inner.text, mode="eval").body), inner.needs
        except InputError as error:
            raise self.refuse(node, f"contains text that {error.problem} of it", error.advice) from None
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            raise self.refuse(node, "contains text that cannot be read", usage) from None
