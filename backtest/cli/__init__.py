"""The command line: one file a command."""

from __future__ import annotations

import signal
import sys
from types import FrameType
from typing import NoReturn

INTERRUPTED = 130


def main() -> NoReturn:
    """Run a command; a user's mistake is one message, never a traceback. 0 good, 1 run failed, 2 bad input."""
    from typer import Abort

    from backtest.cli.app import app
    from backtest.errors import BacktestError

    signal.signal(signal.SIGTERM, _stop)  # so that a half-written folder is removed on the way out
    try:
        sys.exit(app(standalone_mode=False) or 0)
    except BacktestError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, Abort):
        print("interrupted; nothing was kept", file=sys.stderr)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:
        # A wrong option or argument. Typer brings its own copy of click's errors, which can only be told by their form.
        if not callable(getattr(error, "show", None)):
            raise
        error.show()  # type: ignore[attr-defined]
        sys.exit(2)


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
