"""A configuration as YAML: every default visible, in the order of the model, reading back as an equal one."""

from __future__ import annotations

import yaml

from backtest.config.model import Config
from backtest.config.scalars import TEXT, CoreWords


def dump(config: Config) -> str:
    """Return the whole configuration as YAML."""
    return yaml.dump(
        config.model_dump(mode="json"),
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=None,  # what has nothing below it stands on one line
        width=110,
    )


class _Dumper(yaml.SafeDumper):
    """Quotes what `scalars` would read as something else, and nothing besides; `on` is a word like any other."""

    yaml_implicit_resolvers = CoreWords.yaml_implicit_resolvers

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002
        """Write equal values out twice."""
        return True

    def represent_text(self, text: str) -> yaml.ScalarNode:
        """Escape what cannot be printed: PyYAML loses some line breaks in other styles."""
        return self.represent_scalar(TEXT, text, style=None if text.isprintable() else '"')


_Dumper.add_representer(str, _Dumper.represent_text)
