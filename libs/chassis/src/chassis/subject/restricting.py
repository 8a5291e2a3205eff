"""Pages on which the use of a record is restricted for the person who asked, let be put right, and given free again."""

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from chassis.access import whole_org
from chassis.errors import DomainError, Kind
from chassis.identity import Identity
from chassis.ids import new_id
from chassis.pages import Form, redirect
from chassis.pages.days import day_in, typed_day
from chassis.subject.declaring import KindOf
from chassis.subject.desk import Officer, posted, show
from chassis.subject.reading import Ticked
from chassis.subject.restrictions import GROUND_WORDS, NewRestriction, Restrictions
from chassis.subject.review import id_in, ticked_of
from chassis.subject.setup import SubjectDesk
from chassis.subject.store import SubjectRequest
from chassis.web import uow_of

_Act = Callable[[Restrictions, SubjectRequest, KindOf, Ticked, Form], Awaitable[None]]
"""What is done to the restrictions of a record."""


class _Pages:
    """What the routes have in common: the page, and an act on a restriction."""

    def __init__(self, desk: SubjectDesk) -> None:
        self.desk = desk

    async def shown(
        self, request: Request, identity: Identity, at: tuple[str, str, str], status: int = 200, **more: Any
    ) -> HTMLResponse:
        """The page, as the restriction of the record stands."""
        async with uow_of(request).begin(whole_org(identity)) as transaction:
            wanted, known, ticked = await ticked_of(self.desk, transaction, *at)
            found = await Restrictions(transaction, self.desk.secrets).of(known.code, ticked.id)
        standing = next((each for each in found if each.ended_on is None), None)
        around = {"given": {}, "days": {}, "ident": new_id()}
        return show(
            self.desk, request, identity, "restriction", status, title="Restrict the use of a record", wanted=wanted,
            kind=known, ticked=ticked, standing=standing, ended=[each for each in found if each.ended_on],
            grounds=GROUND_WORDS, **{**around, **more},
        )  # fmt: skip

    async def done(self, request: Request, identity: Identity, at: tuple[str, str, str], act: _Act) -> Response:
        """Do what a form says, and show the page again: with what is wrong, or as it stands now."""
        org, form = await posted(self.desk, request, identity)
        try:
            async with uow_of(request).begin(org) as transaction:
                wanted, known, ticked = await ticked_of(self.desk, transaction, *at)
                await act(Restrictions(transaction, self.desk.secrets), wanted, known, ticked, form)
        except DomainError as error:
            if error.kind not in {Kind.MALFORMED, Kind.CONFLICT}:
                raise
            wrong = [(each.pointer.lstrip("/"), each.detail) for each in error.errors] or [("main-content", error.detail)]
            days = {name: typed_day(form, name) for name in ("from", "until", "told")}
            status = 422 if error.kind is Kind.MALFORMED else 409
            return await self.shown(request, identity, at, status, errors=wrong, given=form, days=days, ident=id_in(form))
        return redirect(f"/{self.desk.service}/subjects/{wanted.id}/records/{known.code}/{ticked.id}/restriction")


def restriction_pages(desk: SubjectDesk) -> APIRouter:
    """`/<service>/subjects/{request_id}/records/{kind}/{record_id}/restriction`."""
    base = f"/{desk.service}/subjects/{{request_id}}/records/{{kind}}/{{record_id}}/restriction"
    router, pages = APIRouter(prefix=base, include_in_schema=False), _Pages(desk)

    @router.get("")
    async def show_restriction(request: Request, identity: Officer, request_id: str, kind: str, record_id: str) -> HTMLResponse:
        """Whether the use of a record is restricted, and what can be done about it."""
        return await pages.shown(request, identity, (request_id, kind, record_id))

    @router.post("")
    async def restrict(request: Request, identity: Officer, request_id: str, kind: str, record_id: str) -> Response:
        """The use of a record is restricted."""

        async def act(found: Restrictions, wanted: SubjectRequest, known: KindOf, ticked: Ticked, form: Form) -> None:
            new = NewRestriction(id_in(form), wanted.id, form.text("ground"), form.text("reason"), day_in(form, "from"))
            await found.place(known.code, ticked.id, new, identity, desk.today())

        return await pages.done(request, identity, (request_id, kind, record_id), act)

    @router.post("/writer")
    async def let_write(request: Request, identity: Officer, request_id: str, kind: str, record_id: str) -> Response:
        """Somebody is let, or no longer let, put a restricted record right."""

        async def act(found: Restrictions, _: SubjectRequest, known: KindOf, ticked: Ticked, form: Form) -> None:
            await found.let(known.code, ticked.id, form.text("writer"), day_in(form, "until"), desk.today())

        return await pages.done(request, identity, (request_id, kind, record_id), act)

    @router.post("/end")
    async def end_restriction(request: Request, identity: Officer, request_id: str, kind: str, record_id: str) -> Response:
        """A restriction ends, and the person was told before."""

        async def act(found: Restrictions, _: SubjectRequest, known: KindOf, ticked: Ticked, form: Form) -> None:
            await found.end(known.code, ticked.id, form.text("why"), day_in(form, "told"), identity, desk.today())

        return await pages.done(request, identity, (request_id, kind, record_id), act)

    return router
