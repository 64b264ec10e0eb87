"""Mutants of `theory`: copies of a module with one sign, constant, operator or comparison changed.

Made from the syntax tree:

- ``+`` and ``-`` exchanged, ``*`` and ``/`` exchanged, in expressions and in ``+=`` and the like;
- a unary minus dropped; one added in front of an arithmetic expression;
- a number one larger and one smaller (0 only becomes 1), which moves indices, exponents and ends of ranges as well;
- ``range(x)`` one shorter;
- a comparison turned round (< and >, <= and >=, == and !=; Lt and Gt, Le and Ge), Max and Min, floor and ceiling
  exchanged.

Left out, and counted, for nothing that is derived depends on them:

- modules that only name, print or read text (`MODULES_LEFT_OUT`) and functions that only print (`PRINTING`);
- raised errors with their messages, and conditions that only refuse bad input: unit tests hold these;
- formatted text, and joined or repeated texts, lists and sets, where the change is no arithmetic;
- limits of size and effort, and numbers of digits (`LIMITS`, `BOUNDS`, `DEGREES`): a change moves the point at which a
  computation is refused or how tight an enclosure is, not what is true;
- a minus sign in front of what is only compared with 0, or of which only the modulus or the cosine is taken;
- sizes of caches, annotations, decorators and docstrings.
"""

from __future__ import annotations

import ast
import copy
from dataclasses import dataclass
from pathlib import Path
from types import CodeType

from proofs_checks.mutation.edits import Edit
from proofs_checks.mutation.places import Places

THEORY = Path(__file__).resolve().parents[2] / "theory"


@dataclass(frozen=True)
class Mutant:
    """One change of one module.

    Parameters
    ----------
    module, where : str
        The module, and the function in it (empty at module level).
    line : int
        Line of the change.
    span : (int, int)
        First and last line of the statement around it: a check that runs none of them cannot notice.
    before, after : str
        The smallest expression around the change.
    number : int
        Which of the equal changes of this function it is, from 0.
    left_out : str
        Why it is not tried; empty if it is.
    node, edit
        What is changed in the syntax tree, and how.
    """

    module: str
    where: str
    line: int
    span: tuple[int, int]
    before: str
    after: str
    number: int
    left_out: str
    node: int
    edit: Edit

    @property
    def key(self) -> str:
        """A name that survives changes elsewhere in the module."""
        return f"{self.module}:{self.where}: {self.before} → {self.after} #{self.number}"

    def __str__(self) -> str:
        return f"{self.module}:{self.line} {self.where or 'module'}: {self.before} → {self.after}"

    def code(self) -> CodeType:
        """Return the changed module, compiled; lines are those of the original."""
        path, tree = source(self.module)
        changed = _changed(tree, self.node, self.edit)
        assert isinstance(changed, ast.Module)
        return compile(changed, str(path), "exec")


def modules() -> list[str]:
    """Return the modules of `theory`, in order of their names."""
    return [".".join(path.relative_to(THEORY.parent).with_suffix("").parts) for path in sorted(THEORY.rglob("*.py"))]


def source(module: str) -> tuple[Path, ast.Module]:
    """Return the file of a module of `theory` and its syntax tree."""
    path = THEORY.parent.joinpath(*module.split(".")).with_suffix(".py")
    return path, ast.parse(path.read_text(encoding="utf-8"))


def mutants_of(module: str) -> list[Mutant]:
    """Return every mutant of a module, in order of the source, those that are left out included."""
    _, tree = source(module)
    order = {id(node): number for number, node in enumerate(ast.walk(tree))}
    sites = Places(module)
    sites.visit(tree)
    made: list[Mutant] = []
    seen: dict[tuple[str, str, str], int] = {}
    for site in sites.found:
        number = order[id(site.node)]
        shown = site.shown or site.node
        before = _text(shown)
        for edit in site.edits:
            after = _text(_changed(shown, 0, edit) if shown is site.node else _shown_after(shown, site.node, edit))
            same = seen[site.where, before, after] = seen.get((site.where, before, after), -1) + 1
            made.append(
                Mutant(module, site.where, site.line, site.span, before, after, same, site.left_out, number, edit)
            )
    return made


def _text(node: ast.AST) -> str:
    return " ".join(ast.unparse(node).split()).replace("__import__('sympy').", "")


def _changed(tree: ast.AST, number: int, edit: Edit) -> ast.AST:
    """Return a copy of the tree with the node of this number (in the order of `ast.walk`) edited."""
    tree = copy.deepcopy(tree)
    target = next(node for i, node in enumerate(ast.walk(tree)) if i == number)
    new = edit(target)
    if new is not target:
        if tree is target:
            return ast.fix_missing_locations(new)
        for parent in ast.walk(tree):
            for name, value in ast.iter_fields(parent):
                if value is target:
                    setattr(parent, name, new)
                elif isinstance(value, list):
                    value[:] = [new if item is target else item for item in value]
        ast.copy_location(new, target)
    return ast.fix_missing_locations(tree)


def _shown_after(shown: ast.AST, node: ast.AST, edit: Edit) -> ast.AST:
    return _changed(shown, next(i for i, inner in enumerate(ast.walk(shown)) if inner is node), edit)
