"""Where a dispute or an acknowledgement belongs: a service area and a team of the profile that were in use on the day."""

from collections.abc import Iterator
from datetime import date

from audit.domain.profile import AuditProfile
from chassis.errors import DomainError, FieldError, Kind, unknown_code


def check_place(profile: AuditProfile, service_area: str, team: str | None, day: date) -> None:
    """Raise `unknown-codes`, with every place, unless area and team were in use on the day."""
    if errors := tuple(_wrong(profile, service_area, team, day)):
        detail = "Codes are not in the organisation's profile, or not in use on that day. Nothing was stored. See `errors`."
        raise DomainError("unknown-codes", detail, Kind.MALFORMED, errors)


def within_areas(allowed: frozenset[str], service_area: str) -> None:
    """Raise `service-area-not-allowed` for an area outside those to which the caller is limited (empty: all)."""
    if allowed and service_area not in allowed:
        detail = f"You are limited to these service areas: {', '.join(sorted(allowed))}. Nothing was stored."
        raise DomainError("service-area-not-allowed", detail, Kind.FORBIDDEN)


def _wrong(profile: AuditProfile, service_area: str, team: str | None, day: date) -> Iterator[FieldError]:
    area = profile.areas.get(service_area)
    if area is None or area.used_for.audits is None:
        yield unknown_code("/service_area", service_area, profile.audit_areas)
    elif not area.used_for.audits.covers(day):
        yield FieldError("/service_area", f"'{area.code}' is in use {area.used_for.audits}, not on {day}.")
    if team is None:
        return
    known = profile.teams.get(team)
    if known is None or known.service_area != service_area:
        of_area = [each.code for each in profile.organisation.teams if each.service_area == service_area]
        yield unknown_code("/team", team, of_area)
    elif not known.covers(day):
        yield FieldError("/team", f"'{team}' exists {known}, not on {day}.")
