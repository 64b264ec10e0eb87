"""`exitjoin figures`, interrupted."""

import pytest

from exitjoin.cli import main


@pytest.mark.parametrize("given", [False, True])
def test_interrupted_it_says_that_the_same_command_goes_on(tmp_path, capsys, monkeypatch, given):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("figures.writing.make_figures", interrupted)
    out, kept = tmp_path / "out", tmp_path / "kept"
    assert main(["figures", "phase", "--out", str(out), *(["--data", str(kept)] if given else [])]) == 130
    printed, shown = capsys.readouterr()
    assert printed == ""
    going_on = "the same command draws them again, and goes on with what is simulated already, kept in"
    assert shown == f"exitjoin: interrupted; {going_on} {kept if given else out / 'data'}\n"
