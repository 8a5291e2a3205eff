"""Good practice is recorded formally, and the managers of the worker's team are told."""

from dataclasses import asdict, dataclass, field
from datetime import date

from audit.adapters.acknowledgements import AcknowledgementRecord, AcknowledgementRepository
from audit.domain.acknowledgement import Acknowledgement, Notice, check
from audit.domain.dispute_place import check_place, within_areas
from audit.domain.dispute_profile import required_acknowledgements
from audit.domain.notices import Notice as MailNotice
from audit.domain.notices import NoticeKind
from audit.events.practice_acknowledged import practice_acknowledged
from audit.use_cases.content_hash import content_hash, reference_taken
from audit.use_cases.dispute_setup import DisputeSetup, known_person
from audit.use_cases.notify import notify
from chassis.errors import DomainError, FieldError, Kind
from chassis.identity import Identity
from chassis.ids import new_id
from chassis.retention import known
from chassis.unit_of_work import Transaction


@dataclass(frozen=True)
class AcknowledgePractice:
    """What was good, of whom. `raised_person` is who saw it where somebody else records it."""

    acknowledged_on: date
    raised_by: str
    origin: str
    worker: str
    service_area: str
    team: str | None
    themes: tuple[str, ...]
    good: str = field(repr=False)
    raised_person: str | None = None
    reference: str | None = None


@dataclass(frozen=True)
class Acknowledged:
    """An acknowledgement after a step; `changed` is False when nothing differed."""

    record: AcknowledgementRecord
    changed: bool


async def acknowledge_practice(
    transaction: Transaction, setup: DisputeSetup, identity: Identity, command: AcknowledgePractice
) -> Acknowledged:
    """Store an acknowledgement with a notice for each manager; the same one of a system again is not stored twice.

    Raises `service-area-not-allowed`, `no-acknowledgements`, `unknown-codes`, `unknown-person`, `acknowledges-oneself`,
    `reference-taken`, and on days that cannot be.
    """
    within_areas(identity.areas, command.service_area)
    viewer = await setup.viewer(transaction, identity)
    profile = await setup.profile(transaction)
    rules = required_acknowledgements(profile.audit.acknowledgements)
    repository = AcknowledgementRepository(transaction, setup.secrets)
    hashed = content_hash(setup.content_key(transaction.org), asdict(command))
    if command.reference is not None:
        posted = known.posted_as("acknowledgement", identity.subject, command.reference)
        await known.assert_not_reduced(transaction, setup.secrets, "practice acknowledgement", posted)
        before = await repository.by_source(identity.subject, command.reference)
        if before is not None:
            if before.content_hash != hashed:
                raise reference_taken("practice acknowledgement", before.reference)
            return Acknowledged(before, changed=False)
    check_place(profile, command.service_area, command.team, command.acknowledged_on)
    named = command.raised_person if viewer.standing == "everything" else None
    raiser = await known_person(setup.directory(transaction), named, "/raised_person") or viewer.person
    raised_person = raiser.code if raiser is not None else None
    assert_not_oneself(raised_person, command.worker)
    content = _content(command, await _notices(transaction, setup, command))
    check(content, rules, profile.themes, setup.today())
    number = await repository.histories.next_number(rules.prefix, command.acknowledged_on.year)
    record = AcknowledgementRecord(
        new_id(), number, identity.subject, command.reference, hashed, raised_person, 1, None, content
    )
    await repository.create(record, identity.subject)
    transaction.record(practice_acknowledged(record.id, content))
    path = f"/audit/acknowledgements/{record.id}"
    managers = [notice.person for notice in content.notices if notice.person is not None]
    await notify(transaction, setup, [MailNotice(NoticeKind.PRACTICE, number, person, path, "raised") for person in managers])
    return Acknowledged(record, changed=True)


def assert_not_oneself(raised_person: str | None, worker: str) -> None:
    """Raise `acknowledges-oneself` where somebody would praise their own practice."""
    if raised_person == worker:
        errors = (FieldError("/worker", "expected somebody other than who acknowledges it"),)
        detail = "Nobody acknowledges their own practice. Nothing was stored."
        raise DomainError("acknowledges-oneself", detail, Kind.MALFORMED, errors)


async def _notices(transaction: Transaction, setup: DisputeSetup, command: AcknowledgePractice) -> tuple[Notice, ...]:
    """One for each manager of the team; one for whoever that may be where the directory knows nobody."""
    managers = await setup.directory(transaction).managers_of(command.team) if command.team is not None else []
    codes: list[str | None] = [manager.code for manager in managers]
    return tuple(Notice(number, code, setup.today()) for number, code in enumerate(codes or [None], 1))


def _content(command: AcknowledgePractice, notices: tuple[Notice, ...]) -> Acknowledgement:
    names = ("acknowledged_on", "raised_by", "origin", "worker", "service_area", "team", "themes", "good")
    return Acknowledgement(**{name: getattr(command, name) for name in names}, notices=notices)
