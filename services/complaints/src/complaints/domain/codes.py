"""Codes of records against the profile: known, fit for what they are used for, and in force on the day of the record.

A code is an identity: a former name of a service area is nothing that a record can be stored under.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, Protocol

from chassis.errors import DomainError, FieldError, Kind, unknown_code
from complaints.domain.profile import Profile, Validity

Use = Literal["complaints", "compliments"]


class HasCode(Protocol):
    """Anything with a code."""

    @property
    def code(self) -> str:
        """The code."""


@dataclass
class CodeCheck:
    """Collects every code of a payload that does not fit, so that the sender sees all at once."""

    profile: Profile
    on: date
    errors: list[FieldError] = field(default_factory=list)

    def one_of(self, pointer: str, code: str | None, known: Iterable[HasCode]) -> None:
        """`code`, where there is one, stands in a list of the profile."""
        codes = [member.code for member in known]
        if code is not None and code not in codes:
            self.errors.append(unknown_code(pointer, code, codes))

    def area(self, pointer: str, code: str | None, use: Use) -> None:
        """A service area under which such records are counted on the day."""
        areas = {area.code: area.used_for.get(use) for area in self.profile.organisation.service_areas}
        if code is None or self._in_use(pointer, code, areas, f"for {use} "):
            return
        usable = [known for known, validity in areas.items() if validity is not None and validity.holds(self.on)]
        self.errors.append(unknown_code(pointer, code, usable))

    def team(self, pointer: str, code: str | None, area: str) -> None:
        """A team of the service area that exists on the day."""
        teams: dict[str, Validity | None] = {
            team.code: team for team in self.profile.organisation.teams if team.service_area == area
        }
        if code is None or self._in_use(pointer, code, teams, ""):
            return
        self.errors.append(unknown_code(pointer, code, list(teams)))

    def category(self, pointer: str, code: str, procedure: str) -> None:
        """A category that the procedure may use on the day."""
        categories: dict[str, Validity | None] = {
            category.code: category.validity
            for category in self.profile.complaints.categories
            if procedure in category.procedures
        }
        if self._in_use(pointer, code, categories, ""):
            return
        self.errors.append(unknown_code(pointer, code, list(categories)))

    def done(self) -> None:
        """Raise the refusal if anything did not fit."""
        if self.errors:
            raise self.refusal()

    def refusal(self) -> DomainError:
        """`unknown-codes`, with every place."""
        detail = "Codes are not in the organisation's profile, or not in use on that day. Nothing was stored. See `errors`."
        return DomainError("unknown-codes", detail, Kind.MALFORMED, tuple(self.errors))

    def _in_use(self, pointer: str, code: str, known: dict[str, Validity | None], purpose: str) -> bool:
        """Whether the code was dealt with: in use, or known and reported as not in use on the day."""
        validity = known.get(code)
        if validity is None:
            return False
        if not validity.holds(self.on):
            self.errors.append(
                FieldError(pointer, f"'{code}' is not in use {purpose}on {self.on}: it is in use {validity.words()}")
            )
        return True


def within_areas(allowed: frozenset[str], wanted: Sequence[str]) -> None:
    """Refuse service areas outside those to which the caller is limited (empty: all). Raises `service-area-not-allowed`."""
    outside = sorted(set(wanted) - allowed) if allowed else []
    if outside:
        detail = f"You are limited to {', '.join(sorted(allowed))}; this is of {', '.join(outside)}."
        raise DomainError("service-area-not-allowed", detail, Kind.FORBIDDEN)
