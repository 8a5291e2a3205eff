"""An entry of the staff directory, as another system or a quality-assurance officer keeps it.

A value, whole each time: what an entry leaves out, somebody no longer has. Nobody is ever taken out of the directory, since
audits name them: `active: false` ends them.
"""

import re
from collections.abc import Iterator
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from audit.domain.person import DUTIES, Duty
from audit.domain.profile import AuditProfile
from chassis.errors import FieldError, unknown_code
from contracts.base import Code

NOT_CODES = frozenset({"new", "upload"})
"""Stand in addresses in place of a person's code."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Subject = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"^[!-~]+$")]
"""The `sub` of OpenID Connect (Core 1.0, section 2): ASCII, 255 at most."""

Email = Annotated[str, StringConstraints(max_length=254, pattern=r"^[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+\.[^@\s\x00-\x1f]+$")]


class StaffEntry(BaseModel):
    """One member of staff."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    code: Code = Field(description="The directory's own code of the person; stays theirs for good.")
    subject: Subject | None = Field(default=None, description="Who they are when they sign in; without it they cannot.")
    name: Line = Field(description="As it stands on pages and in reminders. Stored encrypted.", repr=False)
    email: Email | None = Field(default=None, description="For reminders. Stored encrypted.", repr=False)
    service_area: Code | None = None
    team: Code | None = Field(default=None, description="Team that they work in.")
    manages: Annotated[list[Code], Field(max_length=100, description="Teams that they manage.")] = []
    line_manager: Code | None = Field(default=None, description="Code of their line manager, who need not be listed.")
    duties: Annotated[list[Duty], Field(max_length=len(DUTIES), description="What they may be given in audits.")] = []
    agency: Code | None = Field(default=None, description="Agency that they answer for in multi-agency audits.")
    active: bool = Field(default=True, description="false: they have left, or do no audits any more. Their code stays.")


def violations(entry: StaffEntry, profile: AuditProfile) -> Iterator[FieldError]:
    """What of an entry does not fit the organisation's profile, each with its place."""
    if entry.code in NOT_CODES:
        yield FieldError("/code", f"'{entry.code}' cannot be somebody's code.")
    if _CONTROL.search(entry.name):
        yield FieldError("/name", "A name is one line of text.")
    if entry.service_area is not None and entry.service_area not in profile.areas:
        yield unknown_code("/service_area", entry.service_area, [*profile.areas])
    if entry.team is not None and entry.team not in profile.teams:
        yield unknown_code("/team", entry.team, [*profile.teams])
    for position, team in enumerate(entry.manages):
        if team not in profile.teams:
            yield unknown_code(f"/manages/{position}", team, [*profile.teams])
    if entry.line_manager == entry.code:
        yield FieldError("/line_manager", "Nobody is their own line manager.")
    for name in ("manages", "duties"):
        listed: list[str] = getattr(entry, name)
        if len(set(listed)) < len(listed):
            yield FieldError(f"/{name}", "A code stands twice.")
