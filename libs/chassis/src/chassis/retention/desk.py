"""The pages on which a data protection officer sees what is kept how long and what is due, keeps holds, and finds proofs."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, Response

from chassis.access import org_of, requires, whole_org
from chassis.errors import DomainError, FieldError, not_found
from chassis.errors import Kind as ErrorKind
from chassis.identity import Identity
from chassis.pages import Form, csrf_token, page, read_form, redirect
from chassis.pages.days import day_in
from chassis.pages.forms import require_token
from chassis.retention import finding, holding, of_trail, orders, proofs, runs, showing
from chassis.retention.finding import Record
from chassis.retention.holding import Wanted
from chassis.retention.kinds import TRAIL, Declared, Kind
from chassis.retention.periods import Period
from chassis.secrets import Secrets
from chassis.trail.routes import ROLE
from chassis.unit_of_work import Transaction
from chassis.web import uow_of

Officer = Annotated[Identity, Depends(requires(ROLE))]


def of_all_areas(identity: Officer) -> None:
    """Let in who is limited to no service area: a hold or a proof stands for records of all of them."""
    whole_org(identity)


FORMS = "retention/forms"


@dataclass(frozen=True)
class Desk:
    """What the pages of one service are made of."""

    declared: Declared
    secrets: Secrets
    periods: Callable[[Transaction], Awaitable[dict[str, Period]]]
    today: Callable[[], date]

    @property
    def home(self) -> str:
        """Where the pages begin."""
        return f"/{self.declared.service}/retention"

    def kind(self, code: str) -> Kind:
        """A kind. Raises `not-found`."""
        found = self.declared.kind(code)
        if found is None:
            raise not_found("kind of record")
        return found

    def token(self, identity: Identity) -> str:
        """The token of somebody's forms."""
        return csrf_token(self.secrets.key(org_of(identity), FORMS), identity.subject)

    async def form(self, request: Request, identity: Identity) -> Form:
        """The form that was posted from a page of ours."""
        form = await read_form(request)
        require_token(form, self.secrets.key(org_of(identity), FORMS), identity.subject)
        return form

    async def months(self, transaction: Transaction, kind: Kind) -> int | None:
        """How long a kind is kept, None for good."""
        period = (await self.periods(transaction)).get(kind.code)
        return max(period.in_months, kind.at_least) if period else None

    async def record(self, transaction: Transaction, kind: Kind, ident: UUID) -> Record:
        """A record. Raises `not-found`."""
        found = await finding.one(transaction, kind, ident)
        if found is None:
            raise not_found("record")
        return found

    def page(self, request: Request, identity: Identity, name: str, status: int = 200, **context: Any) -> HTMLResponse:
        """Show a page."""
        around = {"token": self.token(identity), "home_of_retention": self.home, "errors": []}
        return page(request, f"chassis/retention/{name}.html", status, **{**around, **context})


def typed(form: Form) -> dict[str, Any]:
    """What was typed, as the page shows it again."""
    found: dict[str, Any] = dict(form)
    for name in ("review_on", "asked_on"):
        found[name] = {part: form.get(f"{name}-{part}", "") for part in ("day", "month", "year")}
    return found


def wrong(error: DomainError) -> list[tuple[str, str]]:
    """What is wrong, beside its fields; what is of no field leads to the top."""
    return [(each.pointer.lstrip("/"), each.detail) for each in error.errors] or [("main-content", error.detail)]


def status_of(error: DomainError) -> int:
    """The status of a page that shows a refusal."""
    return 422 if error.kind is ErrorKind.MALFORMED else 409


def retention_pages(
    declared: Declared,
    secrets: Secrets,
    periods: Callable[[Transaction], Awaitable[dict[str, Period]]],
    today: Callable[[], date],
) -> APIRouter:
    """`/<service>/retention` and what is below it."""
    desk = Desk(declared, secrets, periods, today)
    router = APIRouter(prefix=desk.home, include_in_schema=False, dependencies=[Depends(of_all_areas)])
    _add_overview(router, desk)
    _add_records(router, desk)
    _add_holds(router, desk)
    _add_hold(router, desk)
    _add_proofs(router, desk)
    return router


def _add_overview(router: APIRouter, desk: Desk) -> None:
    async def shown(request: Request, identity: Identity, status: int = 200, **context: Any) -> HTMLResponse:
        async with uow_of(request).begin(org_of(identity)) as transaction:
            standings = [
                await finding.standing(transaction, desk.secrets, kind, await desk.months(transaction, kind), desk.today())
                for kind in desk.declared.kinds
            ]
            period = (await desk.periods(transaction)).get(TRAIL.code)
            service, months = desk.declared.service, period.in_months if period else None
            trail = await of_trail.standing(transaction, desk.secrets, service, months, desk.today())
            last = await runs.newest(transaction)
            asked = await orders.every(transaction, desk.secrets)
        view = showing.overview(desk.declared, standings, trail, last, asked, desk.today())
        return desk.page(
            request,
            identity,
            "overview",
            status,
            title=f"How long records are kept: {desk.declared.service}",
            **{**view, **context},
        )

    @router.get("")
    async def show_retention(request: Request, identity: Officer) -> HTMLResponse:
        """What is kept how long, and what is due."""
        return await shown(request, identity)

    @router.post("/find")
    async def find_record(request: Request, identity: Officer) -> Response:
        """Find a record by its reference, for a hold, an erasure or a proof."""
        form = await desk.form(request, identity)
        asked = form.text("find")[:200]
        if not asked:
            return await shown(request, identity, 422, errors=[("find", "Write a reference, or the id of a record")])
        async with uow_of(request).begin(org_of(identity)) as transaction:
            found = [(kind, record) for kind in desk.declared.kinds for record in await finding.named(transaction, kind, asked)]
        if len(found) == 1:
            kind, record = found[0]
            return redirect(f"{desk.home}/records/{kind.code}/{record.id}")
        if found:
            return await shown(request, identity, found=showing.found(desk.home, found), typed=asked)
        nothing = "Nothing has this reference or id. References go with what was reduced: look under proofs, by the id"
        return await shown(request, identity, 422, errors=[("find", nothing)], typed=asked)

    @router.post("/run")
    async def ask_for_run(request: Request, identity: Officer) -> Response:
        """Let what is due go now, and not within the hour."""
        await desk.form(request, identity)
        async with uow_of(request).begin(org_of(identity)) as transaction:
            await runs.ask(transaction, identity.subject)
        return redirect(desk.home)

    @router.get("/due/{kind}")
    async def list_due(request: Request, identity: Officer, kind: str, after: UUID | None = None) -> HTMLResponse:
        """Records of a kind that are due, as a run would find them: a dry run."""
        found = desk.kind(kind)
        async with uow_of(request).begin(org_of(identity)) as transaction:
            months = await desk.months(transaction, found)
            records: Sequence[Record] = []
            if months is not None:
                records = await finding.due(transaction, found, months, desk.today(), after=after, limit=showing.PAGE + 1)
            holds = await holding.in_force(transaction)
        org = org_of(identity)
        rows = [
            showing.due_row(desk.home, found, each, months or 0, finding.held_by(holds, desk.secrets, org, found, each))
            for each in records[: showing.PAGE]
        ]
        following = f"?after={records[showing.PAGE - 1].id}" if len(records) > showing.PAGE else ""
        return desk.page(request, identity, "due", title=f"Due: {found.name}", kind=found, rows=rows, following=following)


def _add_records(router: APIRouter, desk: Desk) -> None:
    async def shown(
        request: Request, identity: Identity, kind: Kind, ident: UUID, status: int = 200, **context: Any
    ) -> HTMLResponse:
        async with uow_of(request).begin(org_of(identity)) as transaction:
            record = await desk.record(transaction, kind, ident)
            months = await desk.months(transaction, kind)
            holds = finding.held_by(await holding.in_force(transaction), desk.secrets, org_of(identity), kind, record)
            against = await orders.stands_against(transaction, desk.secrets, kind, ident, desk.today())
            proved = await proofs.of_record(transaction, desk.secrets, [kind.code], ident)
            waiting = await orders.waiting(transaction, kind.code, ident)
        view = showing.record(desk.home, kind, record, months, holds, proved)
        return desk.page(
            request, identity, "record", status, title=record.reference or f"{kind.name}: {ident}", kind=kind, against=against,
            waiting=waiting, **{**view, **context},
        )  # fmt: skip

    @router.get("/records/{kind}/{record_id}")
    async def show_record(request: Request, identity: Officer, kind: str, record_id: UUID) -> HTMLResponse:
        """How one record stands: until when it is kept, what holds it, whether it was reduced."""
        return await shown(request, identity, desk.kind(kind), record_id)

    @router.post("/records/{kind}/{record_id}/hold")
    async def hold_record(request: Request, identity: Officer, kind: str, record_id: UUID) -> Response:
        """Hold one record."""
        found, form = desk.kind(kind), await desk.form(request, identity)
        wanted = Wanted("record", form.text("reason"), day_in(form, "review_on") or date.min, found.code, record_id)
        try:
            async with uow_of(request).begin(org_of(identity)) as transaction:
                await desk.record(transaction, found, record_id)
                await holding.place(transaction, desk.secrets, identity.subject, wanted, desk.today())
        except DomainError as error:
            if error.kind is ErrorKind.NOT_FOUND:
                raise
            return await shown(request, identity, found, record_id, status_of(error), errors=wrong(error), typed=typed(form))
        return redirect(f"{desk.home}/records/{kind}/{record_id}")

    @router.post("/records/{kind}/{record_id}/erase")
    async def erase_record(request: Request, identity: Officer, kind: str, record_id: UUID) -> Response:
        """Erase one record before its time, because somebody asked for it (Article 17)."""
        found, form = desk.kind(kind), await desk.form(request, identity)
        asked_on = day_in(form, "asked_on")
        try:
            async with uow_of(request).begin(org_of(identity)) as transaction:
                await desk.record(transaction, found, record_id)
                if form.text("sure") != "yes":
                    missing = FieldError("/sure", "Say that it is to go: nobody can bring it back")
                    raise DomainError("incomplete", "Nothing was erased. See `errors`.", ErrorKind.MALFORMED, (missing,))
                await orders.decide(
                    transaction, desk.secrets, identity.subject, found, record_id, form.text("ground"), asked_on, desk.today()
                )
        except DomainError as error:
            if error.kind is ErrorKind.NOT_FOUND:
                raise
            return await shown(request, identity, found, record_id, status_of(error), errors=wrong(error), typed=typed(form))
        return redirect(f"{desk.home}/records/{kind}/{record_id}")


def _add_holds(router: APIRouter, desk: Desk) -> None:
    async def listed(request: Request, identity: Identity, status: int = 200, **context: Any) -> HTMLResponse:
        async with uow_of(request).begin(org_of(identity)) as transaction:
            found = await holding.every(transaction, desk.secrets)
        rows = [showing.hold_row(desk.home, desk.declared, each, desk.today()) for each in found]
        kinds = list(desk.declared.names.items())
        return desk.page(request, identity, "holds", status, title="Holds", rows=rows, kinds=kinds, **context)

    @router.get("/holds")
    async def list_holds(request: Request, identity: Officer) -> HTMLResponse:
        """Holds, those in force first."""
        return await listed(request, identity)

    @router.post("/holds")
    async def place_hold(request: Request, identity: Officer) -> Response:
        """Hold everything that is known by a reference, or a whole kind of record."""
        form = await desk.form(request, identity)
        reason, until = form.text("reason"), day_in(form, "review_on") or date.min
        kind = form.text("kind")
        wanted = Wanted("reference", reason, until, reference=form.text("reference")[:200])
        if form.text("scope") == "kind":
            if kind not in desk.declared.names:
                raise not_found("kind of record")
            wanted = Wanted("kind", reason, until, kind)
        try:
            async with uow_of(request).begin(org_of(identity)) as transaction:
                ident = await holding.place(transaction, desk.secrets, identity.subject, wanted, desk.today())
        except DomainError as error:
            return await listed(request, identity, status_of(error), errors=wrong(error), typed=typed(form))
        return redirect(f"{desk.home}/holds/{ident}")


def _add_hold(router: APIRouter, desk: Desk) -> None:
    async def one(request: Request, identity: Identity, hold_id: UUID, status: int = 200, **context: Any) -> HTMLResponse:
        async with uow_of(request).begin(org_of(identity)) as transaction:
            found = await holding.one(transaction, desk.secrets, hold_id)
        view = showing.hold(desk.home, desk.declared, found, desk.today())
        return desk.page(request, identity, "hold", status, title=view["what"], hold=found, **{**view, **context})

    @router.get("/holds/{hold_id}")
    async def show_hold(request: Request, identity: Officer, hold_id: UUID) -> HTMLResponse:
        """One hold."""
        return await one(request, identity, hold_id)

    @router.post("/holds/{hold_id}/{act}")
    async def change_hold(request: Request, identity: Officer, hold_id: UUID, act: str) -> Response:
        """Keep a hold until another day (`review`), or end it (`lift`)."""
        form = await desk.form(request, identity)
        seen = form.text("revision")
        revision = int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 9 else -1  # noqa: PLR2004 - digits of a number
        try:
            async with uow_of(request).begin(org_of(identity)) as transaction:
                if act == "lift":
                    await holding.lift(transaction, desk.secrets, identity.subject, hold_id, revision, form.text("why"))
                elif act == "review":
                    until = day_in(form, "review_on") or date.min
                    await holding.review(transaction, identity.subject, hold_id, revision, until, desk.today())
                else:
                    raise not_found("step of a hold")
        except DomainError as error:
            if error.kind is ErrorKind.NOT_FOUND:
                raise
            return await one(request, identity, hold_id, status_of(error), errors=wrong(error), typed=typed(form))
        return redirect(f"{desk.home}/holds/{hold_id}")


def _add_proofs(router: APIRouter, desk: Desk) -> None:
    @router.get("/proofs")
    async def list_proofs(request: Request, identity: Officer, before: int | None = None, record: str = "") -> HTMLResponse:
        """What was reduced, newest first, or the proof of a record whose id is known; and whether the chain holds."""
        errors, ident = [], None
        try:
            ident = UUID(record.strip()) if record.strip() else None
        except ValueError:
            errors = [("record", "Write the id of a record, as it stands at the end of its address")]
        async with uow_of(request).begin(org_of(identity)) as transaction:
            if ident is not None:
                codes = [each.code for each in desk.declared.kinds]
                found = list(await proofs.of_record(transaction, desk.secrets, codes, ident))
            else:
                found = list(await proofs.newest(transaction, before))
            checked = (
                await proofs.check(transaction, desk.secrets, desk.declared.service)
                if "check" in request.query_params
                else None
            )
        shown = found[: proofs.PAGE]
        following = f"?before={shown[-1].number}" if len(found) > proofs.PAGE else ""
        rows = [showing.proof_row(desk.home, desk.declared, each) for each in shown]
        return desk.page(
            request, identity, "proofs", 422 if errors else 200, title="What was reduced", rows=rows, following=following,
            checked=checked, errors=errors, asked=record if ident or errors else "",
        )  # fmt: skip

    @router.get("/proofs/{number}")
    async def show_proof(request: Request, identity: Officer, number: int) -> HTMLResponse:
        """One proof, to be printed."""
        async with uow_of(request).begin(org_of(identity)) as transaction:
            found = await proofs.one(transaction, number) if 0 < number < 2**63 else None
        if found is None:
            raise not_found("proof")
        real = proofs.genuine(desk.secrets, desk.declared.service, org_of(identity), found)
        view = showing.proof(desk.declared, found, genuine=real)
        return desk.page(request, identity, "proof", title=f"Proof {found.number}", **view)
