"""What the routes of audits at work have in common: who may come in, the revision that was read, what every answer says."""

import re
from typing import Annotated, Any

from fastapi import Depends, Header, Path

from audit.use_cases.see_audit import CODES, MANAGER, OFFICER, READER
from audit.web.round_parts import NONE, Responses
from chassis.access import requires
from chassis.errors import DomainError, Kind
from chassis.identity import Identity
from chassis.problems import Problem

# Whom an audit is given to decides who may do what with it (`see_audit`, `steps`); a role only lets somebody come in.
Person = Annotated[Identity, Depends(requires(OFFICER, READER, MANAGER))]
Reader = Annotated[Identity, Depends(requires(CODES, OFFICER, READER, MANAGER))]
Code = Annotated[str, Path(max_length=90, pattern=r"^[a-z0-9][a-z0-9-]*$")]
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=100,
        description='ETag under which you read it, `"0"` where there was none. Needed: without it 428, changed since 412.',
    ),
]
_PROBLEM: dict[str, Any] = {"content": {"application/problem+json": {}}, "model": Problem}
STEP: Responses = {
    **NONE,
    409: {**_PROBLEM, "description": "The state is against it, and nothing was changed; `detail` says what to do"},
}
WRITE: Responses = {
    **STEP,
    412: {**_PROBLEM, "description": "It was changed since you read it; nothing of yours was saved"},
    428: {**_PROBLEM, "description": "If-Match is missing"},
}
_TAG = re.compile(r'"([0-9]{1,9})"')


def revision_of(if_match: str | None) -> int:
    """The revision that the sender has read. Raises `if-match-missing` (428), and `stale` for what is no tag of ours.

    `*` would save over whatever stands there, which is what the header is there to prevent: it counts as missing.
    """
    given = (if_match or "").strip()
    if given in {"", "*"}:
        detail = 'Send If-Match with the ETag under which you read this ("0" where nothing was saved yet). Nothing was changed.'
        raise DomainError("if-match-missing", detail, Kind.PRECONDITION_REQUIRED)
    found = _TAG.fullmatch(given)
    if found is None:
        raise DomainError("stale", "This is not an ETag of ours. Read it again, and decide anew.", Kind.STALE)
    return int(found[1])
