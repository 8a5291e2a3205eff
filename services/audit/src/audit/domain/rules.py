"""What an outcome must hold to, given the organisation's profile. Every violation is found, each with its place.

Pure: the day is an argument, and the profile is the one in force. Source: the councils' quality-assurance frameworks, as
docs/guides/posting-outcomes.md tells them to the maker of a case-management system.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from audit.domain.outcome import DATES, Activity, Outcome, SectionOutcome
from audit.domain.profile import AuditProfile, Scale, Tool
from chassis.errors import FieldError, unknown_code

EARLIEST = date(1990, 1, 1)
"""The Children Act 1989 came into force in 1991: an older day is a slip."""

LATEST_DUE = timedelta(days=5 * 366)
"""An action that is due later than five years after its audit is a slip of the keyboard."""


def violations(outcome: Outcome, profile: AuditProfile, today: date) -> list[FieldError]:
    """Everything that is wrong with an outcome; empty when it can be recorded.

    `today` is the day by the clock; tomorrow is let through, for systems whose clock is ahead or in another zone.
    """
    errors = [*_place(outcome, profile), *_days(outcome, today), *_lists(outcome, profile)]
    tool = profile.tools.get(outcome.tool)
    if tool is None:
        return [unknown_code("/tool", outcome.tool, [*profile.tools]), *errors]
    if outcome.kind != tool.kind:
        errors.append(FieldError("/kind", f"'{tool.code}' is a tool of kind '{tool.kind}', not '{outcome.kind}'."))
    errors.extend(_grades(outcome, tool, profile.scale_of(tool)))
    errors.extend(_findings(outcome, tool))
    errors.extend(_activity(outcome.activity, tool))
    return errors


def suggested(outcome: Outcome, tool: Tool, scale: Scale | None) -> str | None:
    """The overall grade that the sections suggest: the worst of them, where the tool has that rule.

    A suggestion only. Where one section requires improvement so does the whole (Worcestershire's framework), yet published
    figures have sections inadequate where the overall is not: the moderator decides.
    """
    if scale is None or tool.suggest_overall == "none":
        return None
    ranks = [scale.rank[section.grade] for section in outcome.sections if section.grade in scale.rank]
    return scale.grades[max(ranks)].code if ranks else None


def _place(outcome: Outcome, profile: AuditProfile) -> Iterator[FieldError]:
    area = profile.areas.get(outcome.service_area)
    if area is None or area.used_for.audits is None:
        yield unknown_code("/service_area", outcome.service_area, profile.audit_areas)
    elif not area.used_for.audits.covers(outcome.completed_on):
        yield FieldError(
            "/service_area",
            f"Audits are counted under '{area.code}' {area.used_for.audits}; this one was completed on {outcome.completed_on}.",
        )
    if outcome.team is None:
        return
    team = profile.teams.get(outcome.team)
    if team is None:
        known = [each.code for each in profile.organisation.teams if each.service_area == outcome.service_area]
        yield unknown_code("/team", outcome.team, known)
    elif team.service_area != outcome.service_area:
        yield FieldError("/team", f"'{team.code}' is a team of '{team.service_area}', not of '{outcome.service_area}'.")
    elif not team.covers(outcome.completed_on):
        yield FieldError("/team", f"'{team.code}' exists {team}; this audit was completed on {outcome.completed_on}.")


def _days(outcome: Outcome, today: date) -> Iterator[FieldError]:
    before: tuple[str, date] | None = None
    for name in DATES:
        day: date | None = getattr(outcome, name)
        if day is None:
            continue
        if day < EARLIEST:
            yield FieldError(f"/{name}", f"{day} is too long ago: expected {EARLIEST} or later.")
        elif day > today + timedelta(days=1):
            yield FieldError(f"/{name}", f"{day} is in the future: an outcome is posted when the audit is finished.")
        elif before is not None and day < before[1]:
            yield FieldError(f"/{name}", f"{day} is before {before[0]} ({before[1]}).")
        else:
            before = (name, day)
    for position, action in enumerate(outcome.actions):
        if not EARLIEST <= action.due_on <= outcome.completed_on + LATEST_DUE:
            yield FieldError(f"/actions/{position}/due_on", "Expected a day within five years of the audit.")
        if action.done_on is not None and not EARLIEST <= action.done_on <= today + timedelta(days=1):
            yield FieldError(f"/actions/{position}/done_on", f"{action.done_on} is in the future, or too long ago.")


def _lists(outcome: Outcome, profile: AuditProfile) -> Iterator[FieldError]:
    yield from _twice("/themes", outcome.themes)
    for position, theme in enumerate(outcome.themes):
        if theme not in profile.themes:
            yield unknown_code(f"/themes/{position}", theme, [*profile.themes])
    yield from _twice("/findings", outcome.findings)
    yield from _twice("/actions", (action.reference for action in outcome.actions), "/reference")
    yield from _twice("/sections", (section.section for section in outcome.sections), "/section")


def _grades(outcome: Outcome, tool: Tool, scale: Scale | None) -> Iterator[FieldError]:
    if scale is None:
        if outcome.overall is not None:
            yield FieldError("/overall", f"'{tool.code}' has no grades: expected null.")
    elif outcome.overall is None:
        yield FieldError("/overall", f"'{tool.code}' is graded: expected one of {', '.join(scale.rank)}.")
    elif outcome.overall not in scale.rank:
        yield unknown_code("/overall", outcome.overall, [*scale.rank])
    if scale is not None and outcome.rag is not None:
        yield FieldError("/rag", f"'{tool.code}' is graded on the scale '{scale.code}' and takes no rating: expected null.")
    for position, section in enumerate(outcome.sections):
        if section.section not in tool.section_codes:
            yield unknown_code(f"/sections/{position}/section", section.section, tool.section_codes)
        else:
            yield from _section(f"/sections/{position}", section, tool, scale)


def _section(pointer: str, section: SectionOutcome, tool: Tool, scale: Scale | None) -> Iterator[FieldError]:
    if section.not_applicable and section.grade is not None:
        yield FieldError(f"{pointer}/grade", "A section that is not applicable has no grade: expected null.")
    for name, grade, taken in (
        ("grade", section.grade, True),
        ("lead", section.lead, tool.activity.lead),
        ("peer", section.peer, tool.activity.peer),
    ):
        if grade is None:
            continue
        if scale is None:
            yield FieldError(f"{pointer}/{name}", f"'{tool.code}' has no grades: expected null.")
        elif not taken:
            yield FieldError(f"{pointer}/{name}", f"An audit with '{tool.code}' has no {name} auditor: expected null.")
        elif grade not in scale.rank:
            yield unknown_code(f"{pointer}/{name}", grade, [*scale.rank])


def _findings(outcome: Outcome, tool: Tool) -> Iterator[FieldError]:
    for position, finding in enumerate(outcome.findings):
        if finding not in tool.findings:
            yield unknown_code(f"/findings/{position}", finding, tool.findings)


def _activity(activity: Activity, tool: Tool) -> Iterator[FieldError]:
    """Consistent with the tool, not equal to it: a second peer, several agencies' returns, a moderation that was left out.

    What the tool has of lead, peer and single audits happened at least once, and what it has not did not. A looped audit is
    finished by its moderation; any other may be moderated or not (telford-wrekin moderates some).
    """
    for name in ("lead", "peer", "single"):
        done, usual = getattr(activity, name), getattr(tool.activity, name)
        if usual and not done:
            yield FieldError(f"/activity/{name}", f"An audit with '{tool.code}' has a {name} audit: expected 1 or more.")
        elif done and not usual:
            yield FieldError(f"/activity/{name}", f"An audit with '{tool.code}' has no {name} audit: expected 0.")
    if tool.kind == "looped" and not activity.moderation:
        yield FieldError("/activity/moderation", "A looped audit is finished by its moderation: expected 1 or more.")


def _twice(pointer: str, codes: Iterable[str], member: str = "") -> Iterator[FieldError]:
    seen: set[str] = set()
    for position, code in enumerate(codes):
        if code in seen:
            yield FieldError(f"{pointer}/{position}{member}", f"'{code}' stands twice.")
        seen.add(code)
