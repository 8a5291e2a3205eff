"""Issue links: one or a thousand, in one transaction and a handful of round trips."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from chassis.days import british_day
from chassis.errors import DomainError, FieldError, Kind
from chassis.ids import new_id
from chassis.profile_store import Applied
from chassis.retention import known
from chassis.unit_of_work import Transaction
from feedback.adapters import invitations, sealing
from feedback.adapters.invitations import NewInvitation
from feedback.context import Context
from feedback.domain import links
from feedback.domain.invitation import Invitation, InvitationRequest, expiry, faults
from feedback.domain.profile import FeedbackProfile
from feedback.domain.sending import channel_of, read_address
from feedback.events.out import invitation_issued


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one request. `url` and `short_code` are told once, when the link is issued; `sending`: we send it."""

    status: Literal["issued", "unchanged", "refused"]
    invitation_id: UUID | None = None
    url: str | None = None
    short_code: str | None = None
    expires_on: date | None = None
    problem: DomainError | None = None
    sending: bool = False


@dataclass(frozen=True, slots=True)
class Prepared:
    """An invitation about to be issued, and what is then told of it."""

    new: NewInvitation
    result: Result


async def issue_invitations(
    transaction: Transaction,
    context: Context,
    client: str,
    requests: Sequence[InvitationRequest],
    now: datetime,
    areas: Collection[str] = (),
) -> list[Result]:
    """Issue a link for each request, in the order of the requests; a request that is refused does not stop the others.

    A reference of this client that is there already issues nothing: `unchanged` when everything else is the same, else refused
    (409). `areas` are the service areas to which the caller is limited, empty for all.
    """
    applied = await context.profiles.current(transaction)
    today = british_day(now)
    results: dict[int, Result] = {}
    gone, standing = await _reduced(transaction, context, client, requests)
    prepared: dict[int, Prepared] = {}
    first: dict[str, int] = {}
    for place, request in enumerate(requests):
        wrong = list(faults(applied.profile, request, today, areas))
        if wrong:
            results[place] = Result("refused", problem=refusal(wrong))
        elif request.reference in gone:
            results[place] = Result("refused", problem=known.was_reduced("letter", gone[request.reference]))
        elif request.reference in standing:
            continue  # its first letter was reduced, the one that was issued in its place is there: `_settle_known` says so
        elif request.reference is None or first.setdefault(request.reference, place) == place:
            prepared[place] = prepare(context, transaction.org, applied, request, today)
    issued = await invitations.insert(transaction, client, [each.new for each in prepared.values()])
    for place, each in prepared.items():
        if each.new.invitation.id in issued:
            results[place] = each.result
            transaction.record(invitation_issued(each.new.invitation), occurred_at=now)
    await _settle_known(transaction, context, client, requests, results)
    return [results[place] for place in range(len(requests))]


async def _reduced(
    transaction: Transaction, context: Context, client: str, requests: Sequence[InvitationRequest]
) -> tuple[dict[str | None, date], set[str | None]]:
    """The days on which letters of these references were reduced; and those of which one that was issued again is there."""
    named = {known.posted_as("invitation", client, each.reference): each.reference for each in requests if each.reference}
    days = await known.reduced_on(transaction, context.secrets, named)
    there = set(await invitations.by_reference(transaction, client, {named[each] for each in days})) if days else set()
    return {named[each]: day for each, day in days.items() if named[each] not in there}, {*there}


def prepare(context: Context, org: str, applied: Applied[FeedbackProfile], request: InvitationRequest, today: date) -> Prepared:
    """Make token, code and invitation of a request that `faults` has nothing against."""
    questionnaire = applied.profile.questionnaire(request.questionnaire)
    version = questionnaire.in_force(today) if questionnaire else None
    if version is None:  # pragma: no cover - `faults` has looked
        raise LookupError(request.questionnaire)
    token, code = links.new_token(short=request.channel == "text"), links.new_code()
    invitation = Invitation(
        id=new_id(),
        reference=request.reference,
        questionnaire=request.questionnaire,
        version=version.version,
        profile_number=applied.number,
        channel=request.channel,
        reusable=request.reusable,
        service_area=request.service_area,
        team=request.team,
        about_on=request.about_on,
        issued_on=today,
        expires_on=expiry(request, today),
        withdrawn_on=None,
        used_on=None,
        language=request.language,
    )
    plain = links.read_code(code)
    new = NewInvitation(
        invitation,
        fingerprint(context, org, request),
        links.token_hash(token),
        links.code_hash(sealing.short_code_key(context.secrets), plain or ""),
    )
    url = f"{context.public_url}/s/{token}"
    return Prepared(new, Result("issued", invitation.id, url, code, invitation.expires_on))


async def _settle_known(
    transaction: Transaction,
    context: Context,
    client: str,
    requests: Sequence[InvitationRequest],
    results: dict[int, Result],
) -> None:
    """What becomes of requests whose reference was there before, in the database or earlier in the same batch."""
    open_places = [place for place in range(len(requests)) if place not in results]
    if not open_places:
        return
    references = {reference for place in open_places if (reference := requests[place].reference) is not None}
    there = await invitations.by_reference(transaction, client, references)
    for place in open_places:
        request = requests[place]
        before = there[request.reference or ""]
        if before.fingerprint == fingerprint(context, transaction.org, request):
            results[place] = Result("unchanged", before.id, expires_on=before.expires_on)
        else:
            results[place] = Result("refused", before.id, problem=_other_content(request))


def fingerprint(context: Context, org: str, request: InvitationRequest) -> bytes:
    """What makes two requests the same. One without a language is as it was before there were languages.

    Where it is sent to goes in as a keyed hash: by a plain one a telephone number could be searched for.
    """
    unsaid = {"language"} if request.language is None else None
    return hashlib.sha256(f"{request.model_dump_json(exclude=unsaid)}{sent_to_key(context, org, request)}".encode()).digest()


def sent_to_key(context: Context, org: str, request: InvitationRequest) -> str:
    """A keyed hash of where a link is sent to, however it was typed; empty where we send none."""
    channel = channel_of(request.channel)
    if request.send_to is None or channel is None:
        return ""
    return context.secrets.pseudonym(org, sealing.SEND_ADDRESS, read_address(channel, request.send_to) or request.send_to)


def refusal(errors: Sequence[FieldError]) -> DomainError:
    """The refusal of a request for what the profile says against it."""
    detail = "The link was not issued: the request does not fit the organisation's profile. See `errors`."
    return DomainError("unknown-code", detail, Kind.MALFORMED, tuple(errors))


def _other_content(request: InvitationRequest) -> DomainError:
    detail = (
        f"The reference '{request.reference}' was used for an invitation with other content. Nothing was changed. Withdraw "
        "that one if it is wrong, and issue a new one under a new reference."
    )
    return DomainError("reference-taken", detail, Kind.CONFLICT)


def single(result: Result) -> Result:
    """The result of a request that came alone; raises its problem."""
    if result.problem is not None:
        raise result.problem
    return result


def as_item(index: int, result: Result, problem: dict[str, Any] | None) -> dict[str, Any]:
    """A result as the batch answers it."""
    return {
        "index": index,
        "status": result.status,
        "invitation_id": str(result.invitation_id) if result.invitation_id else None,
        "url": result.url,
        "short_code": result.short_code,
        "expires_on": result.expires_on.isoformat() if result.expires_on else None,
        "sending": result.sending,
        "problem": problem,
    }
