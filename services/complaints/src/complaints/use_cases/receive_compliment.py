"""A compliment arrives. Only those from outside the organisation count in formal figures; the others are kept."""

from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from chassis.errors import DomainError, FieldError, Kind
from chassis.identity import Identity
from chassis.ids import new_id
from chassis.retention import known
from chassis.unit_of_work import Transaction
from complaints.adapters.other_records import OtherRecords
from complaints.domain.codes import CodeCheck, within_areas
from complaints.use_cases.content import content_hash, is_same
from complaints.use_cases.setup import Setup
from contracts.complaints import ComplimentReceived


@dataclass(frozen=True)
class ReceiveCompliment:
    """A compliment as it came in."""

    reference: str
    received_on: date
    service_area: str
    team: str | None
    source: str
    external: bool


async def receive_compliment(
    transaction: Transaction, setup: Setup, identity: Identity, command: ReceiveCompliment
) -> tuple[UUID, bool]:
    """Store a compliment; gives its id, and False when the same one was there.

    Raises `service-area-not-allowed`, `unknown-codes`, `date-in-the-future`, `reference-taken`.
    """
    within_areas(identity.areas, [command.service_area])
    profile = (await setup.profiles.current(transaction)).profile
    check = CodeCheck(profile, command.received_on)
    check.area("/service_area", command.service_area, "compliments")
    check.team("/team", command.team, command.service_area)
    check.one_of("/source", command.source, profile.complaints.sources)
    check.done()
    not_in_future("/received_on", command.received_on, setup.today())
    await known.assert_not_reduced(transaction, setup.secrets, "compliment", known.posted_as("compliment", command.reference))
    compliment_id = new_id()
    content = asdict(command)
    values = {
        "id": compliment_id,
        "content_hash": content_hash(setup.secrets, transaction.org, content),
        "by": identity.subject,
        **content,
    }
    other = await OtherRecords(transaction).create_compliment(values)
    if other is not None:
        return same_or_taken(setup, transaction.org, other, values["content_hash"], "compliment"), False
    transaction.record(ComplimentReceived.model_validate({"compliment_id": compliment_id, **content}))
    return compliment_id, True


def not_in_future(pointer: str, day: date, today: date) -> None:
    """Raise `date-in-the-future` for a day after today."""
    if day > today:
        errors = (FieldError(pointer, f"expected a day up to today ({today}), found {day}"),)
        raise DomainError("date-in-the-future", "What has not happened yet cannot be recorded.", Kind.MALFORMED, errors)


def same_or_taken(setup: Setup, org: str, other: tuple[UUID, bytes], content: bytes, what: str) -> UUID:
    """The id of the record that has the reference, if its content is the same. Raises `reference-taken`."""
    if not is_same(setup.secrets, org, other[1], content):
        detail = f"There is a {what} with this reference and other content. Nothing was stored. A reference is used once."
        raise DomainError("reference-taken", detail)
    return other[0]
