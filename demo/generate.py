"""Writes demo/records: what the outside world sends so that the printed figures come out.

`python demo/generate.py` writes the files, `--check` only says whether they are what it would write. The records that were
behind the printed reports were never published; these are made up, with fixed seeds, to give the same figures.
"""

# ruff: noqa: INP001 - a script
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from generators import audits, complaints, feedback, kpis, social_care

FOLDER = Path(__file__).parent / "records"


def files() -> Iterator[tuple[str, Iterable[dict[str, Any]]]]:
    """Each file of records below demo/records, with its lines in the order in which they are sent."""
    outcomes = [*audits.social_care(), *audits.send()]
    corrections = list(audits.corrections(outcomes))
    yield "worcestershire/audit-outcomes.jsonl", outcomes
    yield "worcestershire/audit-corrections.jsonl", corrections
    yield (
        "worcestershire/complaints.jsonl",
        [
            *social_care.complaints("CSC", social_care.COMPLAINTS),
            *complaints.send_complaints(),
            *complaints.send_informal(),
        ],
    )
    yield "worcestershire/compliments.jsonl", social_care.compliments("COMP", complaints.COMPLIMENTS)
    cases = social_care.ombudsman_cases("LGSCO-CSC", ("safeguarding", "through-care"))
    yield "worcestershire/ombudsman-cases.jsonl", [*complaints.ombudsman_cases(), *cases]
    yield "telford-wrekin/complaints.jsonl", social_care.complaints("TW", social_care.TELFORD_COMPLAINTS)
    yield "telford-wrekin/compliments.jsonl", social_care.compliments("TWC", social_care.TELFORD_COMPLIMENTS)
    areas = ("family-safeguarding", "children-in-care")
    yield "telford-wrekin/ombudsman-cases.jsonl", social_care.ombudsman_cases("LGSCO-TW", areas)
    linked, entered = feedback.new_ehcp()
    yield "worcestershire/families.jsonl", linked
    yield "worcestershire/responses.jsonl", entered
    yield "worcestershire/kpi-observations.jsonl", kpis.observations(kpis.WORCESTERSHIRE)
    yield "telford-wrekin/kpi-observations.jsonl", kpis.observations(kpis.TELFORD)
    yield "telford-wrekin/audit-outcomes.jsonl", [*audits.evaluations(), *audits.plans()]
    yield "telford-wrekin/families.jsonl", feedback.telford()


def main(arguments: list[str]) -> int:
    """Writes the files, or with `--check` compares them; 1 when a file is not what would be written."""
    stale: list[str] = []
    for name, records in files():
        text = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
        path = FOLDER / name
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if "--check" not in arguments:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    verb = "differ from" if "--check" in arguments else "written by"
    print(f"{', '.join(stale) or 'no file'}: {verb} demo/generate.py")  # noqa: T201 - a script speaks to a person
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
