"""A questionnaire as the file of a profile, so that the folder can be brought up to date with what the pages published."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import yaml

_NUMBER = re.compile(r"[-+]?[0-9]")
_WIDTH = 120
_FLOWING = frozenset({"languages", "needs_review", "positive", "worry", "themes", "show_if"})
_ORDER = (
    "code", "name", "title", "audience", "about", "languages", "needs_review", "edition", "intro", "easy_intro", "thank_you",
    "versions",
)  # fmt: skip
_LEFT_OUT = frozenset({"title", "easy_intro", "easy", "easy_hint", "picture"})
"""Fields that are left out where they hold nothing; all others stand in the file, so that reading it shows all there is."""


class _Flow(dict[str, Any]):
    """A mapping on one line."""


class _Row(list[Any]):
    """A list on one line."""


class _Dumper(yaml.SafeDumper):
    """Indents lists below their key, as the profiles do."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - PyYAML's
        return super().increase_indent(flow, indentless=False)


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    """A text; one that begins as a number is quoted, since readers of YAML 1.2 know more numbers than PyYAML does (1e3)."""
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="'" if _NUMBER.match(value) else None)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(_Flow, lambda dumper, value: dumper.represent_mapping("tag:yaml.org,2002:map", value, flow_style=True))
_Dumper.add_representer(_Row, lambda dumper, value: dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=True))


def file_of(questionnaire: Mapping[str, Any], head: str) -> bytes:
    """The file's bytes; `head` is a comment of one line, of which nothing is read."""
    ordered = {name: questionnaire[name] for name in _ORDER if name in questionnaire}
    text = yaml.dump(
        _shaped(ordered), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=_WIDTH, default_flow_style=False
    )
    return f"# {' '.join(head.split())}\n{text}".encode()


def _shaped(value: Any, name: str = "") -> Any:
    if name == "from":
        return date.fromisoformat(value)
    if isinstance(value, Mapping):
        kept = {key: _shaped(each, key) for key, each in value.items() if each is not None or key not in _LEFT_OUT}
        return _Flow(kept) if name in _FLOWING else kept
    if isinstance(value, list | tuple):
        if name in {"options", "labels"}:
            return [_Flow({key: _flowing(each) for key, each in item.items() if each is not None}) for item in value]
        items = [_shaped(each) for each in value]
        return _Row(items) if name in _FLOWING or not items else items
    return value


def _flowing(value: Any) -> Any:
    return _Flow(value) if isinstance(value, Mapping) else value
