"""Cut the sample store `us20` from the data set that the package skfolio ships.

Run once, by hand, where skfolio and the calendars extra are installed::

    pip install "barwake[sample,calendars]" && python data/make_us20.py

The data set has adjusted daily closes of 20 large US companies, all of which survived: results on it are flattering.
Sectors are the GICS sectors of the companies, which are public knowledge.
"""

from __future__ import annotations

import tempfile
from importlib import metadata
from pathlib import Path

import pandas as pd
from skfolio.datasets import load_sp500_dataset

from backtest.market.importer import import_files

FIRST = "2000-01-03"  # earlier prices are a few cents with three decimals, too coarse for returns
SECTORS = {
    "AAPL": "Information Technology",
    "AMD": "Information Technology",
    "BAC": "Financials",
    "BBY": "Consumer Discretionary",
    "CVX": "Energy",
    "GE": "Industrials",
    "HD": "Consumer Discretionary",
    "JNJ": "Health Care",
    "JPM": "Financials",
    "KO": "Consumer Staples",
    "LLY": "Health Care",
    "MRK": "Health Care",
    "MSFT": "Information Technology",
    "PEP": "Consumer Staples",
    "PFE": "Health Care",
    "PG": "Consumer Staples",
    "RRC": "Energy",
    "UNH": "Health Care",
    "WMT": "Consumer Staples",
    "XOM": "Energy",
}


def main() -> None:
    """Write data/us20 beside this script."""
    prices = load_sp500_dataset().loc[FIRST:]
    with tempfile.TemporaryDirectory() as folder:
        closes, sectors = Path(folder) / "closes.csv", Path(folder) / "sectors.csv"
        prices.to_csv(closes)
        pd.Series(SECTORS, name="sector").rename_axis("symbol").to_csv(sectors)
        summary = import_files(
            [closes],
            "us20",
            Path(__file__).parent,
            price_kind="total_return",
            calendar="XNYS",
            symbols_file=sectors,
            replace=True,
            source=f"skfolio {metadata.version('skfolio')}, load_sp500_dataset, from {FIRST} on",
            licence="BSD-3-Clause, see NOTICE",
            notice=_notice(),
        )
    print(summary.store.rows, "rows,", summary.store.symbols, "symbols,", summary.store.content_hash)


def _notice() -> str:
    """Return where the data come from, with the licence under which skfolio ships them."""
    file = next(file for file in metadata.files("skfolio") or [] if file.name == "LICENSE")
    return (
        "The prices of this store are cut from the data set `sp500_dataset` that ships with skfolio\n"
        "(https://github.com/skfolio/skfolio), under this licence:\n\n" + file.locate().read_text(encoding="utf-8")
    )


if __name__ == "__main__":
    main()
