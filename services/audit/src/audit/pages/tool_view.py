"""How a tool reads on a page and in print: what there is to know of it before one begins."""

from collections.abc import Iterator

from audit.domain.profile import AuditProfile, Scale, Tool
from audit.pages.view import KINDS

WHO = {"child": "Child or young person", "parent": "Parent", "carer": "Carer", "worker": "Worker"}
_PIECES = {
    "lead": ("lead audit", "lead audits"),
    "peer": ("peer audit", "peer audits"),
    "moderation": ("moderation", "moderations"),
    "single": ("audit", "audits"),
}


def kind(tool: Tool) -> str:
    """The kind of a tool; a deskside discussion is one of its own to people."""
    return "Deskside discussion" if tool.discussion else KINDS[tool.kind]


def result(tool: Tool, scale: Scale | None) -> str:
    """What an audit with the tool ends in."""
    if scale is not None:
        return f"A grade: {', '.join(grade.label for grade in scale.grades)}"
    if tool.rag:
        return "A rating: red, amber or green"
    return "Notes, no grade" if tool.discussion else "Findings, no grade"


def extent(tool: Tool) -> str:
    """How much there is to fill in."""
    parts = ((len(tool.sections), "section"), (len(tool.questions), "question"), (len(tool.agencies), "agency"))
    said = [f"{number} {_plural(word) if number != 1 else word}" for number, word in parts if number]
    return ", ".join(said) or "Nothing of its own"


def facts(tool: Tool, scale: Scale | None, profile: AuditProfile) -> list[tuple[str, str]]:
    """What is known of a tool besides its sections and questions: label and words."""
    findings = {finding.code: finding.name for finding in profile.audit.findings}
    shown: Iterator[tuple[str, str]] = (
        (label, words)
        for label, words in (
            ("Kind", kind(tool)),
            ("Version", str(tool.version)),
            ("Ends in", result(tool, scale)),
            ("Counts as", _pieces(tool)),
            ("Agencies", ", ".join(agency.name for agency in tool.agencies)),
            ("Views asked for", ", ".join(WHO[views.who] for views in tool.feedback_from)),
            ("Visit", "A visit, and what was seen there, belong to it" if tool.visit else ""),
            ("Afterwards", "The team manager acknowledges the result" if tool.acknowledge else ""),
            ("Findings to tick", ", ".join(findings.get(code, code) for code in tool.findings)),
        )
        if words
    )
    return list(shown)


def _pieces(tool: Tool) -> str:
    counts = tool.activity.model_dump()
    return ", ".join(f"{counts[name]} {words[counts[name] != 1]}" for name, words in _PIECES.items() if counts[name])


def _plural(word: str) -> str:
    return word[:-1] + "ies" if word.endswith("y") else word + "s"
