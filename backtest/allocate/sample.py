"""What a method that estimates works with: symbols that have the data, and what the data say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from backtest.allocate.base import Forecast, History, Views, part_of
from backtest.allocate.moments.given import known_for
from backtest.allocate.moments.window import window_of
from backtest.costs import Costs
from backtest.errors import AllocationError, InputError
from backtest.types import Bools, Floats, Ints, Strings

NOBODY = np.empty(0, np.int64)


@dataclass(frozen=True)
class Sample:
    """`K` usable symbols of the `N` that a decision is about, in their order, and what is known of them.

    A symbol is usable when at least `min_observations` (null: nine tenths of the lookback, rounded up) of its returns
    in the lookback exist, and its price moved (deviation above 1e-12). The others get no weight and are named in the
    warnings. A usable symbol's missing returns are set to the mean of those it has, and its other deviations are spread
    by √((n − 1)/(nᵢ − 1)): mean and sample deviation are then exactly those of the returns that exist, and the matrix
    stays positive semi-definite, which pairwise deletion would not give. Where the caller gives a mean or a covariance,
    a symbol without a number in it, or without variance, is not usable either.

    `returns` `(n, K)` are simple, per return period (a period is `bars_per_return` bars compounded), oldest first.
    `mean` and `covariance` are a year, or a return period where nobody knows the bars in a year (`year` None).
    """

    symbols: Strings  # (K,)
    columns: Ints  # (K,) where they are among the N
    returns: Floats  # (n, K), no NaN; no rows when only a covariance was given
    covariance: Floats | None = None  # (K, K)
    mean: Floats | None = None  # (K,)
    year: float | None = None  # return periods a year
    risk_free: float = 0.0  # a year
    current: Floats | None = None  # (K,)
    prices: Floats | None = None  # (K,)
    caps: Floats | None = None  # (K,)
    groups: Mapping[str, Strings] = field(default_factory=dict)
    views: Views | None = None
    costs: Costs | None = None
    half_spread_bps: Floats | None = None  # (K,)
    condition: Mapping[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    gappy: Floats | None = None  # (n, K) returns as they were, NaN where there was none; None where none was missing

    @property
    def scale(self) -> float:
        """What turns a mean or a covariance per return period into a year's; 1 where that is not known."""
        return 1.0 if self.year is None else self.year

    @property
    def cash(self) -> float:
        """What cash earns, in the unit of the mean."""
        if self.risk_free != 0.0:
            self.needs_year("risk_free")
        return self.risk_free

    def needs_year(self, name: str) -> None:
        """Refuse a number that is meant a year where estimates are not, because nobody knows the bars in a year.

        Where nothing is estimated from returns, all numbers are the caller's, in one unit.
        """
        if self.year is None and len(self.returns):
            raise InputError(no_year(name))

    @property
    def volatility(self) -> Floats:
        """Square roots of the variances, a year, `(K,)`: the covariance's, else the sample's (ddof = 1)."""
        if self.covariance is not None:
            own: Floats = np.sqrt(self.covariance.diagonal())
            return own
        deviation: Floats = self.scenarios().std(axis=0, ddof=1) * np.sqrt(self.scale)
        return deviation

    @property
    def observed(self) -> Floats:
        """The returns `(n, K)` as they were, NaN where there was none: for what counts them one by one."""
        return self.scenarios() if self.gappy is None else self.gappy

    @property
    def gap_warning(self) -> tuple[str, ...]:
        """What a method that takes each return for a scenario has to say of those that were filled in."""
        if self.gappy is None:
            return ()
        counts = np.isnan(self.gappy).sum(axis=0)
        named = ", ".join(f"{self.symbols[k]} ({counts[k]})" for k in np.flatnonzero(counts))
        return (f"missing returns stand at the symbol's mean: {named}",)

    def scenarios(self) -> Floats:
        """Return the returns `(n, K)`, for methods that need each one; refuse where only a covariance was given."""
        if not len(self.returns):
            raise InputError("returns are needed, each of them: received only a covariance or a mean")
        return self.returns


def sample_of(
    history: History, lookback: int, min_observations: int | None, bars_per_return: int, reads_returns: bool
) -> Sample:
    """Return the usable symbols of a history, without a mean or covariance yet unless the caller gave them.

    With `reads_returns` false, symbols are usable whatever their returns; nobody looks at those.
    """
    known = known_for(history.forecast, history.symbols)
    known_columns = np.flatnonzero(known)
    if not len(known_columns):
        raise AllocationError(
            f"nothing to hold: the mean or covariance that was given has no numbers, or no variance, for any of "
            f"{len(history.symbols)} symbols"
        )
    year = None if history.periods_per_year is None else history.periods_per_year / bars_per_return
    if not reads_returns:
        returns = np.empty((0, len(known_columns)))
        return _about(history, known_columns, returns, year, known)
    chosen = history.returns if known.all() else history.returns[:, known_columns]
    how = lookback, min_observations, bars_per_return
    make = partial(window_of, chosen, *how)
    window = history.recall(("window", len(chosen[-lookback:]), *how), make) if known.all() else make()
    if not len(window.columns):
        raise AllocationError(
            f"nothing to hold: in the last {lookback} bars none of {len(history.symbols)} symbols has "
            f"{window.needed} returns{_of_bars(bars_per_return)} that are not all the same"
        )
    sample = _about(history, known_columns[window.columns], window.returns, year, known, known_columns[window.still])
    return sample if window.gappy is None else replace(sample, gappy=window.gappy)


def no_year(name: str) -> str:
    """Say that a number is annual, and that nobody knows how many bars make a year."""
    return f"{name} is a number a year: periods_per_year is needed, and not known"


def refuse_mixed(forecast: Forecast) -> None:
    """A year's mean beside a covariance of one bar, or the other way round, would be answered as if they were alike."""
    for name in ("mean", "covariance"):
        if getattr(forecast, name) is not None:
            raise InputError(f"{no_year(name)}, to put it beside what is estimated from returns")


def _of_bars(bars_per_return: int) -> str:
    return "" if bars_per_return == 1 else f" of {bars_per_return} bars"


def _about(
    history: History, columns: Ints, returns: Floats, year: float | None, known: Bools, still: Ints = NOBODY
) -> Sample:
    """Return the sample of the symbols at `columns`, with the caller's mean, covariance and views of them."""
    is_whole = len(columns) == len(history.symbols)
    left_out = () if is_whole else tuple(str(symbol) for symbol in np.delete(history.symbols, columns))
    warnings = _reasons(history.symbols, columns, known, still) if left_out else ()
    views, dropped = _views_of(history.forecast.views, columns)
    covariance = history.forecast.covariance
    return Sample(
        symbols=history.symbols[columns],
        columns=columns,
        returns=returns,
        covariance=_square_part(covariance, columns),
        mean=part_of(history.forecast.mean, columns),
        year=year,
        risk_free=history.risk_free,
        current=part_of(history.current, columns),
        prices=part_of(history.prices, columns),
        caps=part_of(history.caps, columns),
        groups=history.groups if is_whole else {name: labels[columns] for name, labels in history.groups.items()},
        views=views,
        costs=history.costs,
        half_spread_bps=part_of(history.half_spread_bps, columns),
        warnings=(*warnings, *dropped),
        left_out=left_out,
    )


def _reasons(symbols: Strings, columns: Ints, known: Bools, still: Ints) -> tuple[str, ...]:
    """Say why the symbols that are not at `columns` have no weight, those of one cause together."""
    lost = np.delete(np.arange(len(symbols)), columns)
    causes = {
        "without weight, as the mean or covariance that was given does not say theirs": lost[~known[lost]],
        "without weight for lack of data": lost[known[lost] & ~np.isin(lost, still)],
        "without weight, as their returns are all the same": still,
    }
    return tuple(f"{why}: {', '.join(map(str, symbols[at]))}" for why, at in causes.items() if len(at))


def _square_part(values: Floats | None, columns: Ints) -> Floats | None:
    """Return rows and columns; the array itself where that is all of it, which saves a copy of much of a decision."""
    if values is None or len(columns) == len(values):
        return values
    return values[np.ix_(columns, columns)]


def _views_of(views: Views | None, columns: Ints) -> tuple[Views | None, tuple[str, ...]]:
    """Return the views on portfolios of the symbols at `columns` alone, and a word on the others."""
    if views is None:
        return None, ()
    part = views.of(columns)
    dropped = len(views.returns) - (0 if part is None else len(part.returns))
    if not dropped:
        return part, ()
    return part, (f"views dropped, because they are on symbols without data: {dropped} of {len(views.returns)}",)
