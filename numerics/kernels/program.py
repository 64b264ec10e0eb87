"""Evaluation of performance functions and scales from data.

An expression is a list of instructions ``(operation, left, right)`` over a row of registers: first the
variables, then the constants, then one register for each instruction's result.  The last register is
the value.  Polynomials of low degree skip this and are evaluated by Horner's rule.
"""

import numpy as np
from numba import njit

# fmt: off
COPY, ADD, SUB, MUL, DIV, NEG, POWER, INTEGER_POWER, EXP, LOG, SQRT, SIN, COS, TANH, ABS, SIGN = range(16)
# fmt: on


@njit(cache=True, nogil=True, error_model="numpy")
def run(code, registers, first, second):
    """Value of the program at ``(first, second)``; the second variable is ignored by performance functions."""
    registers[0] = first
    registers[1] = second
    return run_prepared(code, registers)


@njit(cache=True, nogil=True, error_model="numpy")
def run_prepared(code, registers):
    """Value of the program at the variables that are in the first registers already."""
    n_instructions = code.shape[0]
    base = registers.shape[0] - n_instructions
    for i in range(n_instructions):
        operation = code[i, 0]
        x = registers[code[i, 1]]
        if operation == MUL:
            value = x * registers[code[i, 2]]
        elif operation == ADD:
            value = x + registers[code[i, 2]]
        elif operation == SUB:
            value = x - registers[code[i, 2]]
        elif operation == INTEGER_POWER:
            value = x ** code[i, 2]
        elif operation == NEG:
            value = -x
        elif operation == DIV:
            value = x / registers[code[i, 2]]
        elif operation == EXP:
            value = np.exp(x)
        elif operation == POWER:
            value = x ** registers[code[i, 2]]
        elif operation == LOG:
            value = np.log(x)
        elif operation == SQRT:
            value = np.sqrt(x)
        elif operation == SIN:
            value = np.sin(x)
        elif operation == COS:
            value = np.cos(x)
        elif operation == TANH:
            value = np.tanh(x)
        elif operation == ABS:
            value = abs(x)
        elif operation == SIGN:
            value = np.sign(x)
        else:
            value = x
        registers[base + i] = value
    return registers[base + n_instructions - 1]


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def performance(u, coefficients, centre, code, registers):
    """φ(u) = Σ coefficients[j] (u - centre)ʲ; without coefficients, run the program.

    The four arrays are passed one by one: taking them out of a tuple costs more than a polynomial.
    """
    degree = coefficients.shape[0] - 1
    if degree < 0:
        return run(code, registers, u, 1.0)
    y = u - centre
    value = coefficients[degree]
    for j in range(degree - 1, -1, -1):
        value = value * y + coefficients[j]
    return value


@njit(cache=True, nogil=True, error_model="numpy")
def performance_at(point, coefficients, centre, code, registers):
    """φ at a point of d coordinates, a (d,) array; only for d = 1 are there coefficients."""
    if coefficients.shape[0] > 0:
        return performance(point[0], coefficients, centre, code, registers)
    for coordinate in range(point.shape[0]):
        registers[coordinate] = point[coordinate]
    return run_prepared(code, registers)


@njit(cache=True, nogil=True, error_model="numpy")
def evaluate_many(u, second, code, registers, out):
    """Evaluate a program at every pair of `u` and `second`."""
    for i in range(u.shape[0]):
        out[i] = run(code, registers, u[i], second[i])


@njit(cache=True, nogil=True, error_model="numpy")
def performance_many(points, phi, out):
    """Evaluate φ at every row of `points`, (m, d)."""
    coefficients, centre, code, registers = phi
    for i in range(points.shape[0]):
        out[i] = performance_at(points[i], coefficients, centre, code, registers)
