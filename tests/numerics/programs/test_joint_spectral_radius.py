"""Joint spectral radii: against published values, products by brute force, Kronecker sums and exact certificates."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations_with_replacement, permutations, product

import mpmath
import numpy as np
import pytest

from numerics.consensus import influence_matrix
from numerics.consensus_sets import is_consensus_set
from numerics.influence import general, weighted
from numerics.model import Model
from numerics.programs.contraction import consensus_rate, contraction_certificate, structure_matrices
from numerics.programs.exact_radius import has_root_outside, is_nilpotent, proved_radius
from numerics.programs.joint_spectral_radius import (
    NormCertificate,
    joint_spectral_radius,
)
from numerics.programs.solvers import clarabel
from theory.errors import InputError

ANDO_SHIH = [[[1, 0], [1, 0]], [[0, 1], [0, -1]]]
GOLDEN = [[[1, 1], [0, 1]], [[1, 0], [1, 1]]]
PARRILO_JADBABAIE = [
    [[0, 1, 7, 4], [1, 6, -2, -3], [-1, -1, -2, -6], [3, 0, 9, 1]],
    [[-3, 3, 0, -2], [-2, 1, 4, 9], [4, -3, 1, 1], [1, -5, -1, -2]],
    [[1, 4, 5, 10], [0, 5, 1, -4], [0, -1, 4, 6], [-1, 5, 0, 1]],
]
PHI = (1 + 5**0.5) / 2


def random_set(seed, n, m, density=1.0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(m, n, n)) * (rng.random((m, n, n)) < density)


def best_radius(matrices, length):
    """The largest averaged spectral radius of all products up to a length."""
    matrices = np.asarray(matrices, dtype=float)
    best, current = 0.0, matrices
    for k in range(1, length + 1):
        best = max(best, float(np.abs(np.linalg.eigvals(current)).max()) ** (1 / k))
        current = (current[:, None] @ matrices).reshape(-1, *matrices.shape[1:])
    return best


def spread_of(vector):
    return float(vector.max() - vector.min())


# Certificates in rational arithmetic, from the definition


def is_positive_definite(matrix):
    """By elimination in rationals: all pivots positive."""
    rows = [list(row) for row in matrix]
    for k, pivot_row in enumerate(rows):
        if pivot_row[k] <= 0:
            return False
        for row in rows[k + 1 :]:
            ratio = row[k] / pivot_row[k]
            for j in range(k, len(rows)):
                row[j] -= ratio * pivot_row[j]
    return True


def multiplied(p, q):
    out = {}
    for a, x in p.items():
        for b, y in q.items():
            key = tuple(sorted(a + b))
            out[key] = out.get(key, Fraction(0)) + x * y
    return out


def form_of(gram, basis):
    """zᵀ G z, as coefficients of monomials."""
    out = {}
    for (a, x), (b, y) in product(enumerate(basis), repeat=2):
        key = tuple(sorted(x + y))
        out[key] = out.get(key, Fraction(0)) + gram[a][b]
    return out


def exact(array):
    return [[Fraction(float(x)) for x in row] for row in array]


def proved_exactly(certificate, matrices):
    """The claim of a certificate with a form, for every word, in rationals."""
    n, d = len(certificate.coordinates), certificate.lift
    unit = Fraction(certificate.unit)
    index = list(combinations_with_replacement(range(n), d))
    P = exact(certificate.gram)
    if [list(column) for column in zip(*P, strict=True)] != P or not is_positive_definite(P):
        return False
    gamma = Fraction(certificate.gamma) / unit
    block = np.asarray(matrices, dtype=float)[:, certificate.coordinates][:, :, certificate.coordinates]
    for k, word in enumerate(certificate.words):
        A = [[Fraction(int(i == j)) for j in range(n)] for i in range(n)]
        for letter in word:
            B = exact(block[letter])
            A = [[sum(row[k] * B[k][j] for k in range(n)) / unit for j in range(n)] for row in A]
        after = []  # the monomials of Ax
        for monomial in index:
            poly = {(): Fraction(1)}
            for i in monomial:
                poly = multiplied(poly, {(j,): A[i][j] for j in range(n)})
            after.append([poly.get(beta, Fraction(0)) for beta in index])
        L = exact(certificate.zero_forms[k]) if len(certificate.zero_forms) else None
        if L is not None and any(form_of(L, index).values()):
            return False
        N, factor = len(index), gamma ** (2 * d * len(word))
        PM = [[sum(P[a][c] * after[c][b] for c in range(N)) for b in range(N)] for a in range(N)]
        difference = [
            [factor * P[a][b] - sum(after[c][a] * PM[c][b] for c in range(N)) + (L[a][b] if L else 0) for b in range(N)]
            for a in range(N)
        ]
        if n > 1 and not is_positive_definite(difference):
            return False
        if n == 1 and difference[0][0] < 0:
            return False
    return True


# Published values


def test_sums_of_squares_find_what_no_ellipsoid_does():
    """Ando and Shih: radius 1, but √2 in the best ellipsoidal norm; exactly 1 by forms of degree 4."""
    bounds = joint_spectral_radius(ANDO_SHIH, tolerance=1e-4)
    assert bounds.lower == 1
    assert 1 <= bounds.upper <= 1.0001
    assert (bounds.lift, bounds.certificate.kind, bounds.solver) == (2, "sum of squares", clarabel())
    rng = np.random.default_rng(0)
    letters = {"coordinates": (0, 1), "letters": (0, 1), "words": ((0,), (1,)), "lift": 1}
    assert NormCertificate("quadratic", 2**0.5 * (1 + 1e-12), gram=np.eye(2), **letters).proves(ANDO_SHIH)
    for root in (np.eye(2), *rng.normal(size=(200, 2, 2))):
        assert not NormCertificate("quadratic", 2**0.5 * (1 - 1e-12), gram=root.T @ root, **letters).proves(ANDO_SHIH)
    one_lift = joint_spectral_radius(ANDO_SHIH, tolerance=1e-4, max_lift=1)
    assert one_lift.upper > 1.1
    assert one_lift.status.startswith("limit reached: max_lift = 1")


def test_golden_ratio_in_coordinates_in_which_the_first_norm_is_bad():
    T = np.array([[1.0, 5.0], [0.0, 1.0]])
    skewed = [np.linalg.inv(T) @ np.array(A, dtype=float) @ T for A in GOLDEN]
    assert max(np.linalg.norm(A, 2) for A in skewed) > 10
    for matrices in (GOLDEN, skewed):
        bounds = joint_spectral_radius(matrices, tolerance=1e-3)
        assert bounds.lower == pytest.approx(PHI, rel=1e-12)
        assert PHI * (1 - 1e-12) <= bounds.upper <= PHI * 1.001
        assert sorted(bounds.product) == [0, 1]


def test_the_triple_of_parrilo_and_jadbabaie():
    bounds = joint_spectral_radius(PARRILO_JADBABAIE, tolerance=1e-3)
    assert bounds.product in ((0, 2), (2, 0))
    assert bounds.lower == pytest.approx(8.9149, abs=1e-4)
    assert bounds.lower <= bounds.upper <= 8.93
    assert bounds.lift == 2
    assert bounds.upper < joint_spectral_radius(PARRILO_JADBABAIE, tolerance=1e-3, max_lift=1).upper - 0.3


# What is claimed is so


@pytest.mark.parametrize(
    ("matrices", "options"),
    [
        (ANDO_SHIH, {}),
        (ANDO_SHIH, {"max_lift": 1, "tolerance": 0.1}),  # by words
        (GOLDEN, {}),
        (PARRILO_JADBABAIE, {"tolerance": 0.01}),
        (random_set(4, 3, 2), {"tolerance": 0.005}),
        (random_set(5, 2, 3), {"tolerance": 0.001}),
        (random_set(6, 5, 3, 0.4), {}),
        ([[[3.0]], [[-5.0]]], {}),
    ],
)
def test_certificates_hold_in_rationals(matrices, options):
    bounds = joint_spectral_radius(matrices, **options)
    assert bounds.upper == max(certificate.gamma for certificate in bounds.certificates)
    for certificate in bounds.certificates:
        assert certificate.proves(matrices)
        assert certificate.kind == "nilpotent" or proved_exactly(certificate, matrices)


def test_no_certificate_proves_too_much():
    bounds = joint_spectral_radius(PARRILO_JADBABAIE, tolerance=0.01)
    good = bounds.certificate
    fields = {name: getattr(good, name) for name in good.__dataclass_fields__}

    def changed(**changes):
        return NormCertificate(**{**fields, **changes})

    assert changed().proves(PARRILO_JADBABAIE)
    assert not changed(gamma=bounds.lower * 0.9999).proves(PARRILO_JADBABAIE)
    assert not changed(words=good.words[:2], zero_forms=good.zero_forms[:2]).proves(PARRILO_JADBABAIE)
    assert not changed(gram=-good.gram, zero_forms=-good.zero_forms).proves(PARRILO_JADBABAIE)
    assert not changed(zero_forms=0 * good.zero_forms).proves(PARRILO_JADBABAIE)
    assert not good.proves([*PARRILO_JADBABAIE, np.eye(4) * 10])
    everything = np.stack([100 * np.eye(3)] * 2)  # no zero forms: with them any radius could be "proved"
    letters = (0, 1), (0, 1), ((0,), (1,))
    assert not NormCertificate("sum of squares", 0.5, *letters, 2, np.eye(3), everything).proves(ANDO_SHIH)
    lopsided = good.gram + np.triu(np.ones_like(good.gram), 1)  # what only one triangle shows is no form
    assert not changed(gram=lopsided).proves(PARRILO_JADBABAIE)
    assert not changed(gram=good.gram[:-1, :-1]).proves(PARRILO_JADBABAIE)
    words = joint_spectral_radius(ANDO_SHIH, max_lift=1, tolerance=0.1).certificate
    fields = {name: getattr(words, name) for name in words.__dataclass_fields__}
    assert len(words.words) > 2
    assert not changed(words=words.words[1:]).proves(ANDO_SHIH)
    assert not changed(words=(*words.words, words.words[0])).proves(ANDO_SHIH)


@pytest.mark.parametrize("seed", range(8))
def test_all_products_are_within_the_bounds(seed):
    n, m = [(2, 2), (3, 2), (2, 3), (4, 2)][seed % 4]
    matrices = random_set(seed, n, m, density=0.7 if seed > 3 else 1.0)
    bounds = joint_spectral_radius(matrices)
    best = best_radius(matrices, 8 if m == 2 else 6)
    assert best <= bounds.upper * (1 + 1e-12)
    assert bounds.lower >= best * (1 - 1e-9)  # the search is as good as trying all words
    attained = np.linalg.multi_dot([np.eye(n), *matrices[list(bounds.product)]])
    assert np.abs(np.linalg.eigvals(attained)).max() ** (1 / len(bounds.product)) == pytest.approx(bounds.lower)
    assert bounds.lower <= bounds.upper <= 1.03 * bounds.lower
    assert bounds.status == "within 3 %"


@pytest.mark.parametrize("seed", range(6))
def test_kronecker_sums_bracket_the_radius(seed):
    """ρ(Σ A^{⊗k})^{1/k} is at most m^{1/k} times the radius and at least it: even k, or no negative entries."""
    matrices = random_set(100 + seed, 2, 2) if seed % 2 else np.abs(random_set(100 + seed, 2, 3, 0.6))
    bounds = joint_spectral_radius(matrices, tolerance=0.01)
    power = matrices
    for k in range(1, 7):
        if k % 2 == 0 or (matrices >= 0).all():
            largest = float(np.abs(np.linalg.eigvals(power.sum(axis=0))).max())
            assert bounds.lower <= largest ** (1 / k) * (1 + 1e-9)
            assert (largest / len(matrices)) ** (1 / k) <= bounds.upper * (1 + 1e-9)
        power = np.stack([np.kron(P, A) for P, A in zip(power, matrices, strict=True)])


@pytest.mark.parametrize("factor", [2.0**-200, 1e80, -3.0])
def test_bounds_scale_with_the_matrices(factor):
    here = joint_spectral_radius(PARRILO_JADBABAIE)
    there = joint_spectral_radius(factor * np.array(PARRILO_JADBABAIE))
    assert there.lower == pytest.approx(abs(factor) * here.lower, rel=1e-9)
    assert there.lower <= there.upper <= 1.03 * there.lower


def test_words_take_over_where_forms_are_too_large():
    bounds = joint_spectral_radius(random_set(6, 8, 3), tolerance=0.02)
    assert len(bounds.certificate.words) > 3
    assert bounds.certificate.lift == 1
    assert bounds.status == "within 2 %"


# Degenerate sets


@pytest.mark.parametrize(
    ("matrices", "radius", "product_length"),
    [
        ([[[0, 0], [0, 0]]], 0.0, 1),
        ([[[3]], [[-5]]], 5.0, 1),
        ([[[0, 1], [0, 0]], [[0, 2], [0, 0]]], 0.0, 1),  # all products of two vanish
        ([[[1, -1], [1, -1]], [[2, -2], [2, -2]]], 0.0, 1),  # the same in other coordinates
        ([[[0, 1], [0, 0]], [[0, 0], [1, 0]]], 1.0, 2),  # nilpotent one by one, but not together
        ([[[1, 1], [0, 1]]], 1.0, 1),  # products grow, though not at a rate
        ([[[2, 7, 1], [0, -3, 4], [0, 0, 1]], [[1, 5, 5], [0, 2, 0], [0, 0, 4]]], 4.0, 1),
        ([np.kron([[1, 1], [0, 1]], np.array([[0.0, 1.0], [-1.0, 0.0]]))], 1.0, 1),
    ],
)
def test_radii_known_exactly(matrices, radius, product_length):
    bounds = joint_spectral_radius(matrices)
    assert radius * (1 - 1e-13) <= bounds.lower <= radius
    assert radius <= bounds.upper <= radius * (1 + 1e-12)
    assert len(bounds.product) == product_length


def test_one_matrix_has_its_spectral_radius():
    for matrix in (random_set(7, 4, 1)[0], np.array([[3.0, -4.0], [1.0, -1.0]]), random_set(8, 3, 1)[0]):
        bounds = joint_spectral_radius([matrix])
        radius = float(np.abs(np.linalg.eigvals(matrix)).max())
        assert bounds.lower == pytest.approx(radius, rel=1e-7)
        assert bounds.upper <= 1.03 * bounds.lower
    angle = 1.0
    rotation = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    bounds = joint_spectral_radius([rotation])
    assert 1 - 1e-12 < bounds.lower <= bounds.upper < 1 + 1e-12


def test_triangular_sets_split_and_repeated_matrices_change_nothing():
    rng = np.random.default_rng(2)
    A, B, C = random_set(11, 2, 3), 3 * random_set(12, 3, 3), rng.normal(size=(3, 2, 3))
    order = rng.permutation(5)
    whole = np.concatenate([np.concatenate([A, C], axis=2), np.concatenate([np.zeros((3, 3, 2)), B], axis=2)], axis=1)
    mixed = whole[:, order][:, :, order]
    bounds = joint_spectral_radius([*mixed, mixed[0]])
    parts = [joint_spectral_radius(part) for part in (A, B)]
    assert sorted(len(certificate.coordinates) for certificate in bounds.certificates) == [2, 3]
    assert bounds.lower == pytest.approx(max(part.lower for part in parts), rel=1e-9)
    assert bounds.upper <= 1.03 * bounds.lower


def test_a_limit_that_is_reached_is_said():
    matrices = random_set(13, 4, 3)
    bounds = joint_spectral_radius(matrices, tolerance=1e-6, time_limit=1e-3)
    assert bounds.status.startswith("limit reached: time_limit; the bounds are ")
    assert best_radius(matrices, 4) <= bounds.upper
    assert bounds.certificate.proves(matrices)
    assert bounds.solver == "none"


@pytest.mark.parametrize(
    ("matrices", "options", "field"),
    [
        ([], {}, "matrices"),
        ("A", {}, "matrices"),
        ([[[1, 2]]], {}, r"matrices\[0\]"),
        ([np.eye(2), np.eye(3)], {}, r"matrices\[1\]"),
        ([[[1, float("nan")], [0, 1]]], {}, r"matrices\[0\]\[0\]\[1\]"),
        ([[[1j, 0], [0, 1]]], {}, r"matrices\[0\]"),
        ([np.eye(2) * 1j], {}, r"matrices\[0\]"),
        ([np.eye(2) * 1e-120], {}, r"matrices.*1e\+100 of 1"),
        ([[[1e-20, 1], [1, 1e20]]], {}, r"matrices.*round the smallest"),
        ([np.eye(31)], {}, r"matrices\[0\].*at most 30"),
        (GOLDEN, {"tolerance": 0.0}, "tolerance"),
        (GOLDEN, {"max_lift": 0}, "max_lift"),
        (GOLDEN, {"time_limit": -1}, "time_limit"),
    ],
)
def test_what_is_no_set_of_matrices_is_refused(matrices, options, field):
    with pytest.raises(InputError, match=field):
        joint_spectral_radius(matrices, **options)


# Exact lower bounds


@pytest.mark.parametrize("seed", range(6))
def test_proved_radii_never_exceed_the_radius(seed):
    rng = np.random.default_rng(seed)
    n, word = int(rng.integers(2, 7)), rng.integers(2, size=rng.integers(1, 6)).tolist()
    matrices = rng.normal(size=(2, n, n)) * 2.0 ** rng.integers(-30, 30)
    with mpmath.workdps(60):
        A = mpmath.eye(n)
        for letter in word:
            A = A * mpmath.matrix(matrices[letter].tolist())
        radius = max(abs(x) for x in mpmath.eig(A, left=False, right=False)) ** (mpmath.mpf(1) / len(word))
        for factor in (0.5, 1, 1 + 1e-9, 3):
            proved = proved_radius(matrices, word, float(radius) * factor)
            assert proved <= radius
            assert proved >= radius * (0.4 if factor != 1 else 1 - 1e-13)


def test_the_schur_cohn_test_counts_roots_on_the_circle():
    rng = np.random.default_rng(0)
    for _ in range(200):
        roots = rng.integers(-5, 6, size=rng.integers(1, 6)).tolist()
        polynomial = [round(c) for c in np.poly(roots)]
        for radius in (Fraction(1, 2), Fraction(2), Fraction(5, 2), Fraction(5)):
            assert has_root_outside(polynomial, radius) == any(abs(root) >= radius for root in roots)


def test_nilpotent_sets_are_recognised_exactly():
    rng = np.random.default_rng(0)
    upper = np.triu(rng.integers(-3, 4, size=(3, 4, 4)), 1).astype(float)
    T = np.array([[1, 2, 0, 1], [0, 1, 3, 0], [0, 0, 1, 1], [0, 0, 0, 1]]) @ np.tril(np.ones((4, 4)))
    inverse = np.rint(np.linalg.inv(T))
    assert (T @ inverse == np.eye(4)).all()
    dense = T @ upper @ inverse
    assert is_nilpotent(dense)
    assert joint_spectral_radius(dense).upper == 0
    dense[0, 0, 0] += 2.0**-40
    assert not is_nilpotent(dense)
    assert 0 < joint_spectral_radius(dense, max_lift=1, time_limit=1).lower < 0.01


# Contraction


LEADERS = general([[1 / 9, 4 / 9, 0, 4 / 9], [0, 1 / 6, 5 / 6, 0], [1 / 6, 0, 4 / 6, 1 / 6], [0, 0.8, 0, 0.2]])


def test_all_structures_are_as_many_as_partitions():
    for n, bell in enumerate([1, 2, 5, 15, 52], start=1):
        model = Model(opinions=list(range(n)), performance="-u**2", influence=weighted([1.0 + i for i in range(n)]))
        W = structure_matrices(model)
        assert len(np.unique(W, axis=0)) == len(W) == bell
    model = Model(opinions=[0, 1, 2, 3], performance="u", influence=LEADERS)
    two = [[[0, 1], [2, 3]], [0, 1, 0, 1]]
    assert np.array_equal(structure_matrices(model, two), [influence_matrix(model, each) for each in two])


def test_one_structure_of_two_coalitions_is_enough_to_keep_opinions_apart():
    model = Model(opinions=[0, 1, 2, 3], performance="u", influence=LEADERS)
    for structures in (None, [[0, 0, 0, 0], [0, 0, 1, 1]]):
        bounds = contraction_certificate(model, structures)
        assert 1 - 1e-12 <= bounds.lower <= bounds.upper <= 1 + 1e-12
        assert not bounds.contracts
        assert bounds.certificate.proves(bounds.matrices)


def test_rounds_contract_though_the_euclidean_norm_does_not():
    """The certificate has to improve on the norm it starts with, and on the ergodicity coefficient."""
    model = Model(opinions=[0, 1, 2, 3], performance="u", influence=LEADERS)
    structures = [[0, 0, 1, 2], [0, 1, 1, 2], [0, 1, 2, 2]]
    rounds = list(permutations(range(3)))
    bounds = contraction_certificate(model, structures, rounds)
    assert np.linalg.norm(bounds.matrices, 2, axis=(1, 2)).max() > 1.05
    assert bounds.contracts
    assert bounds.upper <= 1.03 * bounds.lower
    assert proved_exactly(bounds.certificate, bounds.matrices)
    W = structure_matrices(model, structures)
    steps = [W[c] @ W[b] @ W[a] for a, b, c in rounds]
    taus = [0.5 * max(np.abs(A[i] - A[j]).sum() for i in range(4) for j in range(4)) for A in steps]
    assert max(taus) > bounds.upper
    assert is_consensus_set(steps).holds
    rng = np.random.default_rng(0)
    x, length = np.array([0.0, 1.0, 5.0, -2.0]), 400
    for k in rng.integers(len(steps), size=length):
        x = steps[k] @ x
        x = x - x.mean()
    assert spread_of(x) ** (1 / length) <= bounds.upper * 1.02
    worst = np.linalg.multi_dot([np.eye(4), *[steps[k] for k in bounds.product]])
    moduli = np.sort(np.abs(np.linalg.eigvals(worst)))
    assert moduli[-2] ** (1 / len(bounds.product)) == pytest.approx(bounds.lower, rel=1e-9)


def test_uniform_influence_projects_and_takes_turns():
    """x₁ with x₀, then with x₂: the product of projections at 60° has radius cos² 60°, and each alone 1."""
    model = Model(opinions=[0, 1, 2], performance="u")
    pairs = [[0, 0, 1], [0, 1, 1]]
    assert contraction_certificate(model, pairs, [(0, 1)]).lower == pytest.approx(0.25)
    assert contraction_certificate(model, pairs).lower == pytest.approx(1)
    both = contraction_certificate(model, pairs, [(0, 1), (1, 0)])
    assert both.lower == pytest.approx(0.5)
    assert both.upper == pytest.approx(0.5)


def test_rates_below_one_are_those_of_consensus_sets():
    rng = np.random.default_rng(3)
    seen = set()
    for _ in range(40):
        supports = rng.random((2, 3, 3)) < 0.45
        supports[:, np.arange(3), rng.integers(3, size=3)] = True
        matrices = supports * rng.uniform(0.2, 1, size=(2, 3, 3))
        matrices /= matrices.sum(axis=2, keepdims=True)
        holds = is_consensus_set(matrices).holds
        bounds = consensus_rate(matrices)
        seen.add(holds)
        assert bounds.contracts == holds
        if not holds:
            assert bounds.lower > 1 - 1e-9
    assert seen == {True, False}


def test_bounds_on_both_sides_of_one_are_improved():
    slow = [[[0.99, 0.01, 0.0], [0.0, 0.99, 0.01], [0.01, 0.0, 0.99]], [[0.98, 0.02, 0], [0, 0.99, 0.01], [0, 0, 1]]]
    bounds = consensus_rate(slow)
    assert 0.97 < bounds.lower <= bounds.upper < 1
    assert bounds.status == "within 3 %"


def test_what_has_no_rate_is_refused():
    model = Model(opinions=[0, 1, 2], performance="u")
    with pytest.raises(InputError, match="stubbornness"):
        contraction_certificate(model.replace(stubbornness=0.1))
    with pytest.raises(InputError, match=r"rounds\[1\]"):
        contraction_certificate(model, [[0, 0, 1]], [(0,), (1,)])
    with pytest.raises(InputError, match=r"structures\[0\]"):
        contraction_certificate(model, [[0, 0]])
    with pytest.raises(InputError, match="too many structures"):
        contraction_certificate(Model(opinions=list(range(7)), performance="u"))
    with pytest.raises(InputError, match="nobody to agree with"):
        contraction_certificate(Model(opinions=[1], performance="u"))
    with pytest.raises(InputError, match=r"matrices\[0\]\[1\]"):
        consensus_rate([[[0.5, 0.5], [0.5, 0.6]]])
