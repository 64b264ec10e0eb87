"""Refinement against the full grid, and against its rules applied box by box."""

import itertools

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from numerics.sweeps.refinement import evaluations_bound, refine
from theory.errors import InputError

SPACINGS = st.sampled_from([2, 4, 8, 16])
SHAPES = st.lists(st.integers(1, 40), min_size=1, max_size=2) | st.lists(st.integers(1, 11), min_size=3, max_size=3)


def refined(field, coarse):
    """Labels, which were computed, and the points of each round."""
    rounds = []

    def evaluate(points):
        rounds.append([tuple(point) for point in points.tolist()])
        return field[tuple(points.T)]

    return *refine(field.shape, coarse, evaluate), rounds


def components(field):
    """Sets of points of one label that are connected along the axes, by flooding."""
    left = set(itertools.product(*map(range, field.shape)))
    while left:
        front = [left.pop()]
        found = set(front)
        while front:
            point = front.pop()
            for axis, step in itertools.product(range(field.ndim), (-1, 1)):
                other = (*point[:axis], point[axis] + step, *point[axis + 1 :])
                if other in left and field[other] == field[point]:
                    left.remove(other)
                    found.add(other)
                    front.append(other)
        yield found


def boxes_one_by_one(field, coarse):
    """The points that the rules ask for: split any box with different labels until there is none."""

    def halves(lo, hi):
        return [(lo, (lo + hi) // 2), ((lo + hi) // 2, hi)] if hi - lo > 1 else [(lo, hi)]

    lines = [[*range(0, n - 1, coarse), n - 1] for n in field.shape]
    boxes = list(itertools.product(*(list(itertools.pairwise(line)) or [(0, 0)] for line in lines)))
    known = set(itertools.product(*lines))
    while True:
        for box in boxes:
            labels = {field[x] for x in known if all(lo <= i <= hi for i, (lo, hi) in zip(x, box, strict=True))}
            if len(labels) > 1 and max(hi - lo for lo, hi in box) > 1:
                break
        else:
            return known
        boxes.remove(box)
        for part in itertools.product(*(halves(*side) for side in box)):
            boxes.append(part)
            known |= set(itertools.product(*part))


@st.composite
def fields(draw, shapes=SHAPES):
    """Labels 0, 1, 2 in patches of several sizes, single points among them."""
    shape = draw(shapes)
    noise = np.random.default_rng(draw(st.integers(0, 2**32))).integers(0, 3, size=shape)
    patch = draw(st.integers(1, 9))
    return noise[np.ix_(*(np.arange(n) // patch for n in shape))]


@settings(max_examples=150, deadline=None, database=None)
@given(fields(), SPACINGS)
def test_every_component_that_was_met_comes_out_exactly(field, coarse):
    labels, computed, rounds = refined(field, coarse)
    for component in components(field):
        at = tuple(np.array(list(component)).T)
        if computed[at].any():
            assert (labels[at] == field[at]).all()
        else:
            assert len(set(labels[at].tolist())) == 1
    asked = list(itertools.chain(*rounds))
    assert len(set(asked)) == len(asked) == computed.sum() <= evaluations_bound(field, coarse)
    assert all(computed[point] for point in asked)
    assert all(points == sorted(points) for points in rounds)


@settings(max_examples=80, deadline=None, database=None)
@given(fields(st.lists(st.integers(1, 13), min_size=1, max_size=2)), SPACINGS)
def test_the_points_that_the_rules_ask_for(field, coarse):
    _, computed, _ = refined(field, coarse)
    assert {tuple(x) for x in np.argwhere(computed).tolist()} == boxes_one_by_one(field, coarse)


@settings(max_examples=100, deadline=None, database=None)
@given(SHAPES, SPACINGS, st.integers(0, 2**32), st.floats(-1.5, 1.5))
def test_half_spaces_come_out_exactly(shape, coarse, seed, offset):
    """Both sides are convex, so each holds a corner of the grid and is connected."""
    normal = np.random.default_rng(seed).normal(size=len(shape))
    x = np.stack(np.meshgrid(*(np.linspace(-1, 1, n) for n in shape), indexing="ij"), axis=-1)
    field = (x @ normal > offset).astype(np.int64)
    labels, _, _ = refined(field, coarse)
    assert np.array_equal(labels, field)


@settings(max_examples=50, deadline=None, database=None)
@given(SPACINGS, st.integers(2, 3), st.integers(0, 2**32))
def test_discs_that_hold_a_box_of_the_first_lattice_come_out_exactly(coarse, dimension, seed):
    assume(dimension == 2 or coarse < 8)
    chance = np.random.default_rng(seed)
    radius = coarse * dimension**0.5 / 2 * chance.uniform(1, 2)
    shape = np.ceil(2 * radius).astype(int) + chance.integers(1, 20, size=dimension)
    centre = chance.uniform(radius, shape - 1 - radius)
    distance = ((np.indices(shape).T - centre) ** 2).sum(axis=-1).T ** 0.5
    field = (distance <= radius).astype(np.int64)
    labels, _, _ = refined(field, coarse)
    assert np.array_equal(labels, field)


@pytest.mark.parametrize("coarse", [2, 8, 64])
def test_a_straight_boundary_costs_less_than_ten_points_for_each_of_its_own(coarse):
    rows, columns = np.indices((200, 200))
    field = (3 * rows + 2 * columns > 517).astype(np.int64)
    labels, computed, _ = refined(field, coarse)
    lattice = (len(range(0, 199, coarse)) + 1) ** 2
    assert np.array_equal(labels, field)
    assert computed.sum() <= evaluations_bound(field, coarse) <= lattice + 10 * 200


def test_a_snake_is_followed_from_end_to_end():
    """One point wide, and it meets the first lattice at one end only."""
    field = np.zeros((65, 65), dtype=np.int64)
    field[16, 8], field[17, 8:61], field[17:39, 60], field[38, 5:61], field[38:50, 5] = 1, 1, 1, 1, 1
    on_lattice = np.argwhere(field[::8, ::8])
    assert on_lattice.tolist() == [[2, 1]]
    labels, computed, _ = refined(field, 8)
    assert np.array_equal(labels, field)
    assert computed.sum() < computed.size / 3


def test_an_island_between_the_points_of_the_lattice_is_missed():
    field = np.zeros((33, 33), dtype=np.int64)
    field[9:16, 9:16] = 1
    labels, computed, _ = refined(field, 8)
    assert not labels.any()
    assert computed.sum() == 25
    field[9:17, 9:16] = 1
    assert not refined(field, 8)[0].any()
    field[9:17, 9:17] = 1
    assert np.array_equal(refined(field, 8)[0], field)


def test_labels_are_any_integers():
    field = np.array([0, 0, 0, -(2**62), 2**62, 5, 5, 5, 5])
    assert np.array_equal(refined(field, 4)[0], field)


@pytest.mark.parametrize("shape", [(1,), (1, 1, 1), (2,), (3, 1), (1, 200), (5, 5, 1, 5)])
@pytest.mark.parametrize("coarse", [2, 16])
def test_thin_grids(shape, coarse):
    field = (np.indices(shape).sum(axis=0) >= 3).astype(np.int64)
    labels, computed, _ = refined(field, coarse)
    assert np.array_equal(labels, field)
    assert computed.flat[0]
    assert computed.flat[-1]


def test_an_interrupted_call_asks_for_the_same_points_again():
    """With the answers it got before it goes on where it was; rounds in one call each."""
    chance = np.random.default_rng(0)
    field = np.repeat(np.repeat(chance.integers(0, 2, size=(9, 9)), 6, axis=0), 6, axis=1)
    labels, computed, rounds = refined(field, 8)
    assert len(rounds) > 3
    for stop in range(len(rounds)):
        kept, fresh = {}, []

        def evaluate(points, stop=stop, kept=kept, fresh=fresh):
            if len(fresh) == stop:
                raise KeyboardInterrupt
            asked = [tuple(point) for point in points.tolist()]
            fresh.append(asked)
            kept.update((point, int(field[point])) for point in asked)
            return field[tuple(points.T)]

        with pytest.raises(KeyboardInterrupt):
            refine(field.shape, 8, evaluate)
        new = []

        def replay(points, kept=kept, new=new):
            asked = [tuple(point) for point in points.tolist()]
            new.extend(point for point in asked if point not in kept)
            return np.array([kept.get(point, int(field[point])) for point in asked])

        again, computed_again = refine(field.shape, 8, replay)
        assert np.array_equal(again, labels)
        assert np.array_equal(computed_again, computed)
        assert fresh == rounds[:stop]
        assert new == list(itertools.chain(*rounds[stop:]))


@pytest.mark.parametrize("coarse", [0, 1, 3, 6, -4, 2.0, True, None, "8"])
def test_spacings_that_cannot_be_halved_are_refused(coarse):
    with pytest.raises(InputError, match=r"^coarse: "):
        refine((9, 9), coarse, lambda points: np.zeros(len(points), dtype=int))


def test_shapes_and_labels_that_are_none_are_refused():
    zeros = lambda points: np.zeros(len(points), dtype=int)  # noqa: E731
    with pytest.raises(InputError, match=r"^shape: "):
        refine((), 2, zeros)
    with pytest.raises(InputError, match=r"^shape\[1\]: 0 "):
        refine((3, 0), 2, zeros)
    for wrong in (lambda points: 0, lambda points: points, lambda points: np.zeros(len(points))):
        with pytest.raises(InputError, match=r"^evaluate: .*one integer for each point"):
            refine((9,), 2, wrong)
