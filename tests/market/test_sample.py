import shutil
from pathlib import Path

import numpy as np
import pytest

from backtest.errors import DataError
from backtest.market import sample
from backtest.market.manifest import manifest
from backtest.market.sample import bundled, write_samples
from backtest.market.store import load


def test_us20_is_small_real_and_whole():
    path = bundled()
    assert sum(file.stat().st_size for file in path.rglob("*")) < 300_000
    market = load(path.parent, "us20")
    assert market.n_assets == 20
    assert (market.day(0), market.day(market.n_rows - 1)) == ("2000-01-03", "2022-12-28")
    assert market.complete.all()
    assert market.price_kind == "total_return"
    assert market.calendar == "XNYS"
    assert market.properties["sector"].notna().all()
    assert market.properties["sector"].nunique() == 7
    assert market.sessions_after[0] == market.session[-1] + 1
    assert np.array_equal(market.close, np.round(market.close, 3))


def test_us20_keeps_its_notice():
    about = manifest(bundled())
    assert about.licence.startswith("BSD-3-Clause")
    notice = (bundled() / "NOTICE").read_text(encoding="utf-8")
    assert "Copyright (c) 2023-2026 The skfolio developers." in notice
    assert "Redistribution and use in source and binary forms" in notice


def test_samples_are_written_once(tmp_path):
    first = write_samples(tmp_path / "data")
    assert [(each.name, each.written) for each in first] == [
        ("us20", True),
        ("synthetic_crypto", True),
        ("synthetic_equity", True),
    ]
    for each in first:
        assert load(tmp_path / "data", each.name).n_rows > 1000
    assert not any(each.written for each in write_samples(tmp_path / "data"))
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == [
        "synthetic_crypto",
        "synthetic_equity",
        "us20",
    ]


def test_other_data_of_that_name_are_not_overwritten(tmp_path):
    write_samples(tmp_path)
    shutil.rmtree(tmp_path / "us20")
    shutil.copytree(tmp_path / "synthetic_equity", tmp_path / "us20")
    with pytest.raises(DataError, match="holds other data than the sample; rename it, or replace it"):
        write_samples(tmp_path)
    assert [each.written for each in write_samples(tmp_path, replace=True)] == [True, False, False]


def test_the_sample_is_found_in_the_package_first(tmp_path, monkeypatch):
    package = tmp_path / "backtest"
    shutil.copytree(bundled(), package / "market" / "us20")
    monkeypatch.setattr(sample.resources, "files", lambda _: package)
    assert bundled() == Path(package / "market" / "us20")
    shutil.rmtree(package)
    with pytest.raises(DataError, match="not part of this installation"):
        bundled()
