"""Let links be sent to the people they are for: a message each, in the transaction that issues them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from chassis.ids import new_id
from chassis.unit_of_work import Transaction
from contracts.feedback import MessageChannel
from feedback.adapters import sealing, sendings
from feedback.adapters.sendings import NewSending
from feedback.context import Context
from feedback.domain import links
from feedback.domain.sending import hint_of
from feedback.use_cases.issue_invitations import Result


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
