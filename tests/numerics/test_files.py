"""Files are written whole or not at all."""

import os
import stat
from pathlib import Path

import pytest

from numerics.files import make_folder, write_json, write_whole
from theory.errors import InputError


def test_replaces_the_old_content_and_leaves_nothing_else(tmp_path):
    path = tmp_path / "a.txt"
    write_whole(path, "old")
    write_whole(path, b"new")
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failure_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.json"
    write_whole(path, "old")
    with pytest.raises(ValueError, match="JSON"):
        write_json(path, float("nan"))
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_missing_is_named(tmp_path):
    with pytest.raises(InputError, match=r"json: .*missing.* cannot be written \(no such file or directory\)"):
        write_whole(tmp_path / "missing" / "a.txt", "x", field="json")


def test_a_file_in_the_place_of_a_folder(tmp_path):
    (tmp_path / "a").write_text("x")
    with pytest.raises(InputError, match="out"):
        make_folder(tmp_path / "a" / "b")
    with pytest.raises(InputError, match="out"):
        write_whole(tmp_path, "x")
    assert [x.name for x in tmp_path.iterdir()] == ["a"]


def test_only_files_are_replaced_and_a_link_stays_a_link(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for special in (tmp_path / "pipe", Path("/dev/null")):
        with pytest.raises(InputError, match=r"json: .* is no file that could be replaced"):
            write_whole(special, "x", field="json")
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
    (tmp_path / "link").symlink_to(tmp_path / "target")
    for text in ("first", "second"):
        write_whole(tmp_path / "link", text)
        assert (tmp_path / "link").is_symlink()
        assert (tmp_path / "target").read_text() == text
