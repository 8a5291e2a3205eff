"""An operator's routes for the own second factor: these take the key alone, all others want the pass as well."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field, StringConstraints

from chassis.access import OPERATOR, asks
from chassis.errors import DomainError
from gateway.access.trail import note
from gateway.domain.operator_keys import OperatorKey
from gateway.use_cases.second_factor import begin_second_factor, give_pass
from gateway.web.admin import Strict
from gateway.web.parts import PartsDep, address_of, incoming_of, parts_of

router = APIRouter(prefix="/gateway/v1/operator-keys/own", tags=["gateway"])


class SecondFactorAnswer(BaseModel):
    """What an authenticator is told, shown this once."""

    secret: str = Field(description="To type into an authenticator: base32, SHA-1, six digits, 30 seconds.")
    address: str = Field(description="The same as an otpauth address, which apps read from a QR code.")


class CodeBody(Strict):
    """A code of the authenticator."""

    code: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]


class PassAnswer(BaseModel):
    """A pass, shown this once. Send it behind the key: `Authorization: Bearer <key>~<pass>`."""

    operator_pass: str
    expires_at: datetime


async def own_key(request: Request) -> OperatorKey:
    """A dependency that lets in whoever holds an operator's key with a name, with or without a pass."""
    parts = parts_of(request)
    principal, key = await parts.authentication.holder_of_operator_key(incoming_of(request), address_of(request))
    request.scope["state"]["principal"] = principal
    note(request, principal)
    return key


asks(own_key, OPERATOR)
OwnKey = Annotated[OperatorKey, Depends(own_key)]


@router.post("/second-factor", status_code=201, summary="Begin a second factor")
async def begin(response: Response, parts: PartsDep, key: OwnKey) -> SecondFactorAnswer:
    """It counts when the first code has come. Begun again before that, the one from before is forgotten."""
    made = await begin_second_factor(parts.recording, parts.operator_secrets, key)
    response.headers["Cache-Control"] = "no-store"
    return SecondFactorAnswer(secret=made.secret, address=made.address)


@router.post("/pass", status_code=201, summary="A pass for a code")
async def give(body: CodeBody, request: Request, response: Response, parts: PartsDep, key: OwnKey) -> PassAnswer:
    """For eight hours, of use with this key alone. A code is taken once; after five wrong ones the key has to wait."""
    try:
        made = await give_pass(parts.recording, parts.operator_secrets, key, body.code)
    except DomainError as error:
        if error.slug == "wrong-code":
            parts.authentication.count_wrong_code(address_of(request), key.subject)
        raise
    await parts.recall.everywhere()
    response.headers["Cache-Control"] = "no-store"
    return PassAnswer(operator_pass=made.secret, expires_at=made.expires_at)
