"""The file of the trial register: a line comes back as it went, and a damaged one is named."""

from __future__ import annotations

import json
import zlib

import pytest

from backtest.workspace.append import append_line
from backtest.workspace.trials import Register, parsed, written

from .trials_made import made


def test_a_line_comes_back_as_it_went(register: Register) -> None:
    undefined = made(2, sharpe=None, skewness=None, kurtosis=None, bars_per_year=None, name="näme\u2028")
    assert register.add(made(1))
    assert register.add(undefined)
    assert register.read() == type(register.read())((made(1), undefined), ())
    assert len(register.file.read_bytes().split(b"\n")) == 3


def test_the_same_key_adds_no_line(register: Register) -> None:
    assert [register.add(made(k)) for k in (1, 2, 1)] == [True, True, False]
    assert len(register.read().trials) == 2


def test_of_lines_with_one_key_the_first_holds(register: Register) -> None:
    """Two come about where there are no locks."""
    register.add(made(1))
    append_line(register.file, written(made(1, name="later")))
    assert register.read().trials == (made(1),)


def test_no_register_yet_is_an_empty_one(register: Register) -> None:
    assert register.read().trials == ()
    assert not register.file.parent.exists()


def test_it_stays_out_of_git(register: Register) -> None:
    register.add(made(1))
    assert (register.file.parent / ".gitignore").read_text() == "*\n"


DAMAGE = {
    "torn": (lambda line: line[: len(line) // 2], "cut short"),
    "digit": (lambda line: line.replace(b"0.05", b"0.06"), "altered"),
    "zeros": (lambda line: bytes(len(line)), "cut short"),
    "bytes": (lambda line: b"\xff\xfe" + line[2:], "altered"),
    "nonsense": (lambda _: b"[]", "cut short"),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_line_is_named_and_left_out(register: Register, kind: str) -> None:
    damage, said = DAMAGE[kind]
    for number in range(4):
        register.add(made(number))
    content = register.file.read_bytes().split(b"\n")
    content[1] = damage(content[1])
    register.file.write_bytes(b"\n".join(content))
    reading = register.read()
    assert reading.trials == (made(0), made(2), made(3))
    assert len(reading.problems) == 1
    assert reading.problems[0].startswith(f"{register.file}:2: {said}")
    assert register.add(made(1)), "what was lost can be entered again"
    assert len(register.read().trials) == 4


def test_a_line_behind_one_that_was_cut_short_is_whole(register: Register) -> None:
    register.add(made(1))
    with register.file.open("ab") as file:
        file.write(written(made(2))[:50])
    register.add(made(3))
    reading = register.read()
    assert reading.trials == (made(1), made(3))
    assert [problem.split(":")[1] for problem in reading.problems] == ["2"]


def test_a_line_of_another_version_is_named(register: Register) -> None:
    line = written(made(1))
    body = line[: line.rindex(b',"check"')].replace(b'"observations":120', b'"observations":"many"')
    register.add(made(2))
    append_line(register.file, body + b',"check":"%08x"}' % zlib.crc32(body))
    reading = register.read()
    assert reading.trials == (made(2),)
    assert "written by another version ($.observations" in reading.problems[0]


def test_lines_are_json_on_their_own() -> None:
    line = json.loads(written(made(1)))
    assert line["key"] == made(1).key
    assert line["sharpe"] == 0.05
    assert parsed(written(made(1))) == made(1)
