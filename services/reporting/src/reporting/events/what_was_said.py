"""From the events of comments, quotes and changes to their facts."""

from collections.abc import Callable
from typing import Any

from chassis.consumer import Received
from contracts import feedback
from reporting.adapters import said_facts as facts
from reporting.events.rows import Batch


def comment_themed(batch: Batch, received: Received, event: feedback.CommentThemed) -> None:
    """A comment with all themes that it has now."""
    batch.put(facts.COMMENT, received, event.model_dump() | {"themes": sorted(set(event.themes))})


def quote_released(batch: Batch, received: Received, event: feedback.QuoteReleased) -> None:
    """A quote that may be used, in its newest version."""
    batch.put(facts.QUOTE, received, event.model_dump() | {"themes": sorted(set(event.themes))})


def quote_withdrawn(batch: Batch, received: Received, event: feedback.QuoteWithdrawn) -> None:
    """A quote that may not be used any more, up to a version."""
    batch.put(facts.QUOTE_WITHDRAWAL, received, event.model_dump())


def change_published(batch: Batch, received: Received, event: feedback.ChangePublished) -> None:
    """A change that stands on the public page."""
    questions = sorted({f"{each.questionnaire}/{each.question}" for each in event.questions})
    row = event.model_dump() | {"themes": sorted(set(event.themes)), "questions": questions}
    batch.put(facts.CHANGE, received, row)


def change_withdrawn(batch: Batch, received: Received, event: feedback.ChangeWithdrawn) -> None:
    """A change that was taken off, until it is published in a later revision."""
    batch.put(facts.CHANGE_WITHDRAWAL, received, event.model_dump())


HANDLERS: dict[type, Callable[[Batch, Received, Any], None]] = {
    feedback.CommentThemed: comment_themed,
    feedback.QuoteReleased: quote_released,
    feedback.QuoteWithdrawn: quote_withdrawn,
    feedback.ChangePublished: change_published,
    feedback.ChangeWithdrawn: change_withdrawn,
}
