"""`backtest warmup`."""

from __future__ import annotations

from time import perf_counter


def command() -> None:
    """Compile every kernel ahead, so that the first run does not wait."""
    # Imported here: `backtest --help` needs none of it.
    from backtest.kernels._jit import CACHE_DIRECTORY
    from backtest.simulate.warmup import warm_up

    start = perf_counter()
    warm_up()
    place = CACHE_DIRECTORY or "memory only: no cache directory can be written"
    print(f"ready in {perf_counter() - start:.1f} s; kept in {place}")
