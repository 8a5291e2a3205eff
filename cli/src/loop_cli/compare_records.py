"""The records of demo/records as they were sent, for counting them without reporting."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Records:
    """What was sent for one organisation; audits in their highest version only."""

    complaints: Sequence[Record] = ()
    compliments: Sequence[Record] = ()
    ombudsman: Sequence[Record] = ()
    audits: Sequence[Record] = ()
    responses: Sequence[Record] = ()
    invitations: Sequence[Record] = ()


@dataclass(frozen=True)
class Definitions:
    """What measures need to know of the profile."""

    formality: Mapping[str, str]
    procedures: Mapping[str, Record]
    positive: Mapping[tuple[str, str], frozenset[str]]
    positive_from: Mapping[tuple[str, str], int]


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
    return Definitions(formality, procedures, positive, positive_from)
