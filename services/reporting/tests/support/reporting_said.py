"""Events of comments, quotes and changes."""

from datetime import date
from typing import Any

from reporting_records import ident

from contracts import feedback
from contracts.base import Event

DAY, LATER = date(2022, 5, 4), date(2022, 6, 1)


def themed(reference: str, *themes: str, question: str = "in-your-words", **more: Any) -> feedback.CommentThemed:
    """A comment with its themes."""
    fields: dict[str, Any] = {
        "questionnaire": "have-your-say", "questionnaire_version": 1, "channel": "link", "service_area": "send",
        "about_on": DAY, "answered_on": DAY, "themed_on": LATER,
    }  # fmt: skip
    return feedback.CommentThemed(
        response_id=ident("response", reference), question=question, themes=themes, **{**fields, **more}
    )


def released(reference: str, version: int = 1, *themes: str, on: date = DAY) -> feedback.QuoteReleased:
    """A quote that may be used."""
    return feedback.QuoteReleased(
        quote_id=ident("quote", reference), version=version, questionnaire="have-your-say", question="in-your-words",
        service_area="send", themes=themes, released_on=on,
    )  # fmt: skip


def taken_back(reference: str, version: int = 1) -> feedback.QuoteWithdrawn:
    """A quote that may not be used any more."""
    return feedback.QuoteWithdrawn(quote_id=ident("quote", reference), version=version, withdrawn_on=LATER)


def published(reference: str, revision: int, *themes: str, on: date = DAY) -> feedback.ChangePublished:
    """A change on the public page."""
    asked = feedback.AnsweredQuestion(questionnaire="new-ehcp", question="easy-to-contact")
    return feedback.ChangePublished(
        change_id=ident("change", reference), revision=revision, service_area="send", happened_on=DAY, published_on=on,
        questions=(asked,), themes=themes, quotes=1, has_action=True,
    )  # fmt: skip


def taken_off(reference: str, revision: int) -> feedback.ChangeWithdrawn:
    """A change that was taken off."""
    return feedback.ChangeWithdrawn(change_id=ident("change", reference), revision=revision, withdrawn_on=LATER)


def all_that_was_said() -> list[Event]:
    """At least one row of every fact of these."""
    return [themed("a", "timeliness"), released("a"), taken_back("a"), published("a", 2), taken_off("a", 3)]
