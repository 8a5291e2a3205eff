"""Complaints and compliments of past years from a sheet: checked as a whole, kept until their sender says yes, then recorded.

What was read is kept in parts, each recorded in a transaction of its own: a restart in the middle loses nothing, a second click
waits and goes on where the first one is, and what is there already is left as it is.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from pydantic import TypeAdapter

from chassis.errors import DomainError, Kind
from chassis.identity import Identity
from chassis.retention import known
from chassis.spreadsheet import Layout, Sheet, refused_csv, refused_xlsx
from chassis.unit_of_work import Transaction
from chassis.uploads import UploadStore
from complaints.adapters.old_cases import OldCasesRepository
from complaints.domain.old_cases import OldCase, OldCompliment
from complaints.domain.old_preview import Prepared, prepare
from complaints.domain.old_sheet import COMPLAINTS, COMPLIMENTS, layouts_of
from complaints.domain.profile import Profile
from complaints.use_cases.content import content_hash, is_same
from complaints.use_cases.record_old_cases import record_complaints, record_compliments
from complaints.use_cases.setup import Setup

KIND = "old-cases"
PART = 250
"""Records of one transaction."""

_CASES, _COMPLIMENTS = TypeAdapter(list[OldCase]), TypeAdapter(list[OldCompliment])


class Begin(Protocol):
    """Opens a transaction of the caller's organisation."""

    def __call__(self) -> AbstractAsyncContextManager[Transaction]:
        """Open it."""


@dataclass(frozen=True)
class Checked:
    """An upload as its page shows it: the figures of the check, and how far it is recorded."""

    id: UUID
    expires_at: datetime
    content: Mapping[str, Any]
    done: bool

    @property
    def recorded(self) -> Mapping[str, int]:
        """How many complaints and compliments of it were recorded so far, and how many somebody else had recorded."""
        found: Mapping[str, int] = self.content["recorded"]
        return found

    @property
    def begun(self) -> bool:
        """Whether recording began and has not ended."""
        return not self.done and self.content["next"] > 0


def store(setup: Setup) -> UploadStore:
    """Where uploads of old cases are kept."""
    return UploadStore(setup.secrets, KIND)


def whole_organisation(identity: Identity) -> None:
    """Old cases are of all service areas. Raises `service-area-not-allowed` for somebody limited to some."""
    if identity.areas:
        detail = "Old cases are brought in for the whole organisation; you are limited to some of its service areas."
        raise DomainError("service-area-not-allowed", detail, Kind.FORBIDDEN)


async def sheets_of(transaction: Transaction, setup: Setup, identity: Identity) -> tuple[Layout, Layout]:
    """The sheets to fill in. Raises `service-area-not-allowed`."""
    whole_organisation(identity)
    return layouts_of((await setup.profiles.current(transaction)).profile)


async def check_old_cases(begin: Begin, setup: Setup, identity: Identity, sheets: Mapping[str, Sheet], name: str) -> UUID:
    """Keep what was read of a file with what would become of it. Nothing is recorded.

    Raises `service-area-not-allowed`.
    """
    whole_organisation(identity)
    async with begin() as transaction:
        applied = await setup.profiles.current(transaction)
    calendar, today = setup.calendar(), setup.today()
    # In a thread: ten thousand complaints take some seconds, and others are served meanwhile.
    prepared = await asyncio.to_thread(prepare, sheets, applied.profile, calendar, today)
    async with begin() as transaction:
        await _leave_out_reduced(transaction, setup, prepared)
        await _leave_out_known(transaction, setup, prepared)
        return await _keep(transaction, setup, identity, prepared, sheets, name, applied.number)


async def look(transaction: Transaction, setup: Setup, identity: Identity, upload_id: UUID) -> tuple[Checked, Profile]:
    """An upload as it was checked. Raises `upload-gone`."""
    upload = await store(setup).find(transaction, upload_id, identity.subject)
    profile = (await setup.profiles.current(transaction)).profile
    return _checked(upload), profile


async def refused(transaction: Transaction, setup: Setup, identity: Identity, upload_id: UUID, kind: str) -> bytes:
    """The rows with faults as they stood, with the reasons last, as a workbook or CSV. Raises `upload-gone`."""
    kept = store(setup)
    head = (await kept.find(transaction, upload_id, identity.subject)).content
    rows = (await kept.find(transaction, UUID(head["refused"]), identity.subject)).content
    if kind == "csv":
        sheet = rows[0] if rows else {"headings": [], "rows": []}
        return refused_csv(sheet["headings"], sheet["rows"])
    return refused_xlsx([(each["title"], each["headings"], each["rows"]) for each in rows])


async def differences(transaction: Transaction, setup: Setup, identity: Identity, upload_id: UUID) -> Sequence[Sequence[Any]]:
    """Every stage that the list counted otherwise: row, reference, stage, its days, ours. Raises `upload-gone`."""
    kept = store(setup)
    head = (await kept.find(transaction, upload_id, identity.subject)).content
    found: Sequence[Sequence[Any]] = (await kept.find(transaction, UUID(head["differences"]), identity.subject)).content
    return found


async def discard(transaction: Transaction, setup: Setup, identity: Identity, upload_id: UUID) -> None:
    """Delete an upload that is not recorded, or not to its end: what was recorded stays."""
    kept = store(setup)
    head = (await kept.find(transaction, upload_id, identity.subject, claim=True)).content
    for each in (*(part["id"] for part in head["parts"]), head["refused"], head["differences"]):
        await kept.discard(transaction, UUID(each), identity.subject)
    await kept.discard(transaction, upload_id, identity.subject)


async def record_part(transaction: Transaction, setup: Setup, identity: Identity, upload_id: UUID) -> bool:
    """Record the next part of an upload; answers whether there is more. Whoever comes meanwhile waits, and gets the next one.

    Raises `upload-gone`; `profile-changed` where codes may not be those that were checked.
    """
    whole_organisation(identity)
    kept = store(setup)
    head = await kept.find(transaction, upload_id, identity.subject, claim=True)
    if head.done_at is not None:
        return False
    content = head.content
    parts, place = content["parts"], content["next"]
    applied = await setup.profiles.current(transaction)
    if applied.number != content["profile"]:
        detail = "The organisation's profile was changed since this file was checked. Send the file again: it is checked anew."
        raise DomainError("profile-changed", detail)
    if place < len(parts):
        await _record(transaction, setup, identity, applied.profile, content, parts[place])
        await kept.discard(transaction, UUID(parts[place]["id"]), identity.subject)
        content["next"] = place + 1
        await kept.change(transaction, upload_id, content)
    if content["next"] < len(parts):
        return True
    await kept.finish(transaction, upload_id, content["recorded"])
    return False


async def _record(
    transaction: Transaction, setup: Setup, identity: Identity, profile: Profile, content: Any, part: Mapping[str, Any]
) -> None:
    kept = (await store(setup).find(transaction, UUID(part["id"]), identity.subject)).content
    recorded = content["recorded"]
    if part["sheet"] == COMPLAINTS:
        cases = _CASES.validate_python(kept)
        gone = await _reduced(transaction, setup, "complaint", [case.reference for case in cases])
        left = [case for case in cases if case.reference not in gone]
        new = await record_complaints(transaction, setup, identity, left, profile, content["profile"])
        recorded["complaints"] += new
        recorded["meanwhile"] += len(cases) - new
    else:
        compliments = _COMPLIMENTS.validate_python(kept)
        gone = await _reduced(transaction, setup, "compliment", [each.reference for each in compliments])
        new = await record_compliments(
            transaction, setup, identity, [each for each in compliments if each.reference not in gone]
        )
        recorded["compliments"] += new
        recorded["meanwhile"] += len(compliments) - new


async def _reduced(transaction: Transaction, setup: Setup, what: str, references: Sequence[str]) -> dict[str, date]:
    """The days on which records of these references were reduced, by reference."""
    named = {known.posted_as(what, each): each for each in references}
    return {named[each]: day for each, day in (await known.reduced_on(transaction, setup.secrets, named)).items()}


async def _leave_out_reduced(transaction: Transaction, setup: Setup, prepared: Prepared) -> None:
    """What was reduced is not recorded again, and the person is told which rows these are."""
    complaints = [case.reference for case in prepared.cases]
    prepared.leave_out_reduced(COMPLAINTS, await _reduced(transaction, setup, "complaint", complaints))
    compliments = [each.reference for each in prepared.compliments]
    prepared.leave_out_reduced(COMPLIMENTS, await _reduced(transaction, setup, "compliment", compliments))


async def _leave_out_known(transaction: Transaction, setup: Setup, prepared: Prepared) -> None:
    """What is there already is told as such: the same, or something else under its reference."""
    repository = OldCasesRepository(transaction)
    secrets, org = setup.secrets, transaction.org
    ours = {case.reference: content_hash(secrets, org, hashed(case)) for case in prepared.cases}
    theirs = await repository.known(list(ours))
    compliments = {each.reference: content_hash(secrets, org, hashed(each)) for each in prepared.compliments}
    praised = await repository.known_compliments(list(compliments))
    prepared.leave_out(COMPLAINTS, {name: is_same(secrets, org, found, ours[name]) for name, found in theirs.items()})
    prepared.leave_out(COMPLIMENTS, {name: is_same(secrets, org, found, compliments[name]) for name, found in praised.items()})
    named = [case.ombudsman.reference for case in prepared.cases if case.ombudsman]
    prepared.taken_cases(await repository.known_cases(named))


def hashed(record: OldCase | OldCompliment) -> dict[str, Any]:
    """What makes two accounts of one reference the same: everything but where in the sheet it stands."""
    return {name: value for name, value in asdict(record).items() if name != "row"}


async def _keep(
    transaction: Transaction,
    setup: Setup,
    identity: Identity,
    prepared: Prepared,
    sheets: Mapping[str, Sheet],
    name: str,
    profile: int,
) -> UUID:
    kept, by = store(setup), identity.subject
    parts = [
        {"sheet": sheet, "id": str(await kept.keep(transaction, by, records)), "n": len(records)}
        for sheet, records in _parts(prepared)
    ]
    refused_ = await kept.keep(transaction, by, prepared.refused(sheets))
    differ = await kept.keep(transaction, by, prepared.differences)
    head = {
        "name": name,
        "sheets": [[each.title or title, len(each.rows), len(each.examples)] for title, each in sheets.items()],
        "profile": profile,
        "parts": parts,
        "refused": str(refused_),
        "differences": str(differ),
        "next": 0,
        "recorded": {"complaints": 0, "compliments": 0, "meanwhile": 0},
        **prepared.shown(),
    }
    return await kept.keep(transaction, by, head)


def _parts(prepared: Prepared) -> Iterator[tuple[str, list[Any]]]:
    for start in range(0, len(prepared.cases), PART):
        yield COMPLAINTS, _CASES.dump_python(prepared.cases[start : start + PART], mode="json")
    for start in range(0, len(prepared.compliments), PART):
        yield COMPLIMENTS, _COMPLIMENTS.dump_python(prepared.compliments[start : start + PART], mode="json")


def _checked(upload: Any) -> Checked:
    return Checked(upload.id, upload.expires_at, upload.content, upload.done_at is not None)
