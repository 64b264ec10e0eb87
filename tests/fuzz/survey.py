"""A survey of damaged files: what each reader makes of them, and how long it takes."""

import re
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from numerics.fitting.reading import read_opinions
from numerics.scenario import load_scenario
from numerics.sweeps.sweep_file import load_sweep_file
from theory.errors import ExitjoinError, InputError

from .damage import KINDS, VALID, damaged

MOST_SECONDS = 1.0
NAMES = {"scenario": "damaged.toml", "sweep": "damaged.toml", "wide": "damaged.csv", "long": "damaged.csv"}

# what a file may be told to have that it does not have: the keys that the docstrings of the readers show
KEYS = """
title model run experiment over sweep scenario opinions distribution agents mean sd dimension performance
switching_cost base exit entry bonus between per_agent per_coalition per_pair scale influence family rate weights
edges matrix self_weight memory lowest acceptance rule of threshold radius members stubbornness innate_opinions
discount seed structure schedule temperature tactical_steps max_steps samples switching_costs runs coarse
quantities from to points spacing theta
"""


@dataclass
class Survey:
    """What came of some files, and what should not have: crashes, errors without a place, and slow ones."""

    count: int = 0
    valid: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    slowest: tuple[float, str, int] = (0.0, "", 0)
    faults: list[tuple[str, int, str]] = field(default_factory=list)

    def add(self, kind: str, seed: int, folder: Path) -> None:
        """Damage a file and read it."""
        path = folder / NAMES[kind]
        data = damaged(kind, seed)
        path.write_bytes(data)
        self.count += 1
        fault = ""
        start = time.thread_time()
        try:
            read(kind, path)
            self.valid[kind] += 1
        except ExitjoinError as error:
            self.refused[kind] += 1
            if not names_its_place(kind, error, path, data):
                fault = f"names no place: {getattr(error, 'field', '')!r}: {str(error)[:200]}"
        except Exception:
            fault = traceback.format_exc(limit=-4)
        seconds = time.thread_time() - start
        if seconds > self.slowest[0]:
            self.slowest = seconds, kind, seed
        if not fault and seconds > MOST_SECONDS:
            fault = f"takes {seconds:.2f} s"
        if fault:
            self.faults.append((kind, seed, fault))


def survey(seeds: Iterable[int]) -> Survey:
    """Read a damaged file of a kind for each seed, kinds in turn."""
    found = Survey()
    with tempfile.TemporaryDirectory() as folder:
        warm_up(Path(folder))
        for seed in seeds:
            found.add(KINDS[seed % len(KINDS)], seed, Path(folder))
    return found


def warm_up(folder: Path) -> None:
    """Read the valid files: what is loaded and derived once is not the time of a file."""
    for kind in KINDS:
        for data in VALID[kind]:
            path = folder / NAMES[kind]
            path.write_bytes(data)
            read(kind, path)


def read(kind: str, path: Path) -> object:
    """Read a file as its kind; nothing in it is run."""
    if kind == "scenario":
        return load_scenario(path)
    if kind == "sweep":
        return load_sweep_file(path)
    if kind == "wide":
        rounds = ["response_1", "response_2", "response_3"]
        return read_opinions(path, agent="subject", rounds=rounds, item="question", truth="truth")
    return read_opinions(path, round="round", truth="truth")


def names_its_place(kind: str, error: ExitjoinError, path: Path, data: bytes) -> bool:
    """Whether an error is one line that names the file, a line of it, or a key that is in it or missing from it."""
    message = str(error)
    if not isinstance(error, InputError) or not error.field or "\n" in message or len(message) > 1000:
        return False
    if kind in ("wide", "long"):
        place = rf"{re.escape(path.name)}( header| line (\d+)(, column .+)?|)"
        match = re.fullmatch(place, error.field)
        return match is not None and (match[2] is None or 1 <= int(match[2]) <= 1 + len(re.split(rb"\r\n|\r|\n", data)))
    if error.field in ("scenario", "sweep") and error.given == str(path):
        return True
    text = data.decode("utf-8-sig")
    known = KEYS.split()
    keys = [quoted or bare for quoted, bare in re.findall(r'"([^"]*)"|([\w-]+)', error.field)]
    return bool(keys) and all(key.isdigit() or key in known or key in text for key in keys)
