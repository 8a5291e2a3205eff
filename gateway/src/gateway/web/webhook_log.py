"""The delivery log of a subscription for machines and the operator, and sending messages again."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from gateway.adapters.webhook_log import Message
from gateway.domain.webhooks import MessageState
from gateway.use_cases.replay_webhook import MOST, Again, replay_webhook
from gateway.use_cases.see_webhook import see_log, see_message
from gateway.web.admin import Day, Strict
from gateway.web.parts import PartsDep
from gateway.web.webhooks import Caller

router = APIRouter(prefix="/gateway/v1/webhooks/{subscription_id}", tags=["gateway"])

After = Annotated[str | None, Query(max_length=500)]


class MessageAnswer(BaseModel):
    """A message, and what came of the last attempt."""

    message_id: str = Field(description="`webhook-id`: the id of the event, the same in every attempt.")
    type: str
    kept_at: datetime
    state: MessageState = Field(description="`dropped`: it was not asked for any more when its turn came.")
    attempts: int
    next_attempt_at: datetime | None
    status: int | None = Field(description="What the receiver answered; what it said besides is not kept.")
    outcome: str | None = Field(description="ok, refused, trouble, timeout, name, forbidden, connection, tls, …")
    milliseconds: int | None


class AttemptAnswer(BaseModel):
    """One attempt; without an outcome it is under way, or our process ended in the middle."""

    number: int
    at: datetime
    status: int | None
    outcome: str | None
    milliseconds: int | None


class WholeMessage(MessageAnswer):
    """A message with what is sent, and all attempts."""

    payload: str = Field(description="The body, byte for byte.")
    tried: list[AttemptAnswer]


class MessageList(BaseModel):
    """A page of messages, the newest first."""

    items: list[MessageAnswer]
    next: str | None = Field(description="Give it as `after` for the next page.")


class ReplayBody(Strict):
    """Which messages: one, all from a day to a day (both included, British time), or of these what did not get through."""

    message_id: str | None = Field(default=None, max_length=100)
    first: Day | None = None
    last: Day | None = None
    only: Literal["unsent"] | None = Field(default=None, description="What was given up, and what waits for its next attempt.")


class ReplayAnswer(BaseModel):
    """How many messages are sent again."""

    messages: int
    more: bool = Field(description="Whether there may be more: ask again.")


def _message(each: Message) -> dict[str, Any]:
    return {
        "message_id": each.event_id, "type": each.type, "kept_at": each.kept_at, "state": each.state,
        "attempts": each.attempts, "next_attempt_at": each.next_try_at if each.state == "waiting" else None,
        "status": each.status, "outcome": each.kind, "milliseconds": each.ms,
    }  # fmt: skip


@router.get("/messages", summary="The delivery log")
async def listed(
    subscription_id: str,
    parts: PartsDep,
    caller: Caller,
    state: MessageState | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    after: After = None,
) -> MessageList:
    """Thirty days back, the newest first."""
    found, cursor = await see_log(parts.webhooks, caller, subscription_id, state, after, limit)
    return MessageList(items=[MessageAnswer(**_message(each)) for each in found], next=cursor)


@router.get("/messages/{message_id}", summary="One message with its attempts")
async def one(subscription_id: str, message_id: str, parts: PartsDep, caller: Caller) -> WholeMessage:
    """With exactly what is sent."""
    seen = await see_message(parts.webhooks, caller, subscription_id, message_id)
    tried = [
        AttemptAnswer(number=each.number, at=each.at, status=each.status, outcome=each.kind, milliseconds=each.ms)
        for each in seen.attempts
    ]
    return WholeMessage(**_message(seen.message), payload=seen.payload, tried=tried)


@router.post("/replay", status_code=202, summary="Send messages again")
async def replay(subscription_id: str, body: ReplayBody, parts: PartsDep, caller: Caller) -> ReplayAnswer:
    """With the same ids as before, so that a receiver that has one already knows it."""
    again = Again(body.message_id, body.first, body.last, unsent=body.only == "unsent")
    done = await replay_webhook(parts.webhooks, caller, subscription_id, again)
    return ReplayAnswer(messages=done, more=done >= MOST)
