"""Route by which whoever writes reports fetches approved quotes."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request

from chassis import keyset
from chassis.access import OPERATOR, org_of, requires
from chassis.identity import Identity
from chassis.web import uow_of
from contracts.base import Code
from feedback.adapters.quotes import Quotes, Wanted
from feedback.context import context_of
from feedback.web.schemas import QuoteBody, QuotePage

router = APIRouter(prefix="/feedback/v1/quotes", tags=["quotes"])

READ = "feedback:quotes:read"
PAGE = 100
MOST_NAMED = 50
Reader = Annotated[Identity, Depends(requires(READ, "role:qa-officer", "role:senior-reader", OPERATOR))]


@router.get(
    "",
    summary="List approved quotes",
    description="The texts that two people made fit to be used, the last approved first: one redacted, another approved. A "
    "quote that was withdrawn is not there any more: fetch the list anew before each publication. What was written at first "
    "leaves the service in no way.",
)
async def quotes(
    request: Request,
    identity: Reader,
    questionnaire: Annotated[Code, Query()] = "",
    theme: Annotated[Code, Query()] = "",
    service_area: Annotated[Code, Query()] = "",
    after: Annotated[str, Query(max_length=250)] = "",
    quote: Annotated[list[UUID] | None, Query(max_length=MOST_NAMED, description="These quotes alone.")] = None,
) -> QuotePage:
    """A page of approved quotes."""
    wanted = Wanted(questionnaire, theme, service_area, quote)
    place = _place(after)
    async with uow_of(request).begin(org_of(identity)) as transaction:
        found = await Quotes(transaction, context_of(request).secrets).in_use(wanted, identity.areas, PAGE + 1, place)
    last = found[PAGE - 1] if len(found) > PAGE else None
    return QuotePage(
        items=[
            QuoteBody(
                quote_id=each.quote_id,
                version=each.version,
                words=each.words,
                language=each.language,
                questionnaire=each.questionnaire,
                question=each.question,
                service_area=each.service_area,
                themes=list(each.themes),
                released_on=each.released_on,
            )
            for each in found[:PAGE]
        ],
        next=keyset.encode(last.released_on, last.quote_id) if last else None,
    )


def _place(cursor: str) -> tuple[date, UUID] | None:
    if not cursor:
        return None
    try:
        day, ident = keyset.decode(cursor, 2)
        return date.fromisoformat(day), UUID(ident)
    except (ValueError, TypeError, AttributeError):
        raise keyset.malformed() from None
