import time

import numpy as np
import pytest

from backtest.market.adjust import history
from backtest.market.quality import check
from backtest.market.save import save
from backtest.market.series import asof
from backtest.market.synthetic_crypto import synthetic_crypto
from backtest.market.synthetic_equity import SECTORS, synthetic_equity
from backtest.types import ActionKind

EQUITY_LAST = [324.59, 271.66, 295.15]
CRYPTO_LAST = [23832.4, 450.74, 26.279]


@pytest.fixture(scope="module")
def equity():
    return synthetic_equity()


@pytest.fixture(scope="module")
def crypto():
    return synthetic_crypto()


@pytest.mark.parametrize("make", [synthetic_equity, synthetic_crypto])
def test_the_same_seed_gives_the_same_bits_quickly(make):
    started = time.perf_counter()
    first = make(seed=7)
    assert time.perf_counter() - started < 2.0
    second, other = make(seed=7), make(seed=8)
    assert first.content_hash == second.content_hash != other.content_hash
    assert np.array_equal(first.close, second.close, equal_nan=True)


def test_the_seeded_stream_is_the_one_it_always_was(equity, crypto):
    # Prices are rounded, so these hold on every platform; a change here changes every sample that users have.
    assert equity.close[-1, :3].tolist() == EQUITY_LAST
    assert crypto.close[-1, :3].tolist() == CRYPTO_LAST


def test_an_equity_market_has_everything_that_happens(equity):
    assert equity.close.shape == (2509, 50)
    assert equity.price_kind == "raw"
    assert set(equity.properties["sector"]) == set(SECTORS)
    kinds = equity.actions["kind"]
    assert (kinds == ActionKind.SPLIT).sum() > 10
    assert (kinds == ActionKind.DIVIDEND).sum() > 500
    (gone,) = equity.actions[kinds == ActionKind.DELISTING]
    assert not equity.real[gone["row"] :, gone["asset"]].any()
    assert not equity.listed[gone["row"] :, gone["asset"]].any()
    late = ~equity.listed[0]
    assert late.sum() == 10
    halted = equity.listed & ~equity.real
    assert halted.any(axis=0).sum() == 12
    assert equity.complete.any()
    assert equity.sessions_after[:1].astype("datetime64[D]").astype(str).tolist() == ["2023-01-03"]


def test_equity_returns_look_like_equity_returns(equity):
    closes = history(equity, "close", equity.n_rows - 1, equity.n_rows)
    returns = np.diff(np.log(closes), axis=0)
    there = ~np.isnan(returns).any(axis=0)
    returns = returns[:, there]
    z = (returns - returns.mean(axis=0)) / returns.std(axis=0)
    assert np.median((z**4).mean(axis=0)) > 4.5  # fat tails: 3 is normal
    correlation = np.corrcoef(returns.T)
    sector = equity.properties["sector"].to_numpy()[there]
    same = (sector[:, None] == sector) & ~np.eye(len(sector), dtype=bool)
    assert correlation[same].mean() > correlation[sector[:, None] != sector].mean() + 0.05
    volatility = returns.std(axis=0) * np.sqrt(252)
    assert ((volatility > 0.15) & (volatility < 0.8)).all()


def test_actions_explain_every_jump(equity):
    report = check(equity)
    assert report.table["split_like"].sum() == 0
    assert report.table[["high_below_low", "outside_range", "not_positive"]].sum().sum() == 0
    raw = np.diff(np.log(equity.close), axis=0)
    splits = equity.actions[equity.actions["kind"] == ActionKind.SPLIT]
    jump = raw[splits["row"] - 1, splits["asset"]]
    with np.errstate(invalid="ignore"):
        assert (np.abs(jump + np.log(splits["value"])) < 0.25)[~np.isnan(jump)].all()


def test_market_caps_are_known_after_the_close_they_come_from(equity):
    caps = equity.series["market_cap"]
    assert (caps.known_at > caps.time).all()
    values = asof(caps, int(equity.end[-1, 0]), equity.n_assets)
    assert np.isnan(values).sum() == 0
    assert (values > 1e6).all()
    assert np.isnan(asof(caps, int(equity.end[0, 0]), equity.n_assets)).all()


def test_crypto_never_closes(crypto):
    assert crypto.close.shape == (17520, 8)
    assert (crypto.start[1:] == crypto.end[:-1]).all()
    assert crypto.session_end.sum() == 730
    assert (~crypto.listed[0]).sum() == 2
    assert not crypto.real.any(axis=1).all()  # at times the venue is down for all
    assert (crypto.high[crypto.real] >= crypto.low[crypto.real]).all()
    assert crypto.calendar == "24/7"


def test_both_can_be_saved(tmp_path, equity, crypto):
    for market in (equity, crypto):
        assert save(market, tmp_path).content_hash == market.content_hash
