"""Run every benchmark, and write what came out into the documentation.

`python -m benchmarks` measures speed; `python -m benchmarks t1 compare` measures what these two files ask, and only
prints. `python -m benchmarks --calibration` simulates whether intervals and tests keep what they say, for twenty
minutes, and writes the table of docs/inference.md. `python -m benchmarks --stream` has a billion asset-bars pass
through memory, which takes minutes and 50 GB of disk, and writes the table of docs/data.md; `--stream 100` takes a
hundred million, and only prints.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks import (
    allocation,
    calibration,
    compare,
    compiling,
    hrp_experiment,
    metrics,
    orders,
    report,
    start,
    stream,
    t1,
    t2,
    wake,
)
from benchmarks.timing import Section

ROOT = Path(__file__).parents[1]
PAGE, INFERENCE, README = ROOT / "docs" / "benchmarks.md", ROOT / "docs" / "inference.md", ROOT / "README.md"
DATA = ROOT / "docs" / "data.md"
START, END = "<!-- {}:start -->", "<!-- {}:end -->"
CALIBRATION, STREAM = "--calibration", "--stream"
PACKAGES = (
    "barwake", "numpy", "pandas", "numba", "pyarrow", "scipy", "vectorbt", "PyPortfolioOpt", "skfolio", "Riskfolio-Lib",
    "quantstats",
)  # fmt: skip
QUESTIONS: tuple[Callable[[], Section], ...] = (
    t1.measure, t2.measure, orders.measure, wake.measure, start.measure, compiling.measure, allocation.measure,
    allocation.measure_engine, hrp_experiment.measure, report.measure, compare.measure, metrics.measure,
)  # fmt: skip


def main(arguments: Sequence[str]) -> int:
    """Measure, print and write; 1 when a promise is not kept, 2 when the arguments make no sense."""
    if arguments and set(arguments) <= set(named := questions()):
        return told([measured(measure()) for name in arguments for measure in named[name]])
    asks_stream = arguments[:1] == [STREAM] and all(each.isdigit() for each in arguments[1:]) and len(arguments) <= 2
    if arguments not in ([], [CALIBRATION]) and not asks_stream:
        expected = f"nothing, {CALIBRATION}, {STREAM} [MILLIONS] or any of {', '.join(questions())}"
        print(f"benchmarks: expected {expected}; received {' '.join(arguments)}", file=sys.stderr)
        return 2
    if asks_stream:
        sections = [measured(stream.measure(*map(int, arguments[1:])))]
        if len(arguments) == 1:
            write_between(DATA, "stream", f"{sections[0].text}\n\n{table(sections[0])}\n\n{conditions()}")
    elif arguments:
        sections = [measured(calibration.measure())]
        write_between(INFERENCE, "calibration", f"{sections[0].text}\n\n{table(sections[0])}")
    else:
        sections = [measured(measure()) for measure in QUESTIONS]
        PAGE.write_text(page(sections), encoding="utf-8")
        write_between(README, "benchmarks", summary(sections))
    return told(sections)


def questions() -> dict[str, list[Callable[[], Section]]]:
    """Return what is measured by the name of its file."""
    named: dict[str, list[Callable[[], Section]]] = {}
    for measure in QUESTIONS:
        named.setdefault(measure.__module__.rpartition(".")[2], []).append(measure)
    return named


def told(sections: Sequence[Section]) -> int:
    """Print which promises are not kept; 1 when there are such."""
    broken = [row for section in sections for row in section.rows if not row.kept]
    for row in broken:
        print(f"NOT KEPT: {' | '.join(row.cells)}")
    return 1 if broken else 0


def measured(section: Section) -> Section:
    """Print a section as soon as it is there."""
    print(f"{section.title}\n\n{table(section)}\n", flush=True)
    return section


def page(sections: Sequence[Section]) -> str:
    """The whole page."""
    parts = [f"# Benchmarks\n\nWritten by `python -m benchmarks` (`make bench`). {conditions()}"]
    parts += [f"## {section.title}\n\n{section.text}\n\n{table(section)}" for section in sections]
    return "\n\n".join(parts) + "\n"


def summary(sections: Sequence[Section]) -> str:
    """What the README shows: the rows that have a short wording."""
    rows = [row for section in sections for row in section.rows if row.brief]
    lines = [_line((row.brief, row.cells[1], row.compared)) for row in rows]
    head = [_line(("", "median", "compared")), "| --- | ---: | ---: |"]
    return "\n".join([*head, *lines, "", f"{conditions()} More in [docs/benchmarks.md](docs/benchmarks.md)."])


def table(section: Section) -> str:
    """A section's rows as a table."""
    promised = any(row.promise for row in section.rows)
    columns = ("", *section.heads, *section.columns, "promise")
    width = len(columns) if promised else len(columns) - 1
    rule = "| --- |" + " ---: |" * (width - 1)
    return "\n".join([_line(columns[:width]), rule, *(_line(row.cells[:width]) for row in section.rows)])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def conditions() -> str:
    """Machine and versions."""
    installed = ", ".join(f"{name} {found}" for name in PACKAGES if (found := _version(name)))
    return f"Measured on {processor()}, {os.cpu_count()} cores, Python {platform.python_version()}; {installed}."


def processor() -> str:
    """The processor's name."""
    about = Path("/proc/cpuinfo")
    names = [line for line in about.read_text().splitlines() if line.startswith("model name")] if about.exists() else []
    return names[0].partition(":")[2].strip() if names else platform.processor() or platform.machine()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def write_between(file: Path, name: str, new: str) -> None:
    """Replace what stands between the marks of that name."""
    text, start, end = file.read_text(encoding="utf-8"), START.format(name), END.format(name)
    for mark in (start, end):
        if text.count(mark) != 1:
            raise SystemExit(f"{file}: expected {mark} once, found it {text.count(mark)} times")
    before, _, rest = text.partition(start)
    _, _, after = rest.partition(end)
    file.write_text(f"{before}{start}\n{new}\n{end}{after}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
