"""Versions of reports in PostgreSQL, sealed, with the files that were made of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.exc import IntegrityError

from chassis.identity import Identity
from chassis.keyset import decode, encode, malformed
from chassis.secrets import Secrets
from chassis.unit_of_work import Transaction
from reporting.adapters.commentary_repository import STAFF
from reporting.domain.frozen_report import Frozen, digest
from reporting.domain.issuing import SEEN, State, Step
from reporting.domain.report_key import ReportKey

FROZEN = "reporting/issued"
"""Purpose of the key that seals versions and their files: people's words and quotes are in them."""
Kind = Literal["pdf", "workbook"]

_KEY = "report = :report and period = :period and service_area = :service_area"
_STAMP = """id, report, period, service_area, title, period_label, audience, period_ends, state, number, frozen_digest,
            quote_ids, quote_versions, prepared_by, prepared_name, prepared_at, checked_by, checked_name, checked_at, issued_by,
            issued_name, issued_at, ended_by, ended_name, ended_at, ended_reason"""
_WHOLE = f"{_STAMP}, frozen_sealed"
_ADD = text(
    """
    insert into report_issue (org, id, report, period, service_area, title, period_label, audience, period_ends, frozen_sealed,
                              frozen_digest, quote_ids, quote_versions, prepared_by, prepared_name)
    values (:org, :id, :report, :period, :service_area, :title, :period_label, :audience, :period_ends, :frozen, :digest,
            :quote_ids, :quote_versions, :by, :name)
    on conflict (org, id) do nothing
    """
)
_ONE = text(f"select {_WHOLE} from report_issue where id = :id")  # noqa: S608 - constants
_HELD = text(f"select {_STAMP} from report_issue where id = :id for no key update")  # noqa: S608 - constants
_OF = text(f"select {_STAMP} from report_issue where {_KEY} order by id desc limit 100")  # noqa: S608 - constants
_LAST = text(
    f"select {_WHOLE} from report_issue where {_KEY} and number is not null order by number desc limit 1"  # noqa: S608 - constants
)
_PUBLIC = text(
    """
    select id, report, period, service_area, title, period_label, number from report_issue
     where audience = 'public' and number is not null and period_ends >= :first order by issued_at, id
    """
)
_CONTENTS = text("select id, frozen_sealed from report_issue where id = any(:ids)")
_ONE_BY_ONE = text("select pg_advisory_xact_lock(hashtextextended('reporting.public ' || :org, 0))")

_NEXT = text(f"select coalesce(max(number), 0) + 1 from report_issue where {_KEY}")  # noqa: S608 - constants
_CHECK = text(
    "update report_issue set state = 'checked', checked_by = :by, checked_name = :name, checked_at = now() where id = :id"
)
_ISSUE = text(
    """
    update report_issue set state = 'issued', number = :number, issued_by = :by, issued_name = :name, issued_at = :at
     where id = :id
    """
)
_END = text(
    """
    update report_issue set state = :state, ended_by = :by, ended_name = :name, ended_at = now(), ended_reason = :reason
     where id = :id
    """
)
_ADD_FILE = text(
    """
    insert into report_file (org, issue_id, kind, content_sealed, digest, bytes)
    values (:org, :id, :kind, :content, :digest, :bytes)
    """
)
_FILE = text("select content_sealed, digest from report_file where issue_id = :id and kind = :kind")
_LISTED = f"select {_STAMP} from report_issue where state = any(:states)"  # noqa: S608 - constants
_WITHDRAWN = text(
    """
    select x.quote_id, x.withdrawn_on from fact_quote_withdrawal x
      join unnest(cast(:ids as uuid[]), cast(:versions as integer[])) f(id, version)
        on f.id = x.quote_id and x.version >= f.version
    """
)


@dataclass(frozen=True, slots=True)
class Signed:
    """Who did something, and when."""

    by: str
    name: str
    at: datetime


@dataclass(frozen=True)
class Issue:
    """A version of a report and how far it is. `frozen` is read with one alone, not in lists."""

    id: UUID
    key: ReportKey
    title: str
    period_label: str
    audience: str
    period_ends: date
    state: State
    number: int | None
    digest: str
    quotes: Mapping[UUID, int]
    prepared: Signed
    checked: Signed | None
    issued: Signed | None
    ended: Signed | None
    ended_reason: str = field(default="", repr=False)
    frozen: Frozen | None = field(default=None, repr=False)

    @property
    def content(self) -> Frozen:
        """What is in it."""
        if self.frozen is None:  # pragma: no cover - a list was taken for a version
            raise TypeError("a version of a list has no content")
        return self.frozen


@dataclass(frozen=True, slots=True)
class Published:
    """A public version that was issued: what it is called and for what, without what is in it."""

    id: UUID
    key: ReportKey
    title: str
    period_label: str
    number: int


class OpenAlreadyError(Exception):
    """A version of this report is on its way already. Nothing can be done any more in this transaction."""


class IssueRepository:
    """Versions of the transaction's organisation."""

    def __init__(self, transaction: Transaction, secrets: Secrets) -> None:
        self._connection = transaction.connection
        self._org = transaction.org
        self._secrets = secrets

    async def add(self, ident: UUID, key: ReportKey, frozen: Frozen, identity: Identity) -> bool:
        """Keep what was prepared; False where it is there already. Raises OpenAlreadyError."""
        content, view = frozen.dump(), frozen.view
        names = {
            **key.names(),
            "org": self._org,
            "id": ident,
            "title": view.title,
            "period_label": view.period.label,
            "audience": view.audience,
            "period_ends": view.period.last,
            "frozen": self._secrets.seal_bytes(self._org, FROZEN, content, bound=str(ident)),
            "digest": digest(content),
            "quote_ids": [UUID(each.quote_id) for each in frozen.quotes],
            "quote_versions": [each.version for each in frozen.quotes],
            **self._who(identity),
        }
        try:
            return (await self._connection.execute(_ADD, names)).rowcount > 0
        except IntegrityError as error:
            if "report_issue_one_open" in str(error.orig):
                raise OpenAlreadyError from None
            raise

    async def read(self, ident: UUID) -> Issue | None:
        """A version with what is in it."""
        row = (await self._connection.execute(_ONE, {"id": ident})).one_or_none()
        return self._issue(row, whole=True) if row else None

    async def hold(self, ident: UUID) -> Issue | None:
        """A version without its content; nobody else changes it until this transaction ends."""
        row = (await self._connection.execute(_HELD, {"id": ident})).one_or_none()
        return self._issue(row) if row else None

    async def of(self, key: ReportKey) -> Sequence[Issue]:
        """Every version of a report and period, the last prepared first."""
        return [self._issue(row) for row in await self._connection.execute(_OF, key.names())]

    async def last_issued(self, key: ReportKey) -> Issue | None:
        """The version with the highest number, withdrawn or not."""
        row = (await self._connection.execute(_LAST, key.names())).one_or_none()
        return self._issue(row, whole=True) if row else None

    async def public_since(self, first: date) -> Sequence[Published]:
        """Every public version that was issued, withdrawn or not, of a period that ends on that day or later, oldest first."""
        rows = await self._connection.execute(_PUBLIC, {"first": first})
        return [
            Published(row.id, ReportKey(row.report, row.period, row.service_area), row.title, row.period_label, row.number)
            for row in rows
        ]

    async def contents(self, idents: Collection[UUID]) -> Mapping[UUID, Frozen]:
        """What is in versions, by id. To open one costs: ask for those that are needed."""
        rows = await self._connection.execute(_CONTENTS, {"ids": list(idents)}) if idents else ()
        return {row.id: self._content(row) for row in rows}

    async def one_by_one(self) -> None:
        """Wait until nobody else issues a public version of the organisation, and let nobody until this transaction ends."""
        await self._connection.execute(_ONE_BY_ONE, {"org": self._org})

    async def next_number(self, key: ReportKey) -> int:
        """The number that the next version gets."""
        found: int = (await self._connection.execute(_NEXT, key.names())).scalar_one()
        return found

    async def check(self, ident: UUID, identity: Identity) -> None:
        """Write down that a second person checked it."""
        await self._connection.execute(_CHECK, {"id": ident, **self._who(identity)})

    async def issue(self, ident: UUID, number: int, at: datetime, identity: Identity, files: Mapping[Kind, bytes]) -> None:
        """Write down that it is issued, with its files, all or nothing."""
        await self._connection.execute(_ISSUE, {"id": ident, "number": number, "at": at, **self._who(identity)})
        for kind, content in files.items():
            names = {
                "org": self._org,
                "id": ident,
                "kind": kind,
                "content": self._secrets.seal_bytes(self._org, FROZEN, content, bound=f"{ident}/{kind}"),
                "digest": digest(content),
                "bytes": len(content),
            }
            await self._connection.execute(_ADD_FILE, names)

    async def end(self, ident: UUID, step: Step, reason: str, identity: Identity) -> None:
        """Write down that it was sent back or withdrawn, and why."""
        state = State.WITHDRAWN if step is Step.WITHDRAW else State.SENT_BACK
        sealed = self._secrets.seal(self._org, FROZEN, reason)
        await self._connection.execute(_END, {"id": ident, "state": state.value, "reason": sealed, **self._who(identity)})

    async def file(self, ident: UUID, kind: Kind) -> tuple[bytes, str] | None:
        """A file as it was made when the version was issued, and its SHA-256."""
        row = (await self._connection.execute(_FILE, {"id": ident, "kind": kind})).one_or_none()
        if row is None:
            return None
        return self._secrets.open_bytes(self._org, FROZEN, row.content_sealed, bound=f"{ident}/{kind}"), row.digest

    async def listed(
        self, areas: Sequence[str], report: str | None, period: str | None, after: str | None, limit: int
    ) -> tuple[Sequence[Issue], str | None]:
        """What was issued and may be seen, the last first; and the cursor of the next page."""
        names: dict[str, Any] = {"states": [each.value for each in SEEN], "limit": limit + 1}
        conditions = [_LISTED]
        if areas:
            conditions.append("service_area = any(:areas)")
            names["areas"] = list(areas)
        for name, value in (("report", report), ("period", period)):
            if value:
                conditions.append(f"{name} = :{name}")
                names[name] = value
        if after:
            conditions.append("(issued_at, id) < (:at, :after)")
            names["at"], names["after"] = _place(after)
        statement = f"{' and '.join(conditions)} order by issued_at desc, id desc limit :limit"
        found = [self._issue(row) for row in await self._connection.execute(text(statement), names)]
        last = found[limit - 1] if len(found) > limit else None
        return found[:limit], encode(last.issued.at, last.id) if last and last.issued else None

    async def withdrawn_quotes(self, quotes: Mapping[UUID, int]) -> dict[UUID, date]:
        """Of these quotes (by id, with the version of the text), those that may not be used any more, and since when."""
        names = {"ids": list(quotes), "versions": list(quotes.values())}
        return {row.quote_id: row.withdrawn_on for row in await self._connection.execute(_WITHDRAWN, names)} if quotes else {}

    def _who(self, identity: Identity) -> dict[str, Any]:
        return {"by": identity.subject, "name": self._secrets.seal(self._org, STAFF, identity.label or identity.subject)}

    def _issue(self, row: Row[Any], *, whole: bool = False) -> Issue:
        frozen = self._content(row) if whole else None
        return Issue(
            row.id,
            ReportKey(row.report, row.period, row.service_area),
            row.title,
            row.period_label,
            row.audience,
            row.period_ends,
            State(row.state),
            row.number,
            row.frozen_digest,
            dict(zip(row.quote_ids, row.quote_versions, strict=True)),
            Signed(row.prepared_by, self._name(row.prepared_name), row.prepared_at),
            self._signed(row, "checked"),
            self._signed(row, "issued"),
            self._signed(row, "ended"),
            self._secrets.open(self._org, FROZEN, row.ended_reason) if row.ended_reason else "",
            frozen,
        )

    def _content(self, row: Row[Any]) -> Frozen:
        return Frozen.load(self._secrets.open_bytes(self._org, FROZEN, row.frozen_sealed, bound=str(row.id)))

    def _signed(self, row: Row[Any], step: str) -> Signed | None:
        of = row._mapping  # noqa: SLF001 - its API
        by = of[f"{step}_by"]
        return Signed(by, self._name(of[f"{step}_name"]), of[f"{step}_at"]) if by else None

    def _name(self, sealed: bytes) -> str:
        return self._secrets.open(self._org, STAFF, sealed)


def _place(cursor: str) -> tuple[datetime, UUID]:
    moment, ident = decode(cursor, 2)
    try:
        return datetime.fromisoformat(moment), UUID(ident)
    except (ValueError, TypeError, AttributeError):
        raise malformed() from None
