"""`learning:` of complaints.yaml: who is told of actions that wait, when, and the themes of the bulletin."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from chassis.errors import FieldError
from chassis.mail.message import is_address

_Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=80)]
_Label = Annotated[str, StringConstraints(min_length=1, max_length=300)]
_Days = Annotated[int, Field(ge=1, le=60)]


class _Owned(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class BulletinTheme(_Owned):
    """A theme of the bulletin that the organisation's themes do not have."""

    code: _Code
    name: _Label


class HeadOfService(_Owned):
    """Whom an action of some service areas goes up to; without areas, of all."""

    service_areas: list[_Code] = Field(default_factory=list)
    email: _Label


class Learning(_Owned):
    """Days are working days. Without addresses nobody is mailed; the pages say the same."""

    complaints_unit_email: _Label | None = None
    heads_of_service: list[HeadOfService] = Field(default_factory=list, max_length=100)
    remind_before: _Days = 3
    escalate_after: _Days = 5
    small_numbers: Annotated[int, Field(ge=0, le=10)] = 3
    """Counts below this, other than 0, are not said in a bulletin."""
    second_approver: bool = False
    """Whether whoever saved a bulletin last leaves its approval to somebody else."""
    themes: list[BulletinTheme] = Field(default_factory=list, max_length=100)

    def head_of(self, service_area: str) -> str | None:
        """The address for a service area: of an entry that names it, else of one for all."""
        named = (each.email for each in self.heads_of_service if service_area in each.service_areas)
        return next(named, next((each.email for each in self.heads_of_service if not each.service_areas), None))


def check_learning(learning: Learning, areas: set[str], themes: set[str]) -> Iterator[FieldError]:
    """Addresses that are none, areas that are not there, themes whose code another has."""
    if learning.complaints_unit_email is not None and not is_address(learning.complaints_unit_email):
        found = learning.complaints_unit_email
        yield FieldError("/complaints/learning/complaints_unit_email", f"expected one mail address, found '{found}'")
    for index, head in enumerate(learning.heads_of_service):
        pointer = f"/complaints/learning/heads_of_service/{index}"
        if not is_address(head.email):
            yield FieldError(f"{pointer}/email", f"expected one mail address, found '{head.email}'")
        for place, code in enumerate(head.service_areas):
            if code not in areas:
                yield FieldError(f"{pointer}/service_areas/{place}", f"there is no service area '{code}'")
    seen = set(themes)
    for index, theme in enumerate(learning.themes):
        if theme.code in seen:
            detail = f"'{theme.code}' is another theme's code already"
            yield FieldError(f"/complaints/learning/themes/{index}/code", detail)
        seen.add(theme.code)
