"""What every staff page of audits at work has in common: the open transaction, who is looking, forms, days that people type."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse

from audit.context import Context
from audit.domain.profile import AuditProfile
from audit.pages.view import Words
from audit.use_cases.see_audit import MANAGER, OFFICER, READER, Viewer, viewer_of
from chassis.access import identity_of, org_of, requires
from chassis.errors import DomainError, FieldError
from chassis.identity import Identity
from chassis.pages import Form, csrf_token, page, read_form, staff_chrome, ways_between
from chassis.pages.forms import require_token
from chassis.unit_of_work import Transaction
from chassis.web import uow_of

Staff = Annotated[Identity, Depends(requires(OFFICER, READER, MANAGER))]
Overseer = Annotated[Identity, Depends(requires(OFFICER, READER))]
Officer = Annotated[Identity, Depends(requires(OFFICER))]
FORM_BYTES = 256 * 1024
"""Of one form: an entry has up to four texts of 10,000 letters, each letter up to twelve bytes when sent."""

Errors = Sequence[tuple[str, str]]

WAYS = (
    ("Your work", "/audit/", (OFFICER, READER, MANAGER)),
    ("Audits", "/audit/audits", (OFFICER, READER, MANAGER)),
    ("Actions", "/audit/actions", (OFFICER, READER, MANAGER)),
    ("Programmes", "/audit/programmes", (OFFICER, READER)),
    ("Calendar", "/audit/calendar", (OFFICER, READER)),
    ("Tools", "/audit/tools", (OFFICER, READER, MANAGER)),
    ("Agreement", "/audit/agreement", (OFFICER, READER)),
    ("Your agreement", "/audit/agreement/mine", (MANAGER,)),
    ("Disputes", "/audit/disputes", (OFFICER, READER, MANAGER)),
    ("Good practice", "/audit/acknowledgements", (OFFICER, READER, MANAGER)),
    ("Outcomes", "/audit/outcomes", (OFFICER, READER)),
    ("Staff", "/audit/people", (OFFICER,)),
)
"""Ways between the pages of this service, for those who may go them."""

_WITHIN = (("/audit/rounds", "/audit/programmes"),)
"""Addresses of pages that are reached by a way with another address."""


@dataclass(frozen=True)
class Desk:
    """A page at work: its request, transaction, profile, and who is looking."""

    request: Request
    transaction: Transaction
    context: Context
    profile: AuditProfile
    viewer: Viewer

    @property
    def identity(self) -> Identity:
        """Who is looking, as they came in."""
        return self.viewer.identity

    @property
    def words(self) -> Words:
        """The profile's words for codes."""
        return Words(self.profile)

    def show(self, template: str, status: int = 200, **context: Any) -> HTMLResponse:
        """Answer with a page."""
        return page(
            self.request,
            template,
            status,
            organisation=self.profile.organisation.name,
            token=csrf_token(form_key(self.context, self.transaction.org), self.identity.subject),
            today=self.context.today,
            **{"errors": [], **context},
        )


def chrome(request: Request) -> dict[str, Any]:
    """What stands around every page, also around error pages: the installation's frame, and the ways of this service."""
    path = next((way for begin, way in _WITHIN if request.url.path.startswith(begin)), request.url.path)
    return {**staff_chrome(request), "audit_ways": ways_between(path, identity_of(request), WAYS)}


def form_key(context: Context, org: str) -> bytes:
    """The key of the tokens in forms."""
    return context.secrets.key(org, "audit/forms")


@asynccontextmanager
async def desk(request: Request, identity: Identity) -> AsyncIterator[Desk]:
    """Open a transaction for a page; it commits when the page is made."""
    context: Context = request.app.state.context
    async with uow_of(request).begin(org_of(identity)) as transaction:
        profile = (await context.profiles.current(transaction)).profile
        yield Desk(request, transaction, context, profile, await viewer_of(transaction, context, identity))


async def posted(request: Request, identity: Identity) -> Form:
    """The form that was posted from a page of ours. Read before a transaction is opened: a slow phone holds no connection."""
    form = await read_form(request, max_bytes=FORM_BYTES)
    context: Context = request.app.state.context
    require_token(form, form_key(context, org_of(identity)), identity.subject)
    return form


def errors_of(error: DomainError) -> list[tuple[str, str]]:
    """The violations of a refused form beside its fields; the refusal itself where it names none."""
    found = [(field_id(each), each.detail) for each in error.errors]
    return found or [("main-content", error.detail)]


def field_id(error: FieldError) -> str:
    """The id of the field that an error is about: the pointer with hyphens."""
    return error.pointer.strip("/").replace("/", "-").replace("_", "-") or "main-content"
