"""A person decides what came in, takes a decision back, or records that an advocate was offered. One transaction each."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from chassis.errors import DomainError, FieldError, Kind, not_found
from chassis.identity import Identity
from chassis.ids import new_id
from chassis.unit_of_work import Transaction
from complaints.adapters.complaint_repository import ComplaintRepository
from complaints.adapters.intake_sealing import REASON, STAFF
from complaints.adapters.representations import Became, Entry, Representations, Stored
from complaints.domain import representation as rules
from complaints.domain.codes import CodeCheck, within_areas
from complaints.domain.profile import Profile
from complaints.domain.representation import Advocate, Decision, Known, Outcome
from complaints.use_cases.close_in_error import close_in_error
from complaints.use_cases.keep_people import carry_people_over
from complaints.use_cases.pass_over import PassOver, pass_over
from complaints.use_cases.points import NewPoint
from complaints.use_cases.receive_complaint import ReceiveComplaint, receive_complaint
from complaints.use_cases.receive_compliment import ReceiveCompliment, receive_compliment
from complaints.use_cases.setup import Setup, within_calendar
from complaints.use_cases.take_step import Target
from contracts.complaints import RepresentationDecided


@dataclass(frozen=True)
class Making:
    """What the record that is made of it says. Without a reference it is given the next one of the year."""

    service_area: str | None = None
    team: str | None = None
    need: str | None = None
    route: str | None = None
    raised_by: str | None = None
    reference: str | None = None
    points: tuple[NewPoint, ...] = ()
    source: str | None = None
    external: bool = True


@dataclass(frozen=True)
class Offer:
    """An advocate was offered on a day; the answer may come later."""

    on: date
    answer: Advocate | None


async def decide_representation(
    transaction: Transaction,
    setup: Setup,
    identity: Identity,
    ident: UUID,
    decision: Decision,
    making: Making,
    offer: Offer | None = None,
) -> Stored:
    """Decide what a representation is, and make the record that it becomes; with an `offer`, record that first.

    The same decision of the same person again (a second click) changes nothing. Raises `not-found`, what
    `representation.decide` raises, and what receiving the complaint or compliment raises.
    """
    repository = Representations(transaction)
    stored = await _held(repository, identity, ident)
    changes = await repository.changes(ident)
    if offer is not None and stored.now.revision == decision.seen:
        await offer_advocate(transaction, setup, identity, ident, decision.seen, offer.on, offer.answer)
        stored = await _held(repository, identity, ident)
    if offer is not None:
        decision = replace(decision, seen=decision.seen + 1)
    if _is_repetition(stored, decision, changes[-1], identity):
        return stored
    profile = (await setup.profiles.current(transaction)).profile
    now = rules.decide(stored.now, decision, known_codes(profile))
    became = await _make(transaction, setup, identity, stored, decision, making)
    await repository.save(stored, now, became, stored.advocate_offered_by, making.service_area)
    entry = Entry(
        now.revision,
        "decide",
        decision.outcome.value,
        decision.procedure,
        decision.standing,
        decision.timing,
        decision.early_referral,
    )
    await repository.add_change(ident, _signed(setup, identity, transaction.org, entry, decision.reason))
    transaction.record(_decided(setup, stored, now.revision, decision, became, making))
    return replace(stored, now=now, became=became)


async def undo_decision(
    transaction: Transaction, setup: Setup, identity: Identity, ident: UUID, seen: int, reason: str
) -> None:
    """Take a decision back with a reason, while nothing followed; a complaint that was made of it is closed as made in error.

    Raises `not-found`, and what `representation.undo` and `close_in_error` raise.
    """
    repository = Representations(transaction)
    stored = await _held(repository, identity, ident)
    unmade = stored.became.complaint_id if stored.now.outcome in rules.UNMADE else None
    now = rules.undo(stored.now, seen, reason, unmade=unmade is not None)
    if unmade is not None:
        await close_in_error(transaction, setup, identity, unmade, stored.reference, reason)
    await repository.withdraw_comment(ident)
    await repository.save(stored, now, Became(), stored.advocate_offered_by, None)
    await repository.add_change(ident, _signed(setup, identity, transaction.org, Entry(now.revision, "undo"), reason))
    transaction.record(
        RepresentationDecided(representation_id=ident, revision=now.revision, decided_on=setup.today(), outcome=None)
    )


async def offer_advocate(
    transaction: Transaction,
    setup: Setup,
    identity: Identity,
    ident: UUID,
    seen: int,
    on: date,
    answer: Advocate | None,
) -> None:
    """Record that an advocate was offered, and the answer. Raises `not-found`, and as `representation.offer_advocate`."""
    repository = Representations(transaction)
    stored = await _held(repository, identity, ident)
    now = rules.offer_advocate(stored.now, seen, on, answer, setup.today())
    await repository.save(stored, now, stored.became, identity.subject, None)
    entry = Entry(now.revision, "advocate")
    signed = _signed(setup, identity, transaction.org, entry, answer or "not answered yet")
    await repository.add_change(ident, signed)


def known_codes(profile: Profile) -> Known:
    """The codes of the profile that decisions use."""
    procedures = profile.complaints.procedures
    return Known(
        formal=[each.code for each in procedures if each.formality == "formal"],
        informal=[each.code for each in procedures if each.formality == "informal"],
        not_complaints=[each.code for each in profile.complaints.not_complaints],
        passing_over=[each.code for each in procedures if "stage-2" in each.early_referral],
    )


async def _held(repository: Representations, identity: Identity, ident: UUID) -> Stored:
    stored = await repository.one(ident, identity.areas, lock=True)
    if stored is None:
        raise not_found("representation")
    return stored


def _is_repetition(stored: Stored, decision: Decision, last: Entry, identity: Identity) -> bool:
    mine = last.step == "decide" and last.by_subject == identity.subject
    return mine and stored.now.revision == decision.seen + 1 and stored.now.outcome is decision.outcome


def _signed(setup: Setup, identity: Identity, org: str, entry: Entry, words: str) -> Entry:
    name = setup.secrets.seal(org, STAFF, identity.label or identity.subject)
    reason = setup.secrets.seal(org, REASON, words) if words else None
    return replace(entry, words=reason, by_subject=identity.subject, by_name=name)


async def _make(
    transaction: Transaction, setup: Setup, identity: Identity, stored: Stored, decision: Decision, making: Making
) -> Became:
    match decision.outcome:
        case Outcome.COMPLAINT | Outcome.ENQUIRY:
            return Became(complaint_id=await _complaint(transaction, setup, identity, stored, decision, making))
        case Outcome.COMPLIMENT:
            return Became(compliment_id=await _compliment(transaction, setup, identity, stored, making))
        case Outcome.COMMENT:
            return Became(comment_id=await _comment(transaction, setup, identity, stored, making))
        case Outcome.NOT_A_COMPLAINT:
            return Became(went_to=decision.went_to)
        case Outcome.DUPLICATE:
            return await _duplicate(transaction, identity, stored, decision.duplicate_of or "")


async def _complaint(
    transaction: Transaction, setup: Setup, identity: Identity, stored: Stored, decision: Decision, making: Making
) -> UUID:
    _need(making.service_area, "service_area", "Choose the service area")
    if not making.points:
        raise _incomplete("category", "Choose what it is about: at least one point")
    command = ReceiveComplaint(
        reference=making.reference or await _free_reference(transaction, setup, stored),
        procedure=decision.procedure or "",
        received_on=stored.now.received_on,
        service_area=making.service_area or "",
        team=making.team,
        need=making.need,
        route=making.route,
        raised_by=making.raised_by or stored.raised_by,
        points=making.points,
    )
    taken = await receive_complaint(transaction, setup, identity, command)
    if not taken.changed:
        raise _incomplete("reference", "There is a complaint with this reference. Leave it empty to be given the next one")
    if decision.early_referral == "stage-2":
        # As both agree, which is what the decision says, with its reason.
        passed = PassOver(Target(taken.record.id, 1), setup.today(), agreed=True, reason=decision.reason)
        await pass_over(transaction, setup, identity, passed)
    await carry_people_over(transaction, setup, identity.subject, stored.id, taken.record.id, stored.now.received_on)
    return taken.record.id


async def _free_reference(transaction: Transaction, setup: Setup, stored: Stored) -> str:
    """The next reference of the year that nobody has typed already."""
    prefix = (await setup.profiles.current(transaction)).profile.complaints.intake.prefix
    repository = Representations(transaction)
    async with transaction.whole_organisation():
        while True:
            reference = await repository.next_reference("complaint", prefix, stored.now.received_on.year)
            if await ComplaintRepository(transaction).by_reference(reference) is None:
                return reference


async def _compliment(transaction: Transaction, setup: Setup, identity: Identity, stored: Stored, making: Making) -> UUID:
    _need(making.service_area, "service_area", "Choose the service area")
    _need(making.source, "source", "Choose who sends it")
    command = ReceiveCompliment(
        reference=making.reference or stored.reference,
        received_on=stored.now.received_on,
        service_area=making.service_area or "",
        team=making.team,
        source=making.source or "",
        external=making.external,
    )
    ident, created = await receive_compliment(transaction, setup, identity, command)
    if not created:
        raise _incomplete("reference", "There is a compliment with this reference. Leave it empty")
    return ident


async def _comment(transaction: Transaction, setup: Setup, identity: Identity, stored: Stored, making: Making) -> UUID:
    _need(making.service_area, "service_area", "Choose the service area")
    within_areas(identity.areas, [making.service_area or ""])
    check = CodeCheck((await setup.profiles.current(transaction)).profile, stored.now.received_on)
    check.area("/service_area", making.service_area, "complaints")
    check.team("/team", making.team, making.service_area or "")
    check.done()
    ident = new_id()
    values = {"id": ident, "representation_id": stored.id, "received_on": stored.now.received_on}
    values |= {"service_area": making.service_area, "team": making.team, "by": identity.subject}
    await Representations(transaction).add_comment(values)
    return ident


async def _duplicate(transaction: Transaction, identity: Identity, stored: Stored, reference: str) -> Became:
    other = await Representations(transaction).by_reference(reference, identity.areas)
    if other is not None and other.id != stored.id:
        return Became(duplicate_of=other.id)
    complaint = await ComplaintRepository(transaction).by_reference(reference)
    if complaint is not None and (not identity.areas or complaint.service_area in identity.areas):
        return Became(complaint_id=complaint.id)
    raise _incomplete("duplicate_of", "There is no other one with this reference: enter R-… or that of a complaint")


def _need(value: str | None, field: str, words: str) -> None:
    if not value:
        raise _incomplete(field, words)


def _incomplete(field: str, words: str) -> DomainError:
    errors = (FieldError(f"/{field}", words),)
    return DomainError("incomplete", "Something is missing. Nothing was stored. See the fields.", Kind.MALFORMED, errors)


def _decided(
    setup: Setup, stored: Stored, revision: int, decision: Decision, became: Became, making: Making
) -> RepresentationDecided:
    today = setup.today()
    with within_calendar():
        days = setup.calendar().count(stored.now.received_on, today)
    return RepresentationDecided(
        representation_id=stored.id,
        revision=revision,
        decided_on=today,
        outcome=decision.outcome.value,
        procedure=decision.procedure if decision.outcome in {Outcome.COMPLAINT, Outcome.ENQUIRY} else None,
        timing=decision.timing,
        went_to=became.went_to,
        working_days=days,
        complaint_id=became.complaint_id,
        compliment_id=became.compliment_id,
        service_area=making.service_area or stored.service_area,
    )
