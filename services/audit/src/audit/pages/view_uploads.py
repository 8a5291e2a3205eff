"""How an upload reads on a page."""

from typing import Any

from audit.domain.profile import AuditProfile
from audit.pages.view import Words, moment
from audit.use_cases.upload_outcomes import STATUSES, Checked, RowResult

MOST_SHOWN = 200
"""Wrong cells, and corrections, that a page lists; the file of refused rows has all."""

_WOULD = {"recorded": "To be recorded", "corrected": "To be corrected", "unchanged": "There already", "refused": "Refused"}
_DID = {"recorded": "Recorded", "corrected": "Corrected", "unchanged": "There already", "refused": "Refused"}


def checked(upload: Checked, profile: AuditProfile, *, changed: bool = False) -> dict[str, Any]:
    """The context of the page of an upload, before it is recorded and after."""
    counts, done = upload.counts, upload.done is not None
    to_record = counts["recorded"] + counts["corrected"]
    wrong = [cell for row in upload.rows for cell in _cells(row)]
    corrections = [row for row in upload.rows if row.status == "corrected"]
    return {
        "title": _title(to_record, done=done),
        "organisation": profile.organisation.name,
        "done": done,
        "changed": changed,
        "address": f"/audit/outcomes/upload/{upload.upload.id}",
        "file": upload.name or "the file",
        "sheet": upload.title,
        "tool": Words(profile).tool(upload.tool),
        "until": moment(upload.upload.expires_at),
        "figures": [(counts[status], (_DID if done else _WOULD)[status]) for status in STATUSES],
        "to_record": "this outcome" if to_record == 1 else f"these {outcomes(to_record)}",
        "some": bool(to_record),
        "refused": counts["refused"],
        "examples": upload.examples,
        "wrong": wrong[:MOST_SHOWN],
        "more_wrong": max(0, len(wrong) - MOST_SHOWN),
        "corrections": [] if done else corrections[:MOST_SHOWN],
        "more_corrections": max(0, len(corrections) - MOST_SHOWN),
    }


def outcomes(number: int) -> str:
    """So many outcomes: 1 outcome, 47 outcomes."""
    return f"{number:,} outcome{'' if number == 1 else 's'}"


def _title(to_record: int, *, done: bool) -> str:
    if done:
        return f"{outcomes(to_record)} recorded"
    return f"Check {outcomes(to_record)} before you record them" if to_record > 1 else "Check before you record"


def _cells(row: RowResult) -> list[dict[str, Any]]:
    return [
        {"row": row.row, "reference": row.reference, "column": error.column, "letter": error.letter, "detail": error.detail}
        for error in row.errors
    ]
