"""What is wrong with the programmes of a profile beyond their form: codes that must exist, and rules that need each other."""

from collections.abc import Iterator, Sequence

from audit.domain.profile import AuditProfile, Tool
from audit.domain.programme import Programme
from chassis.errors import FieldError, unknown_code


def check_programmes(profile: AuditProfile) -> Iterator[FieldError]:
    """Every wrong place, by JSON pointer."""
    programmes = profile.audit.programmes
    yield from _twice("code", [programme.code for programme in programmes])
    yield from _twice("prefix", [programme.prefix for programme in programmes])
    for position, programme in enumerate(programmes):
        yield from _programme(f"/audit/programmes/{position}", programme, profile)


def _programme(pointer: str, programme: Programme, profile: AuditProfile) -> Iterator[FieldError]:
    yield from _areas(f"{pointer}/service_areas", programme.service_areas, profile.audit_areas)
    yield from _areas(f"{pointer}/allocation/auditors_from", programme.allocation.auditors_from, [*profile.areas])
    timetable = programme.timetable
    if programme.rhythm == "monthly" and timetable.submit_by == "last-working-day-of-period":
        detail = "The period of a monthly programme is the month: expected last-working-day."
        yield FieldError(f"{pointer}/timetable/submit_by", detail)
    tool = profile.tools.get(programme.tool)
    if tool is None:
        yield unknown_code(f"{pointer}/tool", programme.tool, [*profile.tools])
        return
    yield from _fits(pointer, programme, tool)


def _fits(pointer: str, programme: Programme, tool: Tool) -> Iterator[FieldError]:
    if programme.timetable.reviewed_by == "peer" and not tool.activity.peer:
        detail = f"An audit with '{tool.code}' has no peer auditor who could review: expected reviewer."
        yield FieldError(f"{pointer}/timetable/reviewed_by", detail)
    if programme.timetable.review_after_weeks is None and programme.timetable.review_counts_from == "completion":
        yield FieldError(f"{pointer}/timetable/review_counts_from", "Without a review there is nothing to count: leave it out.")


def _areas(pointer: str, codes: Sequence[str], known: list[str]) -> Iterator[FieldError]:
    for position, code in enumerate(codes):
        if code not in known:
            yield unknown_code(f"{pointer}/{position}", code, known)
        elif code in codes[:position]:
            yield FieldError(f"{pointer}/{position}", f"'{code}' stands twice.")


def _twice(name: str, values: Sequence[str]) -> Iterator[FieldError]:
    for position, value in enumerate(values):
        if value in values[:position]:
            detail = f"'{value}' stands twice; it tells one programme from another."
            yield FieldError(f"/audit/programmes/{position}/{name}", detail)
