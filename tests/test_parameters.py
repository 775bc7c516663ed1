"""Texts below fields are their descriptions, for whoever asks."""

from __future__ import annotations

from pydantic import Field

from backtest.config import Config
from backtest.parameters import Parameters, documented


class Plain(Parameters):
    """A class with a text below each field but the last."""

    size: int = 1
    """How large it is.

    A second paragraph."""

    colour: str = Field(default="red", description="said where it is made")
    """not read"""

    bare: float = 0.0


class Derived(Plain):
    """A class that says one thing anew."""

    size: int = 2
    """How large it is here."""


def test_the_text_below_a_field_is_its_description() -> None:
    fields = documented(Plain)
    assert fields["size"].description == "How large it is.\n\nA second paragraph."
    assert fields["colour"].description == "said where it is made"
    assert fields["bare"].description is None


def test_a_class_inherits_texts_and_may_say_its_own() -> None:
    assert documented(Derived)["size"].description == "How large it is here."
    assert documented(Plain)["size"].description == "How large it is.\n\nA second paragraph."


def test_every_section_of_a_configuration_is_described() -> None:
    assert all(field.description for field in documented(Config).values())


def test_a_class_without_a_source_has_no_descriptions() -> None:
    place: dict[str, type[Parameters]] = {"Parameters": Parameters}
    exec("class Made(Parameters):\n    size: int = 1\n    'a text that nobody can read'\n", place)
    assert documented(place["Made"])["size"].description is None
