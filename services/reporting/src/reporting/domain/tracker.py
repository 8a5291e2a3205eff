"""The learning tracker: how an action stands on a day, whichever service it came from. Pure.

PostgreSQL works the same out for many at once (`learning_on`, migration 0026); a test holds the two against each other.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal
from uuid import UUID

Source = Literal["audit", "complaints", "feedback"]
Standing = Literal["on-track", "may-miss", "missed", "completed", "dropped"]
Status = Literal["open", "done", "reviewed", "dropped"]

MAY_MISS_DAYS = 7
"""Days before its day from which an open action may miss it, where the profile says no other number.

It is the "due soon" of the pages of audits and complaints (`SOON` there), so that nobody reads two colours of one action. No
service tells of progress short of done, so nothing but the calendar can say that an action may be late.
"""

SOURCES: dict[str, str] = {"audit": "Audits", "complaints": "Complaints", "feedback": "Feedback"}
STANDINGS: dict[str, str] = {
    "on-track": "On track",
    "may-miss": "May miss",
    "missed": "Missed",
    "completed": "Completed",
    "dropped": "Not needed",
}
COLOURS: dict[str, str] = {
    "on-track": "green", "may-miss": "yellow", "missed": "red", "completed": "blue", "dropped": "grey",
}  # fmt: skip
"""The colour of each, always beside its words."""

OPEN: tuple[Standing, ...] = ("on-track", "may-miss", "missed")
DIFFERENCES: dict[str, str] = {
    "yes": "Made a difference",
    "partly": "Made a difference in part",
    "no": "Made no difference",
    "too-early": "Too early to say whether it made a difference",
}
REVIEWS: dict[str, str] = {"closed": "Loop closed", "reopened": "Opened again"}


def standing(status: Status, due_on: date | None, today: date, may_miss_days: int = MAY_MISS_DAYS) -> Standing:
    """How an action stands at the end of a day.

    Completed is completed, also where it was late (that is told beside it). An open action has missed its day when that is
    over: due today is not missed. It may miss it on the day, and from `may_miss_days` before.
    """
    if status == "dropped":
        return "dropped"
    if status in {"done", "reviewed"}:
        return "completed"
    if due_on is None:
        return "on-track"
    if due_on < today:
        return "missed"
    return "may-miss" if due_on - today <= timedelta(days=may_miss_days) else "on-track"


@dataclass(frozen=True, slots=True)
class TrackedAction:
    """An action as it stood on a day: codes and days; its words are in the service that it came from."""

    key: str
    source: Source
    record_id: UUID
    code: str | None
    reference: str | None
    at_work: bool
    service_area: str
    team: str | None
    themes: tuple[str, ...]
    set_on: date
    first_due_on: date | None
    due_on: date | None
    status: Status
    standing: Standing
    done_on: date | None
    evidence: bool | None
    reviewed_on: date | None
    review_result: str | None
    difference: str | None

    @property
    def name(self) -> str:
        """What people call it: the reference of its record with its code; what it is, where nothing tells a reference."""
        if self.source == "feedback":
            return "A change that was published"
        code = (self.code or "").upper()
        return f"{self.reference} {code}".strip() if self.reference else f"Action {code}".strip()

    @property
    def href(self) -> str:
        """The page of the service that keeps its words; it decides itself who may see them."""
        match self.source:
            case "audit":
                return f"/audit/audits/{self.record_id}" if self.at_work else f"/audit/outcomes/{self.record_id}"
            case "complaints":
                return f"/complaints/learning/{self.record_id}"
            case _:
                return f"/feedback/changes/{self.record_id}"

    @property
    def days_late(self) -> int:
        """Days by which it was done after its day; 0 where it was in time, has no day or is not done."""
        if self.done_on is None or self.due_on is None:
            return 0
        return max(0, (self.done_on - self.due_on).days)

    @property
    def moved(self) -> bool:
        """Whether its day is not the one that was set first."""
        return self.first_due_on is not None and self.due_on is not None and self.first_due_on != self.due_on

    @property
    def evidence_words(self) -> str:
        """Whether what shows that it was done is recorded; only the service knows what it is."""
        if self.source == "feedback":
            return "On the public page"
        if self.standing != "completed":
            return "–"
        return {True: "Recorded", False: "Not recorded", None: "Not told"}[self.evidence]

    @property
    def found(self) -> str:
        """What the review found, as far as it is a code; empty without a review."""
        result = REVIEWS.get(self.review_result, self.review_result) if self.review_result else ""
        difference = DIFFERENCES.get(self.difference, self.difference) if self.difference else ""
        return ". ".join(each for each in (result, difference) if each)
