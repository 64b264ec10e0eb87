"""What a sum of squares may be made of: as few monomials as Newton polytopes, gradings and symmetries leave.

Each of the reductions loses nothing.  If target and hypotheses are homogeneous for some weights of the variables, or
invariant under some changes of sign, a sum of squares may be averaged until its terms are so too.  A monomial of a
basis whose square occurs in the target only through itself, and with coefficient 0, has a zero row in Q; removing such
monomials again and again leaves no more than half of the Newton polytope (Reznick 1978).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flint import fmpz_mat

from proofs_checks.ladder.faces import Block, Shape
from proofs_checks.ladder.polynomials import Poly, total_degree
from proofs_checks.ladder.statements import Part

Powers = tuple[int, ...]

MAX_MONOMIALS = 3000
MAX_PRODUCTS = 300


@dataclass(frozen=True)
class Symmetry:
    """The gradings and changes of sign under which the target and all hypotheses are what they are.

    Attributes
    ----------
    gradings : integer weights w, such that w·α is the same for all monomials α of each polynomial.
    lattice : exponents mod 2 that the monomials span, as bit masks in reduced form.
    """

    gradings: tuple[tuple[int, ...], ...]
    lattice: tuple[int, ...]

    @classmethod
    def of(cls, target: Poly, given: Sequence[Poly], n: int) -> Symmetry:
        """Return the symmetries that all of the polynomials have."""
        monomials = [list(p.to_dict()) for p in (target, *given)]
        rows = [[a - b for a, b in zip(m, ms[0], strict=True)] for ms in monomials for m in ms[1:]]
        lattice: list[int] = []
        for powers in itertools.chain(*monomials):
            _insert(lattice, _mask(powers))
        return cls(_kernel(rows, n), tuple(lattice))

    def degree(self, powers: Powers) -> tuple[int, ...]:
        """The degree for each of the gradings."""
        return tuple(sum(w * e for w, e in zip(weights, powers, strict=True)) for weights in self.gradings)

    def character(self, powers: Powers) -> int:
        """What is left of the exponents mod 2: the same for monomials that may share a block."""
        mask = _mask(powers)
        for row in self.lattice:
            mask = min(mask, mask ^ row)
        return mask


def shape_of(target: Poly, given: Sequence[Part], degree: int, strict: bool, most: int | None = None) -> Shape | None:
    """Return the shape of all certificates up to a degree, None if it is empty or too large.

    Parameters
    ----------
    target : to be made of squares.
    given : hypotheses; those that are inequalities are multiplied with each other.
    degree : of what is multiplied out.
    strict : whether the target has to be positive: then products of strict hypotheses get weights of their own.
    most : number of hypotheses in a product; any unless given.
    """
    if target == 0:
        return None
    context = target.context()
    n = len(context.names())
    symmetry = Symmetry.of(target, [part.numerator for part in given], n)
    wanted = symmetry.degree(next(iter(target.to_dict())))
    blocks: list[Block] = []
    for count, (indices, factor) in enumerate(_products(given, degree, most, context)):
        if count > MAX_PRODUCTS:
            return None
        lead = next(iter(factor.to_dict()))
        classes: dict[int, list[Poly]] = {}
        for powers in monomials(n, (degree - total_degree(factor)) // 2):
            if symmetry.degree(tuple(2 * e + g for e, g in zip(powers, lead, strict=True))) == wanted:
                classes.setdefault(symmetry.character(powers), []).append(context.from_dict({powers: 1}))
        blocks += [Block(basis, factor, indices) for basis in classes.values()]
    free: list[tuple[Poly, Poly, Powers]] = []
    for k, part in enumerate(given):
        if part.relation == "= 0":
            lead = next(iter(part.numerator.to_dict()), ())
            for powers in monomials(n, degree - total_degree(part.numerator)) if lead else ():
                fits = symmetry.degree(tuple(e + g for e, g in zip(powers, lead, strict=True))) == wanted
                if fits and symmetry.character(powers) == 0:
                    free.append((context.from_dict({powers: 1}), part.numerator, (k,)))
    weights = [
        (factor, indices)
        for indices, factor in (_strict_products(given, degree, context) if strict else ())
        if symmetry.degree(next(iter(factor.to_dict()))) == wanted
    ]
    shape = _consistent(target, Shape(blocks, free, weights))
    return shape if shape.entries and (shape.weights or not strict) else None


def is_graded(target: Poly, given: Sequence[Part]) -> bool:
    """Whether all polynomials are homogeneous, so that terms of other degrees are of no use."""
    polynomials = [target, *(part.numerator for part in given)]
    return all(len({sum(powers) for powers in p.to_dict()}) <= 1 for p in polynomials)


def _products(given: Sequence[Part], degree: int, most: int | None, context: object) -> Iterator[tuple[Powers, Poly]]:
    """Products of different inequalities up to a degree, the short ones first."""
    inequalities = [k for k, part in enumerate(given) if part.relation != "= 0" and not part.numerator.is_constant()]
    for size in range(len(inequalities) + 1 if most is None else min(most, len(inequalities)) + 1):
        for chosen in itertools.combinations(inequalities, size):
            if sum(total_degree(given[k].numerator) for k in chosen) <= degree:
                yield chosen, _product(given, chosen, context)


def _strict_products(given: Sequence[Part], degree: int, context: object) -> Iterator[tuple[Powers, Poly]]:
    """Products of strict hypotheses up to a degree, with repetitions."""
    strict = [k for k, part in enumerate(given) if part.relation == "> 0" and not part.numerator.is_constant()]
    everything = (c for size in range(degree + 1) for c in itertools.combinations_with_replacement(strict, size))
    for chosen in itertools.islice(everything, MAX_PRODUCTS):
        if sum(total_degree(given[k].numerator) for k in chosen) <= degree:
            yield chosen, _product(given, chosen, context)


def _product(given: Sequence[Part], chosen: Powers, context: object) -> Poly:
    factor = context.constant(1)  # type: ignore[attr-defined]
    for k in chosen:
        factor = factor * given[k].numerator
    return factor


def monomials(n: int, degree: int) -> list[Powers]:
    """Return all exponents up to a degree, none if there are too many of them."""
    if degree < 0:
        return []
    found: list[Powers] = [()]
    for _ in range(n):
        found = [(*powers, e) for powers in found for e in range(degree - sum(powers) + 1)]
        if len(found) > MAX_MONOMIALS:
            return []
    return found


def _consistent(target: Poly, shape: Shape) -> Shape:
    """The shape without monomials whose diagonal entries have to be zero."""
    support = set(target.to_dict())
    fixed = {powers for monomial, h, _ in shape.free for powers in (monomial * h).to_dict()}
    blocks, weights = shape.blocks, shape.weights
    while True:
        signs: dict[Powers, int | None] = {}  # 1, -1, or None if both, or off the diagonal
        for block in blocks:
            bases = [next(iter(z.to_dict())) for z in block.basis]
            for powers, coefficient in block.factor.to_dict().items():
                for i, j in itertools.combinations_with_replacement(range(len(bases)), 2):
                    where = tuple(a + b + c for a, b, c in zip(bases[i], bases[j], powers, strict=True))
                    _note(signs, where, (1 if coefficient > 0 else -1) if i == j else None)
        for factor, _ in weights:
            for powers, coefficient in factor.to_dict().items():
                _note(signs, powers, 1 if coefficient > 0 else -1)
        zero = {p for p, sign in signs.items() if sign is not None and p not in support and p not in fixed}
        smaller = [Block([z for z in b.basis if not _hits(z, b.factor, zero)], b.factor, b.given) for b in blocks]
        kept = [(factor, indices) for factor, indices in weights if not zero.intersection(factor.to_dict())]
        if len(kept) == len(weights) and all(
            len(new.basis) == len(old.basis) for new, old in zip(smaller, blocks, strict=True)
        ):
            return Shape([block for block in blocks if block.basis], shape.free, weights)
        blocks, weights = smaller, kept


def _hits(monomial: Poly, factor: Poly, zero: set[Powers]) -> bool:
    return not zero.isdisjoint((monomial * monomial * factor).to_dict())


def _note(signs: dict[Powers, int | None], where: Powers, sign: int | None) -> None:
    signs[where] = sign if signs.get(where, sign) == sign else None


def _mask(powers: Powers) -> int:
    return sum((e & 1) << k for k, e in enumerate(powers))


def _insert(rows: list[int], mask: int) -> None:
    """Add a vector to a basis over F₂ of which the leading bits differ."""
    for row in rows:
        mask = min(mask, mask ^ row)
    if mask:
        rows[:] = sorted(
            [min(row, row ^ mask) if row.bit_length() > mask.bit_length() else row for row in rows] + [mask]
        )
        rows.reverse()


def _kernel(rows: list[list[int]], n: int) -> tuple[tuple[int, ...], ...]:
    """Integer vectors that span what is orthogonal to all rows."""
    if not rows or n == 0:
        return tuple(tuple(int(i == j) for i in range(n)) for j in range(n))
    matrix, rank = fmpz_mat(len(rows), n, [a for row in rows for a in row]).nullspace()
    table = matrix.tolist()
    return tuple(tuple(int(table[i][j]) for i in range(n)) for j in range(rank))
