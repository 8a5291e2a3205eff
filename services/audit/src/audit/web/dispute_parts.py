"""What the routes of disputes and acknowledgements have in common: who may, the set-up, and entity tags."""

import re
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from pydantic import BaseModel
from starlette.responses import Response

from audit.use_cases.dispute_setup import MANAGER, OFFICER, READ, SENIOR_READER, WRITE, DisputeSetup
from chassis.access import requires
from chassis.identity import Identity
from chassis.problems import MEDIA_TYPE

Writer = Annotated[Identity, Depends(requires(WRITE))]
Reader = Annotated[Identity, Depends(requires(READ, WRITE, OFFICER, MANAGER, SENIOR_READER))]
Counter = Annotated[Identity, Depends(requires(READ, WRITE, OFFICER, SENIOR_READER))]
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=100,
        description="ETag of the record as you read it. If it was changed since, nothing is stored: 412 with the changes.",
    ),
]

_TAG = re.compile(r'"([0-9]{1,9})"')
_NO_REVISION = 0


def setup_of(request: Request) -> DisputeSetup:
    """The set-up of the application that handles the request."""
    found: DisputeSetup = request.app.state.disputes
    return found


def etag(revision: int) -> str:
    """The entity tag (RFC 9110) of a revision."""
    return f'"{revision}"'


def revision_of(if_match: str | None) -> int | None:
    """The revision that the sender has seen, None if they do not say; a tag that is not ours fits no revision."""
    if if_match is None or if_match.strip() == "*":
        return None
    found = _TAG.fullmatch(if_match.strip())
    return int(found[1]) if found else _NO_REVISION


def read_answer(content: BaseModel, revision: int | None = None) -> Response:
    """What was read, to be kept by nobody on the way: it may hold words about a child."""
    headers = {"Cache-Control": "no-store"} | ({"ETag": etag(revision)} if revision is not None else {})
    return Response(content.model_dump_json(), headers=headers, media_type="application/json")


def responses(what: str, *, stale: bool = True) -> dict[int | str, dict[str, Any]]:
    """The documented answers of a route that records something, beside 201; `stale` for those that take If-Match."""
    documented: dict[int | str, dict[str, Any]] = {
        200: {"description": f"The same {what} stands there already; nothing was changed."},
        404: _problem("There is none, or not for your eyes."),
        409: _problem("The state, or another record, is against it; `detail` says what to do."),
    }
    if stale:
        documented[412] = _problem("It was changed since you read it (If-Match); `changes` tells how.")
    return documented


def _problem(description: str) -> dict[str, Any]:
    # The schema of problems comes with the answers that all routes share.
    return {"description": description, "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
