"""`backtest schema`."""

from __future__ import annotations


def command() -> None:
    """Print the JSON Schema of configurations, for editors."""
    # Imported here: `backtest --help` needs none of it.
    from backtest.config import schema_text

    print(schema_text(), end="")
