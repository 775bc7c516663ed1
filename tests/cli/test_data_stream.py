"""`backtest data stream`: wide files larger than memory become a store."""

from __future__ import annotations

from made import Place

from tests.cli.conftest import Call
from tests.market.stream.test_files import closes, write


def test_a_store_is_written_and_run_on(place: Place, call: Call) -> None:
    file = write(place.root / "close.parquet", closes())
    said = call("data", "stream", file, "--name", "large", "--open", file, "--price-kind", "raw")
    assert said.code == 0
    assert said.lines[0] == "11 symbols, 50 rows, 2020-01-01 to 2020-02-19; fields: open, close"
    config = place.yaml(market={"source": "large", "stream": True}, execution={"fill": "next_open"})
    assert call("run", config).code == 0
    wrong = call("data", "stream", file, "--name", "other", "--open", "nowhere.parquet")
    assert wrong.code == 2
    assert wrong.error.startswith("error: nowhere.parquet: cannot be read")
    assert call("data", "stream", file, "--name", "large").code == 2
