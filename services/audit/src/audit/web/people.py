"""JSON routes of the staff directory."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, SkipValidation, ValidationError

from audit.context import Context
from audit.domain.staff_entry import StaffEntry
from audit.use_cases.keep_people import Kept, keep_people, read_people
from chassis import keyset
from chassis.access import org_of, requires
from chassis.errors import DomainError, FieldError, Kind
from chassis.identity import Identity
from chassis.problems import Problem, from_domain_error, validation_errors
from chassis.strict_json import StrictJsonRoute
from chassis.web import uow_of

WRITE, READ = "audit:people:write", "audit:people:read"
MOST_PEOPLE = 1000
MOST_BYTES = 4 * 1024 * 1024
"""Of one list of people: 1,000 who each manage a hundred teams."""

PATH = "/audit/v1/people"

router = APIRouter(prefix=PATH, tags=["people"], route_class=StrictJsonRoute)
Keeper = Annotated[Identity, Depends(requires(WRITE, "role:qa-officer"))]
Reader = Annotated[Identity, Depends(requires(WRITE, READ, "role:qa-officer"))]

EXAMPLE: dict[str, Any] = {
    "code": "sam-okafor",
    "subject": "s.okafor@council.example",
    "name": "Sam Okafor",
    "email": "s.okafor@council.example",
    "service_area": "send",
    "team": None,
    "manages": ["send-north"],
    "line_manager": "dana-price",
    "duties": ["auditor", "moderator"],
    "agency": None,
    "active": True,
}


class People(BaseModel):
    """Up to 1,000 entries. Each is read, checked and answered by itself; whoever is left out stays as they are."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"people": [EXAMPLE]}})

    people: Annotated[list[SkipValidation[StaffEntry]], Field(min_length=1, max_length=MOST_PEOPLE)]


class PersonResult(BaseModel):
    """What became of one entry."""

    index: int = Field(description="Place in the list, from 0.")
    status: Literal["added", "changed", "unchanged", "refused"]
    code: str | None
    problem: Problem | None = Field(description="Why it was refused; pointers begin at the entry.")


class PeopleResult(BaseModel):
    """A result for each entry, in the order of the list."""

    results: list[PersonResult]
    counts: dict[Literal["added", "changed", "unchanged", "refused"], int]


class PeopleList(BaseModel):
    """A page of the directory, in the order of the codes."""

    items: list[StaffEntry]
    next: str | None = Field(description="Cursor of the next page (`after`); null when there is none.")


@router.put("", response_model=PeopleResult, summary="Add, change or end up to 1,000 people")
async def put_people(request: Request, identity: Keeper, body: People) -> dict[str, Any]:
    """Put people into the staff directory under their codes, each whole: what an entry leaves out, they no longer have.

    Sending the same again changes nothing, so no Idempotency-Key is needed. A refused entry stops no other. Nobody is taken
    out: `active: false` ends somebody, and the audits that name them stay readable. A sign-in (`subject`) is one person's.
    """
    context: Context = request.app.state.context
    async with uow_of(request).begin(org_of(identity)) as transaction:
        results = await keep_people(transaction, context, identity, [_read(each) for each in body.people])
    return _present(results)


@router.get("", response_model=PeopleList, summary="List people")
async def list_people(
    request: Request,
    identity: Reader,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    after: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """The staff directory in the order of the codes, a page at a time, those who have left included."""
    context: Context = request.app.state.context
    async with uow_of(request).begin(org_of(identity)) as transaction:
        found = await read_people(transaction, context, identity, _code(after), limit + 1)
    page = found[:limit]
    following = keyset.encode(page[-1].code) if len(found) > len(page) else None
    # As they stand: what was right when it was written is shown, also where the rules have changed since.
    content = PeopleList.model_construct(items=page, next=following).model_dump_json()
    return Response(content, media_type="application/json")


def _code(cursor: str | None) -> str:
    if cursor is None:
        return ""
    (code,) = keyset.decode(cursor, 1)
    if not isinstance(code, str) or "\0" in code:
        raise keyset.malformed()
    return code


def _read(item: Any) -> StaffEntry | DomainError:
    try:
        return StaffEntry.model_validate(item)
    except ValidationError as error:
        wrong = validation_errors(error.errors(include_url=False, include_context=False, include_input=False))
        errors = tuple(FieldError(each["pointer"], each["detail"]) for each in wrong)
        detail = "The entry does not have the form that is documented. Nothing of it was stored. See `errors`."
        return DomainError("malformed-payload", detail, Kind.MALFORMED, errors)


def _present(results: Sequence[Kept | DomainError]) -> dict[str, Any]:
    presented: list[dict[str, Any]] = []
    for index, result in enumerate(results):
        if isinstance(result, DomainError):
            presented.append({"index": index, "status": "refused", "code": None, "problem": from_domain_error(result)})
        else:
            presented.append({"index": index, "status": result.status, "code": result.code, "problem": None})
    counted = Counter(each["status"] for each in presented)
    return {"results": presented, "counts": {name: counted[name] for name in ("added", "changed", "unchanged", "refused")}}
