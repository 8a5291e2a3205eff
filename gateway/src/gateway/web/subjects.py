"""What the gateway holds of a person, for the operator's command and other systems (`loop subject`)."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field
from starlette.responses import StreamingResponse

from chassis.errors import DomainError, Kind
from chassis.secrets import Secrets
from chassis.subject.review import sent
from chassis.subject.routes import Known, Proposal, SearchStep
from chassis.subject.setup import READ, REFERENCE
from gateway.domain.principals import Principal
from gateway.subject import SUBJECT
from gateway.subject.package import Asking, look, make
from gateway.web.parts import Parts, PartsDep, operator_or

Reader = Annotated[Principal, Depends(operator_or(READ))]


class PackageOf(Known):
    """Whose part of a package is wanted."""

    reference: Annotated[str, Field(pattern=REFERENCE.pattern, max_length=80)]
    received_on: Annotated[date, Field(strict=False)]
    passphrase: Annotated[str, Field(max_length=100)]


def secrets_of(parts: Parts, seals: Secrets) -> Secrets:
    """What opens names of who is signed in; where nobody signs in at a provider there is none to open."""
    return parts.sign_in.sealing.secrets if parts.sign_in else seals


def subject_api(seals: Secrets) -> APIRouter:
    """The routes. `seals` makes keyed hashes where the gateway has no key for names."""
    router = APIRouter(prefix="/gateway/v1/subject", tags=["people's rights"])

    @router.post("/searches", summary="Look for what the gateway holds of a person; all of it at once")
    async def search(parts: PartsDep, who: Reader, given: Known) -> SearchStep:
        found = await look(parts.recording, secrets_of(parts, seals), _org(who), given.asked())
        items = [
            Proposal(
                kind=each.kind, name=each.kind_name, id=each.id, reference=each.reference, service_area=each.area,
                dated=each.dated, role=each.role.value, why=list(each.why), page=each.page,
            )
            for each in found
        ]  # fmt: skip
        return SearchStep(items=items, place=None, opened=0, searched=SUBJECT.title, elsewhere=dict(SUBJECT.elsewhere))

    @router.post("/package", summary="The gateway's part of a package", response_class=StreamingResponse)
    async def fetch(parts: PartsDep, who: Reader, given: PackageOf) -> StreamingResponse:
        """Everything is of one person by their sign-in, so nothing is ticked."""
        about = Asking(given.reference, given.received_on, given.asked())
        return sent(await make(parts.recording, secrets_of(parts, seals), _org(who), about, given.passphrase))

    return router


def _org(who: Principal) -> str:
    if who.org is None:
        raise DomainError("no-organisation", "Say for which organisation you act (Loop-Org).", Kind.FORBIDDEN)
    return who.org
