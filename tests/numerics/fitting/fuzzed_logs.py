"""Damaged logs: files that are almost a log, and files that are nothing like one."""

from random import Random

WIDE = "group,agent,r1,r2,truth\na,Ann,0.1,0.2,0.5\na,Bob,0.3,,0.5\nb,Ann,NA,0.4,1\n\nb,Cid,0.25,1e-3,1\n"
LONG = "group;agent;round;opinion\na;Ann;1;0.1\na;Bob;1;0.3\na;Ann;2;0.2\nb;Ann;10;-4\n"
TOKENS = [
    b"", b",", b";", b"\t", b'"', b'""', b"\n", b"\r", b"\r\n", b"\0", b"\xff", b"\xef\xbb\xbf", b"nan", b"-inf",
    b"inf", b"1e999", b"1e300", b"0x10", b"1_0", b"1,5", b"NA", b" ", b"group", b"Ann", b"a", b"1", b"--1", b"\xd9\xa1",
    b"9" * 400, b"a" * 140_000, b'"' * 50, b"\n" * 100, b"," * 1000, b"\xe2\x80\xa8", b"\x0b", b"\x1c", b"\x85",
]  # fmt: skip


def damaged(seed: int) -> tuple[bytes, dict[str, object]]:
    """Return the bytes of a file and the arguments to read it with."""
    draw = Random(seed)
    wide = draw.random() < 0.5
    data = bytearray((WIDE if wide else LONG).encode())
    for _ in range(draw.choice([0, 1, 1, 2, 3, 8, 30])):
        at = draw.randrange(len(data) + 1)
        kind = draw.randrange(5)
        if kind == 0:
            data[at:at] = draw.choice(TOKENS)
        elif kind == 1:
            del data[at : at + draw.choice([1, 1, 5, 50])]
        elif kind == 2:
            data[at:at] = bytes(
                draw.randrange(draw.choice([128, 128, 128, 256])) for _ in range(draw.choice([1, 2, 20]))
            )
        elif kind == 3:
            lines = bytes(data).splitlines(keepends=True) or [b""]
            data = bytearray(b"".join([*lines, draw.choice(lines)]))
        else:
            data = bytearray(bytes(data).replace(draw.choice(TOKENS) or b"a", draw.choice(TOKENS), 3))
        data = data[:1_000_000]
    names = ["group", "agent", "r1", "r2", "truth", "round", "opinion", "absent", "", "0.1"]
    arguments: dict[str, object] = {"rounds": ["r1", "r2"]} if wide else {"round": "round"}
    if wide and draw.random() < 0.5:
        arguments["truth"] = "truth"
    if draw.random() < 0.1:
        arguments[draw.choice(["group", "agent", "item", "truth", "value", "round"])] = draw.choice(names)
    return bytes(data), arguments
