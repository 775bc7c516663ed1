"""The base of everything a user can configure: frozen, closed, documented."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Parameters(BaseModel):
    """Values that a user may write.

    Frozen; unknown keys are refused; each default is written once, here in a subclass, beside what it drives.
    The first line of a field's description is what `backtest list` and the JSON Schema show.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=False,
        allow_inf_nan=False,
        validate_default=True,
        use_attribute_docstrings=True,
    )
