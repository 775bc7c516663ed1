"""How fast, and in how much memory, prices larger than memory pass through: a billion asset-bars of 500 columns.

`python -m benchmarks --stream [MILLIONS]`; fewer millions measure less, and what the disk has no room for is left out.
Each run has a process of its own, so that its largest memory is its own; what it simulates first, to have everything
compiled, is a file of one row group.
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

import backtest
from backtest.market.stream.files import stream_market
from benchmarks.timing import Row, Section, digits, must
from benchmarks.workload import COSTS

ASSETS, GROUP, MILLION = 500, 20_000, 1_000_000
MILLIONS = 1_000
EVERY = 5 * 390  # rows between decisions: a week of minutes
STEP = 0.0005  # deviation of a minute's return
MOST_NS, MOST_GB = 10.0, 1.5
BYTES_A_CELL = 8.2  # random doubles that snappy cannot press
FREE = 10e9  # bytes of disk that are left alone
OHLCV = ("open", "high", "low", "close", "volume")
LAYOUTS: dict[str, tuple[str, ...]] = {"closes": ("close",), "OHLCV, stops declared": OHLCV}
TEXT = f"""Minutes of {ASSETS} assets in Parquet (float64, snappy, row groups of {GROUP:,} rows, a file a field), in
`backtest.simulate(backtest.stream_market(…), …)` with equal weights every {EVERY:,} rows, 10 bps. The time holds the
reading, which a second thread does; the file may be in the cache of the system. Memory is the most that the process
ever had. On {GROUP:,} rows the equity has the bits of the market in one piece. {{said}}"""


def measure(millions: int = MILLIONS) -> Section:
    """Time closes, and all five fields, as far as the disk has room for them."""
    rows: list[Row] = []
    said: list[str] = []
    with tempfile.TemporaryDirectory(prefix="barwake-stream-") as name:
        folder = Path(name)
        small = _written(folder / "small", GROUP, OHLCV)
        for label, fields in LAYOUTS.items():
            must(_alike(small, fields), f"{label}: a stream and one piece differ")
            n_rows = _room(folder, millions * MILLION // ASSETS, len(fields))
            if n_rows < millions * MILLION // ASSETS:
                said.append(f"{label}: the disk has room for {n_rows * ASSETS / MILLION:,.0f} million.")
            large = _written(folder / "large", n_rows, fields)
            rows.append(_row(label, n_rows * ASSETS, _in_a_process(small, large, fields)))
            shutil.rmtree(folder / "large")
    text = TEXT.format(said=" ".join(said)).strip()
    return Section("Prices larger than memory", text, ("memory",), rows, ("an asset-bar", "in all"))


def _row(label: str, cells: int, found: dict[str, float]) -> Row:
    nanoseconds, memory = found["seconds"] / cells * 1e9, found["bytes"] / 1e9
    promised = label == "closes"
    return Row(
        f"{label}, {cells / MILLION:,.0f} million asset-bars",
        said=f"{digits(nanoseconds)} ns",
        range=f"{digits(found['seconds'])} s",
        ratios=(f"{digits(memory)} GB",),
        promise=f"≤ {MOST_NS:g} ns, < {MOST_GB} GB" if promised else "",
        kept=not promised or (nanoseconds <= MOST_NS and memory < MOST_GB),
    )


def _room(folder: Path, wanted: int, n_fields: int) -> int:
    """Return how many rows the disk has room for, a whole number of groups."""
    there = int((shutil.disk_usage(folder).free - FREE) / (BYTES_A_CELL * ASSETS * n_fields))
    return max(GROUP, min(wanted, there)) // GROUP * GROUP


def _written(folder: Path, n_rows: int, fields: tuple[str, ...]) -> Path:
    """Write the fields of a made market, group by group."""
    folder.mkdir()
    names = [f"S{k:03}" for k in range(ASSETS)]
    schema = pa.schema([pa.field(name, pa.float64()) for name in names])
    writers = {
        field: pq.ParquetWriter(folder / f"{field}.parquet", schema, compression="snappy", use_dictionary=False)
        for field in fields
    }
    for block in _blocks(n_rows):
        for field, writer in writers.items():
            columns = [pa.array(column) for column in np.ascontiguousarray(block[field].T)]
            writer.write_table(pa.Table.from_arrays(columns, names), row_group_size=GROUP)
    for writer in writers.values():
        writer.close()
    return folder


def _blocks(n_rows: int) -> Iterator[dict[str, NDArray[np.float64]]]:
    """Give a random walk from a seed, with a bar around each close."""
    rng = np.random.default_rng(7)
    last = np.full(ASSETS, 100.0)
    noise = rng.normal(0.0, STEP, (GROUP + ASSETS, ASSETS))
    for first in range(0, n_rows, GROUP):
        shift = first // GROUP % ASSETS  # the same noise, another part of it: drawing a billion numbers takes minutes
        close = last * np.exp(np.cumsum(noise[shift : shift + min(GROUP, n_rows - first)], axis=0))
        opened = np.vstack((last, close[:-1]))
        last = close[-1]
        span = np.maximum(opened, close), np.minimum(opened, close)
        yield {"open": opened, "high": span[0] * 1.0001, "low": span[1] * 0.9999, "close": close, "volume": close * 1e4}


def _simulated(market: Any, n_rows: int, fields: tuple[str, ...]) -> Any:
    """Equal weights every week; with highs and lows, and stops to look for in them."""
    rows = np.arange(0, n_rows, EVERY)
    targets = rows, np.full((len(rows), ASSETS), 0.98 / ASSETS)
    exits = {"stop": 0.02} if "high" in fields else None
    execution = {"fill": "next_open" if "open" in fields else "next_close"}
    return backtest.simulate(market, targets, costs=COSTS, execution=execution, exits=exits)


def _alike(folder: Path, fields: tuple[str, ...]) -> bool:
    """Whether a stream and the market in one piece give the same bits."""
    files = {field: folder / f"{field}.parquet" for field in fields}
    whole = {field: pq.read_table(file).to_pandas() for field, file in files.items()}
    one, other = (_simulated(market, GROUP, fields) for market in (whole, stream_market(**files)))
    return bool(one.equity.tobytes() == other.equity.tobytes() and one.fills.tobytes() == other.fills.tobytes())


def _in_a_process(small: Path, large: Path, fields: tuple[str, ...]) -> dict[str, float]:
    """Time a run in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.stream", str(small), str(large), *fields]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found: dict[str, float] = json.loads(said.splitlines()[-1])
    return found


def _timed(small: Path, large: Path, fields: tuple[str, ...]) -> dict[str, float]:
    """Simulate a small market, so that everything is there, and then the large one."""
    for folder in (small, large):
        market = stream_market(**{field: folder / f"{field}.parquet" for field in fields})
        start = time.perf_counter()
        result = _simulated(market, market.n_rows, fields)
        seconds = time.perf_counter() - start
        must(np.isfinite(result.equity).all() and len(result.fills) > ASSETS, f"{folder}: nothing was traded")
    return {"seconds": seconds, "bytes": _peak_bytes()}


def _peak_bytes() -> float:
    """Return the most memory that this process had; `getrusage` alone would tell that of the one it was made by."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(each for each in status.read_text(encoding="ascii").splitlines() if each.startswith("VmHWM"))
        return float(line.split()[1]) * 1024
    return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


if __name__ == "__main__":
    print(json.dumps(_timed(Path(sys.argv[1]), Path(sys.argv[2]), tuple(sys.argv[3:]))))
