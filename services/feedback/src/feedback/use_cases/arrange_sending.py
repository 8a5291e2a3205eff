"""Let links be sent to the people they are for: a message each, in the transaction that issues them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from chassis.ids import new_id
from chassis.unit_of_work import Transaction
from contracts.feedback import MessageChannel
from feedback.adapters import sealing, sendings
from feedback.adapters.sendings import NewSending
from feedback.context import Context
from feedback.domain import links
from feedback.domain.invitation import InvitationRequest
from feedback.domain.sending import channel_of, hint_of, read_address
from feedback.use_cases.issue_invitations import Result, issue_invitations


@dataclass(frozen=True, slots=True)
class Addressed:
    """A link that was just issued, and where it is to be sent."""

    result: Result
    channel: MessageChannel
    address: str = field(repr=False)


async def arrange_sending(
    transaction: Transaction, context: Context, made_by: str, addressed: Sequence[Addressed], now: datetime
) -> None:
    """Let the worker send these links. Address and token are sealed; those who serve pages cannot read them again."""
    if addressed:
        new = [_new(context, transaction.org, each) for each in addressed]
        await sendings.arrange(transaction, made_by, new, now)


async def issue_and_send(
    transaction: Transaction,
    context: Context,
    client: str,
    requests: Sequence[InvitationRequest],
    now: datetime,
    areas: Collection[str] = (),
) -> list[Result]:
    """Issue links as `issue_invitations` does, and let the worker send those whose request says where to.

    A reference that is there with the same content, address and all, sends nothing again.
    """
    results = await issue_invitations(transaction, context, client, requests, now, areas)
    addressed: list[Addressed] = []
    for place, (request, result) in enumerate(zip(requests, results, strict=True)):
        channel = channel_of(request.channel)
        if request.send_to is None or channel is None or result.status == "refused":
            continue
        results[place] = replace(result, sending=True)
        if result.status == "issued" and (address := read_address(channel, request.send_to)):
            addressed.append(Addressed(result, channel, address))
    await arrange_sending(transaction, context, client, addressed, now)
    return results


def _new(context: Context, org: str, each: Addressed) -> NewSending:
    if each.result.invitation_id is None or each.result.url is None:  # pragma: no cover - it was just issued
        raise LookupError(each.channel)
    secrets = context.secrets
    token = each.result.url.rpartition("/")[2]
    key = sealing.say_no_key(secrets)
    no = links.no_token(key, each.result.invitation_id)
    return NewSending(
        invitation_id=each.result.invitation_id,
        message_id=new_id(),
        channel=each.channel,
        no_hash=links.no_hash(key, no),
        address=secrets.seal(org, sealing.SEND_ADDRESS, each.address),
        token=secrets.seal(org, sealing.SEND_TOKEN, token),
        hint=secrets.seal(org, sealing.SEND_HINT, hint_of(each.channel, each.address)),
    )
