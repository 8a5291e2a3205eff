"""Write, publish and take off what was changed because of feedback; and what stands on the public page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from chassis.days import british_day
from chassis.errors import DomainError, Kind, not_found
from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from feedback.adapters.changes import Changes, Happened, StoredChange
from feedback.adapters.quotes import Approved, Quotes, Wanted
from feedback.context import Context
from feedback.domain.changes import About, Change, Known, Said, State, publish, withdraw, write
from feedback.domain.profile import FeedbackProfile, Organisation
from feedback.events.out import change_published, change_withdrawn
from feedback.use_cases.make_quote import finder

SHOWN = 30  # on one public page


@dataclass(frozen=True, slots=True)
class SeenChange:
    """A change, the quotes that stand beside it, and what was done with it."""

    stored: StoredChange
    quotes: Sequence[Approved]
    steps: Sequence[Happened]


@dataclass(frozen=True, slots=True)
class PublicPage:
    """What stands on the public page; `areas` have something there, `more` is the place after which there is more."""

    organisation: Organisation
    changes: Sequence[StoredChange]
    quotes: Mapping[UUID, Approved]
    areas: Sequence[tuple[str, str]]
    more: tuple[date, UUID] | None


def questions_of(profile: FeedbackProfile) -> dict[str, str]:
    """Every question that a questionnaire asks or asked, as questionnaire/question, with its newest wording."""
    return {
        f"{each.code}/{question.code}": question.text["en"]
        for each in profile.questionnaires
        for version in each.versions
        for question in version.questions
    }


async def list_changes(transaction: Transaction, context: Context, identity: Identity) -> list[StoredChange]:
    """The changes of the caller's service areas, the last that happened first."""
    return await Changes(transaction, context.secrets).all(identity.areas)


async def usable_quotes(transaction: Transaction, context: Context, identity: Identity) -> list[Approved]:
    """The approved quotes that can stand beside a change."""
    return await Quotes(transaction, context.secrets).in_use(Wanted(), identity.areas)


async def see_change(transaction: Transaction, context: Context, identity: Identity, ident: UUID) -> SeenChange:
    """A change of the caller's service areas. Raises `not-found`."""
    changes = Changes(transaction, context.secrets)
    stored = await changes.one(ident, identity.areas)
    if stored is None:
        raise not_found("change")
    wanted = Wanted(ids=stored.about.quotes)
    return SeenChange(stored, await Quotes(transaction, context.secrets).in_use(wanted, ()), await changes.steps(ident))


async def write_change(
    transaction: Transaction,
    context: Context,
    identity: Identity,
    ident: UUID,
    seen: int,
    about: About,
    words: Mapping[str, Said],
    now: datetime,
) -> None:
    """Store what somebody wrote. `ident` was made with the form, so that a second click changes nothing.

    Raises as `feedback.domain.changes.write`; `not-found` for what is not of the caller's service areas.
    """
    changes = Changes(transaction, context.secrets)
    stored = await changes.one(ident, (), lock=True)
    if stored is not None and identity.areas and stored.about.service_area not in identity.areas:
        raise not_found("change")
    if stored is None and seen:
        raise not_found("change")
    before = stored.change if stored else None
    if before and (before.state, before.revision, before.about, before.words) == (State.DRAFT, seen + 1, about, words):
        return
    profile = (await context.profiles.current(transaction)).profile
    after = write(before, seen, about, words, await _known(transaction, context, identity, profile, before), british_day(now))
    if before is None:
        if not await changes.add(ident, after):
            raise DomainError("changed-meanwhile", "This was stored a moment ago. Open the list of changes.", Kind.STALE)
    else:
        await changes.save(ident, after)
    await changes.add_step(ident, "write", after.revision, identity, now)


async def _known(
    transaction: Transaction, context: Context, identity: Identity, profile: FeedbackProfile, before: Change | None
) -> Known:
    areas = [area.code for area in profile.organisation.service_areas if not identity.areas or area.code in identity.areas]
    usable = await usable_quotes(transaction, context, identity)
    # What it named before it may name still, although the profile has moved on.
    questions = {*questions_of(profile), *(before.about.questions if before else ())}
    themes = {*(theme.code for theme in profile.organisation.themes), *(before.about.themes if before else ())}
    return Known(areas, questions, themes, {each.quote_id for each in usable})


async def publish_change(
    transaction: Transaction, context: Context, identity: Identity, ident: UUID, seen: int, now: datetime, *, looked: bool
) -> None:
    """Put a change on the public page, and tell of it. A second click changes nothing. Raises as the domain's `publish`."""
    changes, stored = await _locked(transaction, context, identity, ident)
    if await _repeated(changes, stored, identity, "publish", seen):
        return
    organisation = (await context.profiles.current(transaction)).profile.organisation
    after = publish(stored.change, seen, finder(organisation), british_day(now), looked=looked)
    await changes.save(ident, after)
    await changes.add_step(ident, "publish", after.revision, identity, now)
    transaction.record(change_published(StoredChange(ident, after)), occurred_at=now)


async def withdraw_change(
    transaction: Transaction, context: Context, identity: Identity, ident: UUID, seen: int, reason: str, now: datetime
) -> None:
    """Take a change off the public page, and tell of it. A second click changes nothing. Raises as the domain's `withdraw`."""
    changes, stored = await _locked(transaction, context, identity, ident)
    if await _repeated(changes, stored, identity, "withdraw", seen):
        return
    after = withdraw(stored.change, seen, reason)
    await changes.save(ident, after)
    await changes.add_step(ident, "withdraw", after.revision, identity, now, reason.strip())
    transaction.record(change_withdrawn(ident, after.revision, british_day(now)), occurred_at=now)


async def _locked(transaction: Transaction, context: Context, identity: Identity, ident: UUID) -> tuple[Changes, StoredChange]:
    changes = Changes(transaction, context.secrets)
    stored = await changes.one(ident, identity.areas, lock=True)
    if stored is None:
        raise not_found("change")
    return changes, stored


async def _repeated(changes: Changes, stored: StoredChange, identity: Identity, what: str, seen: int) -> bool:
    """Whether it is the second click on a step that was taken."""
    if stored.revision != seen + 1:
        return False
    last = (await changes.steps(stored.id))[-1]
    return (last.what, last.by_subject) == (what, identity.subject)


async def public_page(
    transaction: Transaction, context: Context, area: str | None, after: tuple[date, UUID] | None
) -> PublicPage:
    """What was changed because of feedback, for everybody. Raises `no-profile` for an organisation that there is not."""
    organisation = (await context.profiles.current(transaction)).profile.organisation
    changes = Changes(transaction, context.secrets)
    # An area that there is not narrows nothing: a family did not type it.
    found = await changes.public(area if organisation.area(area or "") else None, SHOWN + 1, after)
    shown = found[:SHOWN]
    wanted = Wanted(ids={ident for each in shown for ident in each.about.quotes})
    quotes = await Quotes(transaction, context.secrets).in_use(wanted, ()) if wanted.ids else []
    used = await changes.public_areas()
    areas = [(each.code, each.name) for each in organisation.service_areas if each.code in used]
    last = shown[-1] if len(found) > SHOWN else None
    more = (last.about.happened_on, last.id) if last else None
    return PublicPage(organisation, shown, {each.quote_id: each for each in quotes}, areas, more)
