"""Results are kept exactly as long as nothing changes that they depend on."""

import json
import subprocess
import sys

import pytest

from proofs_checks import cache
from proofs_checks import verify as verification
from proofs_checks.check import Check, Mutant, attack, run
from proofs_checks.registry import STUDIES
from proofs_checks.verdict import ClaimResult, Level
from proofs_checks.verify import verify
from theory.errors import InputError


@pytest.fixture
def kept(tmp_path, monkeypatch):
    monkeypatch.setenv("EXITJOIN_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "verified"


@pytest.fixture
def quick(monkeypatch):
    """Verdicts without the work; labels in the set it returns are refuted."""
    refuted = set()

    def examined(label):
        check = Check("n²", "n < 3", Level.EXACT, lambda: (1, 2), lambda n: "wrong" if label in refuted else None)
        false = Mutant("n² = 3", check.concluding(lambda n: None if n * n == 3 else f"n² = {n * n}"))
        return ClaimResult(label, "", "", (run(check),), (attack(false),))

    monkeypatch.setattr(verification, "examine_label", examined)
    return refuted


def test_a_result_is_kept_and_found_again(kept, quick):
    first = verify(["V1"], cached=True)
    assert first.kept == ()
    assert len(list(kept.iterdir())) == 1
    again = verify(["V1", "V2"], cached=True)
    assert again.kept == ("V1",)
    assert again["V1"] == first["V1"]
    assert "1 kept" in again.text()
    assert verify(["V1"], cached=False).kept == ()


def test_what_a_claim_depends_on_is_found_through_imports_inside_functions_too():
    modules = cache.Sources().modules("proofs_checks.studies.quadratic_gain")
    assert {"proofs_checks.oracles.games", "proofs_checks.check", "theory.gain", "theory.two_types"} <= modules
    assert "theory" in modules
    assert not any(name.startswith("figures") for name in modules)


def test_the_key_covers_every_module_that_a_study_loads():
    """What is imported under names that only exist at run time, by running it in a fresh interpreter."""
    script = (
        "import sys\nfrom proofs_checks.verify import examine_label\n"
        "assert examine_label('V4').sound\nprint(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = {name for name in done.stdout.split() if name.split(".")[0] in cache.PACKAGES}
    assert loaded <= Recorded().covered("V4")


class Recorded(cache.Sources):
    """Sources that remember which of them were asked for."""

    def covered(self, label):
        self.key(label)
        return set(self._texts)


class Changed(cache.Sources):
    """Sources in which one module is another."""

    def __init__(self, module):
        super().__init__()
        self.module = module

    def text(self, module):
        return super().text(module) + ("#" if module == self.module else "")


def test_a_changed_source_or_version_changes_the_key(monkeypatch):
    before = {label: cache.Sources().key(label) for label in STUDIES}
    assert len(set(before.values())) == len(STUDIES)

    def changed(module):
        sources = Changed(module)
        return {label for label in STUDIES if sources.key(label) != before[label]}

    assert "S13" in changed("theory.size_game")
    assert "T6" not in changed("theory.size_game")
    assert "S8" in changed("proofs_checks.derivations.critical")
    assert changed("proofs_checks.check") == set(STUDIES)
    monkeypatch.setattr(cache, "versions", lambda: {"sympy": "0"})
    assert all(cache.Sources().key(label) != before[label] for label in STUDIES)


DAMAGED = {
    "empty": "", "half": "{", "list": "[]", "little": '{"label": "V1"}', "null": "null", "deep": "[" * 100_000,
    "no text": "\udcff",
}  # fmt: skip


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_file_is_no_result(kept, quick, content):
    verify(["V1"], cached=True)
    (path,) = kept.iterdir()
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    key = cache.Sources().key("V1")
    assert cache.load("V1", key) is None
    assert verify(["V1"], cached=True).kept == ()
    assert cache.load("V1", key) is not None


def test_the_result_of_another_claim_is_none(kept, quick):
    verify(["V1"], cached=True)
    (path,) = kept.iterdir()
    path.rename(kept / f"V2-{cache.Sources().key('V2')}.json")
    assert verify(["V2"], cached=True).kept == ()


def test_what_failed_is_not_kept_and_removes_what_was(kept, quick):
    assert verify(["V1"], keep=True).ok
    assert len(list(kept.iterdir())) == 1
    quick.add("V1")
    assert not verify(["V1"], keep=True).ok
    assert list(kept.iterdir()) == []


def test_a_file_that_changes_meanwhile_is_no_reason_to_keep_anything(kept, quick, monkeypatch):
    keys = iter(["before", "after"])
    monkeypatch.setattr(cache.Sources, "key", lambda self, label: next(keys))
    assert verify(["V1"], keep=True).ok
    assert not kept.exists()


def test_a_folder_that_cannot_be_written_keeps_nothing_and_stops_nothing(tmp_path, quick, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("EXITJOIN_CACHE", str(tmp_path / "file" / "cache"))
    assert verify(["V1"], cached=True).ok


def test_several_processes_find_the_same():
    one, two = verify(["V4", "S11"]), verify(["V4", "S11"], workers=2)
    for a, b in zip(one.results, two.results, strict=True):
        assert (a.label, a.verdict, a.scope) == (b.label, b.verdict, b.scope)
        assert [e.certificates for e in a.evidence] == [
            tuple(json.loads(json.dumps(c)) for c in e.certificates) for e in b.evidence
        ]
        assert [m.counterexample for m in a.mutants] == [m.counterexample for m in b.mutants]


def test_a_process_that_dies_leaves_its_claims_open(monkeypatch):
    from proofs_checks import workers

    def dead():
        return subprocess.Popen(
            [sys.executable, "-c", "raise SystemExit(3)"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    monkeypatch.setattr(workers, "_start", dead)
    report = verify(["V1", "V2"], workers=2)
    assert not report.ok
    assert all("ended (exit code 3)" in result.reason for result in report.results)


def test_only_the_claim_of_a_killed_process_stays_open(monkeypatch):
    from proofs_checks import workers

    true, started = workers._start, []

    def start():
        started.append(len(started))
        process = true()
        if started[0] is not None and started.pop() == 0:
            process.kill()
            process.wait()
            started.insert(0, None)
        return process

    monkeypatch.setattr(workers, "_start", start)
    report = verify(["V1", "V4", "S11"], workers=2)
    assert sum(result.sound for result in report.results) == 2


def test_what_a_worker_prints_is_no_answer(monkeypatch):
    from proofs_checks import workers

    def noisy():
        program = "print('0', flush=True); print('{}', flush=True); input()"
        return subprocess.Popen([sys.executable, "-c", program], stdin=-1, stdout=-1, text=True)

    monkeypatch.setattr(workers, "_start", noisy)
    assert not verify(["V1", "V2"], workers=2).ok


def test_workers_import_from_where_the_caller_does(tmp_path, monkeypatch):
    for package in ("theory", "proofs_checks"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text("raise RuntimeError('another folder')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [path for path in sys.path if path not in ("", str(tmp_path))])
    assert verify(["V4", "S11"], workers=2).ok


@pytest.mark.parametrize("workers", [0, -1, 1.5, True, "two"])
def test_workers_are_a_number(workers):
    with pytest.raises(InputError, match="workers"):
        verification.verify(["V1"], workers=workers)
