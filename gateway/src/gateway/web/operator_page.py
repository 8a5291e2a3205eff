"""An operator's route for coming in by browser: key and pass get a code, which the page takes once."""

from datetime import datetime

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from gateway.use_cases.operator_session import make_code
from gateway.web.parts import Operator, PartsDep, address_of, incoming_of

router = APIRouter(prefix="/gateway/v1/operator-keys/own", tags=["gateway"])


class CodeAnswer(BaseModel):
    """A code, shown this once."""

    code: str = Field(description="To type at `address`; it counts once, for two minutes.")
    address: str
    expires_at: datetime


@router.post("/page", status_code=201, summary="A code for the operator's page")
async def make(request: Request, response: Response, parts: PartsDep, _: Operator) -> CodeAnswer:
    """It begins a session of two hours at most, which ends with the key or its pass, and after a quarter of an hour unused."""
    key, ends = await parts.authentication.credential_of_operator(incoming_of(request), address_of(request))
    made = await make_code(parts.recording, key, ends)
    response.headers["Cache-Control"] = "no-store"
    address = f"{parts.settings.public_url.rstrip('/')}/operating/enter"
    return CodeAnswer(code=made.code, address=address, expires_at=made.expires_at)
