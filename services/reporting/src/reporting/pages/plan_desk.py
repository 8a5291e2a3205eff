"""What the pages of improvement plans have in common: who may write, the open transaction, forms, refusals shown again."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi import Request
from starlette.responses import HTMLResponse, Response

from chassis.access import org_of
from chassis.errors import DomainError, Kind
from chassis.identity import Identity
from chassis.ids import new_id
from chassis.pages import Form, page, redirect
from chassis.unit_of_work import Transaction
from chassis.web import uow_of
from reporting.adapters.staff_directory import Seen
from reporting.domain.day_words import day_words
from reporting.domain.profile import Profile
from reporting.pages import form_fields
from reporting.pages.ways import COMPLAINTS_OFFICER, OFFICER
from reporting.use_cases.plan_setup import PlanSetup

Errors = Sequence[tuple[str, str]]

_STATUS = {Kind.MALFORMED: 422, Kind.STALE: 412, Kind.CONFLICT: 409}
_FIELDS = {"due_on": "due"}
BIG_FORM = 128 * 1024


@dataclass(frozen=True)
class Desk:
    """A page at work: its request, transaction, profile, who is looking, and the staff directory where it was asked for."""

    request: Request
    transaction: Transaction
    setup: PlanSetup
    profile: Profile
    identity: Identity
    seen: Seen | None = None

    @property
    def staff(self) -> Seen:
        """The staff directory."""
        if self.seen is None:  # pragma: no cover - a page that needs it and does not ask is a mistake of ours
            raise TypeError("this page did not ask for the staff directory")
        return self.seen

    @property
    def writes(self) -> bool:
        """Whether whoever looks may change plans."""
        return self.identity.may(OFFICER, COMPLAINTS_OFFICER)

    def show(
        self, template: str, error: DomainError | None = None, first: str = "main-content", **context: Any
    ) -> HTMLResponse:
        """Answer with a page; with a refusal beside its fields, where there is one."""
        return page(
            self.request,
            template,
            _STATUS[error.kind] if error else 200,
            organisation=self.profile.organisation.name,
            token=form_fields.token(self.setup.secrets, self.identity),
            errors=errors_of(error, first) if error else [],
            stale=error is not None and error.kind is Kind.STALE,
            day=day_words,
            writes=self.writes,
            **context,
        )


@asynccontextmanager
async def desk(request: Request, setup: PlanSetup, identity: Identity, staff: Seen | None = None) -> AsyncIterator[Desk]:
    """Open a transaction for a page; it commits when the page is made. One that shows owners is given the `staff`."""
    async with uow_of(request).begin(org_of(identity)) as transaction:
        profile = (await setup.profiles.current(transaction)).profile
        yield Desk(request, transaction, setup, profile, identity, staff)


async def staff_of(setup: PlanSetup, identity: Identity) -> Seen:
    """The staff directory, or why it cannot be read; asked before a transaction is open, which would wait for it too."""
    return await setup.staff.seen(org_of(identity))


async def saved(
    request: Request,
    setup: PlanSetup,
    identity: Identity,
    save: Callable[[Desk, Form], Awaitable[str]],
    again: Callable[[Desk, Form, DomainError], Awaitable[Response]],
    *,
    staffed: bool = False,
) -> Response:
    """Do what a form of ours asks, and go to the address that this gives; a refusal is shown beside what was typed."""
    form = await form_fields.posted(request, setup.secrets, identity, BIG_FORM)
    staff = await staff_of(setup, identity) if staffed else None
    try:
        async with desk(request, setup, identity, staff) as at:
            to = await save(at, form)
    except DomainError as error:
        if error.kind not in _STATUS or error.slug == "no-profile":
            raise
        async with desk(request, setup, identity, staff) as at:
            return await again(at, form, error)
    return redirect(to)


def errors_of(error: DomainError, first: str) -> list[tuple[str, str]]:
    """What is wrong, beside its fields: `/due_on` is the field `due`; the refusal itself where it names none."""
    named = [(each.pointer.split("/")[1], each.detail) for each in error.errors]
    return [(_FIELDS.get(name, name), detail) for name, detail in named] or [(first, error.detail)]


def id_in(form: Form, name: str = "id") -> UUID:
    """The id that the page chose for what its form makes, so that sending it twice makes it once; a new one for none."""
    try:
        return UUID(form.text(name))
    except ValueError:
        return new_id()
