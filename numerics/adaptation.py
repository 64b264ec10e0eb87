"""Adaptation: numbers that depend on what has happened so far: thresholds of acceptance, rates of consensus.

Such a number is an expression, evaluated for one coalition at each slow step, in

| name | what |
|---|---|
| entries, exits | of the coalition since the run began or it was founded |
| moves | of all agents |
| steps | slow steps so far |
| s | the size of the coalition |

Entries, exits and moves shrink by the factor of the memory before each slow step; a memory of 1 forgets nothing.  The
kernels keep the counts (`numerics.kernels.history`) and run the expression as a small program.
"""

from __future__ import annotations

import numpy as np
from sympy import Expr

from numerics.expressions import compile_threshold
from numerics.kernels.history import evaluate
from numerics.validation import number
from theory import symbols
from theory.errors import InputError
from theory.expressions import THRESHOLD_VARIABLES, parse_threshold


def check_adaptation(expression: object, memory: object, field: str, memory_field: str) -> tuple[Expr, float]:
    """Return the expression and the memory, read and validated; the fields are what errors name.

    Raises
    ------
    InputError
        If the expression is none in these names, or not finite when all counts are 0 and s = 1; if the memory is not
        in [0, 1].

    Examples
    --------
    >>> check_adaptation("0.5/(1 + exits)", 1, "influence.rate", "influence.memory")
    (1/(2*(exits + 1)), 1.0)
    """
    parsed = parse_threshold(expression, field)
    factor = number(memory, memory_field, "give a factor from 0 to 1")
    if not 0 <= factor <= 1:
        raise InputError(memory_field, factor, "is not in [0, 1]", "give a factor from 0 to 1")
    if not np.isfinite(at_start(parsed)):
        advice = "use an expression that is finite at the start, when all counts are 0 and s = 1"
        raise InputError(field, str(parsed), "is not finite", advice)
    return parsed, factor


def at_start(expression: Expr, size: float = 1.0) -> float:
    """Return the value for a coalition of that size when nothing has happened yet.

    Examples
    --------
    >>> at_start(parse_threshold("0.25*s + moves"), 2)
    0.5
    """
    program = compile_threshold(expression)
    return float(evaluate(program.code, program.registers.copy(), 0.0, 0.0, 0.0, 0.0, float(size)))


def depends_on_size_at_start(expression: Expr) -> bool:
    """Whether the value differs between coalitions of different sizes when nothing has happened yet.

    Examples
    --------
    >>> depends_on_size_at_start(parse_threshold("1/s")), depends_on_size_at_start(parse_threshold("s*exits"))
    (True, False)
    """
    nothing = {x: 0 for name, x in THRESHOLD_VARIABLES.items() if name != "s"}
    return symbols.s in expression.subs(nothing).free_symbols


def depends_on_time(expression: Expr) -> bool:
    """Whether the value changes from step to step even if nothing happens."""
    return symbols.steps in expression.free_symbols
