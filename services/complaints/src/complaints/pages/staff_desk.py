"""What staff pages with forms have in common: the open transaction, who is looking, forms."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse

from chassis.access import org_of, requires
from chassis.errors import DomainError
from chassis.identity import Identity
from chassis.ids import new_id
from chassis.pages import Form, page
from chassis.unit_of_work import Transaction
from chassis.web import uow_of
from complaints.domain.profile import Profile
from complaints.pages.labels import Labels, day_words
from complaints.pages.staff_forms import setup_of, token_for
from complaints.pages.ways import MANAGER, OFFICER, READER
from complaints.use_cases.setup import Setup

Staff = Annotated[Identity, Depends(requires(OFFICER, READER, MANAGER))]
Overseer = Annotated[Identity, Depends(requires(OFFICER, READER))]
Officer = Annotated[Identity, Depends(requires(OFFICER))]
Errors = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Desk:
    """A page at work: its request, transaction, profile, and who is looking."""

    request: Request
    transaction: Transaction
    setup: Setup
    profile: Profile
    identity: Identity

    @property
    def labels(self) -> Labels:
        """The profile's words for codes."""
        return Labels(self.profile)

    def show(self, template: str, status: int = 200, **context: Any) -> HTMLResponse:
        """Answer with a page."""
        return page(
            self.request,
            template,
            status,
            organisation=self.profile.organisation.name,
            token=token_for(self.request, self.identity),
            labels=self.labels,
            day=day_words,
            **{"errors": [], **context},
        )


@asynccontextmanager
async def desk(request: Request, identity: Identity) -> AsyncIterator[Desk]:
    """Open a transaction for a page; it commits when the page is made."""
    setup = setup_of(request)
    async with uow_of(request).begin(org_of(identity)) as transaction:
        profile = (await setup.profiles.current(transaction)).profile
        yield Desk(request, transaction, setup, profile, identity)


def id_in(form: Form) -> UUID:
    """The id that the page chose for what its form makes, so that sending it twice makes it once; a new one for none."""
    try:
        return UUID(form.text("id"))
    except ValueError:
        return new_id()


def errors_of(error: DomainError, first: str) -> list[tuple[str, str]]:
    """What is wrong, beside its fields: `/due_on` is the field `due`, `/themes/2` is `themes`; else at the first field."""
    named = [(_FIELDS.get(each.pointer.split("/")[1], each.pointer.split("/")[1]), each.detail) for each in error.errors]
    return named or [(first, error.detail)]


_FIELDS = {"due_on": "due"}
