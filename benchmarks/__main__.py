"""Run every benchmark, and write what came out into the documentation."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks import allocation, hrp_experiment, start, t1, wake
from benchmarks.timing import Section

ROOT = Path(__file__).parents[1]
PAGE, README = ROOT / "docs" / "benchmarks.md", ROOT / "README.md"
START, END = "<!-- benchmarks:start -->", "<!-- benchmarks:end -->"
PACKAGES = (
    "barwake", "numpy", "pandas", "numba", "pyarrow", "scipy", "vectorbt", "PyPortfolioOpt", "skfolio", "Riskfolio-Lib",
)  # fmt: skip
QUESTIONS: tuple[Callable[[], Section], ...] = (
    t1.measure, wake.measure, start.measure, allocation.measure, allocation.measure_engine, hrp_experiment.measure,
)  # fmt: skip


def main() -> int:
    """Measure, print and write; 1 when a promise is not kept."""
    sections = [measured(measure()) for measure in QUESTIONS]
    PAGE.write_text(page(sections), encoding="utf-8")
    README.write_text(between_marks(README.read_text(encoding="utf-8"), summary(sections)), encoding="utf-8")
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


def between_marks(text: str, new: str) -> str:
    """Replace what stands between the marks."""
    for mark in (START, END):
        if text.count(mark) != 1:
            raise SystemExit(f"{README}: expected {mark} once, found it {text.count(mark)} times")
    before, _, rest = text.partition(START)
    _, _, after = rest.partition(END)
    return f"{before}{START}\n{new}\n{END}{after}"


if __name__ == "__main__":
    sys.exit(main())
