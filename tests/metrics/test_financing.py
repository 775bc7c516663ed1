"""What holding money and shorts earns and costs: in every table it has its own line, and everything still adds up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from backtest import metrics
from backtest.metrics import (
    attribution,
    brinson,
    contributions,
    financing_by_row,
    financing_drag,
    gross_to_net,
    profit_by,
    run_metrics,
)
from backtest.metrics.ledger import COSTS, FINANCING
from backtest.types import EventKind

from .results import Ledger, ledger_of, random_ledger

SECTORS = pd.DataFrame({"sector": ["x", "y", "x", "y"]}, index=["A0", "A1", "A2", "A3"])


def by_hand() -> Ledger:
    """1000; long 120 × 10 and short 20 × 10, on credit, some of it perpetual; prices 10, 11, 12 and 10, 10, 9."""
    ledger = ledger_of([[10.0, 10.0], [11.0, 10.0], [12.0, 9.0]])
    ledger.trade(0, 0, 120.0, 10.0, commission=2.0)
    ledger.trade(0, 1, -20.0, 10.0, spread=1.0)
    ledger.shut(0)
    ledger.hold(1, 0.5, -4.0, 1.0, -0.5, -2.0)
    ledger.shut(1)
    ledger.hold(2, 0.0, -5.0, 1.5, -0.5, 3.5)
    ledger.shut(2)
    return ledger


def financed_ledger(seed: int) -> Ledger:
    """A random ledger in which every row but the first earned and paid something for holding."""
    plain, rng = random_ledger(seed), np.random.default_rng(seed)
    ledger = random_ledger(seed)
    ledger.market = replace(plain.market, properties=SECTORS)
    earned = rng.normal(0.0, 20.0, (len(plain.rows), 5))
    earned[0] = 0.0
    paid = np.cumsum(earned.sum(axis=1))
    ledger.carry_rows = {ledger.first + k: row for k, row in enumerate(earned)}
    ledger.rows = [(e + p, m + p, q, x) for (e, m, q, x), p in zip(plain.rows, paid, strict=True)]
    return ledger


def test_a_ledger_by_hand() -> None:
    ledger = by_hand()
    assert ledger.equity.tolist() == [997.0, 1112.0, 1251.5]
    table = attribution(ledger).set_index(["level", "name"])["profit"]
    assert table["asset"].tolist() == [240.0, 20.0]
    assert table["cost"].tolist() == [-2.0, -1.0, 0.0, 0.0]
    assert table["financing"].to_dict() == dict(zip(FINANCING, (0.5, -9.0, 2.5, -1.0, 1.5), strict=True))
    assert table["total"].tolist() == [251.5]
    assert financing_by_row(ledger).tolist() == [0.0, -5.0, -0.5]
    steps = gross_to_net(ledger)
    assert steps.index.tolist() == ["gross", *COSTS, *FINANCING, "net"]
    assert steps["profit"].tolist() == [260.0, -2.0, -1.0, 0.0, 0.0, 0.5, -9.0, 2.5, -1.0, 1.5, 251.5]
    # Gross: the returns with costs and financing put back, −3/1000, 115/997 and 139.5/1112.
    gross = (1.0 - 0.003 + 0.003) * (1.0 + 115.0 / 997.0 + 5.0 / 997.0) * (1.0 + 139.5 / 1112.0 + 0.5 / 1112.0) - 1.0
    assert steps["linked"]["gross"] == pytest.approx(gross, rel=1e-12)


def test_metrics_by_hand() -> None:
    ledger = by_hand()
    ledger.event_rows.append((1, -1, 0, EventKind.MARGIN_CALL, -1, 10.0))
    found = run_metrics(ledger)
    assert [found[f"financing_{kind}"] for kind in FINANCING] == [0.5, -9.0, 2.5, -1.0, 1.5]
    assert (found["financing"], found["margin_calls"]) == (-5.5, 1)
    years = 2.0 / 365.25
    assert found["financing_drag"] == pytest.approx((5.0 / 997.0 + 0.5 / 1112.0) / years)
    assert financing_drag(ledger) == found["financing_drag"]
    weights = [(1200.0 / 997.0, 200.0 / 997.0), (1320.0 / 1112.0, 200.0 / 1112.0), (1440.0 / 1251.5, 180.0 / 1251.5)]
    assert found["long_exposure"] == pytest.approx(np.mean([long for long, _ in weights]))
    assert found["short_exposure"] == pytest.approx(np.mean([short for _, short in weights]))
    assert found["gross_exposure"] == pytest.approx(np.mean([long + short for long, short in weights]))
    assert found["max_gross_exposure"] == pytest.approx(1400.0 / 997.0)


@pytest.mark.parametrize("seed", range(6))
def test_everything_adds_up_to_the_change_of_equity(seed: int) -> None:
    ledger = financed_ledger(seed)
    change = ledger.equity[-1] - ledger.capital
    table = attribution(ledger)
    levels = table.groupby("level")[["profit", "linked"]].sum()
    for column, whole in (("profit", change), ("linked", change / ledger.capital)):
        parts = levels[column][["asset", "cost", "financing"]].sum()
        assert parts == pytest.approx(whole, abs=1e-9 * ledger.capital)
        assert levels[column]["total"] == pytest.approx(whole)
    for by in ("asset", "sector", "strategy", "trade", "cost"):
        cut = profit_by(ledger, by)
        whole = change if by != "cost" else change - profit_by(ledger)["gross"].drop("financing").sum()
        assert cut["net"].sum() == pytest.approx(whole, abs=1e-9 * ledger.capital)


def test_interest_on_cash_alone_is_a_line_among_no_trades() -> None:
    ledger = ledger_of([[10.0], [10.0]])
    ledger.shut(0)
    ledger.hold(1, 0.1, 0.0, 0.0, 0.0)
    ledger.shut(1)
    for by in ("asset", "trade", "strategy"):
        assert profit_by(ledger, by)["net"].tolist() == [0.1]
    assert profit_by(ledger, "trade")["symbol"].tolist() == ["financing"]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("linking", ["carino", "menchero", "grap"])
def test_steps_and_contributions_lead_to_the_return(seed: int, linking: str) -> None:
    ledger = financed_ledger(seed)
    steps = gross_to_net(ledger, linking)  # type: ignore[arg-type]
    for column in ("profit", "linked", "annual"):
        assert steps[column].iloc[:-1].sum() == pytest.approx(steps[column]["net"], rel=1e-9)
    assert steps["linked"]["net"] == pytest.approx(ledger.equity[-1] / ledger.capital - 1.0)
    parts = contributions(ledger, "sector", linking=linking)  # type: ignore[arg-type]
    assert parts.periods.columns.tolist()[-5:] == list(FINANCING)
    np.testing.assert_allclose(parts.periods.sum(axis=1), parts.returns, atol=1e-12)
    assert parts.linked.sum() == pytest.approx(parts.total_return, abs=1e-12)


def test_cash_has_what_was_earned_and_paid_against_a_benchmark() -> None:
    mine, theirs = financed_ledger(1), random_ledger(1)
    theirs.market = mine.market
    found = brinson(mine, theirs)
    apart = found.portfolio_return - found.benchmark_return
    assert found.split["total"] == pytest.approx(apart, abs=1e-12)
    assert found.split.drop("total").sum() == pytest.approx(apart, abs=1e-12)
    segments = metrics.segments_of(mine)
    before = np.concatenate(([mine.capital], mine.equity[:-1]))
    np.testing.assert_allclose(segments.contributions[:, -1], financing_by_row(mine) / before, atol=1e-15)
    np.testing.assert_allclose(segments.total, np.diff(np.append(mine.capital, mine.equity)) / before, atol=1e-12)


def test_where_the_account_is_all_invested_cash_has_no_return() -> None:
    """130/30: the weights add up to one, and holding still costs."""
    ledger = ledger_of([[10.0, 10.0], [10.0, 10.0]], properties=SECTORS[:2])
    ledger.trade(0, 0, 130.0, 10.0)
    ledger.trade(0, 1, -30.0, 10.0)
    ledger.shut(0)
    ledger.hold(1, 0.0, -5.0, 1.0, -1.0)
    ledger.shut(1)
    segments = metrics.segments_of(ledger)
    assert np.isnan(segments.returns[1, -1])
    assert segments.contributions[1].tolist() == [0.0, 0.0, -0.005]
    assert brinson(ledger, ledger).split.abs().max() == 0.0


def test_where_nothing_was_earned_there_are_no_lines() -> None:
    ledger = random_ledger(2)
    assert "financing" not in set(attribution(ledger)["level"])
    assert gross_to_net(ledger).index.tolist() == ["gross", *COSTS, "net"]
    assert profit_by(ledger, "cost").index.tolist() == list(COSTS)
    assert (run_metrics(ledger)["financing"], run_metrics(ledger)["financing_drag"]) == (0.0, 0.0)


def test_what_is_earned_and_what_is_paid_may_be_the_same() -> None:
    """No difference between gross and net to share out, and yet two steps, one up and one down."""
    ledger = ledger_of([[10.0], [10.0], [11.0]])
    ledger.trade(0, 0, 50.0, 10.0)
    ledger.shut(0)
    ledger.hold(1, 4.0, -4.0, 0.0, 0.0)
    ledger.shut(1)
    ledger.shut(2)
    steps = gross_to_net(ledger)
    assert steps["linked"]["gross"] == steps["linked"]["net"] == pytest.approx(0.05)
    assert steps["annual"]["interest_on_cash"] == pytest.approx(-steps["annual"]["margin_interest"])
    # Nearly the same: the step has the size it has when a little more is earned.
    ledger.carry_rows[1] = np.array([4.0, -4.0, 1e-9, 0.0, 0.0])
    ledger.rows = [(e + 1e-9 * (k > 0), m, q, x) for k, (e, m, q, x) in enumerate(ledger.rows)]
    nearly = gross_to_net(ledger)
    assert nearly["annual"]["interest_on_cash"] == pytest.approx(steps["annual"]["interest_on_cash"], rel=1e-3)
