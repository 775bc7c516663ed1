"""Input files read in batches: CSV, gzipped CSV and Parquet alike."""

from __future__ import annotations

import csv
import gzip
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv
import pyarrow.parquet as pq

from backtest.errors import DataError, nearest
from backtest.market.faults import row_word

SUFFIXES = (".csv", ".csv.gz", ".txt", ".parquet", ".pq")
BLOCK = 4 << 20  # bytes of text parsed at once: larger blocks read no faster and hold more memory
BATCH = 65_536  # rows of Parquet decoded at once
DELIMITERS = ",;\t|"
DECIMAL_COMMA = re.compile(r"invalid value '[+-]?[\d.' ]*,\d+'")
_BROKEN = (pa.ArrowException, OSError, UnicodeDecodeError)  # what reading a damaged file raises


@dataclass(frozen=True)
class Batch:
    """Some rows of a file; `first` is the number of the first, as `row_word` counts."""

    table: pa.RecordBatch
    first: int


@dataclass(frozen=True)
class Source:
    """One input file and the names of its columns."""

    path: Path
    names: tuple[str, ...]
    delimiter: str | None = None

    @property
    def stem(self) -> str:
        """The file's name without its suffixes: the symbol, when there is one file a symbol."""
        lower = self.path.name.lower()
        suffix = next(suffix for suffix in sorted(SUFFIXES, key=len, reverse=True) if lower.endswith(suffix))
        return self.path.name[: -len(suffix)]

    def batches(self, kinds: Mapping[str, pa.DataType | None]) -> Iterator[Batch]:
        """Yield the columns of `kinds` in batches, cast to the kind given; None leaves a column as it is stored."""
        return self._text(kinds) if self.delimiter else self._parquet(kinds)

    def _text(self, kinds: Mapping[str, pa.DataType | None]) -> Iterator[Batch]:
        first = 2
        convert = {name: kind or pa.string() for name, kind in kinds.items()}
        try:
            with pcsv.open_csv(
                self.path,
                # One thread: with more, errors do not tell the line, and reading took no less time.
                read_options=pcsv.ReadOptions(
                    use_threads=False, block_size=BLOCK, column_names=list(self.names), skip_rows=1
                ),
                parse_options=pcsv.ParseOptions(delimiter=self.delimiter),
                convert_options=pcsv.ConvertOptions(
                    include_columns=list(kinds), column_types=convert, strings_can_be_null=True
                ),
            ) as reader:
                for batch in reader:
                    yield Batch(batch, first)
                    first += batch.num_rows
        except _BROKEN as error:
            raise DataError(self._unreadable(error)) from None

    def _parquet(self, kinds: Mapping[str, pa.DataType | None]) -> Iterator[Batch]:
        first = 1
        try:
            for batch in pq.ParquetFile(self.path).iter_batches(BATCH, columns=list(kinds)):
                columns = [self._cast(batch.column(name), kind, name, first) for name, kind in kinds.items()]
                yield Batch(pa.RecordBatch.from_arrays(columns, names=list(kinds)), first)
                first += batch.num_rows
        except _BROKEN as error:
            raise DataError(self._unreadable(error)) from None

    def _cast(self, column: pa.Array, kind: pa.DataType | None, name: str, first: int) -> pa.Array:
        """Cast a column of a Parquet file; on failure name the row, which the cast itself does not."""
        if kind is None or column.type == kind:
            return column
        try:
            return column.cast(kind)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            for k, value in enumerate(column):
                try:
                    value.cast(kind)
                except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
                    place = f"{row_word(self.path)} {first + k}"
                    raise DataError(
                        f"{self.path}: {place}, column {name!r}: {value.as_py()!r} is not a {kind}"
                    ) from None
            raise DataError(f"{self.path}: column {name!r}: {error}") from None

    def _unreadable(self, error: BaseException) -> str:
        """Say what the parser did not like, with the name of the column that it gives by number."""
        text = (str(error).splitlines() or [type(error).__name__])[0]
        for k, name in enumerate(self.names):
            text = text.replace(f"In CSV column #{k}:", f"column {name!r}:")
        return f"{self.path}: cannot be read: {text.replace('Row #', 'line ')}{_comma(text)}"


def _comma(text: str) -> str:
    """Say what to do about numbers as many countries write them."""
    if not DECIMAL_COMMA.search(text):
        return ""
    return (
        "; numbers have a decimal point here: save the file with points, or read it with pandas.read_csv(decimal=',')"
    )


def open_sources(files: Sequence[Path]) -> list[Source]:
    """Open input files; a directory stands for the files in it."""
    paths = [path for file in files for path in _expand(Path(file))]
    if not paths:
        raise DataError(f"no files to import; allowed: {', '.join(SUFFIXES)}")
    return [_open(path) for path in paths]


def read_small(path: Path) -> pa.Table:
    """Read a whole small file, text columns as text: symbols, actions, a series."""
    source = open_sources([path])[0]
    batches = [batch.table for batch in source.batches(dict.fromkeys(source.names))]
    if not batches:
        raise DataError(f"{path}: no rows")
    return pa.Table.from_batches(batches)


def _expand(path: Path) -> list[Path]:
    if path.is_dir():
        found = sorted(file for file in path.iterdir() if file.name.lower().endswith(SUFFIXES))
        if not found:
            raise DataError(f"{path}: no file to import in this directory; allowed: {', '.join(SUFFIXES)}")
        return found
    if not path.is_file():
        siblings = [file.name for file in path.parent.iterdir()] if path.parent.is_dir() else []
        close = nearest(path.name, siblings)
        raise DataError(f"{path}: no such file" + (f"; did you mean {close!r}?" if close else ""))
    if not path.name.lower().endswith(SUFFIXES):
        raise DataError(f"{path}: unknown kind of file; allowed: {', '.join(SUFFIXES)}")
    return [path]


def _open(path: Path) -> Source:
    if row_word(path) == "row":
        try:
            return Source(path, tuple(pq.read_schema(path).names))
        except _BROKEN as error:
            raise DataError(f"{path}: not a Parquet file: {str(error).splitlines()[0]}") from None
    header = _header(path)
    delimiter = max(DELIMITERS, key=header.count)
    names = tuple(name.strip() for name in next(csv.reader([header], delimiter=delimiter), []))
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(f"{path}: line 1: column {', '.join(map(repr, twice))} appears more than once")
    return Source(path, names, delimiter)


def _header(path: Path) -> str:
    opener = gzip.open if path.name.lower().endswith(".gz") else open
    try:
        with opener(path, "rt", encoding="utf-8-sig", newline="") as file:
            line = str(file.readline()).rstrip("\r\n")
    except UnicodeDecodeError:
        raise DataError(f"{path}: line 1: not UTF-8 text; save the file as UTF-8") from None
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path}: cannot be read: {error}") from None
    if not line.strip():
        raise DataError(f"{path}: line 1 is empty; allowed: a line with the names of the columns")
    return line


def texts(column: pa.Array) -> pa.Array:
    """Return a column as trimmed text."""
    return pc.utf8_trim_whitespace(column.cast(pa.string()))
