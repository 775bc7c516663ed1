"""The tables that metrics make for a run folder: of every run the same columns and types."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from metrics.results import Ledger, random_ledger

from backtest import metrics
from backtest.workspace.artefacts import measured_tables


def idle() -> Ledger:
    """Nothing is ever bought."""
    ledger = Ledger(np.full((5, 2), 10.0))
    for row in range(5):
        ledger.shut(row)
    return ledger


def one_bar() -> Ledger:
    ledger = Ledger(np.full((1, 2), 10.0), properties=pd.DataFrame({"sector": ["Tech", None]}, index=["A0", "A1"]))
    ledger.trade(0, 0, 5.0, 10.0, commission=1.0)
    ledger.shut(0)
    return ledger


@pytest.mark.parametrize("ledger", [idle(), one_bar(), random_ledger(1)], ids=["idle", "one bar", "traded"])
def test_columns_have_the_same_types_in_every_run(ledger: Ledger) -> None:
    found = measured_tables(ledger, "alone", "fifo")  # type: ignore[arg-type]
    usual = measured_tables(random_ledger(2), "alone", "fifo")  # type: ignore[arg-type]
    assert set(found) == {"attribution", "bridge", "trades", "lots", "assets", "correlation"}
    for name in ("attribution", "bridge", "trades", "lots", "assets"):
        assert found[name].schema.remove_metadata() == usual[name].schema.remove_metadata(), name
    assert found["correlation"].schema.field("symbol").type == pa.string()
    assert found["trades"].schema.field("closed").type == pa.timestamp("ns", "UTC")
    assert found["lots"].schema.field("closed").type == pa.timestamp("ns", "UTC")
    assert found["assets"].schema.field("group").type == pa.string()


def test_they_are_what_the_functions_return() -> None:
    ledger = random_ledger(3)
    found = measured_tables(ledger, "alone", "fifo")  # type: ignore[arg-type]
    assert found["bridge"].column("step").to_pylist() == ["gross", "commission", "spread", "slippage", "impact", "net"]
    assert found["bridge"].column("profit").to_pylist() == metrics.gross_to_net(ledger)["profit"].tolist()
    assert found["trades"].column("profit").to_pylist() == metrics.trades(ledger)["profit"].tolist()
    for method in ("fifo", "lifo"):
        kept = measured_tables(ledger, "alone", method)["lots"]  # type: ignore[arg-type]
        assert kept.column("realised").to_pylist() == metrics.lots(ledger, method)["realised"].tolist()
    assert found["assets"].column("share").to_pylist() == [
        None if np.isnan(share) else share for share in metrics.assets_table(ledger)["share"]
    ]
    matrix = metrics.held_correlations(ledger)
    assert found["correlation"].column_names == ["symbol", *matrix.columns]
    assert found["correlation"].column("symbol").to_pylist() == matrix.index.tolist()
    assert found["correlation"].column("A1").to_pylist() == matrix["A1"].tolist()


def test_strategies_are_named_by_the_configuration() -> None:
    ledger = random_ledger(3)
    for fills in ledger.fill_rows[::2]:
        fills["owner"] = 1
    levels = measured_tables(ledger, "momentum", "fifo")["attribution"].to_pandas()  # type: ignore[arg-type]
    assert levels.loc[levels["level"] == "strategy", "name"].tolist() == ["momentum", "1"]
