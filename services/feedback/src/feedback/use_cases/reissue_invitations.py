"""Issue links again: the old ones stop at once, new ones take their place under the same reference.

A letter that got lost, a link that nobody wrote down, a last day that has passed. The old invitation counts as withdrawn, so
that a family is counted once; what was begun by the old link is deleted, since it may have come into other hands.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from chassis.days import british_day
from chassis.errors import DomainError, not_found
from chassis.unit_of_work import Transaction
from feedback.adapters import invitations, reissues, sendings
from feedback.adapters.reissues import Before
from feedback.context import Context
from feedback.domain.invitation import InvitationRequest, faults
from feedback.domain.sending import is_channel
from feedback.events.out import invitation_issued, invitation_withdrawn
from feedback.use_cases.issue_invitations import Prepared, Result, prepare, refusal


@dataclass(frozen=True, slots=True)
class Again:
    """One link to issue again, as it was (`as_letter`: in a letter), or as a new `request` has it (same reference)."""

    old: UUID
    request: InvitationRequest | None = None
    as_letter: bool = False


@dataclass(frozen=True, slots=True)
class Reissued:
    """What became of one: the request that was carried out, and its result."""

    request: InvitationRequest | None
    result: Result


async def reissue_invitations(
    transaction: Transaction, context: Context, agains: Sequence[Again], now: datetime, areas: Collection[str] = ()
) -> list[Reissued]:
    """Issue links again, in the order of `agains`; one that is refused stops no other.

    Refusals: not-found, already-answered, already-replaced, and what the profile says against the request today.
    """
    applied = await context.profiles.current(transaction)
    today = british_day(now)
    before = await reissues.lock(transaction, [each.old for each in agains])
    done: list[Reissued] = []
    prepared: list[tuple[Before, Prepared]] = []
    for again in agains:
        old = before.get(again.old)
        if old is None or (areas and old.invitation.service_area not in areas):
            done.append(Reissued(None, Result("refused", problem=not_found("invitation"))))
            continue
        request = again.request or as_requested(old)
        if again.as_letter:
            request = request.model_copy(update={"channel": "letter"})
        problem = _against(old)
        if problem is None and (wrong := list(faults(applied.profile, request, today, areas))):
            problem = refusal(wrong)
        if problem is not None:
            done.append(Reissued(request, Result("refused", old.invitation.id, problem=problem)))
            continue
        ready = prepare(context, transaction.org, applied, request, today)
        kept = ready.new.fingerprint if again.request else old.fingerprint
        new = replace(ready.new, issue=old.issue + 1, replaces=old.invitation.id, fingerprint=kept)
        prepared.append((old, Prepared(new, ready.result)))
        done.append(Reissued(request, ready.result))
    await _carry_out(transaction, prepared, now)
    return done


async def _carry_out(transaction: Transaction, prepared: Sequence[tuple[Before, Prepared]], now: datetime) -> None:
    today = british_day(now)
    await reissues.withdraw(transaction, [old.invitation.id for old, _ in prepared], today)
    if sent := [old.invitation.id for old, _ in prepared if is_channel(old.invitation.channel)]:
        await sendings.stop(transaction, sent)
    for old, _ in prepared:
        if old.invitation.withdrawn_on is None:
            transaction.record(invitation_withdrawn(old.invitation.id, today), occurred_at=now)
    for client in sorted({old.client for old, _ in prepared}):
        news = [each.new for old, each in prepared if old.client == client]
        issued = await invitations.insert(transaction, client, news)
        if len(issued) != len(news):  # pragma: no cover - the old ones are locked, and none had been replaced
            raise LookupError("an invitation was issued again meanwhile")
        for new in news:
            transaction.record(invitation_issued(new.invitation), occurred_at=now)


def _against(old: Before) -> DomainError | None:
    if old.invitation.used_on is not None:
        return DomainError("already-answered", "The letter was answered, and its answers count. Nothing was changed.")
    if old.replaced:
        return DomainError(
            "already-replaced",
            "This link was issued again before. Nothing was changed. Look at the one that took its place.",
        )
    return None


def as_requested(old: Before) -> InvitationRequest:
    """What was asked for when an invitation was issued, with a fresh last day."""
    invitation = old.invitation
    return InvitationRequest(
        questionnaire=invitation.questionnaire,
        service_area=invitation.service_area,
        team=invitation.team,
        channel=invitation.channel,
        reusable=invitation.reusable,
        about_on=invitation.about_on,
        reference=invitation.reference,
        language=invitation.language,
    )
