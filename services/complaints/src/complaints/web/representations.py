"""Routes: other systems hand in what came in with them, and ask what was decided. A person decides, never a system."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import AfterValidator, BaseModel, Field, StringConstraints
from starlette.responses import Response

from chassis.access import org_of
from chassis.errors import not_found
from chassis.idempotency import Answer, IdempotencyKey
from chassis.strict_json import StrictJsonRoute
from chassis.unit_of_work import Transaction
from chassis.web import uow_of
from complaints.adapters.intake_sealing import Contact, Details
from complaints.adapters.representations import Representations
from complaints.domain.representation import MOST_WORDS, AnswerBy, CameBy, PersonRole, Said, Standing
from complaints.use_cases.receive_representation import (
    MOST_PEOPLE,
    Person,
    ReceiveRepresentation,
    Sender,
    receive_representation,
)
from complaints.web.fields import Code, Day, Payload, Reference, no_nul
from complaints.web.parts import Reader, Writer, do_once, responses, setup_of

router = APIRouter(prefix="/complaints/v1", tags=["representations"], route_class=StrictJsonRoute)

Words = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=MOST_WORDS),
    AfterValidator(no_nul),
    Field(description="Stored encrypted."),
]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300), AfterValidator(no_nul)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35)]


class PersonIn(Payload):
    """Somebody whom it concerns. Stored encrypted; in no event and no answer."""

    role: PersonRole
    name: Line = ""
    phone: Line = ""
    email: Line = ""
    address: Line = ""


class RepresentationIn(Payload):
    """What came in with another system: in the sender's words, with the day on which the council had it."""

    reference: Reference = Field(description="Your own reference, unique among those that you hand in.", examples=["CRM-4711"])
    received_on: Day
    said: Said = Field(description="What its sender says it is.")
    came_by: CameBy = "other-system"
    narrative: Annotated[Words, Field(min_length=1)]
    desired: Words = ""
    about: Words = ""
    language: Language = "en"
    answer_by: AnswerBy = "none"
    standing: Standing = "not-said"
    raised_by: Code | None = None
    from_child: bool = Field(default=False, description="A child or care leaver: an advocate must be offered.")
    service_area: Code | None = None
    happened_on: Day | None = None
    people: list[PersonIn] = Field(default_factory=list, max_length=MOST_PEOPLE)


class RepresentationRef(BaseModel):
    """Where it stands; no word of it."""

    representation_id: UUID
    reference: str = Field(description="The council's reference, for the sender.", examples=["R-2026-0001"])
    state: Literal["received", "decided"]
    outcome: str | None = Field(default=None, description="What a person decided that it is.")
    complaint_id: UUID | None = None
    compliment_id: UUID | None = None
    went_to: str | None = None


@router.post(
    "/representations",
    status_code=201,
    summary="Hand in a complaint, comment or compliment that nobody has decided yet",
    response_model=RepresentationRef,
    responses=responses(RepresentationRef, "representation"),
)
async def post_representation(request: Request, payload: RepresentationIn, identity: Writer, key: IdempotencyKey) -> Response:
    """It waits in the queue of the complaints officers; a person decides what it is. The same one again is answered 200."""
    setup = setup_of(request)

    async def work(transaction: Transaction) -> Answer:
        received = await receive_representation(
            transaction, setup, Sender(identity.subject), _command(payload, identity.subject)
        )
        stored = await Representations(transaction).one(received.id, frozenset())
        state = stored.now.state.value if stored else "received"
        body = RepresentationRef(representation_id=received.id, reference=received.reference, state=_state(state))
        return Answer(201 if received.created else 200, body.model_dump(mode="json"))

    return await do_once(request, identity, key, payload, work)


@router.get("/representations/{representation_id}", summary="Read what was decided")
async def get_representation(request: Request, representation_id: UUID, identity: Reader) -> RepresentationRef:
    """Codes only: what somebody said is read on the pages, where it is logged who opened it."""
    async with uow_of(request).begin(org_of(identity)) as transaction:
        stored = await Representations(transaction).one(representation_id, identity.areas)
    if stored is None:
        raise not_found("representation")
    return RepresentationRef(
        representation_id=stored.id,
        reference=stored.reference,
        state=_state(stored.now.state.value),
        outcome=stored.now.outcome and stored.now.outcome.value,
        complaint_id=stored.became.complaint_id,
        compliment_id=stored.became.compliment_id,
        went_to=stored.became.went_to,
    )


def _state(value: str) -> Literal["received", "decided"]:
    return "decided" if value == "decided" else "received"


def _command(payload: RepresentationIn, client: str) -> ReceiveRepresentation:
    people = tuple(Person(each.role, Contact(each.name, each.phone, each.email, each.address)) for each in payload.people)
    happened: date | None = payload.happened_on
    return ReceiveRepresentation(
        came_by=payload.came_by,
        received_on=payload.received_on,
        said=payload.said,
        details=Details(payload.narrative, payload.desired, payload.about),
        people=people,
        language=payload.language,
        answer_by=payload.answer_by,
        standing=payload.standing,
        raised_by=payload.raised_by,
        from_child=payload.from_child,
        service_area=payload.service_area,
        happened_on=happened,
        # Two systems may use the same reference for different things.
        own_reference=f"{client}:{payload.reference}",
    )
