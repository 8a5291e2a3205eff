"""What the profile says that codes mean, as tables that facts are joined to: bound as JSON, read once a statement."""

from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any

import orjson

from reporting.domain.meanings import Meanings

# By name: the columns, and what of the meanings fills them.
MEANINGS: dict[str, tuple[str, Callable[[Meanings], Iterable[Any]]]] = {
    "favourable": (
        "questionnaire text, version integer, question text, choices text[], score_from integer, themes text[], bits bigint",
        lambda meanings: meanings.favourable,
    ),
    "sections": ("tool text, section text, themes text[], bits bigint", lambda meanings: meanings.sections),
    "scales": ("scale text, good text[]", lambda meanings: meanings.scales),
    "natures": ("category text, themes text[], bits bigint", lambda meanings: meanings.natures),
}


def query(name: str) -> str:
    """The table of that name, of a parameter that is called like it."""
    return f"select * from jsonb_to_recordset(cast(:{name} as jsonb)) as v ({MEANINGS[name][0]})"  # noqa: S608 - constants


def parameter(name: str, meanings: Meanings) -> str:
    """What that parameter holds."""
    return orjson.dumps([asdict(each) for each in MEANINGS[name][1](meanings)]).decode()


def of_themes(name: str, meanings: Meanings, themes: tuple[str, ...]) -> str:
    """The same, of what tells of any of these themes: which of them it tells of are the bits of a number."""
    bits = {theme: 1 << place for place, theme in enumerate(themes)}
    told = [(each, sum(bits.get(theme, 0) for theme in set(each.themes))) for each in MEANINGS[name][1](meanings)]
    return orjson.dumps([{**asdict(each), "bits": number} for each, number in told if number]).decode()
