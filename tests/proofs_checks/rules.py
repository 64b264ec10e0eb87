"""The rules of certificates, once more and with sympy: what tests hold the rungs to."""

from fractions import Fraction

from sympy import Poly, Rational, cancel, expand, fraction, prod, sympify, together
from sympy.abc import _clash


def read(text):
    """The expression of a certificate's text, names being nothing but names."""
    return sympify(text, locals=_clash)


def has_sign(expression, signs, strict):
    """Whether numerator and denominator have non-negative coefficients and even powers of names without a sign."""

    def polynomial(part, strict):
        names = sorted(part.free_symbols, key=str)
        if not names:
            return part > 0 if strict else part >= 0
        some = False
        for powers, a in Poly(part, *names).terms():
            if a < 0 or any(e % 2 and str(x) not in signs for x, e in zip(names, powers, strict=True)):
                return False
            some |= a > 0 and all(e == 0 or signs.get(str(x)) == "positive" for x, e in zip(names, powers, strict=True))
        return some or not strict

    top, below = fraction(together(cancel(expression)))
    return any(polynomial(expand(s * top), strict) and polynomial(expand(s * below), True) for s in (1, -1))


def vanishes(expression):
    return expand(fraction(together(expression))[0]) == 0


def holds(certificate):
    """Whether a certificate proves what it says."""
    return {"combination": combination, "squares": squares, "linear": linear, "roots": roots}[certificate["kind"]](
        certificate
    )


def combination(certificate):
    signs, relation = certificate["signs"], certificate["relation"]
    rest, strict = read(certificate["conclusion"]), False
    for item in certificate["given"]:
        multiplier = read(item["multiplier"])
        if item["relation"] != "= 0":
            if relation == "= 0" or not has_sign(multiplier, signs, False):
                return False
            strict |= item["relation"] == "> 0" and has_sign(multiplier, signs, True)
        rest -= multiplier * read(item["expression"])
    if relation == "= 0":
        return vanishes(rest)
    return has_sign(rest, signs, relation == "> 0" and not strict)


def squares(certificate):
    signs, relation = certificate["signs"], certificate["relation"]
    given = [(read(item["expression"]), item["relation"]) for item in certificate["given"]]
    multiplier, total, strict = read(certificate["multiplier"]), 0, relation == ">= 0"
    for term in certificate["terms"]:
        weight, square = Rational(term["weight"]), read(term["square"])
        used = [given[k] for k in term["given"]]
        equation = any(r == "= 0" for _, r in used)
        if weight < 0 and not equation:
            return False
        strict |= weight > 0 and square.is_number and square != 0 and all(r == "> 0" for _, r in used)
        total += weight * square ** (1 if equation else 2) * prod(e for e, _ in used)
    only_signs = all(str(e) in signs for e, _ in given)
    positive = has_sign(multiplier, signs, True) or (
        only_signs and relation == ">= 0" and multiplier != 0 and has_sign(multiplier, signs, False)
    )
    return strict and positive and vanishes(multiplier * read(certificate["conclusion"]) - total)


def linear(certificate):
    A = [[Fraction(a) for a in row] for row in certificate["A"]]
    b, c, x, y = ([Fraction(v) for v in certificate[key]] for key in "bcxy")
    if any(v < 0 and not equal for v, equal in zip(y, certificate["equal"], strict=True)):
        return False
    product = [sum(v * row[j] for v, row in zip(y, A, strict=True)) for j in range(len(c))]
    value = sum(v * w for v, w in zip(y, b, strict=True))
    if certificate["sense"] == "infeasible":
        return not any(product) and value > 0
    left = [sum(a * v for a, v in zip(row, x, strict=True)) for row in A]
    feasible = all(p == q if e else p >= q for p, q, e in zip(left, b, certificate["equal"], strict=True))
    return feasible and product == c and value == sum(v * w for v, w in zip(c, x, strict=True))


def roots(certificate):
    """The characteristic polynomial by Faddeev and LeVerrier; not all moduli are below lo, and all are below hi."""
    p = [Fraction(a) for a in certificate["polynomial"]]
    low, high = (Fraction(r) for r in certificate["radius"])
    A = [[Fraction(a) for a in row] for row in certificate["matrix"]]
    indices, M, found = range(len(A)), [[Fraction(0)] * len(A) for _ in A], [Fraction(1)]
    for k in range(1, len(A) + 1):
        last = found[-1]
        M = [[sum(A[i][l] * M[l][j] for l in indices) + last * (i == j) for j in indices] for i in indices]
        found.append(-sum(A[i][l] * M[l][i] for i in indices for l in indices) / k)
    scaled = [[a * r ** (len(p) - 1 - k) for k, a in enumerate(p)] for r in (low, high)]
    return found == p and not (low and inside(scaled[0])) and inside(scaled[1])


def inside(p):
    """Whether all roots are in the open unit disc (Schur and Cohn), highest coefficient first."""
    while len(p) > 1:
        if abs(p[-1]) >= abs(p[0]):
            return False
        p = [p[0] * a - p[-1] * b for a, b in zip(p, p[::-1], strict=True)][:-1]
        p = [a / p[0] for a in p]
    return True
