"""The command line: one file a command."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType
from typing import NoReturn

from backtest.seldom import collect_seldom

INTERRUPTED = 130
HELP = "NoArgsIsHelpError"
"""Not an error: a group of commands called by its name alone shows its help."""


def main() -> NoReturn:
    """Run a command; a user's mistake is one message, never a traceback. 0 good, 1 run failed, 2 bad input."""
    collect_seldom()
    signal.signal(signal.SIGTERM, _stop)  # so that a half-written folder is removed on the way out
    try:
        code = _run()
        sys.stdout.flush()  # here, where a reader that has gone away is not a fault yet
    except KeyboardInterrupt:
        print("interrupted; nothing was kept", file=sys.stderr)
        code = INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left to flush goes nowhere
        code = 1  # as typer answers when the pipe breaks earlier
    sys.exit(code)


def _run() -> int:
    """Run the command of `sys.argv` and return its exit code."""
    # Imported here: an interrupt while they load is an interrupt as any other.
    from typer import Abort

    from backtest.cli.app import app
    from backtest.cli.mistakes import told
    from backtest.errors import BacktestError

    try:
        code = int(app(prog_name="backtest", standalone_mode=False) or 0)
    except BacktestError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    except Abort:
        code = INTERRUPTED
    except Exception as error:  # a wrong option or argument, if it looks like one
        if not callable(getattr(error, "show", None)):
            raise
        if type(error).__name__ == HELP:
            error.show()  # type: ignore[attr-defined]
        else:
            print(f"error: {told(error)}", file=sys.stderr)
        code = 2
    if code == INTERRUPTED:  # typer swallows the interrupt itself
        raise KeyboardInterrupt
    return code


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
