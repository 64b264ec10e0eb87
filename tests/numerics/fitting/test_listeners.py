"""Who may listen to whom, read from a file."""

import numpy as np
import pytest

import exitjoin as ej

LOG = "group,who,r1,r2\na,Ann,0.1,0.2\na,Bob,0.3,0.3\na,Cid,0.5,0.4\nb,Ann,1,1\nb,Bob,2,1\n"


def read(tmp_path, edges, **arguments):
    (tmp_path / "log.csv").write_text(LOG, encoding="utf-8")
    (tmp_path / "edges.csv").write_text(edges, encoding="utf-8")
    seen = ej.read_opinions(tmp_path / "log.csv", agent="who", rounds=["r1", "r2"])
    return seen, ej.read_listeners(tmp_path / "edges.csv", seen, agent="who", **arguments)


def test_a_row_says_that_one_hears_another_and_not_back(tmp_path):
    seen, network = read(tmp_path, "group,who,hears\na,Ann,Bob\na,Cid,Ann\na,Cid,Bob\n")
    assert list(network) == ["a"]
    np.testing.assert_array_equal(network["a"], [[1, 1, 0], [0, 1, 0], [1, 1, 1]])
    fit = ej.fit_influence(seen, network, bootstrap=0)
    assert (fit.groups[0].influence[network["a"] == 0] == 0).all()


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("c,Ann,Bob", "edges.csv line 2, column group: 'c' is no group of the log"),
        ("b,Ann,Cid", "edges.csv line 2, column hears: 'Cid' is no agent of group b"),
        ("b,,Ann", "edges.csv line 2, column who: '' is no agent of group b"),
        ("b,Ann", "edges.csv line 2: ['b', 'Ann'] has 2 cells, the header 3"),
    ],
)
def test_what_is_not_in_the_log_is_named_with_its_place(tmp_path, row, message):
    with pytest.raises(ej.InputError) as caught:
        read(tmp_path, f"group,who,hears\n{row}\n")
    assert str(caught.value).startswith(message)


def test_a_network_needs_its_column(tmp_path):
    with pytest.raises(ej.InputError, match="'listens' is no column"):
        read(tmp_path, "group,who,hears\na,Ann,Bob\n", hears="listens")
    with pytest.raises(ej.InputError, match=r"^network: "):
        ej.read_listeners(tmp_path / "none.csv", read(tmp_path, "group,who,hears\na,Ann,Bob\n")[0], agent="who")
