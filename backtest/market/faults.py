"""What is wrong with rows of input files, gathered and told with file and row number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from backtest.errors import DataError
from backtest.types import Ints

EXAMPLES = 5


@dataclass
class Fault:
    """One kind of fault in one file: how many rows have it, and the first few."""

    what: str
    remedy: str
    count: int = 0
    examples: list[str] = field(default_factory=list)


class Faults:
    """Gathers faults so that a file is refused once, with all that is wrong with it."""

    def __init__(self) -> None:
        self._found: dict[tuple[Path, str], Fault] = {}

    def add(self, file: Path, rows: Ints, what: str, remedy: str, detail: Callable[[int], str]) -> None:
        """Note that `rows` of `file` (counted as the file's reader counts) are `what`; `detail` tells of the k-th."""
        if rows.size == 0:
            return
        fault = self._found.setdefault((file, what), Fault(what, remedy))
        room = EXAMPLES - len(fault.examples)
        fault.examples += [f"{row_word(file)} {int(rows[k])} ({detail(k)})" for k in range(min(room, rows.size))]
        fault.count += int(rows.size)

    def refuse(self) -> None:
        """Raise one DataError that tells every kind of fault, if there is any."""
        if self._found:
            raise DataError("\n".join(_told(file, fault) for (file, _), fault in self._found.items()))


def row_word(file: Path) -> str:
    """Text files are counted in lines, the header being line 1; Parquet rows from 1."""
    return "row" if file.name.lower().endswith((".parquet", ".pq")) else "line"


def _told(file: Path, fault: Fault) -> str:
    more = ", ..." if fault.count > len(fault.examples) else ""
    noun = "row" if fault.count == 1 else "rows"
    return f"{file}: {fault.what} in {fault.count} {noun}: {', '.join(fault.examples)}{more}; {fault.remedy}"
