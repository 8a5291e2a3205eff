"""What a model of the profile cannot see: codes that must exist elsewhere in it, and that stand once."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from audit.domain.dispute_profile import check_disputes
from audit.domain.profile import AuditProfile, Scale, Section, Tool
from audit.domain.programme_check import check_programmes
from chassis.errors import FieldError, unknown_code


class _Coded(Protocol):
    @property
    def code(self) -> str: ...


TAKEN = ("overall", "visit")
"""What is written in an audit besides its sections and questions, and so no code of one; and everything with `feedback-`."""


def check_profile(profile: AuditProfile) -> list[FieldError]:
    """Every wrong reference and every code that stands twice, by JSON pointer."""
    organisation, audit = profile.organisation, profile.audit
    errors: list[FieldError] = []
    for pointer, listed in (
        ("/organisation/themes", organisation.themes),
        ("/organisation/service_areas", organisation.service_areas),
        ("/organisation/teams", organisation.teams),
        ("/audit/scales", audit.scales),
        ("/audit/tools", audit.tools),
        ("/audit/findings", audit.findings),
    ):
        errors.extend(_twice(pointer, listed))
    for position, scale in enumerate(audit.scales):
        errors.extend(_twice(f"/audit/scales/{position}/grades", scale.grades))
    for position, team in enumerate(organisation.teams):
        if team.service_area not in profile.areas:
            errors.append(unknown_code(f"/organisation/teams/{position}/service_area", team.service_area, [*profile.areas]))
    for position, tool in enumerate(audit.tools):
        errors.extend(_tool(f"/audit/tools/{position}", tool, profile))
    errors.extend(check_programmes(profile))
    errors.extend(check_disputes(audit.disputes, audit.acknowledgements))
    return errors


def _tool(pointer: str, tool: Tool, profile: AuditProfile) -> Iterator[FieldError]:
    yield from _twice(f"{pointer}/sections", tool.sections)
    if tool.scale is not None and tool.scale not in profile.scales:
        yield unknown_code(f"{pointer}/scale", tool.scale, [*profile.scales])
    if tool.scale is None and tool.suggest_overall != "none":
        yield FieldError(f"{pointer}/suggest_overall", "A tool without a scale has nothing to suggest: expected none.")
    known = [finding.code for finding in profile.audit.findings]
    for position, finding in enumerate(tool.findings):
        if finding not in known:
            yield unknown_code(f"{pointer}/findings/{position}", finding, known)
    for position, section in enumerate(tool.sections):
        for number, theme in enumerate(section.themes):
            if theme not in profile.themes:
                yield unknown_code(f"{pointer}/sections/{position}/themes/{number}", theme, [*profile.themes])
        # Of a scale that does not exist there is nothing more to say.
        if tool.scale is None or tool.scale in profile.scales:
            yield from _grade_guidance(f"{pointer}/sections/{position}/grade_guidance", section, profile.scale_of(tool))
    yield from _without_grades(pointer, tool)
    yield from _returns(pointer, tool)
    usual = tool.activity
    if not usual.lead + usual.peer + usual.single:
        yield FieldError(f"{pointer}/activity", "An audit is at least one piece of activity: a lead, a peer or a single one.")
    if tool.kind == "looped" and not (usual.lead and usual.peer and usual.moderation):
        yield FieldError(f"{pointer}/activity", "A looped audit has a lead, a peer and a moderation: at least 1 of each.")


def _grade_guidance(pointer: str, section: Section, scale: Scale | None) -> Iterator[FieldError]:
    known = [*scale.rank] if scale else []
    for grade in section.grade_guidance:
        if grade not in known:
            yield unknown_code(f"{pointer}/{grade}", grade, known)


def _without_grades(pointer: str, tool: Tool) -> Iterator[FieldError]:
    """Questions, a rating and a discussion belong to tools that do not grade: what is judged twice is judged differently."""
    yield from _twice(f"{pointer}/questions", tool.questions)
    yield from _entries(pointer, tool)
    for position, question in enumerate(tool.questions):
        yield from _twice(f"{pointer}/questions/{position}/options", question.options)
        if len(question.options) == 1:
            yield FieldError(f"{pointer}/questions/{position}/options", "Expected no options, or two or more to choose from.")
    if tool.scale is not None:
        for name in ("questions", "rag", "discussion"):
            if getattr(tool, name):
                yield FieldError(f"{pointer}/{name}", "For tools without grades: expected `scale: null`, or none of it.")
    if tool.discussion and (tool.rag or tool.kind != "single"):
        yield FieldError(f"{pointer}/discussion", "A discussion judges nothing: expected kind single and no rating.")


def _entries(pointer: str, tool: Tool) -> Iterator[FieldError]:
    """Sections and questions are entries of the same audit."""
    listed: tuple[tuple[str, Sequence[_Coded]], ...] = (("sections", tool.sections), ("questions", tool.questions))
    for name, parts in listed:
        for position, part in enumerate(parts):
            if part.code in TAKEN or part.code.startswith("feedback-"):
                yield FieldError(
                    f"{pointer}/{name}/{position}/code", f"'{part.code}' is taken: audits have an entry of that name."
                )
            elif name == "questions" and part.code in tool.section_codes:
                yield FieldError(f"{pointer}/{name}/{position}/code", f"'{part.code}' is a section of the tool already.")


def _returns(pointer: str, tool: Tool) -> Iterator[FieldError]:
    yield from _twice(f"{pointer}/agencies", tool.agencies)
    if (tool.kind == "multi-agency") != bool(tool.agencies):
        detail = "A multi-agency audit has a return of each agency: expected agencies there, and with no other kind."
        yield FieldError(f"{pointer}/agencies", detail)
    asked: set[str] = set()
    for position, views in enumerate(tool.feedback_from):
        if views.who in asked:
            yield FieldError(f"{pointer}/feedback_from/{position}/who", f"'{views.who}' stands twice: one list of views each.")
        asked.add(views.who)


def _twice(pointer: str, listed: Sequence[_Coded]) -> Iterator[FieldError]:
    seen: set[str] = set()
    for position, each in enumerate(listed):
        if each.code in seen:
            yield FieldError(f"{pointer}/{position}/code", f"'{each.code}' stands twice; a code is unique in its list.")
        seen.add(each.code)
