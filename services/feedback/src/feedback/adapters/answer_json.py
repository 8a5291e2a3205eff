"""Answers as JSON in a column."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import orjson

from feedback.domain.answers import Answer


def dump(answer: Answer, seal: Callable[[str], str]) -> dict[str, Any]:
    """An answer of a draft; a free text is sealed on its way."""
    kept = plain(answer)
    sealed = seal(answer.text) if answer.text is not None else answer.sealed
    return kept | {"sealed": sealed} if sealed is not None else kept


def plain(answer: Answer) -> dict[str, Any]:
    """An answer without its free text."""
    kept: dict[str, Any] = {"state": answer.state}
    if answer.choices:
        kept["choices"] = list(answer.choices)
    if answer.score is not None:
        kept["score"] = answer.score
    if answer.day is not None:
        kept["date"] = answer.day.isoformat()
    return kept


def load_all(document: str) -> dict[str, Answer]:
    """The answers of a draft by question."""
    return {question: _load(kept) for question, kept in orjson.loads(document).items()}


def _load(kept: Mapping[str, Any]) -> Answer:
    return Answer(
        kept["state"],
        choices=tuple(kept.get("choices", ())),
        score=kept.get("score"),
        sealed=kept.get("sealed"),
        day=date.fromisoformat(kept["date"]) if "date" in kept else None,
    )
