"""Make a quote of a comment: one person redacts, another approves, and only what was approved leaves this service."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.days import british_day
from chassis.errors import DomainError, Kind, not_found
from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from feedback.adapters import comments
from feedback.adapters.known_names import known_of
from feedback.adapters.quotes import Approved, Happened, Held, Quotes
from feedback.context import Context
from feedback.domain.likely_names import Span, find
from feedback.domain.profile import Organisation
from feedback.domain.quotes import Decision, Quote, State, Step, decide, is_repetition, redacted
from feedback.events.out import quote_released, quote_withdrawn
from feedback.use_cases.read_comments import Comment, read_for_quote
from feedback.use_cases.read_comments import held as read_held

Find = Callable[[str], tuple[Span, ...]]


def finder(organisation: Organisation) -> Find:
    """What finds in a text what may say who somebody is, for an organisation."""
    known = known_of(organisation)
    return lambda text: find(text, known)


@dataclass(frozen=True, slots=True)
class Opened:
    """A comment that is redacted, and its quote where there is one."""

    comment: Comment
    held: Held | None


@dataclass(frozen=True, slots=True)
class SeenQuote:
    """A quote, what it was made of, and what happened to it."""

    held: Held
    comment: Comment
    steps: list[Happened]


async def open_for_redaction(
    transaction: Transaction, context: Context, identity: Identity, comment: UUID, now: datetime
) -> Opened:
    """A comment to be redacted; logged. Raises `not-found`, and `no-consent` (conflict) unless its writer said yes."""
    found = await read_for_quote(transaction, context, identity, comment, now)
    if not found.stored.may_quote:
        detail = "Whoever wrote this has not said that their words may be used, so it is quoted nowhere. Nothing was changed."
        raise DomainError("no-consent", detail)
    return Opened(found, await Quotes(transaction, context.secrets).of_comment(comment, identity.areas))


async def redact_quote(
    transaction: Transaction,
    context: Context,
    identity: Identity,
    comment: UUID,
    edited: str,
    now: datetime,
    *,
    looked: bool,
    seen: int,
) -> UUID:
    """Store what somebody left of a comment; it waits for a second person. Answers the id of the quote.

    What was approved before stays in use until the new text is approved. A second click with the same text changes nothing.
    Raises as `open_for_redaction` and `feedback.domain.quotes.redacted`.
    """
    opened = await open_for_redaction(transaction, context, identity, comment, now)
    quotes = Quotes(transaction, context.secrets)
    held = await quotes.of_comment(comment, identity.areas, lock=True)
    before = held.quote if held else None
    if held and before and _same(before, identity.subject, edited, seen):
        return held.id
    organisation = (await context.profiles.current(transaction)).profile.organisation
    quote = redacted(before, opened.comment.words, edited, identity.subject, finder(organisation), looked=looked, seen=seen)
    if held is None:
        ident = await quotes.add(comment, quote)
        if ident is None:
            # Somebody else was first, a moment ago; or the same person with a second click.
            again = await quotes.of_comment(comment, identity.areas)
            if again and _same(again.quote, identity.subject, edited, seen):
                return again.id
            detail = "Somebody else began this quote a moment ago. Nothing was changed; what you typed is below."
            raise DomainError("changed-meanwhile", detail, Kind.STALE)
    else:
        ident = held.id
        await quotes.save(ident, quote)
    await quotes.add_step(ident, Step.REDACT, quote.revision, identity, now)
    return ident


def _same(quote: Quote, by: str, edited: str, seen: int) -> bool:
    mine = quote.state is State.WAITING and quote.redacted_by == by and quote.revision == seen + 1
    return mine and quote.words == edited.strip()


async def see_quote(transaction: Transaction, context: Context, identity: Identity, ident: UUID, now: datetime) -> SeenQuote:
    """A quote beside what it was made of; that its words were seen is logged. Raises `not-found`."""
    await comments.read_for_comments(transaction)
    quotes = Quotes(transaction, context.secrets)
    held = await quotes.by_id(ident, identity.areas)
    if held is None:
        raise not_found("quote")
    comment = await read_for_quote(transaction, context, identity, held.comment_id, now)
    return SeenQuote(held, comment, await quotes.steps(ident))


async def decide_quote(
    transaction: Transaction, context: Context, identity: Identity, ident: UUID, asked: Decision, now: datetime
) -> Quote:
    """The quote after a step: approved by somebody who did not redact it, sent back, or withdrawn.

    Raises `not-found`, and as `feedback.domain.quotes.decide`.
    """
    await comments.read_for_comments(transaction)
    quotes = Quotes(transaction, context.secrets)
    held = await quotes.by_id(ident, identity.areas)
    held = await quotes.of_comment(held.comment_id, identity.areas, lock=True) if held else None
    if held is None:
        raise not_found("quote")
    if is_repetition(held.quote, asked):
        return held.quote
    after = decide(held.quote, asked)
    today = british_day(now)
    await quotes.save(ident, after)
    await quotes.add_step(ident, asked.step, after.revision, identity, now, asked.reason.strip())
    if asked.step is Step.APPROVE:
        await quotes.withdraw(ident, today)
        stored = await read_held(transaction, identity, held.comment_id)
        approved = _approved(held, stored.themes, now)
        await quotes.approve(held, approved, stored.response_id, identity.subject)
        transaction.record(quote_released(approved), occurred_at=now)
    elif asked.step is Step.WITHDRAW and await quotes.withdraw(ident, today):
        transaction.record(quote_withdrawn(ident, after.version, today), occurred_at=now)
    return after


def _approved(held: Held, themes: tuple[str, ...], now: datetime) -> Approved:
    return Approved(
        quote_id=held.id,
        version=held.quote.version,
        words=held.quote.words,
        questionnaire=held.questionnaire,
        question=held.question,
        service_area=held.service_area,
        themes=themes,
        language=held.language,
        released_on=british_day(now),
    )
