"""Calls in the database: added with a reference, changed by people's steps only, each step in a log that nobody changes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Row, text

from chassis.days import british_day
from chassis.identity import Identity
from chassis.ids import new_id
from chassis.secrets import Secrets
from chassis.unit_of_work import Transaction
from feedback.adapters import sealing
from feedback.domain.call import OUTCOMES, Call, Ground, State, Step

_STATE = """c.caller, c.state, c.revision, c.attempts, c.call_back_on, c.wrong_number, c.tried_on, c.ground, c.ended_on"""
_COLUMNS = f"""c.id, c.programme, c.reference, c.due_on, c.questionnaire, c.language, c.service_area, c.team, c.about_on,
               c.response_id, c.added_at, {_STATE}"""
_AREAS = "(cardinality(cast(:areas as text[])) = 0 or c.service_area = any(cast(:areas as text[])))"
_ADD = text(
    """
    insert into call (org, id, programme, reference, due_on, questionnaire, language, service_area, team, about_on, caller,
                      added_at)
    select :org, n.id, n.programme, n.reference, n.due_on, n.questionnaire, n.language, n.service_area, n.team, n.about_on,
           n.caller, :now
      from jsonb_to_recordset(cast(:rows as jsonb)) as n (id uuid, programme text, reference text, due_on date,
           questionnaire text, language text, service_area text, team text, about_on date, caller text)
        on conflict on constraint call_once_a_month do nothing
    returning id
    """
)
_KNOWN = text(
    f"""
    select {_COLUMNS} from call c
      join jsonb_to_recordset(cast(:rows as jsonb)) as n (programme text, reference text, due_on date)
        on c.programme = n.programme and c.reference = n.reference
       and c.due_month = n.due_on - (extract(day from n.due_on)::integer - 1)
     where c.org = :org
    """  # noqa: S608 - constants
)
_ONE = text(f"select {_COLUMNS} from call c where c.org = :org and c.id = :id and {_AREAS}")  # noqa: S608 - constants
_LOCK = text("select 1 from call where org = :org and id = :id for no key update")
# First what was promised for today, then what was not tried today by its due day, then what is promised for later.
_OPEN = text(
    f"""
    select {_COLUMNS} from call c
     where c.org = :org and c.state in ('due', 'call-back') and {_AREAS}
       and (cast(:caller as text) is null or c.caller = :caller or (c.caller is null and c.programme = any(:programmes)))
       and (cast(:programme as text) is null or c.programme = :programme)
     order by case when c.state = 'call-back' and c.call_back_on <= :today then 0
                   when c.state = 'call-back' then 3
                   when c.tried_on = :today then 2 else 1 end,
              coalesce(c.call_back_on, c.due_on), c.due_on, c.id
     limit :most
    """  # noqa: S608 - constants
)
_ENDED = text(
    f"""
    select {_COLUMNS} from call c
     where c.org = :org and c.state not in ('due', 'call-back') and {_AREAS}
       and (cast(:caller as text) is null or c.caller = :caller)
       and (cast(:programme as text) is null or c.programme = :programme)
     order by c.ended_on desc, c.id desc limit :most
    """  # noqa: S608 - constants
)
_LIST = text(
    f"""
    select {_COLUMNS} from call c
     where c.org = :org and {_AREAS} and (cast(:after as uuid) is null or c.id < :after)
       and (cast(:programme as text) is null or c.programme = :programme)
       and (cast(:state as text) is null or c.state = :state)
     order by c.id desc limit :most
    """  # noqa: S608 - constants
)
_SAVE = text(
    """
    update call set caller = :caller, state = :state, revision = :revision, attempts = :attempts, call_back_on = :call_back_on,
                    wrong_number = :wrong_number, tried_on = :tried_on, ground = :ground, ended_on = :ended_on,
                    response_id = coalesce(:response_id, response_id)
     where org = :org and id = :id
    """
)
_LOG = text(
    """
    insert into call_log (org, id, call_id, at, on_day, what, programme, by_subject, by_name, revision, attempt, code,
                          call_back_on, consent, note)
    values (:org, :id, :call_id, :at, :on_day, :what, :programme, :by_subject, :by_name, :revision, :attempt, :code,
            :call_back_on, :consent, :note)
    """
)
_HISTORY = text(
    """
    select at, what, by_name, attempt, code, call_back_on, consent, note from call_log
     where org = :org and call_id = :call_id order by revision, at
    """
)
_NEWEST = text(
    "select what, by_subject, code, call_back_on from call_log where org = :org and call_id = :call_id and revision = :revision"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A call to add. `language`: null for the questionnaire's first; `caller`: null for whoever takes it."""

    programme: str
    reference: str
    due_on: date
    questionnaire: str
    service_area: str
    language: str | None = None
    team: str | None = None
    about_on: date | None = None
    caller: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """A call as it stands."""

    id: UUID
    wanted: Wanted
    call: Call
    response_id: UUID | None
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Logged:
    """Something that was done with a call, as its page shows it."""

    at: datetime
    what: str
    by: str
    attempt: int | None
    code: str | None
    call_back_on: date | None
    consent: bool | None
    note: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Note:
    """What a line of the log holds besides the step."""

    at: datetime
    what: str
    code: str | None = None
    call_back_on: date | None = None
    consent: bool | None = None
    words: str = field(default="", repr=False)


async def add(transaction: Transaction, wanted: Sequence[Wanted], now: datetime) -> list[UUID | None]:
    """Add calls in their order; None for one whose reference has a call in its programme and month already."""
    rows = [{"id": str(new_id()), **_plain(each)} for each in wanted]
    names = {"org": transaction.org, "rows": orjson.dumps(rows).decode(), "now": now}
    added = {row.id for row in await transaction.connection.execute(_ADD, names)}
    return [UUID(row["id"]) if UUID(row["id"]) in added else None for row in rows]


async def known(transaction: Transaction, wanted: Sequence[Wanted]) -> dict[tuple[str, str, str], Record]:
    """The calls that are there already, by programme, reference and month (`2026-11`)."""
    rows = orjson.dumps([_plain(each) for each in wanted]).decode()
    async with transaction.whole_organisation():  # a reference has one call a month in a programme, in whatever area
        found = await transaction.connection.execute(_KNOWN, {"org": transaction.org, "rows": rows})
    return {natural_key(record.wanted): record for record in map(_record, found)}


def natural_key(wanted: Wanted) -> tuple[str, str, str]:
    """What a call is known by: one reference once a month in a programme."""
    return (wanted.programme, wanted.reference, f"{wanted.due_on:%Y-%m}")


async def one(transaction: Transaction, ident: UUID, areas: Collection[str], *, lock: bool = False) -> Record | None:
    """A call of those service areas, with its newest step. `lock`: until the transaction ends."""
    names = {"org": transaction.org, "id": ident}
    if lock:
        await transaction.connection.execute(_LOCK, names)
    row = (await transaction.connection.execute(_ONE, {**names, "areas": sorted(areas)})).one_or_none()
    if row is None:
        return None
    asked = {"org": transaction.org, "call_id": ident, "revision": row.revision}
    newest = (await transaction.connection.execute(_NEWEST, asked)).one_or_none()
    return _record(row, newest)


async def open_calls(
    transaction: Transaction,
    areas: Collection[str],
    today: date,
    *,
    caller: str | None = None,
    programmes: Collection[str] = (),
    programme: str | None = None,
    most: int = 300,
) -> list[Record]:
    """Calls to be made, the next first: of a caller with those of their programmes that are nobody's; of all without one."""
    names = {
        "org": transaction.org,
        "areas": sorted(areas),
        "today": today,
        "caller": caller,
        "programmes": sorted(programmes),
        "programme": programme,
        "most": most,
    }
    return [_record(row) for row in await transaction.connection.execute(_OPEN, names)]


async def ended_calls(
    transaction: Transaction, areas: Collection[str], *, caller: str | None, programme: str | None = None, most: int = 30
) -> list[Record]:
    """Calls that ended last, newest first."""
    names = {"org": transaction.org, "areas": sorted(areas), "caller": caller, "programme": programme, "most": most}
    return [_record(row) for row in await transaction.connection.execute(_ENDED, names)]


async def page_of(
    transaction: Transaction, areas: Collection[str], after: UUID | None, programme: str | None, state: str | None, most: int
) -> list[Record]:
    """A page of all calls, newest first, for machines."""
    names = {
        "org": transaction.org,
        "areas": sorted(areas),
        "after": after,
        "programme": programme,
        "state": state,
        "most": most,
    }
    return [_record(row) for row in await transaction.connection.execute(_LIST, names)]


async def save(transaction: Transaction, ident: UUID, call: Call, response_id: UUID | None = None) -> None:
    """Store what a step made of a call, with the answers that it brought."""
    values = {
        "org": transaction.org,
        "id": ident,
        "caller": call.caller,
        "state": call.state.value,
        "revision": call.revision,
        "attempts": call.attempts,
        "call_back_on": call.call_back_on,
        "wrong_number": call.wrong_number,
        "tried_on": call.tried_on,
        "ground": call.ground and call.ground.value,
        "ended_on": call.ended_on,
        "response_id": response_id,
    }
    await transaction.connection.execute(_SAVE, values)


async def log(
    transaction: Transaction, secrets: Secrets, ident: UUID, programme: str, call: Call, note: Note, identity: Identity
) -> None:
    """Add a line to a call's log, which has the revision that `call` came to by it."""
    org = transaction.org
    values = {
        "org": org,
        "id": new_id(),
        "call_id": ident,
        "at": note.at,
        "on_day": british_day(note.at),
        "what": note.what,
        "programme": programme,
        "by_subject": identity.subject,
        "by_name": secrets.seal(org, sealing.STAFF, identity.label or identity.subject),
        "revision": call.revision,
        "attempt": call.attempts if note.what in {step.value for step in OUTCOMES} else None,
        "code": note.code,
        "call_back_on": note.call_back_on,
        "consent": note.consent,
        "note": secrets.seal(org, sealing.CALL_NOTE, note.words) if note.words else None,
    }
    await transaction.connection.execute(_LOG, values)


async def history(transaction: Transaction, secrets: Secrets, ident: UUID) -> list[Logged]:
    """All that was done with a call, oldest first."""
    org = transaction.org
    rows = await transaction.connection.execute(_HISTORY, {"org": org, "call_id": ident})
    return [
        Logged(
            row.at,
            row.what,
            secrets.open(org, sealing.STAFF, bytes(row.by_name)),
            row.attempt,
            row.code,
            row.call_back_on,
            row.consent,
            secrets.open(org, sealing.CALL_NOTE, bytes(row.note)) if row.note else "",
        )
        for row in rows
    ]


def _plain(wanted: Wanted) -> dict[str, Any]:
    return {name: getattr(wanted, name) for name in Wanted.__slots__}


def _record(row: Row[Any], newest: Row[Any] | None = None) -> Record:
    known_steps: Mapping[str, Step] = {step.value: step for step in Step}
    return Record(
        row.id,
        Wanted(
            row.programme,
            row.reference,
            row.due_on,
            row.questionnaire,
            row.service_area,
            row.language,
            row.team,
            row.about_on,
            row.caller,
        ),
        Call(
            state=State(row.state),
            revision=row.revision,
            attempts=row.attempts,
            caller=row.caller,
            call_back_on=row.call_back_on,
            wrong_number=row.wrong_number,
            tried_on=row.tried_on,
            ground=Ground(row.ground) if row.ground else None,
            ended_on=row.ended_on,
            last_step=known_steps.get(newest.what) if newest else None,
            last_by=newest.by_subject if newest else None,
            last_code=newest.code if newest else None,
            last_day=newest.call_back_on if newest else None,
        ),
        row.response_id,
        row.added_at,
    )
