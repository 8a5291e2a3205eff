"""Events of Ombudsman cases as a whole."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from reporting_records import ident

from contracts import complaints

Wanted = tuple[Any, date, date | None, str | None]


def wanted(
    reference: str, version: int, accepted_on: date, deadlines: Sequence[Wanted] = (), **more: Any
) -> complaints.OmbudsmanCaseRecounted:  # fmt: skip
    """A case as it stands after a change, with what is wanted by when: kind, due, done, remedy."""
    listed = tuple(
        complaints.OmbudsmanDeadline(
            deadline_id=ident("deadline", reference, number), kind=kind, due_on=due_on, done_on=done_on, remedy=remedy
        )
        for number, (kind, due_on, done_on, remedy) in enumerate(deadlines)
    )
    area = more.pop("service_area", "send")
    return complaints.OmbudsmanCaseRecounted(
        case_id=ident(reference, "case"), version=version, service_area=area, accepted_on=accepted_on, deadlines=listed, **more
    )
