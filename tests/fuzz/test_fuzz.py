"""Damaged files end in an error that names the place, at once; `python -m tests.fuzz` reads as many as one likes."""

import pytest

from theory.errors import ExitjoinError, InputError

from ..timing import quickest
from .damage import KINDS, VALID, damaged
from .survey import MOST_SECONDS, names_its_place, read, survey


def test_damaged_files():
    found = survey(range(500))
    assert found.faults == []
    assert found.count == 500
    assert sum(found.valid.values()) + sum(found.refused.values()) == 500
    for kind in KINDS:
        assert found.valid[kind] >= 5
        assert found.refused[kind] >= 30


@pytest.mark.parametrize("kind", KINDS)
def test_damage_is_done_and_can_be_done_again(kind):
    files = [damaged(kind, seed) for seed in range(50)]
    assert files == [damaged(kind, seed) for seed in range(50)]
    assert len(set(files)) > 40
    assert sum(data in VALID[kind] for data in files) < 10


def test_a_place_is_a_key_a_line_or_the_file(tmp_path):
    """The survey itself can fail."""
    toml, log, text = tmp_path / "damaged.toml", tmp_path / "damaged.csv", b"[model]\nmood = 1\n"

    def error(field, given=None, advice="mend it"):
        return InputError(field, given, "is wrong", advice)

    assert names_its_place("scenario", error("model.mood"), toml, text)
    assert names_its_place("scenario", error("model.opinions[3]"), toml, text)
    assert names_its_place("scenario", error("scenario", str(toml)), toml, text)
    assert names_its_place("scenario", error('model."-"'), toml, b"[model]\n- = 1\n")
    assert not names_its_place("scenario", error('model."-"'), toml, text)
    assert not names_its_place("scenario", error("model.anger"), toml, text)
    assert not names_its_place("scenario", error(""), toml, text)
    assert not names_its_place("scenario", error("model.mood", advice="two\nlines"), toml, text)
    assert not names_its_place("scenario", ExitjoinError("model.mood"), toml, text)
    assert names_its_place("wide", error("damaged.csv line 2, column truth"), log, b"a,b\n1,2\n")
    assert not names_its_place("wide", error("damaged.csv line 9"), log, b"a,b\n1,2\n")
    assert not names_its_place("wide", error("truth"), log, b"a,b\n1,2\n")


FOUND = {
    "so many terms that expanding takes hours": '"(' + "+".join(f"u{i + 1}" for i in range(64)) + ')**4"',
    "a product of roots": '"' + "*".join(f"(sqrt({i}) + u1)" for i in range(2, 40)) + '"',
    "a number that is a product of roots": '"u1 + ' + "*".join(f"(sqrt({i}) + 1)" for i in range(2, 40)) + '"',
    "logarithms inside each other": '"' + "log(abs(" * 30 + "u1" + "))" * 30 + '"',
}


@pytest.mark.parametrize("what", FOUND)
def test_expressions_that_took_longer_than_a_second(what, tmp_path):
    """Found by looking for them; see `survey` for the bound."""
    for dimension in (1, 64):
        path = tmp_path / f"in_{dimension}.toml"
        path.write_text(
            f'[model]\nopinions = {{distribution = "normal", agents = 10, dimension = {dimension}}}\n'
            f"performance = {FOUND[what] if dimension > 1 else FOUND[what].replace('u1', 'u')}\n"
        )
        assert quickest(lambda path=path: refused_for(path), repeats=1) < MOST_SECONDS


def refused_for(path):
    """The field of the error, if there is one."""
    try:
        read("scenario", path)
    except InputError as error:
        return error.field
