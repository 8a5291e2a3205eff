"""What the pages of commentary and issuing have in common: who may write, which report is meant, forms."""

from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Depends, Query, Request

from chassis.errors import DomainError, FieldError, Kind
from chassis.identity import Identity
from chassis.pages import Form
from reporting.domain.report_key import ReportKey
from reporting.pages import form_fields
from reporting.use_cases.desk import DeskSetup
from reporting.web.callers import Code

BIG_FORM = 256 * 1024
"""Bytes of a form with a whole text in it, as it is sent."""
SHOWN_AGAIN = {Kind.MALFORMED: 422, Kind.STALE: 412, Kind.CONFLICT: 409, Kind.UNAVAILABLE: 503, Kind.FORBIDDEN: 403}
"""Refusals that are shown beside what was sent, and with which status."""


def key_of(
    report: Code,
    period: Annotated[str, Query(pattern=r"^[a-z0-9][a-z0-9.-]*$", max_length=80)],
    area: Annotated[str, Query(pattern=r"^([a-z0-9][a-z0-9-]*)?$", max_length=80)] = "",
) -> ReportKey:
    """The report that an address means: `?period=2022-23-q1`, and `&area=` for one service area."""
    return ReportKey(report, period, area)


Key = Annotated[ReportKey, Depends(key_of)]


def where(key: ReportKey) -> str:
    """The query of an address of this report."""
    return urlencode({"period": key.period, **({"area": key.service_area} if key.service_area else {})})


def desk_of(key: ReportKey, place: str = "") -> str:
    """The address of the desk of a report, or of a page below it."""
    return f"/reporting/reports/{key.report}/desk{place}?{where(key)}"


def token_for(setup: DeskSetup, identity: Identity) -> str:
    """The token of somebody's forms."""
    return form_fields.token(setup.secrets, identity)


async def posted(request: Request, setup: DeskSetup, identity: Identity) -> Form:
    """The form that was posted from a page of ours."""
    return await form_fields.posted(request, setup.secrets, identity, BIG_FORM)


def id_in(form: Form, name: str = "id") -> UUID:
    """The id that the page chose. Raises DomainError `malformed-form`."""
    try:
        return UUID(form.text(name))
    except ValueError:
        raise DomainError(
            "malformed-form", "The form could not be read. Go back and send it from the page.", Kind.MALFORMED
        ) from None


def errors_of(errors: tuple[FieldError, ...], detail: str, first: str) -> list[tuple[str, str]]:
    """What is wrong beside its fields; the refusal itself at the first field where it names none."""
    return [(each.pointer.removeprefix("/"), each.detail) for each in errors] or [(first, detail)]


def shown_again(error: DomainError) -> int:
    """The status with which a page shows a refusal beside what was sent; raises it where it is not for that."""
    if error.kind not in SHOWN_AGAIN or error.slug in {"other-areas", "being-rebuilt", "unknown-period", "unknown-area"}:
        raise error
    return SHOWN_AGAIN[error.kind]


def error_context(error: DomainError | None, first: str) -> dict[str, Any]:
    """The errors of a page."""
    return {"errors": errors_of(error.errors, error.detail, first) if error else []}
