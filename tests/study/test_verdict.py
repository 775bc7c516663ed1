"""The verdict: when each sentence must be there, and when it must not."""

from __future__ import annotations

from typing import Any

import pytest

from backtest.report.comparison import verdict as whole
from backtest.report.comparison.facts import lost_of
from backtest.report.comparison.luck import begun, chosen, led, lucky
from backtest.report.comparison.paid import dear, dearest, outrun, simple, strained
from backtest.report.comparison.verdict import (
    apart,
    headline,
    highest,
    invented,
    leading,
    pairs,
    paragraphs,
    same,
    short,
)
from backtest.report.words import chance, percent

from .runs import facts, made_pairs, variant

A, B, C = variant("a", sharpe=1.0), variant("b", sharpe=0.8), variant("c", sharpe=0.2)


def test_the_leader_is_named_with_its_interval() -> None:
    said = leading(facts(B, A, C))
    assert said == (
        "From 2013-01-02 to 2022-12-28, net of every cost, a had the highest Sharpe ratio of the three: 1.00 (95% "
        "interval 0.40 to 1.60)."
    )
    level = leading(facts(variant("b", sharpe=0.9990), A, variant("c", sharpe=0.9951)))
    assert "1.00 (95% interval 0.40 to 1.60), level with b and c in these digits." in level
    few = variant("a", sharpe=1.0)
    few["intervals"] = {"sharpe": {"low": None, "high": None}}
    assert "too few bars for an interval" in leading(facts(few, B))


def test_a_leader_below_cash_is_called_that() -> None:
    assert "no more than cash" in leading(facts(variant("a", sharpe=-0.1), variant("b", sharpe=-0.5)))
    assert "cash" not in leading(facts(A, B))


def test_without_a_ratio_nothing_is_claimed() -> None:
    nothing = facts(variant("a", sharpe=None), variant("b", sharpe=None))
    assert headline(nothing) == "Nothing to rank"
    assert whole(nothing) == (
        "No run has a Sharpe ratio, so there is nothing to rank: nothing was bought, or nothing moved."
    )


def test_those_that_cannot_be_told_apart() -> None:
    assert headline(facts(A, B, C)) == "No proven difference in Sharpe ratio"
    assert "cannot be told apart from the other two" in str(apart(facts(A, B, C)))
    assert "cannot be told apart from b:" in str(apart(facts(A, B)))
    some = facts(A, B, C, inside=("a", "b"))
    assert headline(some) == "Two of three may be the best"
    assert apart(some) == (
        "It cannot be told apart from b: differences of this size can come about by chance. With 90% confidence the "
        "best is one of a and b; not c."
    )
    alone = facts(A, B, C, inside=("a",))
    assert headline(alone) == "a stands out"
    assert apart(alone) == "With 90% confidence it is the best of them."


def test_what_is_proven_of_two_is_not_denied_of_all() -> None:
    proven = {"control": "romano_wolf", "alpha": 0.05, "tests": made_pairs(["a", "b", "c"], (("a", "b"),))}
    one = facts(A, B, C, pairs=proven)
    assert headline(one) == "The best is open, one difference is proven"
    assert apart(one) == (
        "It cannot be told apart from c: differences of this size can come about by chance. It is above b by more than "
        "chance explains. The test of all at once, which is less sharp, still counts that one among those that may be "
        "the best."
    )
    both = {**proven, "tests": made_pairs(["a", "b", "c"], (("a", "b"), ("a", "c")))}
    assert headline(facts(A, B, C, pairs=both)) == "The best is open, two differences are proven"
    assert str(apart(facts(A, B, C, pairs=both))).startswith("It is above b and c by more than chance explains.")
    others = {**proven, "tests": made_pairs(["a", "b", "c"], (("b", "c"),))}
    assert "cannot be told apart from the other two" in str(apart(facts(A, B, C, pairs=others)))


def test_pairs() -> None:
    assert "None of the 3 differences between two is significant" in str(pairs(facts(A, B, C)))
    real = {"control": "romano_wolf", "alpha": 0.05, "tests": made_pairs(["a", "b", "c"], (("c", "a"),))}
    said = str(pairs(facts(A, B, C, pairs=real)))
    assert "Of the 3 differences between two, one is significant" in said
    assert "a above c by 0.50" not in said  # the sign of the test says which is above
    assert "c above a by 0.50" in said
    none = [{**each, "adjusted": None, "difference": None} for each in made_pairs(["a", "b"])]
    assert pairs(facts(A, B, pairs={"alpha": 0.05, "tests": none})) is None


def test_one_pair_is_told_with_its_p_value() -> None:
    assert pairs(facts(A, B)) == "The difference of their Sharpe ratios is not significant (p = 0.400)."
    real = {"alpha": 0.05, "tests": made_pairs(["a", "b"], (("a", "b"),))}
    assert pairs(facts(A, B, pairs=real)) == "The difference of their Sharpe ratios is significant (p = 0.001)."
    sure = {"alpha": 0.05, "tests": [{**each, "p_value": 0.0004} for each in real["tests"]]}
    assert pairs(facts(A, B, pairs=sure)) == "The difference of their Sharpe ratios is significant (p < 0.001)."


@pytest.mark.parametrize(("deflated", "open_"), [(0.951, False), (0.9499, True), (0.2, True)])
def test_luck(deflated: float, open_: bool) -> None:
    said = str(lucky(facts(A, B, luck={"a": {"trials": 8, "deflated": deflated}})))
    assert ("is open" in said) == open_
    assert "8 trials" in said
    assert f"(deflated Sharpe ratio {chance(deflated)})" in said or f"ratio is {chance(deflated)}, below 95%" in said


def test_luck_says_nothing_of_a_leader_below_cash_or_without_a_number() -> None:
    assert lucky(facts(variant("a", sharpe=-0.1), variant("b", sharpe=-0.2))) is None
    assert lucky(facts(A, B, luck={"a": {"trials": 8, "deflated": None}})) is None


@pytest.mark.parametrize(
    ("probability", "said"),
    [
        (0.67, "did not help on this record: in 67% of its splits"),
        (0.66, "helped a little on this record: in 66%"),
        (0.14, "helped a little"),
        (0.13, "The order holds"),
        (None, None),
    ],
)
def test_choosing_by_the_past_is_held_against_choosing_blindly(probability: float | None, said: str | None) -> None:
    found = chosen(facts(A, B, C, overfitting={"blocks": 16, "probability": probability}))  # blindly: 2 of 3
    assert (found is None) if said is None else (said in str(found))
    assert chosen(facts(A, B, C)) is None


def test_a_higher_return_is_told_with_its_risk() -> None:
    wild = variant("b", sharpe=0.8, annual_return=0.09, volatility=0.21)
    assert highest(facts(A, wild)) == (
        "The highest return is that of b, 9.0% a year against 7.0%, at a volatility of 21.0% against 15.0%."
    )
    assert highest(facts(A, B)) is None
    assert highest(facts(A, variant("b", sharpe=0.8, annual_return=0.0709))) is None  # hardly more
    assert highest(facts(A, variant("b", sharpe=0.8, annual_return=None))) is None
    assert highest(facts(variant("a", sharpe=None), variant("b", sharpe=None, annual_return=0.1))) is None
    assert "The highest return" in whole(facts(A, wild))


def test_what_costs_took_is_rounded_by_itself() -> None:
    """15.32 − 15.13 is 0.19, but 0.15316 − 0.15134 is 0.18 points."""
    near = facts(variant("a", gross_annual_return=0.15316, annual_return=0.15134, cost_drag=0.0017), B)
    assert percent(lost_of(near, "a"), 2) == "0.18%"


def part(name: str, *sharpe: float | None) -> dict[str, Any]:
    return {"name": name, "sharpe": list(sharpe)}


def test_years_in_which_it_led() -> None:
    years = [part("2013", 1.0, 0.0), part("2014", 0.0, 1.0), part("2015", 2.0, 2.0), part("2016", None, 1.0)]
    assert led(facts(A, B, periods=years)) == ("It led in two of three years (in one of the three, several are level).")
    assert led(facts(A, B, periods=[*years[:2], part("2015", 2.0, 1.0)])) == "It led in two of three years."
    assert led(facts(A, B, periods=years[:2])) is None
    assert "parts of the record" in str(led(facts(A, B, periods=[part(f"part {k}", 1.0, 0.0) for k in "123"])))


def test_who_leads_from_later_beginnings() -> None:
    whole_record, mine, theirs = part("2013", 0.0, 1.0), part("2014", 1.0, 0.0), part("2015", 0.0, 1.0)
    assert begun(facts(A, B, starts=[whole_record, mine, mine, theirs])) == (
        "Of three later beginnings, all to the same end, it leads from two; b from one."
    )
    assert begun(facts(A, B, starts=[whole_record, theirs, theirs, theirs])) == (
        "Of three later beginnings, all to the same end, it leads from none; b from three."
    )
    assert begun(facts(A, B, starts=[mine, mine, mine, mine])) == (
        "It leads from each of three later beginnings too, all to the same end."
    )
    assert begun(facts(A, B, starts=[mine, mine, theirs])) is None


def stress(double: list[float | None], late: list[float | None], left_out: str | None = None) -> dict[str, Any]:
    return {
        "double_costs": [{"sharpe": value} for value in double],
        "late": [{"sharpe": value} for value in late],
        "left_out": [left_out, None],
    }


def test_other_assumptions() -> None:
    assert "stays first with twice the trading costs" in str(
        strained(facts(A, B, stress=stress([0.9, 0.8], [1.0, 0.8])))
    )
    near = str(strained(facts(A, B, stress=stress([0.901, 0.899], [1.0, 0.8]))))
    assert near.startswith("It stays among the first with")
    assert str(strained(facts(A, B, stress=stress([0.9, 0.8], [1.0, 0.8])))).startswith("It stays first with")
    said = strained(facts(A, B, stress=stress([0.7, 0.8], [1.0, 0.8])))
    assert said == "With twice the trading costs, b would lead."
    both = strained(facts(A, B, stress=stress([0.7, 0.8], [0.7, 0.8])))
    assert both == "With twice the trading costs, b would lead. With every decision one bar later, b would lead."
    assert strained(facts(A, B, stress=stress([0.9, 0.8], [1.0, 0.8], "the store is gone"))) is None


def test_costs_that_decide() -> None:
    assert dear(facts(A, B)) is None
    assert dear(facts(A, variant("b", gross_sharpe=0.514))) is None  # nobody leads by what two digits do not show
    said = dear(
        facts(variant("a", sharpe=1.0, gross_sharpe=1.0), variant("b", gross_sharpe=1.2, gross_annual_return=0.0934))
    )
    assert said == "Before costs b was ahead; they took 2.34% a year of its return."
    assert dear(facts(variant("a", sharpe=1.0, gross_sharpe=1.3), variant("b", gross_sharpe=1.2))) is None


def test_the_one_that_trades_least() -> None:
    cheap = variant("b", sharpe=0.8, turnover=0.1)
    assert simple(facts(A, cheap)) == (
        "Of those that may be best, b trades least: 10% turnover a year, against 50% for a."
    )
    assert simple(facts(A, cheap, inside=("a",))) is None
    assert "a also trades least" in str(simple(facts(variant("a", sharpe=1.0, turnover=0.05), cheap)))
    assert simple(facts(A, variant("b", turnover=None))) is None
    assert simple(facts(A, variant("b", turnover=0.45))) is None  # hardly less than 0.5


def test_the_dearest_is_told_beside_the_cheapest() -> None:
    wild = variant("b", gross_annual_return=0.08, annual_return=0.07, turnover=3.34)
    assert dearest(facts(A, wild)) == "Costs took 1.00% a year of the return of b, at 334% turnover; of a, 0.10%."
    assert dearest(facts(A, B)) is None
    assert dearest(facts(A, variant("b", gross_annual_return=None))) is None


def test_what_is_said_stands_under_the_question_that_it_answers() -> None:
    told = facts(A, B, C, span={"first": "x", "last": "y", "level": 0.95, "years": 1.0})
    assert [title for title, _ in paragraphs(told)] == [
        "Which is best",
        "Is it more than luck",
        "What costs and delay change",
        "What limits this",
    ]
    assert " ".join(text for _, text in paragraphs(told)) == whole(told).replace("'", "")


def test_runs_that_differ_in_costs_alone_are_no_discovery() -> None:
    dear_one = variant("b", sharpe=0.8, gross_annual_return=0.08, annual_return=0.05)
    only = facts(A, dear_one, inside=("a",), differs=[{"place": "costs.commission_bps", "values": [0, 50]}])
    assert headline(only) == "What costs took"
    assert whole(only) == (
        "The runs differ in their costs alone, so that one of them is first is no discovery and needs no test. Points "
        "of return a year that costs took: 0.10 with 'a' and 3.00 with 'b'."
    )
    money, large = [{"place": "capital", "values": [1, 50]}], variant("a", gross_annual_return=0.0802)
    assert "Before costs" not in whole(facts(large, dear_one, differs=money))
    told = whole(facts(large, variant("c", gross_annual_return=0.0794, annual_return=0.05), differs=money))
    assert told.endswith(
        " Before costs they made 7.94% to 8.02%: with little money, whole units and what is fixed in money (a "
        "reserve, a smallest trade) weigh more."
    )
    more = facts(A, dear_one, differs=[*only["differs"], {"place": "rebalance.any[0]", "values": [1, 2]}])
    assert headline(more) == "No proven difference in Sharpe ratio"
    assert headline(facts(A, B, differs=[])) == headline(more)


def test_what_hides_every_difference_is_the_headline() -> None:
    span = {"first": "x", "last": "y", "level": 0.95, "years": 0.8}
    assert headline(facts(A, B, span=span)) == "Too short a record to tell them apart"
    poor = facts(variant("a", sharpe=-0.1), variant("b", sharpe=-0.5))
    assert headline(poor) == "None was better than cash"
    twins = facts(A, B, same_returns=[["a", "b"]])
    assert headline(twins) == "One and the same"
    assert "cannot be told apart" not in whole(twins)
    assert whole(twins).endswith("'a' and 'b' hold the same returns to the last digit.")


def test_short_records() -> None:
    span = {"first": "x", "last": "y", "level": 0.95}
    assert "too short" in str(short(facts(A, B, span={**span, "years": 2.9})))
    assert short(facts(A, B, span={**span, "years": 3.0})) is None


def test_invented_prices_are_a_limit_of_every_answer() -> None:
    fake = [{**each, "data": {"name": "made_up", "invented": True}} for each in (A, B)]
    assert str(invented(facts(*fake))).startswith("The prices are invented: ")
    assert str(invented(facts(fake[0], B))).startswith("The prices of a are invented: ")
    assert invented(facts(A, {**B, "data": {"name": "real", "invented": None}})) is None
    twins = facts(*fake, same_returns=[["a", "b"]])
    costs = facts(*fake, differs=[{"place": "costs.commission_bps", "values": [0, 50]}])
    assert all("are invented" in whole(told) for told in (facts(*fake), twins, costs))


def test_the_same_returns() -> None:
    assert same(facts(A, B)) is None
    assert same(facts(A, B, same_returns=[["a", "b"]])) == "a and b hold the same returns to the last digit."


def test_a_benchmark_above_all_runs_is_in_the_verdict() -> None:
    """What the page knows of merely holding is not left open in the sentence about luck."""
    above, below, level = (facts(A, B, benchmark={"sharpe": value}) for value in (1.04, 0.7, 1.004))
    said = "1.00 (95% interval 0.40 to 1.60); the benchmark, at 1.04, had a higher one than any of them."
    assert said in whole(above)
    assert str(lucky(above)).endswith("but that is measured against zero: the benchmark showed more, 1.04.")
    for told, value in ((below, "0.70"), (level, "1.00")):
        assert "than any of them" not in whole(told)
        assert str(lucky(told)).endswith(f"; that is measured against zero: the benchmark showed {value}.")
    assert str(lucky(facts(A, B, benchmark=None))).endswith("is another question.")


def beside(run: dict[str, Any], sharpe: float | None) -> dict[str, Any]:
    """Give a run a benchmark of its own."""
    return {**run, "benchmark": None if sharpe is None else {"sharpe": sharpe}}


def test_benchmarks_that_differ_are_told_where_all_are_above_all_runs() -> None:
    above = facts(beside(A, 1.2), beside(B, 1.1), benchmark=None)
    assert "; each run's own benchmark, at 1.10 to 1.20, had a higher one than any of them." in whole(above)
    assert str(lucky(above)).endswith("measured against zero: each run's own benchmark, at 1.10 to 1.20, showed more.")
    level = facts(beside(A, 1.2), beside(B, 1.2), benchmark=None)
    assert "own benchmark, at 1.20, had" in whole(level)
    for other in (facts(beside(A, 1.2), beside(B, 0.9), benchmark=None), facts(beside(A, 1.2), B, benchmark=None)):
        assert "than any of them" not in whole(other)
        assert str(lucky(other)).endswith("is another question.")


def test_where_costs_alone_differ_each_run_is_held_against_its_own_benchmark() -> None:
    differs = [{"place": "costs.commission_bps", "values": [0, 50]}]
    told = facts(beside(A, 0.9), beside(B, 0.85), benchmark=None, differs=differs)
    assert outrun(told) == "Behind the benchmark at the same costs, in Sharpe ratio: b (0.80 against 0.85)."
    assert "Behind the benchmark at the same costs" in whole(told)
    assert outrun(facts(beside(A, 0.9), beside(B, 0.7), benchmark=None, differs=differs)) is None
    assert outrun(facts(A, B, benchmark=None, differs=differs)) is None
    assert "b (0.80 against 0.90)" in str(outrun(facts(A, B, benchmark={"sharpe": 0.9}, differs=differs)))


def test_who_led_more_often_is_named() -> None:
    parts = [part(str(2013 + k), *row) for k, row in enumerate([(1.0, 0.5), (0.1, 0.9), (0.2, 0.8)])]
    assert led(facts(A, B, periods=parts)) == "It led in one of three years; b in two."
    assert led(facts(B, A, periods=parts)) == "It led in two of three years."


def test_without_interest_nobody_was_ahead() -> None:
    """The most levered account of all would be, were borrowing free."""
    levered = variant("b", sharpe=0.8, gross_sharpe=2.0, financing_drag=0.05)
    assert dear(facts(variant("a", sharpe=1.0, gross_sharpe=1.1), levered)) is None
    assert "Before costs b was ahead" in str(
        dear(facts(variant("a", gross_sharpe=1.1), variant("b", gross_sharpe=2.0)))
    )
