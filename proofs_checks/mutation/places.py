"""Places: where a module of `theory` is changed, and which places are left out."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from proofs_checks.mutation.edits import (
    ARITHMETIC,
    EXCHANGED,
    OPPOSITE,
    Edit,
    exchanged,
    negated,
    opposite,
    shifted,
    shortened,
    turned,
    without_minus,
)

MODULES_LEFT_OUT = {
    "theory.claims": "claims in words",
    "theory.declarations": "reads text",
    "theory.errors": "texts of errors",
    "theory.exposition": "printing",
    "theory.relation_reader": "reads text",
    "theory.relations": "reads text",
    "theory.symbols": "names of symbols",
}
PRINTING = {
    "theory.stability": {
        "Conditions.sections",
        "Conditions.as_text",
        "Conditions.as_latex",
        "_sections",
        "_bound_rows",
        "_latex_words",
    }
}
BOUNDS = {  # functions that bound the size of what is read or written out
    "theory.expressions": {"_Translator.bound", "_Translator.refuse", "_Translator.number", "_bits", "_check_value"},
    "theory.two_types": {"degree_bound", "has_closed_form", "_tidy"},
    "theory.stability": {"_check_scale"},
}
DEGREES = {  # names that only count the degree of what is read, for a limit
    "theory.expressions": {"p", "q", "degree", "new_degree", "exponent", "max", "min", "int", "abs"}
}
LIMITS = re.compile(r"MAX_\w+|\w*DIGITS|ROOT_WIDTH|RELATIVE_WIDTH|pieces|maxsize")
EVEN = ("_vanishes", "Abs", "abs", "cos")  # functions of which the sign of the argument is lost
ODD = ("expand", "cancel", "together", "simplify", "expand_func", "_tidy")  # functions through which it passes


@dataclass
class Place:
    """A node, its edits, and what is said of it: see `proofs_checks.mutation.mutants.Mutant`."""

    node: ast.AST
    edits: list[Edit]
    where: str
    line: int
    span: tuple[int, int]
    left_out: str
    shown: ast.AST | None


class Places(ast.NodeVisitor):
    """Collects the places to change, with the reason where one is left out."""

    def __init__(self, module: str) -> None:
        self.module = module
        self.found: list[Place] = []
        self.scope: list[str] = []
        self.span = (0, 0)
        self.line = 0
        self.reasons = [reason for name, reason in MODULES_LEFT_OUT.items() if f"{module}.".startswith(f"{name}.")]
        self.parents: list[ast.AST] = []

    # --- Walking: statements, scopes and reasons ---

    def visit(self, node: ast.AST) -> None:
        before = self.span, self.line
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            last = body[0].lineno - 1 if body else node.end_lineno or node.lineno
            self.span = (node.lineno, max(last, node.lineno))
        self.line = getattr(node, "lineno", self.line)
        self.parents.append(node)
        super().visit(node)
        self.parents.pop()
        self.span, self.line = before

    def within(self, reason: str, *nodes: ast.AST | None) -> None:
        self.reasons.append(reason)
        for node in nodes:
            if node is not None:
                self.visit(node)
        self.reasons.pop()

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.scope.append(node.name)
        where = ".".join(self.scope)
        reason = "printing" if where in PRINTING.get(self.module, ()) else ""
        reason = reason or ("limits of size" if where in BOUNDS.get(self.module, ()) else "")
        self.reasons += [reason] if reason else []
        for argument, default in _defaults(node.args):
            self.within("limits of size" if LIMITS.fullmatch(argument) else "", default)
        for statement in node.body:
            self.visit(statement)
        if reason:
            self.reasons.pop()
        self.scope.pop()

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.scope.append(node.name)
        for statement in node.body:
            self.visit(statement)
        self.scope.pop()

    def visit_Raise(self, node: ast.Raise) -> None:
        self.within("errors", node.exc)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        self.within("text", *node.values)

    def visit_If(self, node: ast.If) -> None:
        if _refuses(node):
            self.within("refuses bad input", node.test)
        else:
            self.visit(node.test)
        for statement in (*node.body, *node.orelse):
            self.visit(statement)

    def visit_Assign(self, node: ast.Assign) -> None:
        names = [target.id for target in node.targets if isinstance(target, ast.Name)]
        if not self.scope and any(LIMITS.fullmatch(name) for name in names):
            self.within("limits of size", node.value)
        else:
            self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    def visit_keyword(self, node: ast.keyword) -> None:
        if node.arg and LIMITS.fullmatch(node.arg):
            self.within("limits of size", node.value)
        else:
            self.visit(node.value)

    # --- Places to change ---

    def add(self, node: ast.AST, *edits: Edit, shown: ast.AST | None = None, left_out: str = "") -> None:
        names = {inner.id for inner in ast.walk(shown or node) if isinstance(inner, ast.Name)}
        if names and names <= DEGREES.get(self.module, set()):
            left_out = "limits of size"
        reason = left_out or next((reason for reason in self.reasons if reason), "")
        self.found.append(Place(node, list(edits), ".".join(self.scope), self.line, self.span, reason, shown))

    def parent(self) -> ast.AST:
        return self.parents[-2]

    def sign_is_lost(self) -> bool:
        """Whether the value here is only compared with 0, or only its modulus or cosine is taken."""
        child = self.parents[-1]
        for parent in reversed(self.parents[:-1]):
            if isinstance(parent, ast.Call):
                name = parent.func.id if isinstance(parent.func, ast.Name) else ""
                if parent.args[:1] != [child] or name not in (*EVEN, *ODD):
                    return False
                if name in EVEN:
                    return True
            elif isinstance(parent, ast.Compare):
                with_zero = [ast.unparse(side) == "0" for side in (parent.left, *parent.comparators)]
                return len(parent.ops) == 1 and isinstance(parent.ops[0], (ast.Eq, ast.NotEq)) and any(with_zero)
            else:
                return isinstance(parent, ast.Attribute) and parent.attr == "is_zero"
            child = parent
        return False

    def visit_BinOp(self, node: ast.BinOp) -> None:
        no_number = "text, list or set" if _no_number(node.left) or _no_number(node.right) else ""
        if type(node.op) in OPPOSITE:
            self.add(node, opposite, left_out=no_number)
        if isinstance(node.op, ARITHMETIC) and not isinstance(self.parent(), (ast.BinOp, ast.UnaryOp)):
            self.add(node, negated, left_out=no_number or ("sign of 0" if self.sign_is_lost() else ""))
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if type(node.op) in OPPOSITE:
            self.add(node, opposite, left_out="text, list or set" if _no_number(node.value) else "")
        self.visit(node.value)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.USub):
            parent = self.parent()
            self.add(node, without_minus, shown=parent if isinstance(parent, (ast.BinOp, ast.Call)) else None)
        self.visit(node.operand)

    def visit_Compare(self, node: ast.Compare) -> None:
        names = [side.id for side in (node.left, *node.comparators) if isinstance(side, ast.Name)]
        reason = "limits of size" if any(LIMITS.fullmatch(name) for name in names) else ""
        for place, operator in enumerate(node.ops):
            if type(operator) in OPPOSITE:
                self.add(node, turned(place), left_out=reason)
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if type(node.value) not in (int, float):
            return
        parent = self.parent()
        shown = parent if isinstance(parent, (ast.expr, ast.keyword)) else None
        changes = [1] if node.value == 0 else [1, -1]
        self.add(node, *(shifted(change) for change in changes), shown=shown)

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Name) and node.func.id in EXCHANGED:
            self.add(node, exchanged)
        if isinstance(node.func, ast.Name) and node.func.id == "range":
            end = node.args[min(1, len(node.args) - 1)]
            if not any(isinstance(inner, ast.Constant) for inner in ast.walk(end)):
                self.add(node, shortened)
        self.generic_visit(node)


def _defaults(arguments: ast.arguments) -> Iterator[tuple[str, ast.expr]]:
    positional = [*arguments.posonlyargs, *arguments.args]
    for argument, default in zip(reversed(positional), reversed(arguments.defaults), strict=False):
        yield argument.arg, default
    for argument, given in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if given is not None:
            yield argument.arg, given


def _refuses(node: ast.If) -> bool:
    """Whether an `if` does nothing but raise an error about the input."""
    if not all(isinstance(statement, ast.Raise) for statement in node.body):
        return False
    raised = [statement.exc for statement in node.body if isinstance(statement, ast.Raise)]
    called = [ast.unparse(error.func) if isinstance(error, ast.Call) else "" for error in raised]
    return all(name in ("InputError", "self.refuse") for name in called)


def _no_number(node: ast.expr) -> bool:
    """Whether an operand is a text, a list or a set: joining, repeating and taking away those is no arithmetic."""
    if isinstance(node, ast.Subscript):
        return isinstance(node.slice, ast.Slice)
    if isinstance(node, ast.BinOp):
        return _no_number(node.left) or _no_number(node.right)
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str)
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id == "set"
    return isinstance(node, (ast.List, ast.ListComp, ast.Tuple, ast.JoinedStr, ast.Set, ast.Dict, ast.SetComp))
