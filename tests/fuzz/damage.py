"""Damaged files: valid scenarios, sweeps and logs, and what can happen to them, from a number."""

import random
import re
from collections.abc import Callable
from pathlib import Path

SCENARIOS = Path(__file__).parents[2] / "scenarios"

RICH = """title = "Every kind of key"
[model]
opinions = [0.1, -1.2, 0.7, 0.3]
performance = "3 - (u - 1/3)**2"
switching_cost = {base = 0.01, exit = {per_agent = [0.1, 0.2, 0.3, 0.4]}, entry = 0.1, between = [[0, 1], [2, 0]]}
scale = "s**1.5"
influence = {family = "general", matrix = [[1, 0, 0, 0], [0.5, 0.5, 0, 0], [0, 0, 1, 0], [0, 0, 0.25, 0.75]]}
acceptance = {rule = "adaptive", of = "aggregate", threshold = "0.01*(1 + entries)", memory = 0.5}
stubbornness = [0.0, 0.5, 0.0, 1.0]
innate_opinions = [0.0, 1.0, 2.0, 3.0]
[run]
seed = 3
structure = [[0, 1], [2], [3]]
schedule = {rule = "logit", temperature = 0.01}
tactical_steps = 7
max_steps = 100
samples = 4
[experiment]
runs = 30
"""
VECTORS = """[model]
opinions = [[0.1, 2.0], [-1.2, 0.5], [0.7, 0.0]]
performance = "-u1**2 - exp(u2)*tanh(u1)"
influence = {family = "weighted", weights = [1, 2, 1]}
[run]
schedule = "round robin"
tactical_steps = inf
"""
SWEEP = """title = "A sweep"
[model]
opinions = {distribution = "normal", agents = 10, mean = 0.0, sd = 1.0, dimension = 1}
performance = "-u**2"
influence = {family = "lazy", rate = 0.5}
acceptance = {rule = "unanimous", threshold = 0.0}
discount = 0.9
[run]
seed = 0
max_steps = 200
[over]
switching_cost = {from = -0.05, to = 0.5, points = 200}
"influence.rate" = {from = 0.001, to = 1.0, points = 31, spacing = "logarithmic"}
"acceptance.threshold" = [0.0, 0.05, 0.1]
"opinions.agents" = {from = 5, to = 25, points = 5}
schedule = ["random", "best response", {rule = "logit", temperature = 0.01}]
[sweep]
runs = 100
coarse = 8
quantities = ["regime", "moves"]
"""
SWEEP_OF_LISTS = """scenario = "published_unimodal"
[model]
opinions = [0.5, 0.2, -3.5]
acceptance = "majority"
[over]
performance = ["-u**2", "-(u**2 - 1)**2"]
spread = [0.1, 1.0]
theta = [0, 1]
"opinions[2]" = [0.1, 0.2]
acceptance = ["open", {rule = "capacity", members = 3}]
structure = [[[0, 1, 2]], [[0], [1], [2]]]
[sweep]
runs = 3
"""
LONG = """group;agent;round;opinion;truth
a;1;1;0.5;1
a;2;1;0.25;1
a;1;2;0.5;
b;1;1;-3e-2;0
b;1;10;NA;0
b;"x;y";2;1e3;0
"""


def files(kind: str) -> list[bytes]:
    """Return the valid files of one kind: "scenario", "sweep", "wide" or "long"."""
    packaged = {"scenario": "[!s]*.toml", "sweep": "sweep_*.toml", "wide": "*.csv", "long": ""}[kind]
    own = {"scenario": [RICH, VECTORS], "sweep": [SWEEP, SWEEP_OF_LISTS], "wide": [], "long": [LONG]}[kind]
    found = sorted(SCENARIOS.glob(packaged)) if packaged else []
    return [path.read_bytes() for path in found] + [text.encode() for text in own]


KINDS = ("scenario", "sweep", "wide", "long")
VALID = {kind: files(kind) for kind in KINDS}

TOKEN = re.compile(rb"\w+|\s|[^\w\s]")
NUMBER = re.compile(rb"-?\d+(?:\.\d+)?(?:e-?\d+)?")
EXTREMES = [
    b"0", b"-0.0", b"-1", b"1e308", b"1e309", b"-1e-320", b"nan", b"-inf", b"inf", b"true", b"2.0", b"0.5", b"1_0",
    b"9223372036854775807", b"9223372036854775808", b"-9223372036854775809", b"1000000", b"10000000", b"1000000000",
    b"9" * 400, b"9" * 5000, b"0x" + b"f" * 300, b"1e", b"0b1", b"1979-05-27", b"07:32:00", b"1.", b".5", b"+1",
    b"1e400",
]  # fmt: skip
VALUES = [
    b'""', b'"a"', b"'\\x00'", b'"\\u0000"', b'"\\ud800"', "'🙂é\u202e'".encode(), b"[]", b"[[]]", b"{}", b"{a = 1}",
    b"[1, 'a']", b"[[1], [1, 2]]", b"[nan]", b"[1e308, -1e308]", b"{a = {b = []}}", b"[{}]", b'"9**9**9"', b'"((((("',
    b'"1/(u-u)"', b'"log(u)"', b'"exp(exp(exp(u)))"', b'"u.__class__"', b'"u1*u2"',
    b"{family = 'network', edges = [[0, 1]]}", b"{rule = 'capacity', members = 1}",
    b"{distribution = 'normal', agents = 1000000}", b"{from = 0, to = 1, points = 100000}",
    b"{from = 1e-300, to = 1e300, points = 3, spacing = 'logarithmic'}", b'"uniform"', b'"random"', b'"unanimous"',
    b'"' + b"u+" * 600 + b'u"', b'"' + b"(" * 90 + b"u" + b")" * 90 + b'"',
    b'"' + b"tanh(" * 40 + b"u" + b")" * 40 + b'"', b'"(u1+u2+u3+u4+u5+u6+u7+u8)**32"',
    b'"' + b"*".join(b"(u+sqrt(%d))" % i for i in range(2, 40)) + b'"',
]  # fmt: skip
PIECES = [
    b"\x00", b"\xff", b"\xef\xbb\xbf", b"\r\n", b"\r", b"\n\n", "🙂".encode(), "é".encode(), "\u2028".encode(), b"#",
    b'"', b"'", b'"""', b"[", b"]", b"[[", b"]]", b"{", b"}", b"=", b",", b";", b"\t", b".", b"**", b"__class__",
    b"NA", b"\x1a", b"\x85", b"\xed\xa0\x80", b"a.b.c = 1\n", b"[over]\n", b"[model]\n", b"[run.x]\n", b"[[model]]\n",
]  # fmt: skip


def damaged(kind: str, seed: int) -> bytes:
    """Return a valid file of a kind with one to four things done to it."""
    chance = random.Random(f"{kind} {seed}")
    data = chance.choice(VALID[kind])
    for _ in range(chance.choice([1, 1, 2, 3, 4])):
        data = chance.choice(DAMAGES)(data, chance, kind)
    return data


def _flip(data: bytes, chance: random.Random, _: str) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 3)):
        if changed:
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _tokens(data: bytes, chance: random.Random, _: str) -> bytes:
    """Swap two tokens, or delete, double or move some."""
    tokens = TOKEN.findall(data)
    if len(tokens) < 2:
        return data
    i, j = sorted(chance.sample(range(len(tokens)), 2))
    match chance.randrange(4):
        case 0:
            tokens[i], tokens[j] = tokens[j], tokens[i]
        case 1:
            del tokens[i : i + chance.randint(1, 4)]
        case 2:
            tokens[i:i] = tokens[i : i + chance.randint(1, 4)]
        case 3:
            tokens[j:j] = [tokens.pop(i)]
    return b"".join(tokens)


def _lines(data: bytes, chance: random.Random, _: str) -> bytes:
    """Delete, double or move a line: a key, a table, a row."""
    lines = data.splitlines(keepends=True)
    if not lines:
        return data
    line = lines.pop(chance.randrange(len(lines)))
    for _ in range(chance.randrange(3)):
        lines.insert(chance.randint(0, len(lines)), line)
    return b"".join(lines)


def _number(data: bytes, chance: random.Random, _: str) -> bytes:
    return _replaced(data, NUMBER, chance.choice(EXTREMES), chance)


def _value(data: bytes, chance: random.Random, kind: str) -> bytes:
    """Another value behind a key, or in a cell."""
    value = chance.choice(VALUES + EXTREMES)
    if kind in ("wide", "long"):
        return _replaced(data, re.compile(rb"[^,;\n]+"), value, chance)
    return _replaced(data, re.compile(rb"(?<== )[^=\n]+"), value, chance)


def _text(data: bytes, chance: random.Random, _: str) -> bytes:
    """Another expression, name or title between quotes."""
    return _replaced(data, re.compile(rb'"[^"\n]*"'), chance.choice([v for v in VALUES if v[:1] == b'"']), chance)


def _replaced(data: bytes, pattern: re.Pattern[bytes], new: bytes, chance: random.Random) -> bytes:
    found = list(pattern.finditer(data))
    if not found:
        return data
    at = chance.choice(found)
    return data[: at.start()] + new + data[at.end() :]


def _insert(data: bytes, chance: random.Random, _: str) -> bytes:
    at = chance.randint(0, len(data))
    return data[:at] + chance.choice(PIECES) + data[at:]


def _nest(data: bytes, chance: random.Random, _: str) -> bytes:
    """Brackets around something, deep."""
    opening, closing = chance.choice([(b"[", b"]"), (b"{a = ", b"}"), (b"(", b")"), (b'"', b'"'), (b"a.", b"")])
    depth = chance.choice([1, 2, 10, 100, 1000, 20_000])
    found = list(TOKEN.finditer(data))
    if not found:
        return data
    at = chance.choice(found)
    return data[: at.start()] + opening * depth + at[0] + closing * depth + data[at.end() :]


def _repeat(data: bytes, chance: random.Random, _: str) -> bytes:
    """A piece many times over, up to a megabyte now and then."""
    if not data:
        return data
    i = chance.randrange(len(data))
    piece = data[i : i + chance.choice([1, 2, 5, 20, 100])]
    most = chance.choice([100, 100, 1000, 1000, 10_000, 1_000_000 if chance.random() < 0.05 else 100])
    return data[:i] + piece * max(1, most // len(piece)) + data[i:]


def _truncate(data: bytes, chance: random.Random, _: str) -> bytes:
    i, j = sorted((chance.randint(0, len(data)), chance.randint(0, len(data))))
    return chance.choice([data[:j], data[i:], data[:i] + data[j:]])


def _splice(data: bytes, chance: random.Random, kind: str) -> bytes:
    """Lines of another file among those of this one."""
    others = chance.choice(VALID[chance.choice([kind, *KINDS])]).splitlines(keepends=True)
    lines = data.splitlines(keepends=True)
    i, j = chance.randrange(len(others)), chance.randint(0, len(lines))
    return b"".join([*lines[:j], *others[i : i + chance.randint(1, 4)], *lines[j:]])


def _newlines(data: bytes, chance: random.Random, _: str) -> bytes:
    return data.replace(b"\n", chance.choice([b"\r\n", b"\r", b"\n\n", b"", b" ", "\u2028".encode()]))


def _encoding(data: bytes, chance: random.Random, _: str) -> bytes:
    """As other programs save text."""
    text = data.decode("utf-8", "replace")
    return chance.choice([
        lambda: b"\xef\xbb\xbf" + data, lambda: text.encode("utf-16", "replace"),
        lambda: text.encode("cp1252", "replace"), lambda: data.replace(b",", b";"),
        lambda: data.replace(b".", b","), lambda: data.upper(), lambda: data[::-1],
    ])()  # fmt: skip


DAMAGES: list[Callable[[bytes, random.Random, str], bytes]] = [
    _flip, _tokens, _tokens, _lines, _number, _number, _value, _value, _text, _insert, _insert, _nest, _repeat,
    _truncate, _splice, _newlines, _encoding,
]  # fmt: skip
