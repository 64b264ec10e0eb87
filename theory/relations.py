"""Relations: text such as ``x**2 + y**2 >= 2*x*y`` becomes comparisons of exact expressions, never evaluated as code.

A comparison has two sides that are rational in the declared variables, up to abs, min, max, sqrt, harmonic numbers
H(n), H(n, p), and the functions worth and paid of the model (`theory.relation_reader`).  What cannot be read is refused
with the place where reading stopped.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sympy import Eq, Expr, Ge, Gt, Integer, Le, Lt, Ne, Rational, Symbol, harmonic
from sympy.core.relational import Relational

from theory.declarations import FUNCTION_NAMES, Variable
from theory.errors import InputError
from theory.expressions import MAX_CHARACTERS
from theory.performance import without_floats
from theory.relation_reader import MarkedError as MarkedError  # what a refusal is
from theory.relation_reader import Reader, expands_too_far, nearest, readable, tree_of

Sign = Literal["= 0", ">= 0", "> 0", "!= 0"]

_OPERATORS: dict[type[ast.cmpop], str] = {
    ast.LtE: "<=", ast.Lt: "<", ast.GtE: ">=", ast.Gt: ">", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip
_RELATIONALS: dict[type[Relational], str] = {Le: "<=", Lt: "<", Ge: ">=", Gt: ">", Eq: "==", Ne: "!="}
_OPPOSITE = {"<=": ">", "<": ">=", ">=": "<", ">": "<=", "==": "!=", "!=": "=="}


@dataclass(frozen=True)
class Comparison:
    """One comparison of two expressions.

    Attributes
    ----------
    left, right : sympy expressions
    operator : "<=", "<", ">=", ">", "==" or "!="
    text : str
        As it was given.
    checkable : str
        The same in the grammar of value certificates: decimals as fractions, H for harmonic numbers.
    needs : pairs of an expression and "!=" or ">="
        Where its terms are defined: the expressions compared with 0, also those that sympy has cancelled.
    """

    left: Expr
    operator: str
    right: Expr
    text: str
    checkable: str
    needs: tuple[tuple[Expr, str], ...] = ()

    @property
    def expression(self) -> Expr:
        """The difference of the two sides, of which `sign` is claimed."""
        return self.right - self.left if self.operator in ("<=", "<") else self.left - self.right

    @property
    def sign(self) -> Sign:
        """What is claimed of `expression`."""
        signs: dict[str, Sign] = {"<=": ">= 0", ">=": ">= 0", "<": "> 0", ">": "> 0", "==": "= 0", "!=": "!= 0"}
        return signs[self.operator]

    @property
    def negated(self) -> Comparison:
        """The comparison that holds exactly where this one fails (and both sides are defined)."""
        opposite = _OPPOSITE[self.operator]
        text = f"{self.left} {opposite} {self.right}"
        return Comparison(self.left, opposite, self.right, text, text, self.needs)

    @property
    def domain(self) -> tuple[Comparison, ...]:
        """The comparisons that say where its terms are defined, beyond what the sides say themselves."""
        said = {*_needs(self.left), *_needs(self.right)}
        lost = [
            (e, operator, f"{e} {operator} 0") for e, operator in dict.fromkeys(self.needs) if (e, operator) not in said
        ]
        return tuple(Comparison(e, operator, Integer(0), text, _checkable(text)) for e, operator, text in lost)

    def __str__(self) -> str:
        return self.text


def parse_relations(
    text: str | Relational, variables: Sequence[Variable], field: str = "hypotheses", chain: bool = True
) -> tuple[Comparison, ...]:
    """Return the comparisons that `text` denotes: one, or those of a chain such as ``0 <= x <= 1``.

    Parameters
    ----------
    text : str or sympy relational
    variables : the names it may use
    field : the name that errors give to the input
    chain : whether more than one comparison is allowed

    Raises
    ------
    InputError
        If it is no comparison, uses unknown names, is not rational up to the listed functions, or is too large;
        for text a `MarkedError`, which says where.

    Notes
    -----
    Cost: linear in the text, but for worth and paid: 2^k subsets of k opinions.

    Examples
    --------
    >>> from theory.declarations import parse_variables
    >>> parse_relations("0 <= x < 1", parse_variables("x real"))[1].expression
    1 - x
    """
    if isinstance(text, Relational):
        return (_from_sympy(text, variables, field),)
    if not isinstance(text, str):
        advice = 'give text such as "x + y >= 0"; sympy may have decided a comparison before it got here'
        raise InputError(field, text, "is not a comparison", advice)
    if len(text) > MAX_CHARACTERS:
        raise InputError(field, text, f"is too long ({len(text)} characters)", f"use at most {MAX_CHARACTERS}")
    text = text.replace("\n", " ").strip()
    tree = tree_of(text, field)
    reader = Reader(text, field, variables)
    if not isinstance(tree, ast.Compare):
        word = isinstance(tree, ast.BoolOp) and type(tree.op).__name__.lower()
        advice = "give each comparison by itself" if word else "write <=, <, >=, >, == or != between two expressions"
        raise reader.refuse(tree, f"contains {word!r}" if word else "contains no comparison", advice)
    if len(tree.ops) > 1 and not chain:
        raise reader.refuse(tree.comparators[1], "has a second comparison", "conclude one comparison at a time")
    sides = [tree.left, *tree.comparators]
    values = [reader.read(side) for side in sides]
    printed = [ast.unparse(_Checkable(text).visit(side)) for side in sides]
    found = []
    for i, op in enumerate(tree.ops):
        operator = _OPERATORS.get(type(op))
        if operator is None:
            raise reader.refuse(sides[i + 1], "has no comparison of numbers", "use <=, <, >=, >, == or !=")
        shown = text if len(tree.ops) == 1 else f"{ast.unparse(sides[i])} {operator} {ast.unparse(sides[i + 1])}"
        checkable = f"{printed[i]} {operator} {printed[i + 1]}"
        found.append(Comparison(values[i], operator, values[i + 1], shown, checkable, tuple(reader.needs)))
    return tuple(found)


def tightened(variables: Sequence[Variable], hypotheses: Sequence[Comparison]) -> tuple[Variable, ...]:
    """Return the variables with the lower bounds that hypotheses such as ``x > 0`` or ``2 <= m`` give them.

    Examples
    --------
    >>> from theory.declarations import parse_variables
    >>> V = parse_variables("x real, m integer")
    >>> print(*tightened(V, [*parse_relations("x > 0", V), *parse_relations("1 < m", V)]), sep=", ")
    x > 0, integer m >= 2
    """
    found = []
    for v in variables:
        for h in hypotheses:
            bound = _lower_bound(h, v.symbol)
            if bound is not None and (v.least is None or bound > (v.least, v.strict)):
                v = v.bounded(*bound)
        found.append(v)
    return tuple(found)


def is_bound(hypothesis: Comparison, variable: Variable) -> bool:
    """Return whether a hypothesis says no more than the bound of a variable.

    Examples
    --------
    >>> from theory.declarations import parse_variables
    >>> V = parse_variables("x positive")
    >>> is_bound(parse_relations("x >= 0", V)[0], V[0])
    True
    """
    bound = _lower_bound(hypothesis, variable.symbol)
    return bound is not None and variable.least is not None and bound <= (variable.least, variable.strict)


def _lower_bound(hypothesis: Comparison, x: Symbol) -> tuple[Rational, bool] | None:
    """Return (bound, strict) if the hypothesis reads x - bound >= 0 or > 0."""
    rest = hypothesis.expression - x
    if hypothesis.sign not in (">= 0", "> 0") or not rest.is_Rational:
        return None
    return -rest, hypothesis.sign == "> 0"


class _Checkable(ast.NodeTransformer):
    """Rewrites decimals as fractions, and harmonic(n) as H(n)."""

    def __init__(self, text: str) -> None:
        self.text = text

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        if not isinstance(node.value, float):
            return node
        exact = Rational((ast.get_source_segment(self.text, node) or repr(node.value)).replace("_", ""))
        return ast.BinOp(ast.Constant(int(exact.p)), ast.Div(), ast.Constant(int(exact.q)))

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Name("H") if node.id == "harmonic" else node


def _from_sympy(relation: Relational, variables: Sequence[Variable], field: str) -> Comparison:
    own = {v.name: v.symbol for v in variables}
    for symbol in relation.free_symbols:
        if str(symbol) not in own:
            raise InputError(field, relation, f"has an unknown name '{symbol}'", nearest(str(symbol), list(own)))
    known: Mapping[Symbol, Symbol] = {x: own[str(x)] for x in relation.free_symbols}
    needs = {(e.xreplace(known), operator) for side in relation.args for e, operator in _needs(side)}
    left, right = (without_floats(side.xreplace(known)) for side in relation.args)
    if not (readable(left) and readable(right)):
        raise InputError(field, relation, "is not rational", f"use + - * / ** and {', '.join(FUNCTION_NAMES)}")
    if expands_too_far(left) or expands_too_far(right):
        raise InputError(field, relation, "expands to too many terms", "use lower powers or fewer variables")
    roots = {e for e, operator in (*_needs(left), *_needs(right)) if operator == ">=" and not e.is_nonnegative}
    if not roots <= {e for e, _ in needs}:  # sqrt(x**2*y) = |x| sqrt(y) only where y >= 0
        raise InputError(field, relation, "has a root that splits into factors of unknown sign", "take the factor out")
    operator = _RELATIONALS[type(relation)]
    text = f"{left} {operator} {right}"
    unsaid = [n for n in needs if not (n[0].is_nonzero if n[1] == "!=" else n[0].is_nonnegative)]
    return Comparison(left, operator, right, text, _checkable(text), tuple(sorted(unsaid, key=str)))


def _needs(side: Expr) -> list[tuple[Expr, str]]:
    """Return what an expression as it stands says of its domain: denominators != 0, roots and indices >= 0."""
    parts = sorted(side.find(lambda p: p.is_Pow or p.func == harmonic), key=str)
    bottoms = [(p.base, "!=") for p in parts if p.is_Pow and p.exp.is_negative]
    roots = [(p.base, ">=") for p in parts if p.is_Pow and not p.exp.is_Integer]
    return bottoms + roots + [(p.args[0], ">=") for p in parts if not p.is_Pow]


def _checkable(text: str) -> str:
    """Return what sympy prints in the grammar of value certificates."""
    for own, other in (("harmonic(", "H("), ("Abs(", "abs("), ("Max(", "max("), ("Min(", "min(")):
        text = text.replace(own, other)
    return text
