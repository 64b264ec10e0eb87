"""Re-check certificates with the standard library alone: ``python recheck.py FILE_OR_FOLDER...``.

Exit code 1: a certificate breaks the rule that the method of its kind states; 2: one cannot be read; 0: neither."""

import ast
import json
import sys
from collections import Counter, defaultdict
from fractions import Fraction
from itertools import combinations, product
from operator import mul
from pathlib import Path
from typing import Any

FUNCTIONS: dict[str, Any] = {"abs": abs, "max": max, "min": min}
FUNCTIONS["H"] = lambda n, p=1: sum(Fraction(1, k) ** number(p, -99, 99) for k in range(1, number(n, 0, 9999) + 1))


def need(holds: Any, otherwise: str) -> None:
    """Reject the certificate unless the condition holds."""
    if not holds:
        raise ValueError(otherwise)


def number(x: Any, *bounds: int) -> Any:
    """Read integers or text "p/q", no floats or booleans, alone or in lists; with bounds, integers between them."""
    if isinstance(x, list):
        return [number(v, *bounds) for v in x]
    need(type(x) in (int, Fraction) or (type(x) is str and set(x) <= set("-/0123456789")), f"{x!r} is not rational")
    need(not bounds or bounds[0] <= Fraction(x) == int(Fraction(x)) <= bounds[1], f"{x} is no integer in {bounds}")
    return int(Fraction(x)) if bounds else Fraction(x)


def times(*factors: list[Any]) -> list[Any]:
    """Return the product, a polynomial being a list of terms: the names in a monomial, with repetition; coefficient."""
    p: list[Any] = [((), Fraction(1))]
    for q in factors:
        need(len(p) * len(q) <= 1_000_000, "a product is too large")
        total: dict[tuple[str, ...], Fraction] = defaultdict(Fraction)
        for (a, x), (b, y) in product(p, q):
            total[tuple(sorted(a + b))] += x * y
        p = [(names, c) for names, c in total.items() if c]
    return p


class Certificate(dict[str, Any]):
    """The data, with the rules of their kinds.  1/q is read as a name of its own: nothing cancels that may be 0."""

    divisors: tuple[tuple[str, list[Any]], ...] = ()

    def read(self, node: Any, at: dict[str, Any] | None = None) -> list[Any]:
        """Expressions are integers, names (of symbols, or of numbers), + - * / ** and functions of numbers."""
        rules: dict[type, Any] = {
            str: lambda: self.read(ast.parse(node.strip(), mode="eval").body, at),
            ast.Constant: lambda: [((), number(node.value))],
            ast.Name: lambda: [((node.id,), Fraction(1))] if at is None else [((), number(at[node.id]))],
            ast.USub: lambda: [(m, -c) for m, c in self.read(node.operand, at)],
            ast.Add: lambda: self.read(node.left, at) + self.read(node.right, at),
            ast.Sub: lambda: self.read(node.left, at) + [(m, -c) for m, c in self.read(node.right, at)],
            ast.Mult: lambda: times(self.read(node.left, at), self.read(node.right, at)),
            ast.Div: lambda: times(self.read(node.left, at), self.power(self.read(node.right, at), -1)),
            ast.Pow: lambda: self.power(self.read(node.left, at), number(self.constant(node.right, at), -999, 999)),
            ast.Call: lambda: [((), self.call(node.func.id, [*node.args, *node.keywords], at))],
        }
        return rules[type(getattr(node, "op", node))]()

    def constant(self, node: Any, at: dict[str, Any] | None) -> Fraction:
        """Return the number that an expression is, where all names are numbers."""
        return sum((c for _, c in self.read(node, at or {})), Fraction(0))

    def call(self, name: str, args: Any, at: dict[str, Any] | None) -> Any:
        """H(n, p), abs, max, min; worth(φ, g, [x...]) = g(s) φ(u) for s numbers of mean u; paid(..., i): Shapley."""
        if name in FUNCTIONS:
            return FUNCTIONS[name](*[self.constant(arg, at) for arg in args])
        phi, g, numbers, agent = {"worth": [*args, None], "paid": args}[name]
        x = [v if isinstance(v, Fraction) else self.constant(v, at) for v in getattr(numbers, "elts", numbers)]
        if name == "worth":
            here = {**(at or {}), "s": Fraction(len(x)), "u": sum(x) / Fraction(len(x) or 1)}
            return self.constant(str.strip(g.value), here) * self.constant(str.strip(phi.value), here) if x else 0
        i, v = number(self.constant(agent, at), 0, len(x) - 1), lambda S: self.call("worth", (phi, g, S), at)
        sizes = [list(combinations(x[:i] + x[i + 1 :], s)) for s in range(len(x))]
        return sum(sum(v((*S, x[i])) - v(S) for S in group) / len(group) for group in sizes) / len(x)

    def power(self, p: list[Any], k: int) -> list[Any]:
        """Return pᵏ; 1/p is a name, with p on record as a divisor; numbers are inverted, and monomials name by name."""
        if k < 0:
            need(not self.holds(p, "= 0"), "a divisor is 0")
            (names, c), *more = p = times(p)
            parts = [p] if more else [[((x,), Fraction(1))] for x in names]
            self.divisors += tuple((str(sorted(q)), q) for q in parts)
            p = [(tuple(str(sorted(q)) for q in parts), Fraction(1) if more else 1 / c)]
        return times(*[p] * abs(k))

    def holds(self, p: list[Any], relation: str) -> bool:
        """≥ 0: cleared of divisors, coefficients are ≥ 0, unsigned names squared; > 0: a term has positive names."""
        for name, q in reversed(self.divisors):
            most = max((m.count(name) for m, _ in p), default=0)
            p = [t for m, c in p for t in times([(tuple(x for x in m if x != name), c)], *[q] * (most - m.count(name)))]
        p = times(p)
        strict = {x: {"positive": True, "nonnegative": False}[sign] for x, sign in self.get("signs", {}).items()}
        weak = all(c > 0 and all(x in strict or m.count(x) % 2 == 0 for x in m) for m, c in p)
        return {"= 0": not p, ">= 0": weak, "> 0": weak and any(all(map(strict.get, m)) for m, _ in p)}[relation]

    def combination(self) -> None:
        """Multiplier · conclusion = rest + Σ multiplier · given, or Σ weight · square² Π given; all of known signs."""
        relation, squares, goal = self["relation"], self["kind"] == "squares", self.read(self["conclusion"])
        own, left, strict = self.divisors if relation == "= 0" else (), self.read(self.get("multiplier", "1")), False
        given, rest = [(self.read(g["expression"]), g["relation"]) for g in self.get("given", [])], times(left, goal)
        for i, term in enumerate(self["terms"] if squares else self.get("given", [])):
            used = [given[k] for k in (number(term.get("given", []), 0, len(given) - 1) if squares else [i])]
            relations, weight = {r for _, r in used}, number(term["weight"]) if squares else Fraction(1)
            factor = self.read(term["square" if squares else "multiplier"])
            factor = times([((), weight)], factor, *[factor] * (squares and "= 0" not in relations))
            signed = relations <= {">= 0", "> 0"} and (weight >= 0 if squares else self.holds(factor, ">= 0"))
            need("= 0" in relations or (signed and relation != "= 0"), f"term {i} has an unknown sign")
            strict |= relation == "> 0" and relations <= {"> 0"} and self.holds(factor, "> 0")
            rest = rest + times([((), Fraction(-1))], factor, *(p for p, _ in used))
        need(all(self.holds(d[1], "> 0") for d in self.divisors if d not in own), "a divisor may not be > 0")
        need(self.holds(rest, ">= 0" if strict else relation), f"what remains is not {relation}")
        need(not self.holds(left, "= 0") and self.holds(left, "> 0" if given else ">= 0"), "the multiplier may be 0")

    def linear(self) -> None:
        """Optimal for min c·x, Ax ≥ b (equal: =): x feasible, y ≥ 0, yᵀA = c, yᵀb = c·x; infeasible: yᵀA = 0 < yᵀb."""
        A, b, y, equal = number(self["A"]), number(self["b"]), number(self["y"]), self["equal"]
        need(all(v >= 0 if e is False else e is True for _, _, v, e in zip(A, b, y, equal, strict=True)), "y < 0")
        prices, bound = [sum(map(mul, y, column)) for column in zip(*A, strict=True)], sum(map(mul, y, b))
        if self["sense"] != "infeasible" or any(prices) or bound <= 0:
            x, optimal = number(self["x"]), self["sense"] == "optimal" and prices == number(self["c"])
            need(optimal and len(x) == len(prices) and bound == sum(map(mul, prices, x)), "y does not show the claim")
            slack = [sum(map(mul, row, x)) - v for row, v in zip(A, b, strict=True)]
            need(all(s == 0 or (s > 0 and not e) for s, e in zip(slack, equal, strict=True)), "x is not feasible")

    def roots(self) -> None:
        """All roots have modulus ≤ hi, not all < lo; the polynomial is that of the matrix, by Newton's identities."""
        p, (lo, hi), A = number(self["polynomial"]), number(self["radius"]), number(self.get("matrix", []))
        need(len(self.get("matrix", p[1:])) == len(p) - 1 > 0 != p[0] and {*map(len, A)} <= {len(A)}, "a size is wrong")
        need(0 <= lo <= hi and (hi or not any(p[1:])), "the interval is empty, or a root is not 0")
        for radius, strict in ((hi or Fraction(1), False), (lo, True)):
            q = [c * radius**k for k, c in enumerate(p[::-1])]  # lowest power first; the roots of p over the radius
            while len(q) > 1 and (abs(q[-1]) > abs(q[0]) or (not strict and q[::-1] in (q, [-c for c in q]))):
                schur = [x - q[0] / q[-1] * y for x, y in zip(q, q[::-1], strict=True)]
                q = schur[1:] if abs(q[-1]) > abs(q[0]) else [k * c for k, c in enumerate(q)][1:]
            need((len(q) == 1) is not strict, "the largest modulus of a root is not in the interval")
        power, traces = A, list[Fraction]()
        for k in range(1, len(A) + 1):
            traces.insert(0, sum(power[i][i] for i in range(len(A))))
            need(k * p[k] + sum(map(mul, p, traces)) == 0, "the polynomial is not that of the matrix")
            power = [[sum(map(mul, row, column)) for column in zip(*A, strict=True)] for row in power]

    def ranks(self) -> None:
        """Unions F(S), F(T) of a pattern's rows in disjoint S, T meet or rank lower; or along a word, return unmet."""
        patterns, n = number(self["patterns"], 0, 1), len(self["patterns"][0])
        need(0 < n < 13 and all({len(A), *map(len, A)} == {n} and all(map(any, A)) for A in patterns), "a row is wrong")
        columns = [[sum(v << i for i, v in enumerate(column)) for column in zip(*A, strict=True)] for A in patterns]
        images = [[sum(bool(S & column) << j for j, column in enumerate(A)) for S in range(2**n)] for A in columns]
        if self["kind"] == "ranks":
            rank = {frozenset(map(int, sets.split())): number(r, 0, 10**9) for sets, r in self["ranks"].items()}
            for S, T in ((S, T) for S, T in combinations(range(1, 2**n), 2) if not S & T):
                lower = max((rank.get(frozenset((F[S], F[T])), 10**9) for F in images if not F[S] & F[T]), default=-1)
                need(lower < rank.get(frozenset((S, T)), -1), f"{S} {T} leads no lower, or has no rank")
        else:
            pair, word = number(self["pair"], 1, 2**n - 1), number(self["word"], 0, len(images) - 1)
            path = [pair, *(pair := [images[k][S] for S in pair] for k in word)]
            need(word and {*path[0]} == {*path[-1]} and not any(S & T for S, T in path), "the images meet or differ")

    def value(self) -> None:
        """One comparison of numbers is as expected."""
        tree, at = ast.parse(self["statement"].strip(), mode="eval").body, self["at"]
        d = self.constant(tree.left, at) - self.constant(tree.comparators[0], at)
        holds = {ast.Lt: d < 0, ast.LtE: d <= 0, ast.Eq: d == 0, ast.NotEq: d != 0, ast.GtE: d >= 0, ast.Gt: d > 0}
        need(len(tree.ops) == 1 and holds[type(tree.ops[0])] is self["expected"], "the comparison is not as expected")


def check(certificate: dict[str, Any]) -> Counter[str]:
    """Check a certificate, with those inside an induction; return how many of each kind there are."""
    kind, inner = certificate["kind"], certificate["certificates"] if certificate["kind"] == "induction" else []
    need(inner or kind != "induction", "an induction is empty")
    if kind not in ("enumeration", "induction"):
        vars(Certificate)[{"squares": "combination", "cycle": "ranks"}.get(kind, kind)](Certificate(certificate))
    return sum(map(check, inner), Counter([kind if kind != "enumeration" else "not re-checked"]))


if __name__ == "__main__":
    sys.setrecursionlimit(20_000)  # a sum of n terms nests n deep
    once = json.JSONDecoder(object_pairs_hook=lambda pairs: dict(zip(dict(pairs), (v for _, v in pairs), strict=True)))
    total, code = Counter[str](), 0 if sys.argv[1:] else 2
    for path in (file for p in map(Path, sys.argv[1:]) for file in sorted(p.rglob("*.json")) or [p]):
        tally, piece = Counter[str](), {}
        try:
            data = once.decode(path.read_text("utf-8"))
            for piece in data["pieces"] + data["counterexamples"]:
                tally += sum(map(check, piece["certificates"]), Counter({"no certificate": not piece["certificates"]}))
            print(f"{data['claim']}: {dict(tally)}")
        except Exception as error:
            code = 1 if piece and isinstance(error, ValueError) else code or 2
            print(f"{path}: {piece.get('what', piece.get('mutant'))}: {error!r}")
        total += tally
    print(f"total: {dict(total)}")
    sys.exit(code)
