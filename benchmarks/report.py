"""How long does a report take: the page and its pictures, beside quantstats on the same ten years."""

from __future__ import annotations

import logging
import tempfile
import warnings
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pandas as pd

import backtest
from backtest.report import DEFAULT_FIGURES, FIGURES, build
from benchmarks.timing import Row, Section, Times, digits, interleaved, must, times_as_long

ROOT = Path(__file__).parents[1]
ROUNDS = 7
PAGE, WITH_FOUR, WITH_ALL = 0.2, 1.0, 1.75  # times quantstats' page
MOST_BYTES = 1_000_000
TEXT = f"""The quickstart: 20 assets, ten years of days, a benchmark. Ours is drawn from the run folder alone, reading
it included; the page has interactive charts and every table, pictures are PNG at twice the usual resolution. quantstats
gets both series of returns ready made and writes its HTML report. Everything was imported, and each was drawn once,
before anything was timed. The page has at most {MOST_BYTES // 1_000_000} MB."""
HTML, FOUR, ALL, PEER = "page", "page and four", "page and all", "quantstats"


def measure() -> Section:
    """Time ours in three sizes, and quantstats where it is installed."""
    with tempfile.TemporaryDirectory() as reports:
        folder = simulated(Path(reports))
        actions = ours(folder)
        if find_spec("quantstats"):
            actions[PEER] = quantstats(folder, Path(reports) / "peer.html")
        times = interleaved(actions, ROUNDS)
        size = (folder / "report.html").stat().st_size
    must(size <= MOST_BYTES, f"the page has {size:,} bytes; at most {MOST_BYTES:,}")
    return Section("Reports", TEXT, ("times quantstats",), rows(times, size))


def rows(times: dict[str, Times], size: int) -> list[Row]:
    """Each size against its promise; without quantstats there is nothing to compare with."""
    wanted = (
        (HTML, f"the page ({size / 1e6:.2f} MB)", PAGE, "the HTML report of a run"),
        (FOUR, f"the page and {len(DEFAULT_FIGURES)} pictures", WITH_FOUR, ""),
        (ALL, f"the page and all {len(FIGURES)} pictures", WITH_ALL, ""),
    )
    peer = times.get(PEER)
    found = []
    for name, what, most, brief in wanted:
        share = None if peer is None else times[name].over(peer)
        compared = "" if share is None else times_as_long(share)
        found.append(Row(what, times[name], ratios=(compared,), promise="" if share is None else f"≤ {digits(most)} ×",
                         kept=share is None or share <= most, brief=brief,
                         compared=f"{compared} quantstats" if compared else ""))  # fmt: skip
    if peer is not None:
        found.append(Row("quantstats, HTML with a benchmark", peer, ratios=("",)))
    return found


def simulated(reports: Path) -> Path:
    """Run the quickstart without a report; return its folder."""
    config = ROOT / "configs" / "quickstart.yaml"
    run = backtest.run(config, reports=reports, overrides=["report.html=false", "report.png=false"])
    return run.folder


def ours(folder: Path) -> dict[str, Callable[[], object]]:
    """The three sizes of our report."""

    def draw(figures: tuple[str, ...]) -> None:
        written = build(folder, figures=figures)
        must(len(written) == 1 + len(figures), f"{folder}: {len(written)} files")
        must(all(path.stat().st_size > 5_000 for path in written), f"{folder}: an empty file")

    return {
        HTML: lambda: draw(()),
        FOUR: lambda: draw(DEFAULT_FIGURES),
        ALL: lambda: draw(tuple(FIGURES)),
    }


def quantstats(folder: Path, page: Path) -> Callable[[], object]:
    """quantstats' full HTML report of the same returns against the same benchmark."""
    import quantstats as peer

    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)  # a missing Arial is told hundreds of times
    frame = pd.read_parquet(folder / "equity.parquet")
    days = pd.DatetimeIndex(frame["time"]).tz_localize(None).normalize()
    returns, benchmark = (pd.Series(frame[name].to_numpy(), days, name=name) for name in ("return", "benchmark_return"))

    def draw() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            peer.reports.html(returns, benchmark, output=str(page), title="quickstart")
        must(page.stat().st_size > 100_000, f"{page}: nothing was drawn")

    return draw
