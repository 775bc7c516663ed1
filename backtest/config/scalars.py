"""Which unquoted words are numbers, true, false or nothing, and which are text.

YAML 1.1, which PyYAML follows, makes booleans of `on`, `off`, `yes`, `no`, dates of `2013-01-01`, 754 of `12:34`, text
of `1e-4` and octal numbers of `0700`. Here words mean what the core schema of YAML 1.2 says, except that digits may
be grouped (`1_000_000`) and that a number with a leading zero is text, because it is a stock code. Reading and
writing share this table, so that what is written reads back the same.
"""

from __future__ import annotations

import re

import yaml

NULL, BOOL, INT, FLOAT, TEXT = (f"tag:yaml.org,2002:{kind}" for kind in ("null", "bool", "int", "float", "str"))

_DIGITS = r"[0-9](?:_?[0-9])*"
_WORDS: tuple[tuple[str, str, str], ...] = (
    (NULL, r"~|null|Null|NULL|", "~nN"),
    (BOOL, r"true|True|TRUE|false|False|FALSE", "tTfF"),
    (INT, r"[-+]?(?:0|[1-9](?:_?[0-9])*)", "-+0123456789"),
    (
        FLOAT,
        rf"[-+]?(?:(?:{_DIGITS}\.(?:{_DIGITS})?|\.{_DIGITS})(?:[eE][-+]?[0-9]+)?|{_DIGITS}[eE][-+]?[0-9]+)"
        r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        "-+.0123456789",
    ),
)


class CoreWords(yaml.resolver.BaseResolver):
    """Holds the table in the form that PyYAML's loaders and dumpers take."""


for _tag, _pattern, _first in _WORDS:
    CoreWords.add_implicit_resolver(
        _tag, re.compile(rf"(?:{_pattern})\Z"), ["", *_first] if _tag == NULL else list(_first)
    )


def scalar_value(tag: str, text: str) -> str | int | float | bool | None:
    """Return what a scalar with that tag says; ValueError when the text does not fit the tag."""
    if tag == NULL:
        return None
    if tag == BOOL:
        return {"true": True, "false": False}[text.lower()]
    if tag == INT:
        return int(text)
    if tag == FLOAT:
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    return text
