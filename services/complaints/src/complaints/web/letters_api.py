"""Routes: what was sent about a complaint."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from chassis.access import org_of
from chassis.strict_json import StrictJsonRoute
from chassis.web import uow_of
from complaints.adapters.letters import Letters, Sent
from complaints.domain.letter_profile import Kind
from complaints.domain.letters import How, Way
from complaints.use_cases.letters import record_for
from complaints.web.parts import Reader, setup_of

router = APIRouter(prefix="/complaints/v1", tags=["complaints"], route_class=StrictJsonRoute)

Delivery = Literal["waiting", "sending", "sent", "failed"]


class LetterOut(BaseModel):
    """A letter in codes and days: never what it says, or to whom."""

    model_config = ConfigDict(frozen=True)

    letter_id: UUID
    stage: int
    kind: Kind
    template: Annotated[str | None, Field(description="Code of the profile's letter; null where it was begun without one.")]
    language: str
    way: Way
    sent_on: Annotated[date, Field(description="The day that counts: by post, that of posting.")]
    elsewhere: Annotated[bool, Field(description="Made and sent outside, and recorded.")]
    did: Annotated[
        How | None,
        Field(description="Took the step of its stage, is attached to one, or corrected its day; null: nothing."),
    ]
    delivery: Annotated[
        Delivery | None, Field(description="Of its mail: `sent` means handed over, `failed` that it did not arrive.")
    ]
    repeats: Annotated[UUID | None, Field(description="The letter that it sends again.")]


class LettersOut(BaseModel):
    """The letters of a complaint, in order of time."""

    items: list[LetterOut]


@router.get("/complaints/{complaint_id}/letters", summary="List the letters about a complaint")
async def get_letters(request: Request, complaint_id: UUID, identity: Reader) -> LettersOut:
    """What was sent, when, by which way, and what it did; no words and no names. Drafts are not told."""
    async with uow_of(request).begin(org_of(identity)) as transaction:
        await record_for(transaction, identity, complaint_id)
        sent = await Letters(transaction, setup_of(request).secrets).of(complaint_id)
    return LettersOut(items=[_out(each) for each in sent])


def _out(sent: Sent) -> LetterOut:
    about = sent.about
    return LetterOut.model_validate(
        {
            "letter_id": about.id,
            "stage": about.stage,
            "kind": about.kind,
            "template": about.template,
            "language": about.language,
            "way": about.way,
            "sent_on": sent.sent_on,
            "elsewhere": sent.elsewhere,
            "did": sent.how,
            "delivery": sent.mail,
            "repeats": about.again_of,
        }
    )
