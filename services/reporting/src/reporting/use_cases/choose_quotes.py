"""Choosing quotes for a report: which are approved is asked of the feedback service, and which were chosen is kept, by id."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis.errors import DomainError, FieldError, Kind
from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from reporting.adapters.commentary_repository import Chosen, CommentaryRepository, SavedMeanwhileError
from reporting.adapters.quote_client import ApprovedQuote, QuoteFilter
from reporting.domain.report_key import ReportKey
from reporting.use_cases.desk import DeskSetup, found_report

MOST = 30
"""Quotes of a report."""


@dataclass(frozen=True)
class Offered:
    """Quotes to choose from: those chosen that may still be used first; how many of the chosen may not; and the next page."""

    quotes: tuple[ApprovedQuote, ...]
    gone: int
    next: str | None


def areas_of(identity: Identity, key: ReportKey) -> frozenset[str]:
    """Whose quotes may stand in a report: those of its service area, else all that the officer sees."""
    return frozenset({key.service_area}) if key.service_area else identity.areas


async def see_choice(transaction: Transaction, setup: DeskSetup, identity: Identity, key: ReportKey) -> Chosen:
    """Which quotes are chosen now. Raises as `found_report`."""
    await found_report(transaction, setup, identity, key)
    return await CommentaryRepository(transaction, setup.secrets).chosen(key)


async def offered(
    setup: DeskSetup, org: str, areas: frozenset[str], chosen: Sequence[UUID], wanted: QuoteFilter, after: str
) -> Offered:
    """Quotes to choose from; no transaction is open while the feedback service is asked. Raises as `QuoteClient.read`."""
    held = await read_chosen(setup, org, areas, chosen) if chosen and not after else ()
    found, following = await setup.quotes.read(org, areas, wanted, after)
    mine = set(chosen)
    gone = len(mine) - len(held) if not after else 0
    return Offered((*held, *(each for each in found if each.quote_id not in mine)), gone, following)


async def read_chosen(setup: DeskSetup, org: str, areas: frozenset[str], chosen: Sequence[UUID]) -> tuple[ApprovedQuote, ...]:
    """The chosen quotes that may be used now, in the order in which they were chosen. Raises as `QuoteClient.read`."""
    if not chosen:
        return ()
    found, _ = await setup.quotes.read(org, areas, QuoteFilter(quotes=chosen))
    by_id = {each.quote_id: each for each in found}
    return tuple(by_id[ident] for ident in chosen if ident in by_id)


async def choose(
    transaction: Transaction, setup: DeskSetup, identity: Identity, key: ReportKey, seen: int, quotes: Sequence[UUID]
) -> None:
    """Keep a choice. Raises `saved-meanwhile` (stale) where somebody was faster, and `too-many-quotes`."""
    chosen = tuple(dict.fromkeys(quotes))
    if len(chosen) > MOST:
        detail = f"Choose {MOST} quotes at most: a panel reads no more. You chose {len(chosen)}"
        raise DomainError("too-many-quotes", detail, Kind.MALFORMED, (FieldError("/quotes", detail),))
    now = await see_choice(transaction, setup, identity, key)
    if now.quote_ids == chosen:
        return
    if now.version != seen:
        raise _stale()
    try:
        await CommentaryRepository(transaction, setup.secrets).choose(key, seen + 1, chosen, identity)
    except SavedMeanwhileError:
        raise _stale() from None


def _stale() -> DomainError:
    detail = "Somebody else chose quotes for this report after you opened the page. Nothing was lost: look at both, then save."
    return DomainError("saved-meanwhile", detail, Kind.STALE)
