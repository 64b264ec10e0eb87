"""Reading logs: what the rows say, whichever form they have, and where what is wrong with them is."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest

import exitjoin as ej
from numerics.fitting.columns import read_columns
from numerics.fitting.example_log import PANELS, ROUNDS, TRUTHS, example_log

from ...timing import quickest
from .fuzzed_logs import damaged

LOG = Path(__file__).parents[3] / "scenarios" / "debate_log.csv"
WIDE = "group,agent,r1,r2,truth\na,Ann,0.1,0.2,\na,Bob,NA,,0.5\nb,Ann,3,NaN,1\n"


def written(tmp_path, content, name="log.csv"):
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def same(one, other):
    assert one.rounds == other.rounds
    assert [group.name for group in one.groups] == [group.name for group in other.groups]
    for a, b in zip(one.groups, other.groups, strict=True):
        assert (a.agents, a.items) == (b.agents, b.items)
        np.testing.assert_array_equal(a.opinions, b.opinions)
        np.testing.assert_array_equal(a.truth, b.truth)


def test_a_wide_file_says_who_answered_what_and_what_is_missing(tmp_path):
    seen = ej.read_opinions(written(tmp_path, WIDE), rounds=["r1", "r2"], truth="truth")
    a, b = seen.groups
    assert (seen.rounds, a.agents, b.agents, a.items) == (("r1", "r2"), ("Ann", "Bob"), ("Ann",), ("opinion",))
    np.testing.assert_array_equal(a.opinions, [[[0.1, math.nan], [0.2, math.nan]]])
    np.testing.assert_array_equal(b.opinions, [[[3.0], [math.nan]]])
    assert (a.truth.tolist(), b.truth.tolist(), a.n_missing, seen.n_agents) == ([0.5], [1.0], 2, 3)
    assert not a.opinions.flags.writeable


def test_the_shipped_log_cell_by_cell():
    seen = ej.read_opinions(LOG, agent="subject", rounds=list(ROUNDS), item="question", truth="truth")
    assert [group.agents for group in seen.groups] == list(PANELS.values())
    answers = 0
    with LOG.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            group = next(group for group in seen.groups if group.name == row["group"])
            i, a = group.items.index(row["question"]), group.agents.index(row["subject"])
            for t, name in enumerate(ROUNDS):
                expected = float(row[name]) if row[name] else math.nan
                np.testing.assert_equal(group.opinions[i, t, a], expected)
                answers += 1
            assert group.truth[i] == TRUTHS[row["question"]]
    assert answers == sum(group.opinions.size for group in seen.groups)
    assert 0 < sum(group.n_missing for group in seen.groups) < answers / 20


def test_the_shipped_log_is_the_simulated_one():
    assert example_log()[0] == LOG.read_text(encoding="utf-8")


def test_wide_and_long_say_the_same(tmp_path):
    wide = ej.read_opinions(LOG, agent="subject", rounds=list(ROUNDS), item="question", truth="truth")
    with LOG.open(encoding="utf-8") as file:
        rows = [
            (t, [row["group"], row["subject"], row["question"], name, row[name], row["truth"]])
            for row in csv.DictReader(file)
            for t, name in enumerate(ROUNDS)
        ]
    for order in (rows, sorted(rows, key=lambda row: row[0])):
        path = tmp_path / "long.csv"
        with path.open("w", newline="", encoding="utf-8-sig") as file:
            writer = csv.writer(file, delimiter=";")
            writer.writerow(["group", "agent", "item", "round", "opinion", "truth"])
            writer.writerows(row for _, row in order)
        same(wide, ej.read_opinions(path, round="round", item="item", truth="truth"))


def test_rounds_of_a_long_file_are_in_the_order_of_their_numbers_or_as_told(tmp_path):
    numbers = written(tmp_path, "group,agent,round,opinion\ng,A,10,3\ng,A,9,2\ng,A,1,1\n")
    seen = ej.read_opinions(numbers, round="round")
    assert (seen.rounds, seen.groups[0].opinions.ravel().tolist()) == (("1", "9", "10"), [1, 2, 3])
    ends = written(tmp_path, "group,agent,round,opinion\ng,A,Turn 10,3\ng,A,turn 9,2\n")
    assert ej.read_opinions(ends, round="round").rounds == ("turn 9", "Turn 10")
    words = written(tmp_path, "group,agent,round,opinion\ng,A,late,3\ng,A,early,1\n")
    assert ej.read_opinions(words, round="round").rounds == ("late", "early")
    told = ej.read_opinions(words, round="round", rounds=["early", "late"])
    assert told.groups[0].opinions.ravel().tolist() == [1, 3]


def long_log(tmp_path, sequences):
    rows = [f"g,{agent},{name},1\n" for agent, names in sequences.items() for name in names.split()]
    return written(tmp_path, "group,agent,round,opinion\n" + "".join(rows))


@pytest.mark.parametrize(
    ("sequences", "order"),
    [
        ({"A": "debate vote", "B": "before debate vote"}, "before debate vote"),  # A's first row is missing
        ({"A": "a c", "B": "b c", "C": "a b"}, "a b c"),
        ({"A": "one three", "B": "three four", "C": "one two", "D": "two three"}, "one two three four"),
        ({"A": "r2 r10", "B": "r1 r2"}, "r1 r2 r10"),
        ({"A": "t-2 t-1 t"}, "t-2 t-1 t"),
        ({"A": "v1.9 v1.10"}, "v1.9 v1.10"),
    ],
)
def test_one_missing_row_does_not_reorder_rounds(tmp_path, sequences, order):
    assert ej.read_opinions(long_log(tmp_path, sequences), round="round").rounds == tuple(order.split())


@pytest.mark.parametrize(
    ("sequences", "message"),
    [
        ({"A": "a b", "B": "b a"}, "log.csv line 5, column round: 'a' comes after 'b' here, and in other rows before"),
        ({"A": "a b", "B": "b c", "C": "c a"}, "log.csv line 7, column round: 'a' comes after 'c' here"),
        ({"A": "x a b", "B": "a b x"}, "log.csv line 7, column round: 'x' comes after 'b' here"),
        ({"A": "a c", "B": "b c"}, "log.csv: ['a', 'b'] are rounds of which the rows do not say which was first"),
        ({"A": "a", "B": "b"}, "log.csv: ['a', 'b'] are rounds of which"),
        ({"A": "r01 r1"}, "log.csv line 3, column round: 'r1' is the same round as 'r01', written differently"),
    ],
)
def test_rounds_in_no_clear_order_are_asked_for(tmp_path, sequences, message):
    path = long_log(tmp_path, sequences)
    with pytest.raises(ej.InputError) as caught:
        ej.read_opinions(path, round="round")
    assert str(caught.value).startswith(message)
    told = sorted({name for names in sequences.values() for name in names.split()})
    assert ej.read_opinions(path, round="round", rounds=told).rounds == tuple(told)


def test_the_order_of_rounds_is_found_from_any_covering_sequences(tmp_path):
    rng = np.random.default_rng(3)
    names = [f"{rng.integers(1000)}{'xyz'[k % 3]}{k}q" for k in rng.permutation(30)]
    for _ in range(10):
        parts = [sorted(rng.choice(30, 12, replace=False)) for _ in range(20)]
        parts += [[k, k + 1] for k in range(29)]  # neighbours are seen together once, or the order would be open
        sequences = {f"a{n}": " ".join(names[k] for k in parts[n]) for n in rng.permutation(len(parts))}
        assert ej.read_opinions(long_log(tmp_path, sequences), round="round").rounds == tuple(names)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_every_dialect_says_the_same(tmp_path, encoding, delimiter, ending):
    text = WIDE.replace(",", delimiter).replace("\n", ending).replace("Ann", '"Ann"')
    path = written(tmp_path, text.encode(encoding))
    same(
        ej.read_opinions(path, rounds=["r1", "r2"], truth="truth"),
        ej.read_opinions(written(tmp_path, WIDE, "plain.csv"), rounds=["r1", "r2"], truth="truth"),
    )


def test_the_delimiter_is_that_of_the_header_alone(tmp_path):
    path = written(tmp_path, 'group;agent;r1;r2\n"a,b,c,d,e";Ann;1;2\n')
    assert ej.read_opinions(path, rounds=["r1", "r2"]).groups[0].name == "a,b,c,d,e"


def test_lines_are_counted_through_quoted_cells_and_blank_rows(tmp_path):
    path = written(tmp_path, 'group,agent,r1\n\na,"two\nlines",1\n,,\nb,Ann,x\n')
    with pytest.raises(ej.InputError, match=r"log\.csv line 6, column r1: 'x' is not a number"):
        ej.read_opinions(path, rounds=["r1"])


def test_everybody_is_one_group_without_a_column_of_groups(tmp_path):
    path = written(tmp_path, "who,r1\nAnn,1\nBob,2\n")
    seen = ej.read_opinions(path, group=None, agent="who", rounds=["r1"])
    assert (seen.groups[0].name, seen.groups[0].agents) == ("all", ("Ann", "Bob"))
    same(seen, ej.read_opinions(path, agent="who", rounds=["r1"]))
    both = written(tmp_path, "group,team,agent,r1\ng,t,Ann,1\nh,t,Bob,2\n")
    assert [group.name for group in ej.read_opinions(both, rounds=["r1"]).groups] == ["g", "h"]
    assert [group.name for group in ej.read_opinions(both, "team", rounds=["r1"]).groups] == ["t"]
    assert ej.read_opinions(both, agent="group", rounds=["r1"]).groups[0].agents == ("g", "h")


BAD = [
    ("g,Ann,0.1,abc\n", {}, "log.csv line 2, column r2: 'abc' is not a number"),
    ("g,Ann,0.1,1_0\n", {}, "log.csv line 2, column r2: '1_0' is not a number"),
    ('g,Ann,0.1,"0,5"\n', {}, "log.csv line 2, column r2: '0,5' is not a number; write decimals with a point"),
    ("g,Ann,0.1,-inf\n", {}, "log.csv line 2, column r2: '-inf' is infinite or too large"),
    ("g,Ann,0.1,1e999\n", {}, "log.csv line 2, column r2: '1e999' is infinite or too large"),
    ("g,Ann,0.1\n", {}, "log.csv line 2: ['g', 'Ann', '0.1'] has 3 cells, the header 4"),
    ("g,Ann,0.1,2,3\n", {}, "log.csv line 2: ['g', 'Ann', '0.1', '2', '3'] has 5 cells, the header 4"),
    ("g,,0.1,2\n", {}, "log.csv line 2, column agent: '' is empty"),
    ("g,Ann,1,2\ng,Bob,1,2\ng,Ann,3,4\n", {}, "log.csv line 4, column agent: 'Ann' of group g has answered already, "
     "on line 2; leave one of them out, or name the column of the questions as item"),
    ('g,Ann,1,"2\n', {}, "log.csv line 2: 'unexpected end of data' is why it is not CSV"),
    ("", {}, "log.csv: ['agent', 'r1', 'r2'] has no row below its header"),
    ("g,Ann,1,2\n", {"agent": "subject"}, "log.csv header: 'subject' is no column; use one of group, agent, r1, r2"),
    ("g,Ann,1,2\n", {"truth": "r1"}, "columns: 'r1' is named twice"),
    ("g,Ann,1,2\n", {"rounds": None}, "rounds: None are missing"),
    ("g,Ann,1,2\n", {"rounds": []}, "rounds: [] is no list of columns"),
    ("g,Ann,1,2\ng,Bob,1,3\n", {"rounds": ["r1"], "truth": "r2"},
     "log.csv line 3, column r2: 3.0 is not the truth 2 that line 2 gives"),
    ("g,Ann,1,2\ng,Ann,1,3\n", {"rounds": None, "round": "r1", "value": "r2"},
     "log.csv line 3, column agent: 'Ann' of group g has answered in this round already, on line 2"),
    ("g,Ann,1,2\ng,Ann,1.0,3\n", {"rounds": None, "round": "r1", "value": "r2"},
     "log.csv line 3, column r1: '1.0' is the same round as '1', written differently"),
    ("g,Ann,1,2\n", {"rounds": ["0"], "round": "r1", "value": "r2"},
     "log.csv line 2, column r1: '1' is none of the rounds; the rounds are 0"),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "changes", "message"), BAD)
def test_what_is_wrong_is_named_with_its_place(tmp_path, rows, changes, message):
    path = written(tmp_path, "group,agent,r1,r2\n" + rows)
    with pytest.raises(ej.InputError) as caught:
        ej.read_opinions(path, **({"rounds": ["r1", "r2"]} | changes))
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "log.csv: '' is empty"),
        (b"\n\n", "log.csv: '\\n\\n' is empty"),
        (b"group,agent,r1\ng,\xff,1\n", "log.csv line 2: b'\\xff' is not UTF-8"),
        (b"group,agent,r1\ng,A,1\r\ng,\0,1\n", "log.csv line 3: '\\x00' is not text"),
        ("group,agent,r1\ng,A,1\n".encode("utf-16"), "log.csv line 1: b'\\xff' is not UTF-8"),
        (b"group,agent,r1,r1\ng,A,1,2\n", "log.csv header: 'r1' is the name of two columns"),
    ],
)
def test_files_that_are_no_log(tmp_path, content, message):
    with pytest.raises(ej.InputError) as caught:
        ej.read_opinions(written(tmp_path, content), rounds=["r1"])
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("path", ["", 3, None, "no/such/file.csv", "nul\0", "."])
def test_paths_that_lead_nowhere(path):
    with pytest.raises(ej.InputError, match="opinions"):
        ej.read_opinions(path, rounds=["r1"])


def test_files_too_large_or_too_empty_are_refused(tmp_path, monkeypatch):
    lines = "".join(f"g,{k},{k},1\n" for k in range(6000))
    path = written(tmp_path, "group,agent,item,r1\n" + lines)
    with pytest.raises(ej.InputError, match="would take a table of 36000000 answers for 6000 rows"):
        ej.read_opinions(path, item="item", rounds=["r1"])
    many = written(tmp_path, "group,agent,r1\n" + "".join(f"{k},A,1\n" for k in range(10_001)), "many.csv")
    with pytest.raises(ej.InputError, match="has 10001 different names"):
        ej.read_opinions(many, rounds=["r1"])
    monkeypatch.setattr("numerics.fitting.columns.MAX_BYTES", 100)
    with pytest.raises(ej.InputError, match="is larger than"):
        ej.read_opinions(path, rounds=["r1"])


def test_damaged_logs_raise_the_projects_error_with_their_place(tmp_path):
    path, read = tmp_path / "log.csv", 0
    for seed in range(400):
        content, arguments = damaged(seed)
        path.write_bytes(content)
        try:
            ej.read_opinions(path, **arguments)
            read += 1
        except ej.InputError as error:
            message = str(error)
            assert message.startswith(("log.csv", "columns")), (seed, message)
            assert "\n" not in message, seed
            assert len(message) < 1000, seed
    assert 80 < read < 320  # some are read, some are not


def test_a_megabyte_takes_less_than_a_second(tmp_path):
    rows = "".join(f"g{k % 100},a{k % 2000 // 100},{k // 2000},0.{k}\n" for k in range(60_000))
    path = written(tmp_path, "group,agent,round,opinion\n" + rows)
    assert path.stat().st_size > 1e6
    assert quickest(lambda: ej.read_opinions(path, round="round")) < path.stat().st_size / 1e6


def test_columns_come_with_their_lines(tmp_path):
    columns = read_columns(written(tmp_path, "a,b\n\n1,2\n3, nan \n"), ["b"])
    assert (columns.cells, columns.lines, columns.place(1, "b")) == (
        {"b": ["2", "nan"]},
        [3, 4],
        "log.csv line 4, column b",
    )
    np.testing.assert_array_equal(columns.numbers("b"), [2, math.nan])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"agents": ("A", "A")}, "group g: agents"),
        ({"agents": ()}, "group g: agents"),
        ({"items": ()}, "group g: items"),
        ({"opinions": [[1.0, 2.0]]}, "group g: opinions"),
        ({"opinions": [[[math.inf, 2.0]]]}, "group g: opinions"),
        ({"opinions": "text"}, "group g: opinions"),
        ({"truth": [1.0, 2.0]}, "group g: truth"),
    ],
)
def test_groups_say_what_does_not_fit(changes, message):
    fine = {"name": "g", "agents": ("A", "B"), "opinions": [[[1.0, 2.0]]], "truth": [math.nan], "items": ("q",)}
    ej.Group(**fine)
    with pytest.raises(ej.InputError) as caught:
        ej.Group(**fine | changes)
    assert str(caught.value).startswith(message)


def test_observations_are_groups_over_the_same_rounds():
    group = ej.Group("g", ("A",), np.zeros((1, 2, 1)), np.zeros(1), ("q",))
    for groups, rounds, message in [((), ("1", "2"), "groups"), ((group, group), ("1", "2"), "groups"),
                                    ((group,), ("1", "1"), "rounds"), ((group,), ("1",), "group g")]:  # fmt: skip
        with pytest.raises(ej.InputError, match=message):
            ej.Observations(groups, rounds)
