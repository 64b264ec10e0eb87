"""Compilation: a sympy expression becomes arrays that the compiled kernels evaluate.

`theory` says what a performance function or a scale is; this module turns that one definition into
data for `numerics.kernels.program`, and never restates it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from sympy import Abs, Add, Expr, Integer, Mul, Poly, Pow, Symbol, diff, pi

from numerics.kernels import program
from numerics.terms import terms_of
from theory import symbols
from theory.expressions import THRESHOLD_VARIABLES

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

# Beyond this degree the Taylor shift loses digits faster than the direct sum; such a φ is run as a program.
MAX_POLYNOMIAL_DEGREE = 12

_UNARY = {
    "exp": program.EXP, "log": program.LOG, "sin": program.SIN, "cos": program.COS,
    "tanh": program.TANH, "Abs": program.ABS, "sign": program.SIGN,
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Program:
    """Instructions (k, 3) and initial registers of one expression; the first two registers at least are variables."""

    code: IntArray
    registers: FloatArray

    def __call__(self, first: FloatArray, second: FloatArray | float = 1.0) -> FloatArray:
        """Value at every entry of `first` (and `second`)."""
        values = np.atleast_1d(np.asarray(first, dtype=float))
        others = np.broadcast_to(np.asarray(second, dtype=float), values.shape)
        out = np.empty(values.shape)
        program.evaluate_many(values.ravel(), others.ravel(), self.code, self.registers.copy(), out.ravel())
        return out


@dataclass(frozen=True, eq=False)
class CompiledPerformance:
    """A performance function ready for the kernels.

    Attributes
    ----------
    expression : sympy expression in u.
    coefficients : (degree+1,) array, φ(u) = Σ coefficients[j] (u - centre)^j; empty if φ is no polynomial
        of degree at most 12.
    centre : float, chosen so that the coefficient of degree - 1 vanishes (for a quadratic: its vertex), which
        keeps φ accurate far from 0.
    program : φ as a program.
    magnitude : a program for the size of the numbers added up on the way to φ(u), see `numerics.ties`.
    slope : φ' as a program.
    """

    expression: Expr
    coefficients: FloatArray
    centre: float
    program: Program
    magnitude: Program
    slope: Program
    dimension: int = 1

    @property
    def degree(self) -> int:
        """Degree of the polynomial, or -1."""
        return len(self.coefficients) - 1

    def arrays(self) -> tuple[FloatArray, float, IntArray, FloatArray]:
        """What kernels take; the registers are a copy, so that threads do not share them."""
        return self.coefficients, self.centre, self.program.code, self.program.registers.copy()

    def __call__(self, u: FloatArray) -> FloatArray:
        """φ at every entry of `u`; in more than one dimension, at every row."""
        values = np.atleast_1d(np.array(u, dtype=float))
        shape = values.shape if self.dimension == 1 else values.shape[:-1]
        out = np.empty(shape)
        program.performance_many(values.reshape(-1, self.dimension), self.arrays(), out.ravel())
        return out


@lru_cache(maxsize=256)
def compile_performance(expression: Expr, dimension: int = 1) -> CompiledPerformance:
    """Compile φ(u), or φ(u1, …, ud).

    Examples
    --------
    >>> from theory.expressions import parse_performance
    >>> phi = compile_performance(parse_performance("3 - (u - 2)**2"))
    >>> phi.coefficients.tolist(), phi.centre
    ([3.0, 0.0, -1.0], 2.0)
    >>> phi([0.0, 2.0]).tolist()
    [-1.0, 3.0]
    """
    variables = symbols.coordinates(dimension)
    coefficients, centre = _polynomial(expression) if dimension == 1 else (np.empty(0), 0.0)
    slope = diff(expression, symbols.u) if dimension == 1 else Add(*(Abs(diff(expression, x)) for x in variables))
    return CompiledPerformance(
        expression,
        coefficients,
        centre,
        compile_program(expression, variables),
        compile_program(_magnitude(expression), variables),
        compile_program(slope, variables),
        dimension,
    )


def compile_scale(expression: Expr) -> Program:
    """Compile g(s, a)."""
    return compile_program(expression, (symbols.s, symbols.a))


def compile_threshold(expression: Expr) -> Program:
    """Compile the threshold of an adaptive rule, in (entries, exits, moves, steps, s)."""
    return compile_program(expression, tuple(THRESHOLD_VARIABLES.values()))


@lru_cache(maxsize=1024)
def compile_program(expression: Expr, variables: tuple[Symbol, ...]) -> Program:
    """Compile an expression in the variables given; equal subexpressions are computed once."""
    builder = _Builder(variables)
    builder.finish(builder.add(expression))
    first = builder.n_slots
    base = first + len(builder.constants)
    registers = np.zeros(base + len(builder.instructions))
    registers[first:base] = builder.constants
    # results come after the constants, whose number is known only now
    code = [
        (op, _place(left, base), right if op == program.INTEGER_POWER else _place(right, base))
        for op, left, right in builder.instructions
    ]
    return Program(np.array(code, dtype=np.int64).reshape(-1, 3), registers)


def _place(register: int, base: int) -> int:
    return register if register >= 0 else base - 1 - register


class _Builder:
    """Registers ≥ 0 are variables and constants; result i is called -1-i until the constants are counted."""

    def __init__(self, variables: tuple[Symbol, ...]) -> None:
        self.where: dict[Expr, int] = {variable: i for i, variable in enumerate(variables)}
        self.n_slots = max(2, len(variables))  # `program.run` sets two
        self.constants: list[float] = []
        self.instructions: list[tuple[int, int, int]] = []

    def finish(self, result: int) -> None:
        if not self.instructions or result != -len(self.instructions):  # the value has to be in the last register
            self.emit(program.COPY, result)

    def emit(self, operation: int, left: int, right: int = 0) -> int:
        self.instructions.append((operation, left, right))
        return -len(self.instructions)

    def add(self, e: Expr) -> int:
        if e not in self.where:
            self.where[e] = self.build(e)
        return self.where[e]

    def constant(self, value: float) -> int:
        self.constants.append(value)
        return self.n_slots - 1 + len(self.constants)

    def build(self, e: Expr) -> int:
        if e.is_Rational or e.is_Float or e is pi:
            return self.constant(float(e))
        if isinstance(e, Add):
            return self.sum(e)
        if isinstance(e, Mul):
            return self.product(e)
        if isinstance(e, Pow):
            return self.power(e.base, e.exp)
        name = type(e).__name__
        if name in _UNARY:
            return self.emit(_UNARY[name], self.add(e.args[0]))
        if e.is_number:  # exp(1) is a constant of its own in sympy
            return self.constant(float(e))
        raise TypeError(f"no instruction for {name} in {e}")

    def sum(self, e: Add) -> int:
        positive = [x for x in e.args if not x.could_extract_minus_sign()]
        negative = [-x for x in e.args if x.could_extract_minus_sign()]
        total = self.add(positive[0]) if positive else self.emit(program.NEG, self.add(negative[0]))
        for x in positive[1:]:
            total = self.emit(program.ADD, total, self.add(x))
        for x in negative if positive else negative[1:]:
            total = self.emit(program.SUB, total, self.add(x))
        return total

    def product(self, e: Mul) -> int:
        sign = e.could_extract_minus_sign()
        numerator, denominator = (-e if sign else e).as_numer_denom()
        if denominator == 1 or numerator == 1 or (-e if sign else e).is_Pow:
            factors = list((-e if sign else e).as_ordered_factors())
            total = self.add(factors[0])
            for x in factors[1:]:
                total = self.emit(program.MUL, total, self.add(x))
        else:
            total = self.emit(program.DIV, self.add(numerator), self.add(denominator))
        return self.emit(program.NEG, total) if sign else total

    def power(self, base: Expr, exponent: Expr) -> int:
        x = self.add(base)
        if exponent == -1:
            return self.emit(program.DIV, self.add(Integer(1)), x)
        if exponent.is_Integer:
            positive = self.emit(program.INTEGER_POWER, x, abs(int(exponent)))
            return positive if exponent > 0 else self.emit(program.DIV, self.add(Integer(1)), positive)
        if exponent.is_Rational and exponent.p == 1 and exponent.q == 2:
            return self.emit(program.SQRT, x)
        return self.emit(program.POWER, x, self.add(exponent))


def _polynomial(expression: Expr) -> tuple[FloatArray, float]:
    """Coefficients about the centre that makes the second-highest one vanish; empty if there are none."""
    terms = terms_of(expression, (symbols.u,))
    degree = max(map(len, terms), default=0) if terms is not None else 0
    if terms is None or degree > MAX_POLYNOMIAL_DEGREE:
        return np.empty(0), 0.0
    poly = Poly([terms.get((0,) * power, Integer(0)) for power in range(degree, -1, -1)], symbols.u)
    centre = Integer(0)
    if degree >= 2:
        leading, second = poly.all_coeffs()[:2]
        centre = -second / (degree * leading)
        poly = poly.compose(Poly(symbols.u + centre, symbols.u))
    coefficients = np.array([float(x) for x in reversed(poly.all_coeffs())] or [0.0])
    if not (np.all(np.isfinite(coefficients)) and math.isfinite(float(centre))):
        return np.empty(0), 0.0
    return coefficients, float(centre)


def _magnitude(e: Expr) -> Expr:
    """The expression with every sum replaced by the sum of absolute values: what rounding errors scale with."""
    if isinstance(e, Add):
        return Add(*(_magnitude(x) for x in e.args))
    if isinstance(e, Mul):
        return Mul(*(_magnitude(x) for x in e.args))
    if isinstance(e, Pow) and e.exp.is_Integer and e.exp > 0:
        return _magnitude(e.base) ** e.exp
    return Abs(e)
