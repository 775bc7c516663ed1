"""Names of runs in sentences: bold on the page, in quotation marks elsewhere, and never markup of their own."""

from backtest import Study
from backtest.report.comparison import read_study, verdict
from backtest.report.comparison.facts import names_of, with_marked_names
from backtest.report.comparison.page import render
from backtest.report.comparison.verdict import paragraphs
from backtest.report.names import FIRST, LAST, marked, quoted


def test_a_marked_name_is_quoted() -> None:
    assert quoted(f"that of {marked('never')}, never less") == "that of 'never', never less"
    assert quoted("no name") == "no name"


def test_every_name_that_the_verdict_says_is_marked(study: Study) -> None:
    found = read_study(study.folder)
    facts = with_marked_names(found.facts)
    said = " ".join(text for _, text in paragraphs(facts))
    without = " ".join(text for _, text in paragraphs(found.facts))
    assert said.replace(FIRST, "").replace(LAST, "") == without
    assert said.count(FIRST) == said.count(LAST) > 0
    bare = "".join(part.partition(LAST)[2] for part in said.split(FIRST)[1:])
    assert not any(name in bare for name in names_of(found.facts))
    assert FIRST not in verdict(found.facts)


def test_no_mark_is_left_on_the_page(study: Study) -> None:
    text = render(read_study(study.folder))
    assert FIRST not in text
    assert LAST not in text
    best = read_study(study.folder).facts["ranking"][0]
    assert f"<b>{best}</b> had the highest Sharpe ratio" in text
