"""TOML of users' files: what is read, what is refused, and how long that takes."""

import pytest

from numerics.scenario import load_scenario, parse_scenario
from numerics.toml_text import MAX_BYTES, MAX_DOTS, parse_toml, read_text
from theory.errors import InputError

from ..timing import quickest

MODEL = 'performance = "-u**2"\nopinions = '


def refused(call, field, words):
    with pytest.raises(InputError) as caught:
        call()
    assert caught.value.field == field
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_byte_order_mark_and_other_newlines_are_read(tmp_path):
    path = tmp_path / "a.toml"
    path.write_bytes(f"\ufeff[model]\r\n{MODEL}[0.5, 1.0]\r\n".encode())
    assert load_scenario(path).model.opinions.tolist() == [0.5, 1.0]


def test_files_that_are_none(tmp_path):
    path = tmp_path / "a.toml"
    refused(lambda: read_text(path, "sweep"), "sweep", "cannot be read (no such file")
    refused(lambda: read_text(tmp_path, "sweep"), "sweep", "cannot be read (is a directory")
    refused(lambda: read_text("", "sweep"), "sweep", "is not a path")
    refused(lambda: read_text("a\0b", "sweep"), "sweep", "UTF-8")
    path.write_bytes(b"\xff\xfe")
    refused(lambda: read_text(path, "sweep"), "sweep", "UTF-8")
    path.write_bytes(b"#" * (MAX_BYTES + 1))
    refused(lambda: read_text(path, "sweep"), "sweep", f"larger than {MAX_BYTES} bytes")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a = ", "at end of document"),
        ("a = 1\nb c\n", "line 2"),
        ("a = " + "9" * 5000, "thousands of digits"),
        ("a = " + "[" * 5000, "nested too deeply"),
        (".".join("a" * (MAX_DOTS + 2)) + " = 1", f"more than {MAX_DOTS} parts"),
        ("".join(f"[a{i}.{'.'.join('a' * 48)}]\n" for i in range(2000)), "too many keys of many parts"),
    ],
)
def test_text_that_is_no_toml(text, words):
    refused(lambda: parse_toml(text, "a.toml", "sweep"), "sweep", words)
    assert quickest(lambda: refused(lambda: parse_toml(text, "a.toml", "sweep"), "sweep", words), repeats=1) < 1


def test_full_stops_in_text_are_no_keys():
    assert parse_toml('title = "Wait ... and see ... ' + "x. " * 40 + '"', "a.toml", "sweep")


def test_a_file_may_not_ask_for_more_agents_than_are_read_at_once():
    text = f'[model]\n{MODEL}{{distribution = "normal", agents = 10000000}}\n'
    refused(lambda: parse_scenario(text), "model.opinions.agents", "1,000,000")
    assert parse_scenario(text.replace("10000000", "1000000")).model.n_agents == 10**6


def test_a_file_full_of_rows_is_read_within_a_second():
    text = f'[model]\nperformance = "-u**2"\nopinions = [{"[0.5], " * (MAX_BYTES // 7)}]\n'
    assert quickest(lambda: parse_scenario(text), repeats=1) < 1
