"""From a configuration to simulated books: first rows, the benchmark, what is kept of a strategy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backtest import Strategy
from backtest.allocate.methods.fixed import Fixed
from backtest.allocate.methods.inverse_volatility import InverseVolatility
from backtest.config import AllocationChoice, Config, PortfolioBenchmark, StrategyChoice, SymbolBenchmark
from backtest.config.model import Execution, MarketSection
from backtest.costs import Costs
from backtest.errors import StrategyError
from backtest.market.market import Market
from backtest.schedule import Calendar, Rebalance
from backtest.simulate.portfolio import make_strategy, simulate_config, simulated_rows
from backtest.strategy.state import State

MONTHLY = Rebalance(any=(Calendar(calendar="month"),))


def config(**changes: Any) -> Config:
    given: dict[str, Any] = {
        "name": "small", "market": MarketSection(source="tiny"), "capital": 1000.0, "rebalance": MONTHLY,
        "execution": Execution(fill="next_close"), "costs": Costs(commission_bps=10.0),
    }  # fmt: skip
    return Config(**{**given, **changes})


class Held(Strategy):
    """Everything, by the configured method."""

    def decide(self, ctx: Any) -> Any:
        return ctx.allocate()


class Waits(Held):
    """Wants a month of history."""

    @property
    def history_rows(self) -> int:
        return 31


def test_the_benchmark_portfolio_is_the_same_engine_with_the_same_costs(market: Market) -> None:
    own = AllocationChoice(parameters=InverseVolatility(lookback=20))
    benchmark = PortfolioBenchmark(allocation=own, rebalance=MONTHLY)
    done = simulate_config(config(allocation=own, benchmark=benchmark), market, Held())
    assert done.benchmark is not None
    np.testing.assert_array_equal(done.benchmark.equity, done.result.equity)
    np.testing.assert_array_equal(done.benchmark.fills["commission"], done.result.fills["commission"])


def test_the_benchmark_starts_when_the_portfolio_does(market: Market) -> None:
    done = simulate_config(config(benchmark=PortfolioBenchmark()), market, Waits())
    assert done.benchmark is not None
    assert done.result.decisions["row"][0] == done.benchmark.decisions["row"][0] == 30


def test_a_benchmark_with_a_longer_lookback_starts_later(market: Market) -> None:
    late = PortfolioBenchmark(allocation=AllocationChoice(parameters=InverseVolatility(lookback=50)))
    done = simulate_config(config(benchmark=late), market, Held())
    assert done.benchmark is not None
    assert done.benchmark.decisions["row"][0] == 50


def test_a_benchmark_symbol_is_bought_at_the_first_close_without_costs(market: Market) -> None:
    done = simulate_config(config(benchmark=SymbolBenchmark(symbol="BBB")), market, Waits())
    assert done.benchmark is not None
    expected = np.where(np.arange(120) < 30, 1.0, market.close[:, 1] / market.close[30, 1]) * 1000.0
    np.testing.assert_allclose(done.benchmark.equity, expected, rtol=1e-12)
    assert len(done.benchmark.fills) == 1


def test_a_benchmark_symbol_without_a_bar_is_bought_at_its_first_one(make: Any) -> None:
    """Else it would stay cash to the end, and every portfolio would look good beside it."""
    close = make().close.copy()
    close[:40, 1] = np.nan
    done = simulate_config(config(benchmark=SymbolBenchmark(symbol="BBB")), make(close=close), Held())
    assert done.benchmark is not None
    assert done.benchmark.fills["row"].tolist() == [40]
    np.testing.assert_allclose(done.benchmark.equity[40:], 1000.0 * close[40:, 1] / close[40, 1], rtol=1e-12)


def test_no_benchmark(market: Market) -> None:
    assert simulate_config(config(), market, Held()).benchmark is None


def test_the_simulation_begins_at_the_start_with_history_before_it(market: Market) -> None:
    section = MarketSection(source="tiny", start="2020-02-10")  # type: ignore[arg-type]
    done = simulate_config(config(market=section), market, Waits())
    assert (done.result.first, done.result.n_rows) == (40, 80)
    assert done.result.decisions["row"][0] == 40
    assert simulated_rows(config(market=section), market, 100) == (40, 99)
    assert simulated_rows(config(market=section), market, 121) == (40, None)


def test_fixed_weights_through_the_strategy(market: Market) -> None:
    done = simulate_config(config(allocation=AllocationChoice(parameters=Fixed(weights={"CCC": 0.3}))), market, Held())
    np.testing.assert_array_equal(done.result.targets, np.tile([0.0, 0.0, 0.3, 0.0], (len(done.result.decisions), 1)))


def test_the_probe_is_part_of_it(market: Market) -> None:
    assert simulate_config(config(), market, Held()).probed.checked == 2
    assert simulate_config(config(probe="off"), market, Held()).probed.mode == "off"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("def history_rows(self): return 10", "received <bound method.*expected a property"),
        (
            "@property\n    def history_rows(self): return 0",
            "received 0; expected a property that gives a number of bars",
        ),
        ("@property\n    def history_rows(self): return self.lokback", r"wrong.py:6: AttributeError: .*lokback"),
    ],
)
def test_a_wrong_history_rows(tmp_path: Path, body: str, said: str) -> None:
    text = (
        f"from backtest import Strategy\n\nclass Wrong(Strategy):\n    def decide(self, ctx): return None\n    {body}\n"
    )
    (tmp_path / "wrong.py").write_text(text)
    with pytest.raises(StrategyError, match=rf"^strategy 'wrong' in history_rows: .*{said}"):
        make_strategy(config(strategy=StrategyChoice(name="wrong")), tmp_path)


def test_state_goes_on_from_a_snapshot() -> None:
    state = State({"n": 0, "peaks": np.zeros(3)})
    state.n, state.peaks = 5, [0.1, 0.2, np.nan]
    other = State({"n": 0, "peaks": np.zeros(3)})
    other.restore(state.snapshot())
    assert other.n == 5
    np.testing.assert_array_equal(other.peaks, state.peaks)
