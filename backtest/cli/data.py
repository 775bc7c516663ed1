"""`backtest data import | list | check | sample`."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from backtest.cli.options import JsonOption, WorkspaceOption, answer_json, answer_table
from backtest.errors import InputError

app = typer.Typer(no_args_is_help=True, help="Bring prices in, and look at them.")


class Layout(StrEnum):
    """How the columns of a file are laid out."""

    wide = "wide"
    long = "long"
    per_file = "per_file"


class PriceKind(StrEnum):
    """What prices are."""

    raw = "raw"
    split_adjusted = "split_adjusted"
    total_return = "total_return"


class Stamps(StrEnum):
    """What an intraday stamp marks."""

    start = "start"
    end = "end"


class MadeBars(StrEnum):
    """Which bars a market has."""

    stored = "stored"
    session = "session"


class Duplicates(StrEnum):
    """What to do with bars of one stamp."""

    error = "error"
    first = "first"
    last = "last"


def _folder(workspace: Path | None) -> Path:
    # Imported here: `backtest --help` needs none of it.
    from backtest.workspace import find_workspace

    return find_workspace(Path.cwd(), workspace).data


def _pairs(option: str, given: list[str] | None) -> dict[str, str]:
    """Read repeated NAME=VALUE."""
    pairs = {}
    for text in given or ():
        name, sign, value = text.partition("=")
        if not (name and sign and value):
            raise InputError(f"{option}: received {text!r}; expected NAME=VALUE")
        pairs[name] = value
    return pairs


@app.command("import")
def import_(
    files: Annotated[list[Path], typer.Argument(help="CSV, CSV.gz or Parquet files.")],
    name: Annotated[str, typer.Option(help="Name of the store under data/.")],
    layout: Annotated[Layout | None, typer.Option(help="Told from the columns by default.")] = None,
    column: Annotated[
        list[str] | None, typer.Option(metavar="OURS=THEIRS", help="Map a column name; repeatable.")
    ] = None,
    timezone: Annotated[str | None, typer.Option(help="Zone of stamps without one.")] = None,
    date_format: Annotated[str | None, typer.Option(help="As in strptime, for dates that are not ISO.")] = None,
    price_kind: Annotated[PriceKind | None, typer.Option(help="Default: raw with actions, else total_return.")] = None,
    currency: Annotated[str, typer.Option(help="Currency of the prices.")] = "USD",
    calendar: Annotated[str, typer.Option(help="data, 24/7, or the name of an exchange (XNYS).")] = "data",
    interval: Annotated[str | None, typer.Option(help="Length of an intraday bar: 1h, 5min.")] = None,
    stamps: Annotated[Stamps, typer.Option(help="What intraday stamps mark.")] = Stamps.start,
    on_duplicate: Annotated[Duplicates, typer.Option(help="Bars of one symbol with one stamp.")] = Duplicates.error,
    drop_bad_bars: Annotated[
        bool, typer.Option("--drop-bad-bars", help="Leave impossible bars out, and count them.")
    ] = False,
    symbols: Annotated[Path | None, typer.Option(help="File with a row a symbol: sector, lot, listed_from, …")] = None,
    actions: Annotated[Path | None, typer.Option(help="File of splits, dividends, delistings (raw prices).")] = None,
    series: Annotated[list[str] | None, typer.Option(metavar="NAME=FILE", help="Side series; repeatable.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Replace a store of that name.")] = False,
    source: Annotated[str | None, typer.Option(help="Where the data come from, for the manifest.")] = None,
    licence: Annotated[str | None, typer.Option(help="Their licence, for the manifest.")] = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Read files into a store; what cannot be used is refused with its row number, and nothing is written."""
    # Imported here: `backtest --help` needs none of it.
    from backtest.market.importer import import_files

    done = import_files(
        files,
        name,
        _folder(workspace),
        layout=None if layout is None else layout.value,
        columns=_pairs("--column", column),
        timezone=timezone,
        date_format=date_format,
        price_kind=None if price_kind is None else price_kind.value,
        currency=currency,
        calendar=calendar,
        interval=interval,
        stamps=stamps.value,
        on_duplicate=on_duplicate.value,
        drop_bad_bars=drop_bad_bars,
        symbols_file=symbols,
        actions_file=actions,
        series={key: Path(value) for key, value in _pairs("--series", series).items()},
        replace=replace,
        source=source,
        licence=licence,
    )
    about = done.store
    if json:
        answer_json({"path": str(done.path), "notes": done.notes, **about.model_dump(mode="json", by_alias=True)})
        return
    for note in done.notes:
        print(f"note: {note}")
    print(
        f"{about.symbols} symbols, {about.rows} rows, {about.first} to {about.last}; fields: {', '.join(about.fields)}"
    )
    print(done.path)


@app.command()
def stream(
    close: Annotated[Path, typer.Argument(help="Parquet file of the closes, one column a symbol.")],
    name: Annotated[str, typer.Option(help="Name of the store under data/.")],
    open_: Annotated[Path | None, typer.Option("--open", help="File of the opens, with the same rows.")] = None,
    high: Annotated[Path | None, typer.Option(help="File of the highs.")] = None,
    low: Annotated[Path | None, typer.Option(help="File of the lows.")] = None,
    volume: Annotated[Path | None, typer.Option(help="File of the volume.")] = None,
    time: Annotated[str | None, typer.Option(help="Column of the times; default: the one that holds such.")] = None,
    price_kind: Annotated[PriceKind, typer.Option(help="What the prices are.")] = PriceKind.total_return,
    currency: Annotated[str, typer.Option(help="Currency of the prices.")] = "USD",
    replace: Annotated[bool, typer.Option("--replace", help="Replace a store of that name.")] = False,
    source: Annotated[str | None, typer.Option(help="Where the data come from, for the manifest.")] = None,
    licence: Annotated[str | None, typer.Option(help="Their licence, for the manifest.")] = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Read wide Parquet files that are larger than memory into a store, a row group at a time."""
    # Imported here: `backtest --help` needs none of it.
    from backtest.market.stream.files import stream_market
    from backtest.market.stream.save import save_stream

    folder = _folder(workspace)
    market = stream_market(
        close=close, open=open_, high=high, low=low, volume=volume, time=time, price_kind=price_kind.value
    )
    about = save_stream(market, folder, name, currency=currency, replace=replace, source=source, licence=licence)
    if json:
        answer_json({"path": str(folder / name), **about.model_dump(mode="json", by_alias=True)})
        return
    print(
        f"{about.symbols} symbols, {about.rows} rows, {about.first} to {about.last}; fields: {', '.join(about.fields)}"
    )
    print(folder / name)


@app.command("list")
def list_(workspace: WorkspaceOption = None, json: JsonOption = False) -> None:
    """List the stores of the workspace."""
    # Imported here: `backtest --help` needs none of it.
    from backtest.market.manifest import manifest, names

    folder = _folder(workspace)
    stores = [manifest(folder / name) for name in names(folder)]
    if json:
        answer_json([store.model_dump(mode="json", by_alias=True) for store in stores])
    elif not stores:
        print(f"no stores in {folder}; `backtest data sample` writes three")
    else:
        head = ("name", "symbols", "rows", "first", "last", "fields", "prices", "calendar")
        lines = [head] + [
            (s.name, str(s.symbols), str(s.rows), s.first, s.last, ",".join(s.fields), s.price_kind, s.calendar)
            for s in stores
        ]
        answer_table(lines, right=(1, 2))


@app.command()
def check(
    name: Annotated[list[str], typer.Argument(help="Name of a store under data/; several are joined to one market.")],
    bars: Annotated[MadeBars, typer.Option(help="Bars as stored, or one a session made of them.")] = MadeBars.stored,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Check what a store holds: coverage by symbol, gaps, stale runs, impossible prices, jumps like splits."""
    # Imported here: `backtest --help` needs none of it.
    from backtest.market.quality import check_store

    report = check_store(_folder(workspace), name[0] if len(name) == 1 else name, bars.value)
    table = report.table.reset_index()
    if json:
        answer_json({"name": report.name, "findings": report.findings, "symbols": table.to_dict("records")})
        return
    lines: list[list[str]] = [
        list(map(str, table.columns)),
        *([_cell(value) for value in row] for row in table.to_numpy()),
    ]
    answer_table(lines, right=range(3, len(lines[0])))
    for finding in report.findings or ("nothing to remark",):
        print(f"- {finding}")


@app.command()
def sample(
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace stores of these names that hold other data.")
    ] = False,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Write the sample stores: us20 (real), synthetic_equity and synthetic_crypto (invented, seeded)."""
    # Imported here: `backtest --help` needs none of it.
    from backtest.market.sample import write_samples

    samples = write_samples(_folder(workspace), replace=replace)
    if json:
        answer_json([asdict(each) for each in samples])
        return
    for each in samples:
        print(f"{each.path}: {'written' if each.written else 'there already'}")


def _cell(value: Any) -> str:
    return "-" if value is None or value != value else str(value)
