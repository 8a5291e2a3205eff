"""How an outcome reads on a page: codes become the profile's words, and two versions become what changed between them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from audit.adapters.outcome_reader import VersionRow
from audit.domain.profile import AuditProfile
from chassis.days import british_time

KINDS = {
    "looped": "Looped: lead, peer and moderation",
    "single": "Single",
    "targeted": "Targeted",
    "multi-agency": "Multi-agency",
    "dip-sample": "Dip sample",
    "practice-evaluation": "Practice evaluation",
}
RAG = {"red": "Red", "amber": "Amber", "green": "Green"}
_DAYS = {
    "allocated_on": "Allocated",
    "submitted_on": "Submitted",
    "moderated_on": "Moderated",
    "completed_on": "Completed",
}
_ACTIVITY = {"lead": "lead", "peer": "peer", "moderation": "moderation", "single": "single"}
NOTHING = "–"

DIFFERENCES = {"yes": "They made a difference", "partly": "In part", "no": "They made none", "too-early": "Too early to say"}
"""What a reviewer may judge of the actions of an audit."""


def day(value: date | str | None) -> str:
    """A day as people write it: 6 July 2022."""
    if value is None:
        return NOTHING
    on = date.fromisoformat(value) if isinstance(value, str) else value
    return f"{on.day} {on:%B %Y}"


def moment(value: datetime) -> str:
    """A moment in the United Kingdom's time: 6 July 2022 at 14:05."""
    local = british_time(value)
    return f"{day(local.date())} at {local:%H:%M}"


def tidy(value: str) -> str:
    """What was typed, as far as a page may show it again: no control characters, and no novel."""
    return "".join(letter if letter.isprintable() else "?" for letter in value[:250].strip())


@dataclass(frozen=True)
class Words:
    """The profile's words for codes; a code that the profile no longer has stands for itself."""

    profile: AuditProfile

    def tool(self, code: str) -> str:
        """A tool."""
        known = self.profile.tools.get(code)
        return known.name if known else code

    def area(self, code: str) -> str:
        """A service area."""
        known = self.profile.areas.get(code)
        return known.name if known else code

    def team(self, code: str | None) -> str:
        """A team."""
        known = self.profile.teams.get(code or "")
        return known.name if known else code or NOTHING

    def grade(self, scale: str | None, code: str | None) -> str:
        """A grade of a scale."""
        known = self.profile.scales.get(scale or "")
        labels = {grade.code: grade.label for grade in known.grades} if known else {}
        return labels.get(code or "", code or NOTHING)

    def section(self, tool: str, code: str) -> str:
        """A section of a tool."""
        known = self.profile.tools.get(tool)
        labels = {section.code: section.name for section in known.sections} if known else {}
        return labels.get(code, code)

    @property
    def theme_names(self) -> dict[str, str]:
        """Names of themes by code."""
        return {theme.code: theme.name for theme in self.profile.organisation.themes}

    def themes(self, codes: list[str]) -> str:
        """Themes, in a row."""
        return ", ".join(self.theme_names.get(code, code) for code in codes) or NOTHING

    @property
    def finding_names(self) -> dict[str, str]:
        """Names of findings by code."""
        return {finding.code: finding.name for finding in self.profile.audit.findings}

    def findings(self, codes: list[str]) -> str:
        """Findings, in a row."""
        return ", ".join(self.finding_names.get(code, code) for code in codes) or NOTHING

    def result(self, row: VersionRow) -> str:
        """The overall grade, or the rating of an audit without grades."""
        if row.content["rag"]:
            return RAG[row.content["rag"]]
        return self.grade(row.scale, row.content["overall"])


def list_row(row: VersionRow, words: Words) -> dict[str, Any]:
    """One line of the list."""
    return {
        "href": f"/audit/outcomes/{row.outcome_id}",
        "reference": row.reference,
        "completed": day(row.content["completed_on"]),
        "tool": words.tool(row.content["tool"]),
        "area": words.area(row.content["service_area"]),
        "team": words.team(row.content["team"]),
        "result": words.result(row),
        "corrected": row.version if row.version > 1 else None,
    }


def facts(row: VersionRow, words: Words) -> list[tuple[str, str]]:
    """What is known of an outcome besides its sections: label and words."""
    content = row.content
    graded = [] if row.scale is None else [("Overall grade", words.grade(row.scale, content["overall"]))]
    rated = [("Rating", RAG[content["rag"]])] if content["rag"] else []
    found = [("Findings", words.findings(content["findings"]))] if content["findings"] else []
    pieces = [f"{content['activity'][name]} {label}" for name, label in _ACTIVITY.items() if content["activity"][name]]
    return [
        *graded,
        *rated,
        ("Tool", f"{words.tool(content['tool'])}, version {row.tool_version}"),
        ("Kind", KINDS[content["kind"]]),
        ("Service area", words.area(content["service_area"])),
        ("Team", words.team(content["team"])),
        *((label, day(content[name])) for name, label in _DAYS.items() if content[name]),
        ("Audit activity", ", ".join(pieces)),
        ("Children", str(content["cases"])),
        *found,
        ("Themes of learning", words.themes(content["themes"])),
        ("Posted by", f"{row.source}, as version {row.version}"),
    ]


def sections(row: VersionRow, words: Words) -> list[dict[str, str]]:
    """The sections of the tool in its order, also those that nobody graded; then any that it no longer has."""
    tool, posted = row.content["tool"], {each["section"]: each for each in row.content["sections"]}
    known = words.profile.tools.get(tool)
    order = [*(known.section_codes if known else ()), *posted]
    return [
        {
            "section": words.section(tool, code),
            "grade": _section_grade(row, posted.get(code), words),
            **{who: words.grade(row.scale, posted.get(code, {}).get(who)) for who in ("lead", "peer")},
        }
        for code in dict.fromkeys(order)
    ]


def has_accounts(row: VersionRow) -> bool:
    """Whether lead or peer grades were posted."""
    return any(each["lead"] or each["peer"] for each in row.content["sections"])


def suggestion(row: VersionRow, words: Words) -> str | None:
    """The grade that the sections suggested, where the overall grade differs from it."""
    if row.suggested is None or row.suggested == row.content["overall"]:
        return None
    return words.grade(row.scale, row.suggested)


def actions(row: VersionRow) -> list[dict[str, str]]:
    """The actions of the audit."""
    return [
        {
            "reference": each["reference"],
            "due": day(each["due_on"]),
            "done": day(each["done_on"]) if each["done_on"] else "Not yet",
        }
        for each in row.content["actions"]
    ]


def history(rows: list[VersionRow], words: Words) -> list[dict[str, Any]]:
    """Every version, the newest first, with what it changed of the one before it."""
    before = [*rows[1:], None]
    return [
        {
            "version": row.version,
            "recorded": moment(row.recorded_at),
            "by": row.posted_by,
            "result": words.result(row),
            "changes": list(_changes(old, row, words)) if old is not None else [],
        }
        for row, old in zip(rows, before, strict=True)
    ]


def _changes(old: VersionRow, new: VersionRow, words: Words) -> Iterator[str]:
    was, now = dict(facts(old, words)[:-1]), dict(facts(new, words)[:-1])
    for label in dict.fromkeys((*was, *now)):
        if was.get(label) != now.get(label):
            yield f"{label}: {was.get(label, NOTHING)} became {now.get(label, NOTHING)}"
    graded, regraded = _grades(old, words), _grades(new, words)
    for section in dict.fromkeys((*graded, *regraded)):
        for part, label in (("grade", ""), ("lead", ", lead auditor"), ("peer", ", peer auditor")):
            first, second = (each.get(section, {}).get(part, NOTHING) for each in (graded, regraded))
            if first != second:
                yield f"{section}{label}: {first} became {second}"
    if old.content["actions"] != new.content["actions"]:
        yield "Actions"
    if old.content["case_key"] != new.content["case_key"]:
        yield "The case"


def _grades(row: VersionRow, words: Words) -> dict[str, Mapping[str, str]]:
    return {each["section"]: each for each in sections(row, words)}


def _section_grade(row: VersionRow, posted: Mapping[str, Any] | None, words: Words) -> str:
    if posted is None or (posted["grade"] is None and not posted["not_applicable"]):
        return "Not graded"
    return "Not applicable" if posted["not_applicable"] else words.grade(row.scale, posted["grade"])
