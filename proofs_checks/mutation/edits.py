"""Edits: the small changes of one node of a syntax tree that make a mutant."""

from __future__ import annotations

import ast
from collections.abc import Callable

OPPOSITE: dict[type, type] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Lt: ast.Gt,
    ast.Gt: ast.Lt,
    ast.LtE: ast.GtE,
    ast.GtE: ast.LtE,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
}
EXCHANGED = {"Max": "Min", "max": "min", "floor": "ceiling", "Le": "Ge", "Lt": "Gt"}
EXCHANGED |= {new: old for old, new in EXCHANGED.items()}
ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow)

Edit = Callable[[ast.AST], ast.AST]


def opposite(node: ast.AST) -> ast.AST:
    """Return a sum as a difference, a product as a quotient, and the reverse."""
    assert isinstance(node, (ast.BinOp, ast.AugAssign))
    node.op = OPPOSITE[type(node.op)]()
    return node


def negated(node: ast.AST) -> ast.AST:
    """Return the expression with a minus sign in front."""
    assert isinstance(node, ast.expr)
    return ast.UnaryOp(ast.USub(), node)


def without_minus(node: ast.AST) -> ast.AST:
    """Return what a minus sign stands in front of."""
    assert isinstance(node, ast.UnaryOp)
    return node.operand


def turned(place: int) -> Edit:
    """Return the edit that turns round the comparison at this place of a chain."""

    def edit(node: ast.AST) -> ast.AST:
        assert isinstance(node, ast.Compare)
        node.ops[place] = OPPOSITE[type(node.ops[place])]()
        return node

    return edit


def shifted(change: int) -> Edit:
    """Return the edit that adds to a number."""

    def edit(node: ast.AST) -> ast.AST:
        assert isinstance(node, ast.Constant)
        assert isinstance(node.value, (int, float))
        node.value += change
        return node

    return edit


def exchanged(node: ast.AST) -> ast.AST:
    """Return a call of Min for Max and so on, imported on the spot: the module need not import the other one."""
    assert isinstance(node, ast.Call)
    assert isinstance(node.func, ast.Name)
    name = EXCHANGED[node.func.id]
    if name in ("max", "min"):
        node.func = ast.Name(name, ast.Load())
    else:
        node.func = ast.Attribute(ast.Call(ast.Name("__import__", ast.Load()), [ast.Constant("sympy")], []), name)
        node.func.ctx = ast.Load()
    return node


def shortened(node: ast.AST) -> ast.AST:
    """Return a range that ends one earlier."""
    assert isinstance(node, ast.Call)
    place = min(1, len(node.args) - 1)
    node.args[place] = ast.BinOp(node.args[place], ast.Sub(), ast.Constant(1))
    return node
