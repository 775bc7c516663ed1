"""A hand-made result: a plain ledger over given prices, for metrics to be checked against arithmetic."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from backtest.market.actions import action_table
from backtest.market.market import Market
from backtest.metrics import segments
from backtest.metrics.attribution.segments import Segments
from backtest.types import DECISION, EVENT, FILL, ActionKind, CancelReason, EventKind, FillReason

DAY = 86_400 * 10**9


@dataclass
class Ledger:
    """Trade by hand: `act` before `trade` in a row, then `close` the row. Everything is kept as a result keeps it."""

    close: np.ndarray
    capital: float = 1000.0
    first: int = 0
    actions: list[tuple[int, int, int, float]] = field(default_factory=list)
    properties: pd.DataFrame | None = None
    start: str = "2020-01-01"

    def __post_init__(self) -> None:
        rows, assets = self.close.shape
        ends = np.datetime64(self.start, "ns").astype(np.int64) + DAY * np.arange(rows) + 21 * DAY // 24
        self.market = Market(
            symbols=np.array([f"A{i}" for i in range(assets)]),
            start=ends[:, None] - DAY,
            end=ends[:, None],
            close=self.close,
            properties=self.properties,
            actions=action_table(self.actions),
        )
        self.quantity, self.money = np.zeros(assets), self.capital
        self.mark = np.full(assets, np.nan)
        self.rows: list[tuple[float, float, np.ndarray, np.ndarray]] = []
        self.carry_rows: dict[int, np.ndarray] = {}
        self.flow_rows: dict[int, float] = {}
        self.fill_rows: list[np.ndarray] = []
        self.event_rows: list[tuple[int, int, int, int, int, float]] = []
        self.decision_rows: list[np.ndarray] = []

    def trade(self, row: int, asset: int, quantity: float, price: float, **costs: float) -> None:
        record = np.zeros(1, FILL)
        record["row"], record["asset"], record["quantity"], record["price"] = row, asset, quantity, price
        for kind, amount in costs.items():
            record[kind] = amount
        self.fill_rows.append(record)
        self.quantity[asset] += quantity
        self.money -= quantity * price + sum(costs.values())

    def hold(self, row: int, *earned: float) -> None:
        """Earn interest on cash and short rebate, pay (negative) margin interest and borrow fee; once a row."""
        self.carry_rows[row] = np.zeros(5)
        self.carry_rows[row][: len(earned)] = earned
        self.money += sum(earned)

    def move(self, row: int, amount: float) -> None:
        """Pay in, or take out (negative), at the beginning of a row; once a row."""
        self.flow_rows[row] = amount
        self.money += amount

    def decide(self, row: int, orders: int) -> None:
        record = np.zeros(1, DECISION)
        record["row"], record["n_orders"] = row, orders
        self.decision_rows.append(record)

    def act(self, row: int, asset: int, kind: ActionKind, value: float) -> None:
        if kind == ActionKind.SPLIT:
            self.quantity[asset] *= value
            self.mark[asset] /= value
        elif kind == ActionKind.DIVIDEND:
            received = self.quantity[asset] * value
            self.money += received
            self.mark[asset] -= value
            self.event_rows.append((row, asset, 0, EventKind.DIVIDEND, -1, received))
        else:
            quantity = self.quantity[asset]
            self.trade(row, asset, -quantity, self.mark[asset] * (1.0 + value))
            self.fill_rows[-1]["reason"] = FillReason.DELISTING

    def shut(self, row: int) -> None:
        """End the row: mark what has a bar, record equity and cash."""
        real = ~np.isnan(self.close[row])
        self.mark = np.where(real, self.close[row], self.mark)
        equity = self.money + float(np.nansum(self.quantity * self.mark))
        self.rows.append((equity, self.money, self.quantity.copy(), self.mark.copy()))

    @property
    def times(self) -> pd.DatetimeIndex:
        return self.market.times[self.first :]

    @property
    def equity(self) -> np.ndarray:
        return np.array([row[0] for row in self.rows])

    @property
    def cash(self) -> np.ndarray:
        return np.array([row[1] for row in self.rows])

    @property
    def carry(self) -> np.ndarray:
        rows = range(self.first, self.first + len(self.rows))
        return np.array([self.carry_rows.get(row, np.zeros(5)) for row in rows])

    @property
    def flow(self) -> np.ndarray:
        rows = range(self.first, self.first + len(self.rows))
        return np.array([self.flow_rows.get(row, 0.0) for row in rows])

    @property
    def returns(self) -> np.ndarray:
        """Of rows whose flows come before everything else."""
        base = np.concatenate(([self.capital], self.equity[:-1])) + self.flow
        return np.where(base > 0.0, self.equity / np.where(base > 0.0, base, 1.0) - 1.0, np.nan)

    @property
    def fills(self) -> np.ndarray:
        return np.concatenate([np.zeros(0, FILL), *self.fill_rows])

    @property
    def decisions(self) -> np.ndarray:
        return np.concatenate([np.zeros(0, DECISION), *self.decision_rows])

    @property
    def events(self) -> np.ndarray:
        return np.array([(*event, CancelReason.NONE, 0) for event in self.event_rows], EVENT)

    def positions(self) -> np.ndarray:
        return np.array([row[2] for row in self.rows])

    def marks(self) -> np.ndarray:
        return np.array([row[3] for row in self.rows])

    def weights(self) -> np.ndarray:
        return np.nan_to_num(self.positions() * self.marks()) / self.equity[:, None]


def random_ledger(seed: int, rows: int = 60, assets: int = 4) -> Ledger:
    """Trade at random with costs, gaps, splits, dividends and a delisting, two rows of history in front."""
    rng = np.random.default_rng(seed)
    close = 50.0 * np.cumprod(1.0 + rng.normal(0.0005, 0.02, (rows, assets)), axis=0)
    close[:10, 1] = np.nan
    close[20:24, 2] = np.nan
    close[40:, 3] = np.nan
    actions = [(22, 2, ActionKind.DIVIDEND, 0.5), (30, 0, ActionKind.SPLIT, 4.0), (30, 0, ActionKind.DIVIDEND, 0.1)]
    actions.append((41, 3, ActionKind.DELISTING, -0.3))
    close[30:, 0] /= 4.0
    ledger = Ledger(close, first=2, capital=100_000.0, actions=actions)
    for row in range(2, rows):
        for at, asset, kind, value in actions:
            if at == row:
                ledger.act(row, asset, ActionKind(kind), value)
        if row % 7 == 3:
            for asset in np.flatnonzero(~np.isnan(close[row])):
                aim = np.floor(rng.uniform(0.0, 20_000.0) / close[row, asset])
                quantity = float(aim - ledger.quantity[asset])
                price = float(close[row, asset])
                ledger.trade(row, int(asset), quantity, price, commission=1.0, spread=0.0002 * abs(quantity) * price)
            ledger.decide(row - 1, 3)
        ledger.shut(row)
    return ledger


def ledger_of(prices: list[list[float]], **options: Any) -> Ledger:
    """A ledger over prices, one list a row."""
    return Ledger(np.array(prices), **options)


def side(rows: int, **columns: list[float]) -> Segments:
    """Equal weights at the start of each month; returns of each segment."""
    index = pd.date_range("2024-01-31", periods=rows, freq="ME")
    returns = pd.DataFrame(columns, index)
    return segments(pd.Series({name: 1.0 / len(columns) for name in columns}), returns)
