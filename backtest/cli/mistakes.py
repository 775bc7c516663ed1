"""A wrong option or argument, told as every other mistake is: one line that says what, where and what is allowed."""

from __future__ import annotations

import re
from typing import Any

from backtest.errors import unknown

LIBRARY = "Value error, "
"""What the library that reads arguments puts before the words of an error."""

QUOTED = re.compile(r"'(.*?)'")


def told(error: Any) -> str:
    """Return the line for an error of the library that reads arguments.

    Typer brings its own copy of click's errors, or takes click's: so they are told apart by what they have.
    """
    context = getattr(error, "ctx", None)
    if context is None:
        return _said(error)
    where = context.command_path
    return f"{where}: {_unknown(error, context.command, context) or _said(error)}; `{where} --help` says more"


def _unknown(error: Any, command: Any, context: Any) -> str | None:
    """Return what is known where a name is not, and what was probably meant."""
    option, text = getattr(error, "option_name", None), error.format_message()
    if option is not None and text.startswith("No such option"):
        known = [name for each in command.get_params(context) for name in each.opts if name.startswith("--")]
        return unknown("option", option, known)
    if text.startswith("No such command") and (found := QUOTED.search(text)):
        return unknown("command", found[1], command.list_commands(context))
    return None


def _said(error: Any) -> str:
    """Return what the error says itself, and behind what is missing what it is for."""
    text = " ".join(error.format_message().split()).replace(LIBRARY, "").rstrip(".")
    about = getattr(getattr(error, "param", None), "help", None) if text.startswith("Missing") else None
    return f"{text[:1].lower()}{text[1:]}" + (f" ({about.rstrip('.')})" if about else "")
