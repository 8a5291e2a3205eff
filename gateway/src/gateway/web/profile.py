"""`PUT /gateway/v1/profile`: how people of an organisation sign in, from its profile."""

from typing import Annotated

from fastapi import APIRouter, Query

from chassis.errors import DomainError, FieldError, Kind
from chassis.profile_store import ProfileDocument, ProfileResult
from chassis.strict_json import StrictJsonRoute
from gateway.use_cases.apply_profile import apply_profile
from gateway.web.parts import Operator, PartsDep

router = APIRouter(prefix="/gateway/v1", tags=["gateway"], route_class=StrictJsonRoute)


@router.put("/profile", summary="Apply or check the organisation's profile")
async def put_profile(
    document: ProfileDocument, parts: PartsDep, operator: Operator, *, dry_run: Annotated[bool, Query()] = False
) -> ProfileResult:
    """Changes nothing when the same version is in force. Sessions of a provider that is no longer there end at once."""
    if operator.org is None:
        detail = "Say for which organisation, in the header Loop-Org."
        raise DomainError("no-organisation", detail, Kind.MALFORMED, (FieldError("", detail),))
    body = document.model_dump(exclude={"version"})
    changed, ended = await apply_profile(parts.recording, parts.profiles, operator.org, document.version, body, dry_run=dry_run)
    if ended:
        await parts.recall.everywhere()
    return ProfileResult(version=document.version, changed=changed)
