"""What audit tools hold besides grades: words for each grade, questions, agencies, whose views they ask for. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from loop_cli.profile_format import Audit, Tool

Wrong = tuple[str, str]
"""A pointer into the document of all parts, and what was expected there."""

TAKEN = ("overall", "visit")
"""Entries that audits have besides sections and questions; and everything with `feedback-`."""


def check_tools(audit: Audit, questionnaires: Sequence[str]) -> Iterator[Wrong]:
    """Everything that is wrong in tools beyond what `profile_check.check_audit` finds; `questionnaires` are their codes."""
    grades = {scale.code: [grade.code for grade in scale.grades] for scale in audit.scales}
    for index, tool in enumerate(audit.tools):
        pointer = f"/audit/tools/{index}"
        yield from _grade_guidance(pointer, tool, grades)
        yield from _without_grades(pointer, tool)
        if (tool.kind == "multi-agency") != bool(tool.agencies):
            yield f"{pointer}/agencies", "expected agencies for the kind multi-agency, and none for others"
        yield from _once(f"{pointer}/agencies", "code", [agency.code for agency in tool.agencies])
        yield from _once(f"{pointer}/feedback_from", "who", [views.who for views in tool.feedback_from])
        for position, views in enumerate(tool.feedback_from):
            if views.questionnaire is not None and views.questionnaire not in questionnaires:
                known = ", ".join(questionnaires) or "there is none"
                yield (
                    f"{pointer}/feedback_from/{position}/questionnaire",
                    f"expected a questionnaire ({known}), or null, found '{views.questionnaire}'",
                )


def _grade_guidance(pointer: str, tool: Tool, grades: Mapping[str, Sequence[str]]) -> Iterator[Wrong]:
    if tool.scale is not None and tool.scale not in grades:
        return
    known = grades[tool.scale] if tool.scale is not None else []
    for position, section in enumerate(tool.sections):
        for grade in section.grade_guidance:
            if grade not in known:
                yield (
                    f"{pointer}/sections/{position}/grade_guidance/{grade}",
                    f"expected a grade ({', '.join(known) or 'the tool has none'}), found '{grade}'",
                )


def _without_grades(pointer: str, tool: Tool) -> Iterator[Wrong]:
    yield from _once(f"{pointer}/questions", "code", [question.code for question in tool.questions])
    sections = [section.code for section in tool.sections]
    for name, codes in (("sections", sections), ("questions", [question.code for question in tool.questions])):
        for position, code in enumerate(codes):
            if code in TAKEN or code.startswith("feedback-") or (name == "questions" and code in sections):
                yield (
                    f"{pointer}/{name}/{position}/code",
                    f"expected a code that no other entry of an audit has, found '{code}'",
                )
    for position, question in enumerate(tool.questions):
        options = [option.code for option in question.options]
        yield from _once(f"{pointer}/questions/{position}/options", "code", options)
        if len(options) == 1:
            yield f"{pointer}/questions/{position}/options", "expected no options, or two or more"
    if tool.scale is not None:
        for name in ("questions", "rag", "discussion"):
            if getattr(tool, name):
                yield f"{pointer}/{name}", "expected none of it for a tool with a scale"
    if tool.discussion and (tool.rag or tool.kind != "single"):
        yield f"{pointer}/discussion", "expected the kind single and no rating for a discussion"


def _once(pointer: str, member: str, codes: Sequence[str]) -> Iterator[Wrong]:
    for index, code in enumerate(codes):
        if code in codes[:index]:
            yield f"{pointer}/{index}/{member}", f"expected one that no other entry has, found '{code}' again"
