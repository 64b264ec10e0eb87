"""Joint spectral radius: how fast products of matrices grow or shrink, whatever their order, between two bounds.

    ρ(A₁, …, A_m) = lim_k max_w |A_{w₁} ⋯ A_{w_k}|^{1/k}

*From below*, the averaged spectral radius of any product: ρ(Π)^{1/k} ≤ ρ for a product Π of k matrices.  Words are
searched in the order of their length, leaving out those whose norm shows that they cannot do better (Gripenberg).  The
one reported is proved in rational arithmetic: the characteristic polynomial of Π, exactly, does not pass the test of
Schur and Cohn at that radius.

*From above*, a form p of degree 2d, positive away from 0, and a set of words of which every infinite word is made up:
if p(Πx) ≤ γ^{2dk} p(x) along each of them, k its length, then ρ ≤ γ.  The forms are found by semidefinite programs:
ellipsoidal norms, A_iᵀ P A_i ⪯ γ² P, then sums of squares of higher degree (lifts); the words are the m letters, or
those that a tree of products needs to be short enough.  Whatever was found, it is `numerics.programs.lifting` that
proves it, from the matrices themselves.

A set of matrices with a common block-triangular form, after renumbering coordinates, is split into its diagonal blocks:
ρ is the largest of theirs.  ρ = 0 if and only if all products of length n vanish, which is decided in rationals.

References: Rota and Strang, Indag. Math. 22:379, 1960; Gripenberg, Linear Algebra Appl. 234:43, 1996; Ando and Shih,
SIAM J. Matrix Anal. Appl. 19:905, 1998; Blondel and Nesterov, ibid. 27:256, 2005; Parrilo and Jadbabaie, Linear Algebra
Appl. 428:2385, 2008; Jungers, The Joint Spectral Radius, Springer 2009.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise
from time import monotonic
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import matrix_balance
from scipy.sparse.csgraph import connected_components

from numerics.programs.exact_radius import is_nilpotent, proved_radius
from numerics.programs.lifting import (
    Word,
    exact_zero_form,
    is_zero_form,
    least_factor,
    lifted_size,
    norm_weights,
    products,
    shrinks,
    spread_bound,
    symmetric_power,
    zero_forms,
)
from numerics.programs.solvers import clarabel
from numerics.validation import integer, number, seconds, table
from theory.errors import InputError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

MAX_ENTRY, MAX_RATIO = 1e100, 1e30  # entries are 0, or this near to 1 and to each other: no form overflows
MAX_DIMENSION = 30
MAX_MATRICES = 1000
MAX_WORK = 2e9  # m (N(N+1)/2)³, what a step of the solver costs: half a minute on two cores; N = 55 takes many minutes
EASY_WORK = 1e7  # programs of a fraction of a second come before the tree of words, others after it
WORDS_TRIED = 4000  # at each length, in the search for the lower bound
WORDS_PROVED = 20_000  # at each length, in the tree for the upper bound
LENGTH_TRIED, LENGTH_PROVED = 10, 40
MARGINS = (1e-13, 1e-12, 1e-11, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3)  # tried until the check succeeds
HALVINGS = 4

_ADVICE = "give a list of (n, n) matrices of real numbers"


@dataclass(frozen=True, eq=False)
class NormCertificate:
    """Proof that the joint spectral radius of a set of matrices, restricted to some coordinates, is at most γ.

    kind, one of

    - "quadratic", "sum of squares": with the matrices A divided by `unit`, γ by it too, p(x) = z(x)ᵀ `gram` z(x)
      for z the monomials of degree `lift` in the coordinates; p(Πx) ≤ γ^{2dk} p(x) for the products Π along `words`;
    - "nilpotent": all products of as many matrices as there are coordinates vanish; γ = 0;
    - "spread": the ergodicity coefficient, max - min of Σ_j y_j q_j as a norm of y, of every matrix is at most γ.

    Attributes
    ----------
    gamma : γ.
    coordinates : of the diagonal block.
    letters : numbers of the matrices that differ from each other on it.
    words : words in these letters; none begins another, and every infinite word begins with one.
    lift : d; 0 unless there is a form.
    gram : (N, N), monomials numbered as by `numerics.programs.lifting.monomials`.
    zero_forms : (words, N, N), the L of each word, for lift > 1; empty if there are none.
    unit : a power of two.
    """

    kind: str
    gamma: float
    coordinates: tuple[int, ...]
    letters: tuple[int, ...]
    words: tuple[tuple[int, ...], ...] = ()
    lift: int = 0
    gram: FloatArray = field(default_factory=lambda: np.empty((0, 0)))
    zero_forms: FloatArray = field(default_factory=lambda: np.empty((0, 0, 0)))
    unit: float = 1.0

    def proves(self, matrices: Sequence[object] | FloatArray) -> bool:
        """Check the whole certificate again, from the matrices; see `numerics.programs.lifting` for what is proved."""
        given = square_matrices(matrices)
        block = given[np.ix_(range(len(given)), self.coordinates, self.coordinates)]
        if len(np.unique(block, axis=0)) != len(np.unique(block[list(self.letters)], axis=0)):
            return False
        if self.kind == "nilpotent":
            return is_nilpotent(block)
        if self.kind == "spread":
            return spread_bound(block) <= self.gamma
        if not _is_complete_code(self.words, self.letters):
            return False
        n, rows = len(self.coordinates), lifted_size(len(self.coordinates), self.lift)
        if self.gram.shape != (rows, rows) or not np.array_equal(self.gram, self.gram.T):
            return False
        if not all(is_zero_form(L, n, self.lift) for L in self.zero_forms):
            return False
        zero = self.zero_forms if len(self.zero_forms) else None
        return all(
            shrinks(self.gram, self.lift, self.gamma / self.unit, word, None if zero is None else zero[rows])
            for rows, word in _by_length(block / self.unit, self.words)
        )


@dataclass(frozen=True, eq=False)
class JointSpectralRadius:
    """Bounds lower ≤ ρ ≤ upper of the joint spectral radius.

    Attributes
    ----------
    lower : at most the spectral radius of the product along `product`, to the power 1/length.
    upper : the largest γ of the certificates, one for each diagonal block.
    product : numbers (w₁, …, w_k) of the matrices of the product A_{w₁} ⋯ A_{w_k}.
    certificates : of the upper bound.
    lift : the largest d of them.
    status : "within 3 %" if upper ≤ 1.03 lower, or "limit reached: ...".
    solver : what proposed the certificates.
    guarantee : what proves the bounds.
    matrices : (m, n, n) the matrices that the bounds are of.
    """

    lower: float
    upper: float
    product: tuple[int, ...]
    certificates: tuple[NormCertificate, ...]
    lift: int
    status: str
    solver: str
    guarantee: str
    matrices: FloatArray

    @property
    def is_within(self) -> bool:
        """Whether the bounds are within the tolerance that was asked for."""
        return not self.status.startswith("limit")

    @property
    def contracts(self) -> bool:
        """Whether it is proved that every infinite product tends to zero: upper < 1."""
        return self.upper < 1

    @property
    def certificate(self) -> NormCertificate:
        """The certificate of the block that the upper bound comes from."""
        return max(self.certificates, key=lambda certificate: certificate.gamma)


def joint_spectral_radius(
    matrices: Sequence[object] | FloatArray,
    tolerance: float = 0.03,
    max_lift: int = 3,
    time_limit: float = 60.0,
) -> JointSpectralRadius:
    """Bound the joint spectral radius of a set of real matrices from below and above.

    Parameters
    ----------
    matrices : list of up to 1000 (n, n) arrays or nested lists, n ≤ 30, or an (m, n, n) array.  Entries are zero or
        of sizes between 1e-100 and 1e100, and within 1e30 of each other.
    tolerance : in [1e-6, 1]; the bounds are improved until upper ≤ (1 + tolerance) lower.
    max_lift : the largest d; forms have degree 2d.
    time_limit : seconds after which no new step is begun.

    Returns
    -------
    JointSpectralRadius
        Bounds that hold whether or not they are within the tolerance, which `status` says.

    Raises
    ------
    InputError
        Unless the matrices are real, square and of one size.

    Notes
    -----
    A semidefinite program has m constraints of C(n+d-1, d) rows each; on bounded n and m sums of squares are within
    a factor min(C(n+d-1, d), m)^{1/2d} of the radius.  Whether ρ ≤ 1 is undecidable in general: some sets reach a
    limit, which the status names.

    Examples
    --------
    Each matrix has norm √2 in every ellipsoidal norm that fits both, but no product grows (Ando and Shih):

    >>> bounds = joint_spectral_radius([[[1, 0], [1, 0]], [[0, 1], [0, -1]]])
    >>> round(bounds.lower, 6), bounds.upper <= 1.03, bounds.lift, bounds.status
    (1.0, True, 2, 'within 3 %')
    """
    given = square_matrices(matrices)
    return bounds_of(given, *limits_of(tolerance, max_lift, time_limit))


def limits_of(tolerance: float, max_lift: int, time_limit: float) -> tuple[float, int, float]:
    tolerance = number(tolerance, "tolerance", "give a relative error such as 0.03")
    if not 1e-6 <= tolerance <= 1:
        raise InputError("tolerance", tolerance, "is not in [1e-6, 1]", "give a relative error such as 0.03")
    max_lift = integer(max_lift, "max_lift", "lifts", 1, 30)
    return tolerance, max_lift, monotonic() + seconds(time_limit)


def square_matrices(matrices: object, most: int = MAX_DIMENSION) -> FloatArray:
    if not isinstance(matrices, (Sequence, np.ndarray)) or isinstance(matrices, (str, bytes)) or len(matrices) == 0:
        raise InputError("matrices", matrices, "is not a list of matrices", _ADVICE)
    if len(matrices) > MAX_MATRICES:
        raise InputError("matrices", len(matrices), "matrices are too many", f"give at most {MAX_MATRICES}")
    stack = [table(given, f"matrices[{k}]", _ADVICE) for k, given in enumerate(matrices)]
    for k, matrix in enumerate(stack):
        name = f"matrices[{k}]"
        if matrix.shape[0] != matrix.shape[1]:
            raise InputError(name, matrix.shape, "is not the shape of a square matrix", _ADVICE)
        if len(matrix) > most:
            raise InputError(name, matrix.shape, "is too large", f"take at most {most} rows")
        if matrix.shape != stack[0].shape:
            raise InputError(name, matrix.shape, f"is not the shape of the first, {stack[0].shape}", _ADVICE)
    out = np.stack(stack)
    entries = np.abs(out[out != 0])
    if len(entries) and not 1 / MAX_ENTRY <= entries.min() <= entries.max() <= min(
        MAX_ENTRY, MAX_RATIO * entries.min()
    ):
        problem = f"are entries not within {MAX_RATIO:g} of each other and {MAX_ENTRY:g} of 1"
        advice = "round the smallest to 0, or multiply all matrices by one number: ρ(cA) = |c| ρ(A)"
        raise InputError("matrices", [float(entries.min()), float(entries.max())], problem, advice)
    out.flags.writeable = False
    return out


# The search: everything below works on matrices divided by a power of two, block by block.


@dataclass
class _Block:
    """A diagonal block with no common block-triangular form of its own, and what is known of it."""

    coordinates: tuple[int, ...]
    letters: tuple[int, ...]
    matrices: FloatArray  # those of the letters, (m, k, k)
    certificate: NormCertificate
    word: tuple[int, ...]  # positions in letters
    lower: float = 0.0
    basis: FloatArray = field(default_factory=lambda: np.empty((0, 0)))  # T of the norm |Tx| that words are pruned by
    used_solver: bool = False

    @property
    def upper(self) -> float:
        return self.certificate.gamma


def bounds_of(
    given: FloatArray, tolerance: float, max_lift: int, deadline: float, known: NormCertificate | None = None
) -> JointSpectralRadius:
    unit = float(2.0 ** np.frexp(np.abs(given).max())[1])
    blocks = [_first_bounds(given / unit, coordinates) for coordinates in _irreducible(given)]
    lower = max(block.lower for block in blocks)
    limit = ""
    if known is None or known.gamma > (1 + tolerance) * lower * unit:
        for block in sorted(blocks, key=lambda block: -block.upper):
            lower = max(lower, block.lower)
            if block.upper > (1 + tolerance) * lower:
                limit = _refine(block, lower, tolerance, max_lift, deadline) or limit
        lower = max(block.lower for block in blocks)
    best = max(blocks, key=lambda block: block.lower)
    certificates = tuple(
        replace(block.certificate, gamma=block.upper * unit, unit=unit) for block in blocks
    )  # powers of two: nothing is rounded
    if known is not None and known.gamma <= max(certificate.gamma for certificate in certificates):
        certificates, blocks = (known,), []
    low, high = lower * unit, max(certificate.gamma for certificate in certificates)
    if high <= (1 + tolerance) * low:
        status = f"within {100 * tolerance:g} %"
    else:
        ratio = f"{100 * (high / low - 1):.3g} % apart" if low > 0 else "not within any factor of each other"
        status = f"limit reached: {limit or 'rounding'}; the bounds are {ratio}"
    return JointSpectralRadius(
        lower=low,
        upper=high,
        product=tuple(best.letters[letter] for letter in best.word),
        certificates=certificates,
        lift=max(certificate.lift for certificate in certificates),
        status=status,
        solver=clarabel() if any(block.used_solver for block in blocks) else "none",
        guarantee="lower: the Schur-Cohn test of the product's characteristic polynomial in exact rationals; "
        "upper: the certificates, checked from the matrices with bounds on all rounding errors",
        matrices=given,
    )


def _irreducible(given: FloatArray) -> list[tuple[int, ...]]:
    """The coordinates of each diagonal block: strongly connected in the graph of all nonzero entries."""
    count, label = connected_components((given != 0).any(axis=0), directed=True, connection="strong")
    return [tuple(np.flatnonzero(label == k).tolist()) for k in range(count)]


def _first_bounds(scaled: FloatArray, coordinates: tuple[int, ...]) -> _Block:
    """Bounds without a solver: exact where the block is 1×1 or nilpotent, else balanced coordinates and short words."""
    block = scaled[np.ix_(range(len(scaled)), coordinates, coordinates)]
    letters = np.sort(np.unique(block, axis=0, return_index=True)[1])
    matrices = block[letters]
    names = tuple(letters.tolist())
    words = tuple((letter,) for letter in names)
    if len(coordinates) == 1:
        largest = int(np.argmax(np.abs(matrices)))
        gamma = float(np.abs(matrices).max())
        exact = NormCertificate("quadratic", gamma, coordinates, names, words, 1, np.ones((1, 1)))
        return _Block(coordinates, names, matrices, exact, (largest,), gamma)
    balance = np.diag(matrix_balance(np.abs(matrices).sum(axis=0), permute=False)[1])
    T = np.diag(1 / balance)
    start = NormCertificate("quadratic", np.inf, coordinates, names, words, 1, T.T @ T)
    found = _Block(coordinates, names, matrices, start, (0,), basis=T)
    _propose(found, np.eye(len(T)), 1, None)
    _propose(found, T.T @ T, 1, None)
    _search_words(found, 1e-9, WORDS_TRIED, LENGTH_TRIED)
    if found.lower == 0 and is_nilpotent(matrices):
        found.certificate = NormCertificate("nilpotent", 0.0, coordinates, names)
    return found


def _refine(block: _Block, lower: float, tolerance: float, max_lift: int, deadline: float) -> str:
    """Improve the bounds until they are within the tolerance; else say which limit was reached."""
    n, m = len(block.coordinates), len(block.letters)
    work = {d: m * (lifted_size(n, d) * (lifted_size(n, d) + 1) / 2) ** 3 for d in range(1, max_lift + 1)}
    lifts = [d for d in work if d == 1 or work[d] <= MAX_WORK]
    easy = [d for d in lifts if d == 1 or work[d] <= EASY_WORK]

    def is_done() -> bool:
        return block.upper <= (1 + tolerance) * max(lower, block.lower)

    for step in [*easy, 0, *(d for d in lifts if d not in easy)]:
        if monotonic() >= deadline:
            return "time_limit"
        if step == 0:
            _prove_words(block, lower, tolerance, deadline)
        else:
            _lift(block, step, lower, tolerance, deadline)
        if step == 1:  # the best ellipsoid: words are pruned by it from now on
            _search_words(block, 1e-9, WORDS_TRIED, LENGTH_TRIED)
        if is_done():
            return ""
    if monotonic() >= deadline:
        return "time_limit"
    forms = f"max_lift = {max_lift}" if len(lifts) == max_lift else f"lift {max(lifts) + 1} is too large a program"
    return f"{forms}, and the words are too many"


# Upper bounds


def _lift(block: _Block, lift: int, lower: float, tolerance: float, deadline: float) -> None:
    """Find the form of degree 2d that shrinks fastest, first where the tolerance asks for it, then by bisection."""
    lower = max(lower, block.lower)
    low = lower * (1 + 0.9 * tolerance) if lower > 0 else block.upper * 1e-3
    if low >= block.upper:
        return
    program = _Program(block, lift, low)
    high = block.upper
    for step in range(HALVINGS + 1):
        gamma = low if step == 0 else float(np.sqrt(low * high))
        solution = program.solve(gamma, deadline)
        block.used_solver = True
        if solution is not None and (proved := _propose(block, solution[0], lift, solution[1])) <= gamma * (1 + 1e-6):
            if step == 0:
                return
            high = min(gamma, proved)
        else:
            low = gamma
        if high <= low * (1 + tolerance / 8) or monotonic() >= deadline:
            return


def _propose(block: _Block, gram: FloatArray, lift: int, zero: FloatArray | None) -> float:
    """Take this form as certificate if it is proved to shrink faster than the present one; return its γ."""
    letters = np.arange(len(block.letters))[:, None]
    word = products(block.matrices, letters)
    estimate = least_factor(gram, lift, word, zero)
    if not np.isfinite(estimate):
        return np.inf
    for margin in MARGINS:
        gamma = estimate * (1 + margin) + 1e-9 * margin * float(np.abs(block.matrices).max())
        if shrinks(gram, lift, gamma, word, zero):
            if gamma < block.upper:
                words = tuple((letter,) for letter in block.letters)
                kind = "quadratic" if lift == 1 else "sum of squares"
                forms = np.empty((0, 0, 0)) if zero is None else zero
                block.certificate = NormCertificate(
                    kind, gamma, block.coordinates, block.letters, words, lift, gram, forms
                )
                if lift == 1:
                    block.basis = np.linalg.cholesky(gram).T.astype(np.float64)
            return gamma
    return np.inf


class _Program:
    """The semidefinite program: a form of degree 2d, as positive as possible, that shrinks by γ along every matrix.

    Written in the coordinates y = Tx in which words are pruned, with the norm of the monomials that of tensors.
    """

    def __init__(self, block: _Block, lift: int, scale: float) -> None:
        import cvxpy as cp

        self.lift, self.scale, self.n = lift, scale, len(block.coordinates)
        self.weights = norm_weights(self.n, lift)
        self.to_y = symmetric_power(block.basis, lift)
        inverse = np.linalg.inv(block.basis)
        powers = symmetric_power(block.basis @ (block.matrices / scale) @ inverse, lift)
        powers = powers * self.weights[:, None] / self.weights
        size = len(self.weights)
        basis = zero_forms(self.n, lift)
        normal = basis.multiply((1 / np.outer(self.weights, self.weights)).reshape(-1, 1)).tocsr()
        self.basis = basis
        self.factor: Any = cp.Parameter(nonneg=True)
        self.gram: Any = cp.Variable((size, size), symmetric=True)
        self.free: list[Any] = []
        least: Any = cp.Variable()
        identity = np.eye(size)
        constraints = [self.gram >> least * identity, cp.trace(self.gram) == size]
        for M in powers:
            difference = self.factor * self.gram - M.T @ self.gram @ M
            if basis.shape[1]:
                self.free.append(cp.Variable(basis.shape[1]))
                difference = difference + cp.reshape(normal @ self.free[-1], (size, size), order="C")
            constraints.append(difference >> least * identity)
        self.problem: Any = cp.Problem(cp.Maximize(least), constraints)

    def solve(self, gamma: float, deadline: float) -> tuple[FloatArray, FloatArray | None] | None:
        """Return the Gram matrix and the zero forms in the coordinates x; None if the solver found none."""
        import cvxpy as cp

        self.factor.value = (gamma / self.scale) ** (2 * self.lift)
        left = max(deadline - monotonic(), 0.1)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an inaccurate answer is checked like any other
            try:
                self.problem.solve(solver=cp.CLARABEL, time_limit=left)
            except cp.error.SolverError:
                return None
        if self.gram.value is None:
            return None
        to_x = self.to_y
        gram = to_x.T @ (self.weights[:, None] * np.asarray(self.gram.value) * self.weights) @ to_x
        if not self.free:
            return (gram + gram.T) / 2, None
        unit = self.scale ** (2 * self.lift)  # the program is of matrices divided by the scale
        zero = []
        for free in self.free:
            L = np.asarray(self.basis @ free.value).reshape(gram.shape) * unit
            zero.append(exact_zero_form(to_x.T @ L @ to_x, self.n, self.lift))
        return (gram + gram.T) / 2, np.stack(zero)


def _prove_words(block: _Block, lower: float, tolerance: float, deadline: float) -> None:
    """Look for words, every infinite word beginning with one, along which the ellipsoid shrinks fast enough.

    First fast enough for the tolerance; if that takes too many words, then half as good as that (in logarithms).
    """
    floor = max(lower, block.lower)
    if floor == 0:
        return
    gram = block.certificate.gram if block.certificate.lift == 1 else block.basis.T @ block.basis
    for goal in (1 + tolerance, float(np.sqrt((1 + tolerance) * block.upper / floor))):
        leaves = _search_words(block, 0.99 * goal - 0.99, WORDS_PROVED, LENGTH_PROVED, floor, deadline)
        if leaves is None:
            continue
        gamma = goal * max(floor, block.lower)
        if gamma < block.upper and all(shrinks(gram, 1, gamma, products(block.matrices, words)) for words in leaves):
            words = tuple(tuple(block.letters[i] for i in word) for group in leaves for word in group.tolist())
            block.certificate = NormCertificate("quadratic", gamma, block.coordinates, block.letters, words, 1, gram)
            return


def _by_length(matrices: FloatArray, words: tuple[tuple[int, ...], ...]) -> Iterator[tuple[IntArray, Word]]:
    """Yield the products along the words of each length, and which words they are."""
    lengths = np.array([len(word) for word in words])
    for length in np.unique(lengths):
        rows = np.flatnonzero(lengths == length)
        yield rows, products(matrices, np.array([words[row] for row in rows]))


def _is_complete_code(words: tuple[tuple[int, ...], ...], letters: tuple[int, ...]) -> bool:
    """Whether every infinite word begins with exactly one of the words: none begins another, and Σ m^{-length} = 1."""
    ordered = sorted(words)
    is_prefix_free = all(first != second[: len(first)] for first, second in pairwise(ordered))
    uses_letters = set(letters) == {letter for word in words for letter in word}
    return is_prefix_free and uses_letters and sum(Fraction(1, len(letters) ** len(word)) for word in words) == 1


# Lower bounds


def _search_words(
    block: _Block, slack: float, budget: int, length: int, floor: float = 0.0, deadline: float = np.inf
) -> list[IntArray] | None:
    """Search words in the order of their length for a large averaged spectral radius; improve the lower bound.

    A word is not continued if its norm |TΠT⁻¹|^{1/k} is at most (1 + slack) times the best radius found.  Returns the
    words at which the search stopped, by length, if it came to its end within the budget of words of each length;
    otherwise None, and the words of the largest norms were followed.
    """
    scale = max(block.upper, np.finfo(float).tiny)
    letters = block.basis @ (block.matrices / scale) @ np.linalg.inv(block.basis)
    m = len(letters)
    words, current = np.arange(m)[:, None], letters
    best, best_word = max(block.lower, floor) / scale, np.empty(0, np.int64)
    leaves: list[IntArray] = []
    is_complete = True
    for k in range(1, length + 1):
        norms = np.linalg.norm(current, 2, axis=(1, 2)) ** (1 / k)
        hopeful = np.flatnonzero(norms > best)
        if len(hopeful):
            radii = np.abs(np.linalg.eigvals(current[hopeful])).max(axis=1) ** (1 / k)
            if radii.max() > best * (1 + 1e-10):
                best, best_word = float(radii.max()), words[hopeful[np.argmax(radii)]]
        is_open = norms > best * (1 + slack)
        leaves.append(words[~is_open])
        if not is_open.any() or k == length or monotonic() >= deadline:
            is_complete &= not is_open.any()
            break
        open_words = np.flatnonzero(is_open)
        if len(open_words) > max(budget // m, 1):
            is_complete = False
            open_words = open_words[np.argsort(-norms[open_words], kind="stable")[: max(budget // m, 1)]]
        current = (current[open_words, None] @ letters).reshape(-1, *letters.shape[1:])
        words = np.column_stack([np.repeat(words[open_words], m, axis=0), np.tile(np.arange(m), len(open_words))])
    if len(best_word):
        proved = proved_radius(block.matrices, best_word.tolist(), best * scale)
        if proved > block.lower:
            block.lower, block.word = proved, tuple(best_word.tolist())
    return [group for group in leaves if len(group)] if is_complete else None
