"""The operator's routes for the keys of operators themselves."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field, StringConstraints

from chassis.outbox import now
from gateway.domain.operator_keys import LONGEST_OVERLAP, OperatorKey
from gateway.use_cases.operator_keys import (
    MadeKey,
    create_operator_key,
    end_operator_key,
    list_operator_keys,
    rotate_operator_key,
)
from gateway.web.admin import Day, Strict
from gateway.web.parts import Beginner, Operator, PartsDep

router = APIRouter(prefix="/gateway/v1/operator-keys", tags=["gateway"])

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9.-]{1,39}$")]
Expires = Annotated[Day | None, Field(description="Last day, within a year; left out: ninety days from now.")]


class KeyBody(Strict):
    """Whose key it is to be."""

    name: Name = Field(description="Who holds it; the trail and the logs say it. Small letters, digits, full stops, hyphens.")
    expires_on: Expires = None


class RotationBody(Strict):
    """How a new key follows."""

    overlap_days: Annotated[int, Field(description=f"Days that the old one still works, {LONGEST_OVERLAP} at most.")] = 1
    expires_on: Expires = None


class KeyAnswer(BaseModel):
    """A key of an operator, without what proves it."""

    key_id: str
    name: str
    created_at: datetime
    created_by: str
    expires_at: datetime
    last_used_at: datetime | None = Field(description="To the minute.")
    ended_at: datetime | None
    good: bool = Field(description="Whether it counts now.")
    second_factor: bool = Field(description="Whether it wants a pass beside it, for a code of an authenticator.")


class MadeKeyAnswer(KeyAnswer):
    """A new key, which is shown this once."""

    key: str


class KeyList(BaseModel):
    """All keys, the newest first. With none that counts, the key of the setting does."""

    items: list[KeyAnswer]


def _answer(key: OperatorKey) -> dict[str, object]:
    return {
        "key_id": key.id,
        "name": key.name,
        "created_at": key.created_at,
        "created_by": key.created_by,
        "expires_at": key.expires_at,
        "last_used_at": key.last_used_at,
        "ended_at": key.ended_at,
        "good": key.is_good(now()),
        "second_factor": key.second_factor,
    }


def _made(made: MadeKey, response: Response) -> MadeKeyAnswer:
    response.headers["Cache-Control"] = "no-store"
    return MadeKeyAnswer.model_validate({**_answer(made.key), "key": made.secret})


@router.get("", summary="Keys of operators")
async def listed(parts: PartsDep, _: Beginner) -> KeyList:
    """Ended ones too, so that it can be seen who had one."""
    return KeyList(items=[KeyAnswer.model_validate(_answer(each)) for each in await list_operator_keys(parts.uow)])


@router.post("", status_code=201, summary="Make a key for an operator")
async def create(body: KeyBody, response: Response, parts: PartsDep, operator: Beginner) -> MadeKeyAnswer:
    """It is in this answer and nowhere else. From the first one on the key of `LOOP_OPERATOR_KEY_FILE` does not count any more.

    It counts again when no key with a name does, so that whoever has the machine cannot be locked out.
    """
    made = await create_operator_key(parts.recording, body.name, body.expires_on, operator.subject)
    await parts.recall.everywhere()
    return _made(made, response)


@router.post("/{key_id}/rotation", status_code=201, summary="Let a new key follow an old one")
async def rotate(key_id: str, body: RotationBody, response: Response, parts: PartsDep, operator: Operator) -> MadeKeyAnswer:
    """Both work for the overlap, then the old one ends by itself."""
    made = await rotate_operator_key(parts.recording, key_id, body.overlap_days, body.expires_on, operator.subject)
    await parts.recall.everywhere()
    return _made(made, response)


@router.delete("/{key_id}", status_code=204, summary="End a key of an operator")
async def end(key_id: str, parts: PartsDep, operator: Operator) -> None:
    """At once here, and within a second in other gateways. Ending it again changes nothing."""
    await end_operator_key(parts.recording, key_id, operator.subject)
    await parts.recall.everywhere()
