"""From a fit to a scenario: the observed groups keep their influence, and what is assumed is what is said."""

import math
from pathlib import Path

import numpy as np
import pytest

import exitjoin as ej
from numerics.fitting.example_log import ROUNDS, example_log
from numerics.fitting.fitted_scenario import LEAST_SELF_WEIGHT

from .logs import group_of, influence, log_of, simulated

LOG = Path(__file__).parents[3] / "scenarios" / "debate_log.csv"


def fitted(observations, **arguments):
    fit = ej.fit_influence(observations, bootstrap=0, regularisation=1.0)
    return fit, ej.fitted_scenario(observations, fit, **arguments)


@pytest.fixture(scope="module")
def debate():
    seen = ej.read_opinions(LOG, agent="subject", rounds=list(ROUNDS), item="question", truth="truth")
    return seen, *fitted(seen, switching_cost=0.3, title="debate")


def labels_of(structure, n):
    labels = np.empty(n, dtype=int)
    for c, members in enumerate(structure):
        labels[members] = c
    return labels


def test_in_the_observed_groups_influence_is_the_fitted_one(debate):
    _, fit, made = debate
    model, structure = made.scenario.model, made.scenario.run["structure"]
    W = ej.influence_matrix(model, structure)
    assert [len(members) for members in structure] == [4, 3, 5, 4]
    for group, members in zip(fit.groups, structure, strict=True):
        assert [made.agents[i] for i in members] == [(group.name, agent) for agent in group.agents]
        np.testing.assert_allclose(model.stubbornness[members], group.stubbornness, rtol=0, atol=0)
        raised = np.diag(group.influence) < LEAST_SELF_WEIGHT
        inside = W[np.ix_(members, members)]
        np.testing.assert_allclose(inside[~raised], group.influence[~raised], rtol=0, atol=1e-14)
        np.testing.assert_allclose(inside[raised], group.influence[raised], rtol=0, atol=1.001 * LEAST_SELF_WEIGHT)


def test_a_stranger_gets_the_weight_of_a_mean_groupmate(debate):
    _, fit, made = debate
    n = made.scenario.model.n_agents
    W = ej.influence_matrix(made.scenario.model, [list(range(n))])
    start = 0
    for group in fit.groups:
        k = len(group.agents)
        for i in range(k):
            row = W[start + i]
            mates = [row[start + j] for j in range(k) if j != i]
            for j in range(n):
                if not start <= j < start + k:
                    assert row[j] == pytest.approx(sum(mates) / len(mates), rel=1e-12)
        start += k


def test_it_goes_on_from_the_last_answers_in_units_of_the_first(debate):
    seen, _, made = debate
    model = made.scenario.model
    at = 0
    for group in seen.groups:
        for a in range(group.n_agents):
            for i in range(len(group.items)):
                answers = [x for x in group.opinions[i, :, a] if not math.isnan(x)]
                assert (model.opinions[at, i], model.innate[at, i]) == (answers[-1], answers[0])
            at += 1
    best = np.array([[0.3, 0.65, 0.5, 0.8, 0.4, 0.7]])
    assert model.compiled(best)[0] == pytest.approx(0, abs=1e-15)
    sigma = model.innate.std(axis=0)
    assert model.compiled(best + sigma)[0] == pytest.approx(-1, rel=1e-5)  # one standard deviation off in every item
    assert (model.switching_cost, made.scenario.switching_costs, made.scenario.title) == (0.3, (0.3,), "debate")
    assert any("2 first answers are missing" in note for note in made.notes)
    assert any("Who was never in one group" in note for note in made.notes)


def test_one_item_gives_numbers_and_the_unit_of_the_answers_does_not_matter():
    seen = ej.read_opinions(LOG, agent="subject", rounds=list(ROUNDS), item="question", truth="truth")
    _, made = fitted(seen, about="strike")
    assert made.scenario.model.opinions.shape == (16,)
    assert made.items == ("strike",)
    large = ej.Observations(
        tuple(ej.Group(g.name, g.agents, 1024 * g.opinions, 1024 * g.truth, g.items) for g in seen.groups), seen.rounds
    )
    _, other = fitted(large, about="strike")
    one, two = (ej.gains(m.scenario.model, m.scenario.run["structure"], samples=50) for m in (made, other))
    np.testing.assert_allclose(two, one, rtol=1e-4, atol=1e-9)  # the variance is written with six digits


def test_without_truth_the_mean_first_answer_stands_for_it():
    rng = np.random.default_rng(1)
    log = log_of(simulated(*influence(3, rng), 1, 6, 0.1, rng))
    _, made = fitted(log)
    centre = log.groups[0].opinions[0, 0].mean()
    around = made.scenario.model.compiled(np.array([centre - 0.1, centre, centre + 0.1]))
    assert around[1] == pytest.approx(0, abs=1e-9)
    assert around[0] == pytest.approx(around[2], rel=1e-3)
    assert any("The truth is not known: the mean of the first answers" in note for note in made.notes)


def test_groups_with_truths_of_their_own_are_compared_by_their_errors():
    x = np.array([[0.0, 1.0, 2.0], [0.5, 1.0, 1.5], [0.8, 1.0, 1.2]])
    ages = ej.Group("ages", ("A", "B", "C"), x[None], [1.0], ("answer",))
    heights = ej.Group("heights", ("A", "B", "C"), 100 * x[None] + 50, [150.0], ("answer",))
    log = ej.Observations((ages, heights), ("1", "2", "3"))
    _, made = fitted(log)
    opinions = made.scenario.model.opinions
    np.testing.assert_allclose(opinions[:3], opinions[3:], atol=1e-12)  # the same but for unit and truth
    np.testing.assert_allclose(opinions[:3], np.array([-0.2, 0, 0.2]) / math.sqrt(2 / 3), atol=1e-12)
    assert str(made.scenario.model.performance) == "-u**2"
    assert "errors (x - truth)" in made.notes[0]
    unknown = ej.Group("weights", ("A", "B"), x[None, :, :2], [math.nan], ("answer",))
    with pytest.raises(ej.InputError, match="group weights: None has no truth for item answer"):
        fitted(ej.Observations((ages, heights, unknown), ("1", "2", "3")))


def test_who_was_seen_alone_is_taken_for_the_mean_of_the_others():
    rng = np.random.default_rng(2)
    pair = simulated(np.array([[0.8, 0.2], [0.4, 0.6]]), np.zeros(2), 3, 8, 0.1, rng, "pair")
    alone = ej.Group("hermit", ("H",), pair.opinions[:, :, :1], pair.truth, pair.items)
    fit, made = fitted(ej.Observations((pair, alone), tuple(f"r{t}" for t in range(8))))
    W = ej.influence_matrix(made.scenario.model, [[0, 1, 2]])
    own, mate = fit.groups[0].influence.diagonal().mean(), (1 - fit.groups[0].influence.diagonal()).mean()
    np.testing.assert_allclose(W[2], np.array([mate, mate, own]) / (own + 2 * mate), rtol=1e-12)
    assert any("1 agents were seen alone: the mean of the others" in note for note in made.notes)
    _, only = fitted(ej.Observations((alone,), tuple(f"r{t}" for t in range(8))))
    assert only.scenario.model.n_agents == 1


def test_who_never_answered_and_who_gives_itself_no_weight():
    x = np.array([[1.0, 0.0, np.nan], [0.0, 0.0, np.nan], [0.0, 1.0, np.nan], [1.0, 1.0, np.nan]])
    log = log_of(group_of(np.stack([x, x[:, ::-1]])))
    fit = ej.fit_influence(log, network=np.array([[1, 1, 0], [1, 1, 0], [0, 0, 1]]), bootstrap=0)
    made = ej.fitted_scenario(log, fit)
    assert np.isfinite(made.scenario.model.opinions).all()
    assert any("never answered an item" in note for note in made.notes)
    W = ej.influence_matrix(made.scenario.model, [[0, 1, 2]])
    assert (W.diagonal() >= LEAST_SELF_WEIGHT * (1 - 1e-12)).all()


def test_what_cannot_be_chosen_is_asked_for():
    rng = np.random.default_rng(3)
    many = log_of(simulated(*influence(2, rng), 13, 4, 0.1, rng))
    everything = "choose one item .--about ITEM.: q0, q1, q2, q3, q4, q5, q6, q7, q8, q9, q10, q11, q12$"
    with pytest.raises(ej.InputError, match=f"about: None is missing: 13 items .*{everything}"):
        fitted(many)
    assert fitted(many, about="q3")[1].items == ("q3",)
    with pytest.raises(ej.InputError, match="about: 'q99' is no item"):
        fitted(many, about="q99")
    one, other = many.groups[0], simulated(*influence(2, rng), 1, 4, 0.1, rng, "h")
    other = ej.Group("h", other.agents, other.opinions, other.truth, ("elsewhere",))
    with pytest.raises(ej.InputError, match="no item was answered by all groups"):
        fitted(ej.Observations((one, other), many.rounds))
    tiny = ej.Group("t", ("A", "B"), 1e-200 * one.opinions[:1], one.truth[:1], ("q0",))
    with pytest.raises(ej.InputError, match="read the answers in another unit"):
        fitted(ej.Observations((tiny,), many.rounds))


def lone_and_agreeing(factor=1.0, truths=(60.0, 90.0, 10.0), still=False):
    """Three groups: one that disagrees, one agent alone, one that agrees at first; in any unit."""
    pair = [[50, 70], [52, 66], [53, 64]] if not still else [[50, 50]] * 3
    answers = (
        pair,
        [[20], [20], [20 if still else 21]],
        [[30, 30], [30 if still else 31, 29 if not still else 30]] * 1,
    )
    groups = []
    for name, x, truth in zip("ABC", answers, truths, strict=True):
        x = np.array(x + x[-1:] * (3 - len(x)), dtype=float)
        agents = tuple(f"a{i}" for i in range(x.shape[1]))
        groups.append(ej.Group(name, agents, factor * x[None], [factor * truth], ("q",)))
    return ej.Observations(tuple(groups), ("1", "2", "3"))


UNITS = [
    ({}, "in groups B, C: the unit is what the other groups disagreed by"),
    ({"still": True}, "in groups A, B, C: the unit is how far answers are from the truth"),
    ({"truths": (60.0, 60.0, 60.0)}, ""),
    ({"truths": (math.nan,) * 3}, ""),
]


@pytest.mark.parametrize("factor", [3.7, 1e-6, 1e9])
@pytest.mark.parametrize(("arguments", "note"), UNITS)
def test_no_gain_depends_on_the_unit_of_answers_and_truths(arguments, note, factor):
    _, one = fitted(lone_and_agreeing(**arguments))
    _, two = fitted(lone_and_agreeing(factor, **arguments))
    found = [ej.gains(made.scenario.model, made.scenario.run["structure"]) for made in (one, two)]
    assert np.nanmax(np.abs(found[0])) > 1e-3
    np.testing.assert_allclose(found[1], found[0], rtol=1e-4, atol=1e-5)
    assert any(note in line for line in one.notes)


@pytest.mark.parametrize("factor", [1.0, 3.7, 1e-6])
def test_where_nobody_disagreed_at_first_the_unit_is_another_one_that_grows_with_the_answers(factor):
    x = np.array([[50.0, 50, 50], [52, 56, 49], [53, 54, 54]])
    log = log_of(group_of(factor * x[None]))
    _, made = fitted(log)
    assert made.scenario.model.compiled(np.array([factor * (50 + x.std())]))[0] == pytest.approx(-1, rel=1e-5)
    assert "Nobody disagreed at first: the unit is how much all answers vary instead." in made.notes
    told = ej.Observations((ej.Group("g", ("A", "B"), np.full((1, 3, 2), factor), [4 * factor], ("q",)),), log.rounds)
    _, far = fitted(told)
    assert far.scenario.model.compiled(np.array([factor]))[0] == pytest.approx(-1, rel=1e-5)
    assert "how far answers are from the truth" in far.notes[1]


def test_who_was_alone_is_as_far_off_as_others_would_be():
    _, made = fitted(lone_and_agreeing())
    assert made.scenario.model.opinions[2] == pytest.approx((21 - 90) / 10)  # the standard deviation of 50 and 70


def test_a_truth_and_items_that_some_groups_lack_are_noted():
    one = group_of(np.random.default_rng(5).normal(size=(2, 4, 2)))
    known = ej.Group("known", one.agents, one.opinions, [0.25, 0.5], ("p", "only here"))
    other = ej.Group("other", one.agents, one.opinions, [math.nan, math.nan], ("p", "only there"))
    log = ej.Observations((known, other), ("1", "2", "3", "4"))
    _, made = fitted(log)
    assert made.items == ("p",)
    assert "The log gives no truth for group other: that of the other groups, 0.25, is taken." in made.notes
    assert "Left out, as not all groups were asked: only here, only there." in made.notes
    assert not any("Left out" in note for note in fitted(log, about="p")[1].notes)


def test_a_scenario_may_be_about_some_groups(debate):
    seen, fit, whole = debate
    made = ej.fitted_scenario(seen, fit, about="rain", only=["west", "south"])
    assert [group for group, _ in made.agents] == ["south"] * 3 + ["west"] * 4
    W = ej.influence_matrix(made.scenario.model, [[0, 1, 2], [3, 4, 5, 6]])
    all_of_them = ej.influence_matrix(whole.scenario.model, whole.scenario.run["structure"])
    np.testing.assert_allclose(W[:3, :3], all_of_them[4:7, 4:7], atol=1e-14)
    assert any("About south, west only; influence was fitted to all 4 groups." in note for note in made.notes)
    assert ej.fitted_scenario(seen, fit, only=["east"]).scenario.model.n_agents == 5
    for only, message in [(["up"], "'up' is no group; name some of north, south"), ([], "is no list of groups"),
                          (["east", "east"], "'east' is named twice"), ("east", "is no list of groups")]:  # fmt: skip
        with pytest.raises(ej.InputError, match=message):
            ej.fitted_scenario(seen, fit, only=only)


def test_the_file_says_who_is_who(debate, tmp_path):
    _, _, made = debate
    path = ej.save_scenario(made.scenario, tmp_path / "team.toml", made.comments)
    text = path.read_text(encoding="utf-8")
    assert "#   0  Ada of north\n" in text
    assert "#   u2  strike\n" in text
    again = ej.load_scenario(path)
    np.testing.assert_array_equal(again.model.opinions, made.scenario.model.opinions)
    np.testing.assert_allclose(again.model.influence.data, made.scenario.model.influence.data, rtol=1e-14)
    run = again.simulate()
    assert run.outcome == "joint equilibrium"
    assert len(example_log()[1]) == len(again.run["structure"])
