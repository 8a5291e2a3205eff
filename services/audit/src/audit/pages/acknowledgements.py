"""Staff pages of acknowledged practice: the list, and one record with who was told."""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from audit.adapters.acknowledgements import PracticeFilters
from audit.pages.dispute_words import Labels, history
from audit.pages.disputes import around, setup_of
from audit.use_cases.dispute_cursors import day_of
from audit.use_cases.dispute_setup import MANAGER, OFFICER, SENIOR_READER
from audit.use_cases.read_acknowledgements import list_acknowledgements, read_acknowledgement
from chassis import keyset
from chassis.access import org_of, requires
from chassis.identity import Identity
from chassis.pages import page
from chassis.web import uow_of

PAGE_ROWS = 50
FILTERS = ("service_area", "theme", "origin", "to_confirm")

router = APIRouter(prefix="/audit/acknowledgements", include_in_schema=False)

Staff = Annotated[Identity, Depends(requires(OFFICER, MANAGER, SENIOR_READER))]


@router.get("")
async def acknowledgements_page(request: Request, identity: Staff) -> HTMLResponse:
    """The acknowledgements that the reader may see, the newest first."""
    given = {name: request.query_params.get(name, "")[:80] for name in FILTERS}
    after = request.query_params.get("after")
    filters = PracticeFilters(
        service_area=given["service_area"] or None,
        theme=given["theme"] or None,
        origin=given["origin"] or None,
        to_confirm=given["to_confirm"] == "yes",
    )
    async with uow_of(request).begin(org_of(identity)) as transaction:
        found = await list_acknowledgements(
            transaction,
            setup_of(request),
            identity,
            filters,
            limit=PAGE_ROWS,
            after=day_of(after[:200] if after else None),
        )
    last = found.items[-1] if found.more else None
    kept = {name: value for name, value in given.items() if value}
    return page(
        request,
        "acknowledgements.html",
        title="Practice acknowledgements",
        found=found,
        given=given,
        narrowed=bool(kept),
        may_record=identity.may(OFFICER, MANAGER) and found.profile.audit.acknowledgements is not None,
        first=_address(kept) if after else None,
        further=_address(kept | {"after": keyset.encode(last.content.acknowledged_on, last.id)}) if last else None,
        **around(Labels(found.profile, found.people)),
    )


@router.get("/{acknowledgement_id}")
async def acknowledgement_page(request: Request, identity: Staff, acknowledgement_id: UUID) -> HTMLResponse:
    """One acknowledgement: what was good, who was told, and everything that was done."""
    async with uow_of(request).begin(org_of(identity)) as transaction:
        view = await read_acknowledgement(transaction, setup_of(request), identity, acknowledgement_id)
    labels = Labels(view.profile, view.people)
    return page(
        request,
        "acknowledgement.html",
        title=f"Practice acknowledgement {view.record.reference}",
        view=view,
        record=view.record,
        content=view.record.content,
        history=history(view.changes, labels),
        **around(labels),
    )


def _address(parts: Mapping[str, str]) -> str:
    return "/audit/acknowledgements" + (f"?{urlencode(parts)}" if parts else "")
