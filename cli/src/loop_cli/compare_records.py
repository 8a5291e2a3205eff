"""The records of demo/records as they were sent, for counting them without reporting."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Records:
    """What was sent for one organisation; audits in their highest version only, KPIs of past months only."""

    complaints: Sequence[Record] = ()
    compliments: Sequence[Record] = ()
    ombudsman: Sequence[Record] = ()
    audits: Sequence[Record] = ()
    responses: Sequence[Record] = ()
    invitations: Sequence[Record] = ()
    kpis: Sequence[Record] = ()


@dataclass(frozen=True)
class Definitions:
    """What measures need to know of the profile."""

    formality: Mapping[str, str]
    procedures: Mapping[str, Record]
    positive: Mapping[tuple[str, str], frozenset[str]]
    positive_from: Mapping[tuple[str, str], int]
    good: Mapping[str, frozenset[str]]
    """By tool: the grades that are good or better."""
    themes: Mapping[tuple[str, str], frozenset[str]]
    """By tool and section, by questionnaire and question, and by `category` and category."""


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The records of a file of JSON lines; none where there is no such file."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def read_records(folder: Path) -> Records:
    """The records of one organisation (demo/records/<organisation>)."""
    outcomes: dict[str, Record] = {}
    for outcome in [*read_lines(folder / "audit-outcomes.jsonl"), *read_lines(folder / "audit-corrections.jsonl")]:
        known = outcomes.get(outcome["reference"])
        if known is None or outcome["version"] > known["version"]:
            outcomes[outcome["reference"]] = outcome
    invitations = read_lines(folder / "families.jsonl")
    families = [{**each["invitation"], "channel": "link", "answers": each["answers"]} for each in invitations]
    return Records(
        complaints=read_lines(folder / "complaints.jsonl"),
        compliments=read_lines(folder / "compliments.jsonl"),
        ombudsman=read_lines(folder / "ombudsman-cases.jsonl"),
        audits=list(outcomes.values()),
        invitations=invitations,
        responses=[*families, *read_lines(folder / "responses.jsonl")],
        kpis=[each for each in read_lines(folder / "kpi-observations.jsonl") if "month" in each],
    )


def define(profile: Mapping[str, Any]) -> Definitions:
    """The definitions of a profile (the document of all its files)."""
    positive: dict[tuple[str, str], frozenset[str]] = {}
    positive_from: dict[tuple[str, str], int] = {}
    for questionnaire in profile["questionnaires"]:
        for question in questionnaire["versions"][-1]["questions"]:
            key = (questionnaire["code"], question["code"])
            positive[key] = frozenset(question["positive"])
            if question["scale"] and question["scale"]["positive_from"] is not None:
                positive_from[key] = question["scale"]["positive_from"]
    formality = {each["code"]: each["formality"] for each in profile["complaints"]["procedures"]}
    procedures = {each["code"]: each for each in profile["complaints"]["procedures"]}
    return Definitions(formality, procedures, positive, positive_from, _good(profile["audit"]), dict(_themes(profile)))


def _good(audit: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    scales = {
        scale["code"]: frozenset(each["code"] for each in scale["grades"] if each["comparable"] in {"good", "outstanding"})
        for scale in audit["scales"]
    }
    return {tool["code"]: scales.get(tool["scale"], frozenset()) for tool in audit["tools"]}


def _themes(profile: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], frozenset[str]]]:
    for tool in profile["audit"]["tools"]:
        for section in tool["sections"]:
            yield (tool["code"], section["code"]), frozenset(section["themes"])
    for questionnaire in profile["questionnaires"]:
        for question in questionnaire["versions"][-1]["questions"]:
            yield (questionnaire["code"], question["code"]), frozenset(question["themes"])
    for category in profile["complaints"]["categories"]:
        yield ("category", category["code"]), frozenset(category["themes"])
