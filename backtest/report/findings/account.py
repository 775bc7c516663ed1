"""What an account on margin held and paid, and what that leaves in doubt."""

from __future__ import annotations

from backtest.report.content.account import NEARLY, financing, is_free, is_funded, lends, longs, on_margin, shorts
from backtest.report.findings.finding import Finding
from backtest.report.numbers import RunNumbers
from backtest.report.words import count, day, listed, money, percent

WORDS = {
    "interest_on_cash": "interest on cash",
    "margin_interest": "margin interest",
    "short_rebate": "the rebate on shorts",
    "borrow_fee": "borrow fees",
    "funding": "the funding of perpetual futures",
}


def held(run: RunNumbers) -> Finding | None:
    """How much was held long and short, and what holding it earned and cost."""
    parts = financing(run)
    if not parts and not (on_margin(run) and run.value("fills")):
        return None
    total, drag = float(run.value("financing") or 0.0), run.value("financing_drag")
    paid = [f"{WORDS[kind]} took {_amount(run, -amount)}" for kind, amount in parts.items() if amount < 0.0]
    earned = [f"{WORDS[kind]} brought {_amount(run, amount)}" for kind, amount in parts.items() if amount > 0.0]
    yearly = "" if not drag else f" That is about {percent(abs(drag), 2)} of the account a year."
    said = f"{_capital(listed([*paid, *earned]))}.{yearly}" if parts else "Holding it cost nothing."
    text = f"{_exposure(run)} {said}" if on_margin(run) else said
    if not total:
        return Finding("held", "plain", "Held on margin for nothing" if on_margin(run) else "Held in cash", text)
    title = f"Paid {money(-total)} to hold" if total < 0.0 else f"Earned {money(total)} by holding"
    return Finding("held", "plain", title, text)


def _exposure(run: RunNumbers) -> str:
    average, short, most = (run.value(key) for key in ("long_exposure", "short_exposure", "max_gross_exposure"))
    if not short:
        return f"On average {percent(average, 0)} of the equity was held, {percent(most, 0)} at most."
    return (
        f"On average {percent(average, 0)} of the equity was long and {percent(short, 0)} short; at most the two came "
        f"to {percent(most, 0)}."
    )


def free_holding(run: RunNumbers) -> Finding | None:
    """Debt, shorts or perpetual futures that cost nothing: somebody wrote that, and nobody lends for it."""
    long, short = longs(run), shorts(run)
    if long is None or short is None or not on_margin(run):
        return None
    free = []
    if lends(run) and float(long.max()) > 1.0 + NEARLY and is_free(run, "margin_interest"):
        free.append(f"debt of up to {percent(float(long.max()) - 1.0, 0)} of the equity bore no interest")
    if lends(run) and float(short.max()) > NEARLY and is_free(run, "borrow_fee"):
        free.append(f"shorts of up to {percent(float(short.max()), 0)} were borrowed without a fee")
    said = []
    if free:
        said.append(
            f"By the configuration {listed(free)}. No broker lends for nothing: every number here is too good by that."
        )
    if is_funded(run) and is_free(run, "funding"):
        said.append(
            "By the configuration perpetual futures paid no funding. Mostly longs pay it: their numbers are too good "
            "by that, those of shorts too bad."
        )
    if not said:
        return None
    text = " ".join(said)
    return Finding("free_holding", "serious", "Financing was free", text)


def called(run: RunNumbers) -> Finding | None:
    """Margin calls: how many, the first, and what was closed."""
    calls = run.events[run.events["kind"] == "margin_call"]
    if calls.empty:
        return None
    first = day(int(calls["time"].iloc[0].value), run.intraday)
    times = "once" if len(calls) == 1 else f"{count(len(calls))} times, the first time"
    text = f"The equity fell below the maintenance margin {times} on {first}.{_closed(run)}"
    return Finding("called", "serious", "Margin call" if len(calls) == 1 else "Margin calls", text)


def _closed(run: RunNumbers) -> str:
    forced = run.fills[run.fills["reason"] == "margin_call"]
    if forced.empty:
        return " Nothing was closed: by the next first price there was enough again, or nothing had a price."
    by_symbol = forced["value"].abs().groupby(forced["symbol"]).sum().sort_values(ascending=False, kind="stable")
    names = [f"{symbol} ({money(value)})" for symbol, value in by_symbol.items()]
    return (
        f" At the prices that followed positions worth {_amount(run, float(by_symbol.sum()))} were closed, at whatever "
        f"these were: {listed(names)}."
    )


def _amount(run: RunNumbers, value: float) -> str:
    return f"{money(value)} {run.currency}".rstrip()


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
