"""Publish a working copy: it is in force from its day on, everybody is told, and it is written down who published what."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from chassis.days import british_day
from chassis.errors import DomainError, Kind
from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from feedback.adapters import copies
from feedback.adapters.copies import Copy, Publication
from feedback.adapters.profiles import Stored
from feedback.context import Context
from feedback.domain.draft_check import check_draft
from feedback.domain.publishing import Plan, plan, publish
from feedback.domain.questionnaire import Questionnaire
from feedback.events.out import questionnaire_published
from feedback.use_cases.edit_questionnaire import copy_gone


@dataclass(frozen=True, slots=True)
class Asked:
    """What an officer asks to be published: the copy as they saw it, and the day from which a new version is asked."""

    copy: UUID
    revision: int
    from_: date | None


async def publish_copy(
    transaction: Transaction, context: Context, identity: Identity, code: str, asked: Asked, now: datetime
) -> Publication:
    """Publish a working copy, once: a second click answers what the first published.

    Raises `DomainError`: copy-gone; changed-meanwhile (stale); moved, where the questionnaire was changed otherwise since the
    copy was begun; not-ready, where something stops it; nothing-to-publish; wrong-day.
    """
    await context.profiles.lock(transaction)
    done = await copies.publication(transaction, context.secrets, asked.copy)
    if done is not None:
        return done
    copy = await copies.find(transaction, context.secrets, code, lock=True)
    stored = await context.profiles.in_force(transaction)
    if copy is None or copy.id != asked.copy or stored is None:
        raise copy_gone()
    if copy.revision != asked.revision:
        detail = f"{copy.changed_by_name} changed the working copy since you looked. Nothing was published. Look at it again."
        raise DomainError("changed-meanwhile", detail, Kind.STALE)
    before = _questionnaire(stored, code)
    if before is None and copy.base is not None:
        detail = (
            "This questionnaire is in the organisation's profile no more. Nothing was published. Ask whoever applies the "
            "profile to put its file back, or begin a new questionnaire."
        )
        raise DomainError("not-in-profile", detail, Kind.CONFLICT)
    if before != copy.base:
        detail = (
            "The questionnaire was changed otherwise since this copy was begun. Nothing was published: take that over first."
        )
        raise DomainError("moved", detail, Kind.CONFLICT)
    planned = plan(copy.draft, before, british_day(now))
    _assert_ready(stored, copy, before, planned)
    edition = 1 + max((each.edition for each in await copies.publications(transaction, context.secrets, code)), default=0)
    edition = max(edition, before.edition + 1 if before else 1)
    document = publish(copy.draft, code, before, planned, asked.from_ or planned.earliest, edition)
    others = [each for each in stored.document["questionnaires"] if each["code"] != code]
    place = next((n for n, each in enumerate(stored.document["questionnaires"]) if each["code"] == code), len(others))
    whole = {**stored.document, "questionnaires": [*others[:place], document, *others[place:]]}
    await context.profiles.apply(transaction, stored.version, whole, identity.subject)
    made = Questionnaire.model_validate(document)
    newest = made.versions[-1]
    result = Publication(
        copy.id, code, made.edition, newest.version, newest.from_, planned.becomes, planned.changes, copy.draft.sources, now,
        identity.label or identity.subject,
    )  # fmt: skip
    await copies.add_publication(transaction, context.secrets, identity, result, stored.number + 1)
    await copies.discard(transaction, code)
    transaction.record(questionnaire_published(made))
    return result


def _assert_ready(stored: Stored, copy: Copy, before: Questionnaire | None, planned: Plan) -> None:
    themes = {each["code"] for each in stored.document["organisation"].get("themes", ())}
    checked = check_draft(copy.draft, copy.code, before, themes)
    if checked.errors:
        words = "; ".join(each.words for each in checked.errors[:3])
        raise DomainError("not-ready", f"Nothing was published: {words}.", Kind.CONFLICT)
    if planned.becomes == "nothing":
        raise DomainError("nothing-to-publish", "The working copy says the same as what is in force.", Kind.CONFLICT)


def _questionnaire(stored: Stored, code: str) -> Questionnaire | None:
    found = next((each for each in stored.document["questionnaires"] if each["code"] == code), None)
    return Questionnaire.model_validate(found) if found else None
