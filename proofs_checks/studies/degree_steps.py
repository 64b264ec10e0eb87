"""The proof of T4, for connected symmetric networks of any size.

d_i W_ij = A_ij = A_ji = d_j W_ji, summed over i; any other v with vᵀW = vᵀ gives f_j = v_j/d_j with
Σ A_ij (f_i − f_j)² = 0, which is constant on a connected network.
"""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Symbol

from proofs_checks.steps import Given, Step


def degree_steps() -> Iterator[Step]:
    """Yield that d/vol is a left eigenvector, positive, and the only one if the network is connected."""
    yield from _balance()
    yield from _unique()


def _balance() -> Iterator[Step]:
    weight, influence = Symbol("w_i", real=True), Symbol("W_ij", real=True)
    entry, mirrored = Symbol("A_ij", nonnegative=True), Symbol("A_ji", nonnegative=True)
    degree, volume = Symbol("d_i", positive=True), Symbol("vol", positive=True)
    defined = Given("w_i = d_i / vol", weight * volume - degree, "= 0", influence / volume)
    shared = Given("W = A / d", influence * degree - entry, "= 0", 1 / volume)
    yield Step("w_i W_ij = A_ij / vol", weight * influence - entry / volume, given=(defined, shared))
    so_far, column = Symbol("Σ_i w_i W_ij", real=True), Symbol("Σ_i A_ji", real=True)
    yield Step(
        "Σ_i w_i W_ij = Σ_i A_ji / vol, one more agent",
        (so_far + weight * influence) - (column + mirrored) / volume,
        given=(
            Given("for the agents so far", so_far - column / volume),
            Given("w_i W_ij = A_ij / vol", weight * influence - entry / volume),
            Given("A is symmetric", entry - mirrored, "= 0", 1 / volume),
        ),
    )
    own, own_degree = Symbol("w_j", real=True), Symbol("d_j", positive=True)
    yield Step(
        "(wᵀW)_j = d_j / vol = w_j",
        so_far - own,
        given=(
            Given("the sum", so_far - column / volume),
            Given("d_j = Σ_i A_ji", column - own_degree, "= 0", 1 / volume),
            Given("w_j = d_j / vol", own * volume - own_degree, "= 0", -1 / volume),
        ),
    )
    total, degrees = Symbol("Σ w", real=True), Symbol("Σ d", real=True)
    yield Step(
        "Σ w = Σ d / vol, one more agent",
        (total + weight) - (degrees + degree) / volume,
        given=(
            Given("for the agents so far", total - degrees / volume),
            Given("w_i = d_i / vol", weight * volume - degree, "= 0", 1 / volume),
        ),
    )
    yield Step(
        "Σ w = 1",
        total - 1,
        given=(Given("the sum", total - degrees / volume), Given("vol = Σ d", degrees - volume, "= 0", 1 / volume)),
    )
    yield Step(
        "every weight is positive, as d_i > 0",
        weight,
        "> 0",
        given=(Given("w_i = d_i / vol", weight * volume - degree, "= 0", 1 / volume),),
    )


def _unique() -> Iterator[Step]:
    """Yield that v with vᵀW = vᵀ has f = v/d with Σ_ij A_ij (f_i − f_j)² = 0."""
    f, other, v = Symbol("f_i", real=True), Symbol("f_j", real=True), Symbol("v_i", real=True)
    entry, influence, degree = Symbol("A_ij", nonnegative=True), Symbol("W_ij", real=True), Symbol("d_i", positive=True)
    so_far, image = Symbol("Σ_i v_i W_ij", real=True), Symbol("Σ_i A_ij f_i", real=True)
    yield Step(
        "Σ_i v_i W_ij = Σ_i A_ij f_i with f_i = v_i/d_i, one more agent",
        (so_far + v * influence) - (image + entry * f),
        given=(
            Given("for the agents so far", so_far - image),
            Given("W = A / d", influence * degree - entry, "= 0", f),
            Given("f_i = v_i / d_i", f * degree - v, "= 0", -influence),
        ),
    )
    own, own_degree = Symbol("v_j", real=True), Symbol("d_j", positive=True)
    yield Step(
        "so Σ_i A_ij f_i = d_j f_j",
        image - own_degree * other,
        given=(
            Given("the sum", so_far - image, "= 0", -1),
            Given("vᵀW = vᵀ", so_far - own),
            Given("f_j = v_j / d_j", other * own_degree - own, "= 0", -1),
        ),
    )
    energy, first, second, cross, squares, rows, column, mirrored = (
        Symbol(name, real=True)
        for name in (
            "Σ A (f_i−f_j)²",
            "Σ A f_i²",
            "Σ A f_j²",
            "Σ A f_i f_j",
            "Σ d f²",
            "Σ_j A_ij",
            "Σ_i A_ij",
            "Σ_i A_ji",
        )
    )
    yield Step(
        "Σ_ij A_ij (f_i − f_j)² = Σ A f_i² + Σ A f_j² − 2 Σ A f_i f_j, one more pair",
        (energy + entry * (f - other) ** 2)
        - (first + entry * f**2)
        - (second + entry * other**2)
        + 2 * (cross + entry * f * other),
        given=(Given("for the pairs so far", energy - first - second + 2 * cross),),
    )
    yield Step(
        "Σ_ij A_ij f_i² = Σ_i d_i f_i², one more agent i",
        (first + rows * f**2) - (squares + degree * f**2),
        given=(
            Given("for the agents so far", first - squares),
            Given("d_i = Σ_j A_ij", rows - degree, "= 0", f**2),
        ),
    )
    back = Symbol("A_ji", nonnegative=True)
    yield Step(
        "Σ_i A_ij = Σ_i A_ji, one more agent i",
        (column + entry) - (mirrored + back),
        given=(Given("for the agents so far", column - mirrored), Given("A is symmetric", entry - back)),
    )
    yield Step(
        "Σ_ij A_ij f_j² = Σ_j d_j f_j², one more agent j",
        (second + column * other**2) - (squares + own_degree * other**2),
        given=(
            Given("for the agents so far", second - squares),
            Given("A is symmetric: Σ_i A_ij = Σ_i A_ji", column - mirrored, "= 0", other**2),
            Given("d_j = Σ_i A_ji", mirrored - own_degree, "= 0", other**2),
        ),
    )
    yield Step(
        "Σ_ij A_ij f_i f_j = Σ_j d_j f_j², one more agent j",
        (cross + image * other) - (squares + own_degree * other**2),
        given=(
            Given("for the agents so far", cross - squares),
            Given("Σ_i A_ij f_i = d_j f_j", image - own_degree * other, "= 0", other),
        ),
    )
    yield Step(
        "so the sum of squares vanishes",
        energy,
        given=(
            Given("expanded", energy - first - second + 2 * cross),
            Given("squares f_i²", first - squares),
            Given("squares f_j²", second - squares),
            Given("products", cross - squares, "= 0", -2),
        ),
    )
    link, gap = Symbol("A_kl", positive=True), Symbol("(f_k − f_l)²", nonnegative=True)
    yield Step(
        "along a link f is constant: A_kl (f_k − f_l)² ≤ 0; so it is constant on a connected network",
        -gap,
        ">= 0",
        given=(
            Given("A is non-negative, so no term is negative", energy - link * gap, ">= 0", 1 / link),
            Given("the sum vanishes", energy, "= 0", -1 / link),
        ),
    )
    constant, volume, total = Symbol("f", real=True), Symbol("vol", positive=True), Symbol("Σ v", real=True)
    yield Step(
        "v_j = f d_j = d_j / vol = w_j, f constant",
        own - own_degree / volume,
        given=(
            Given("v_j = f d_j", own - constant * own_degree),
            Given("Σ v = f Σ d = f vol", total - constant * volume, "= 0", -own_degree / volume),
            Given("Σ v = 1", total - 1, "= 0", own_degree / volume),
        ),
    )
