"""Stories in which most things are told more than once: corrected, taken back, told again under a higher version."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from reporting_learning import declined, learned
from reporting_ombudsman import wanted
from reporting_records import (
    complaint,
    counting,
    ident,
    outcome,
    point_now,
    points_changed,
    recounted,
    responded,
    response,
)
from reporting_work import (
    acknowledged,
    action,
    allocated,
    ended,
    moderated,
    one_of_each,
    raised,
    reached,
    reopened,
    reviewed,
    submitted,
)

from contracts import audit, complaints, feedback
from contracts.audit import ActionState, SectionGrade
from contracts.base import Event

DAY = date(2022, 4, 4)
DAYS = [date(2026, month, 2) for month in range(1, 13)]


def parts_of(reference: str, n: int, **more: Any) -> list[complaints.PointNow]:
    """The two parts of a point."""
    return [point_now(reference, n * 10 + part, ancestors=(n,), **more) for part in (1, 2)]


def story() -> list[Event]:
    """Audits and disputes of which most things are told more than once."""
    concern: dict[str, Any] = {"audit_id": ident("audit", "a"), "escalation_id": ident("escalation", "a"), "raised_on": DAYS[1]}
    return [
        allocated("a", DAYS[0]),
        allocated("b", DAYS[0], team=None, moderate_by=None),
        submitted("a", "lead", DAYS[1]),
        submitted("a", "peer", DAYS[1]),
        audit.AuditEscalated(**concern),
        submitted("a", "lead", DAYS[2]),
        audit.AuditEscalated(**concern, acknowledged_on=DAYS[2]),
        moderated("a", DAYS[2], due_on=DAYS[3], review_due_on=DAYS[5], revised=True),
        action("a", "a1", "open", DAYS[4]),
        action("a", "a1", "done", DAYS[4], done_on=DAYS[3]),
        action("a", "a1", "open", DAYS[6], team=None),
        reviewed("a", 1, DAYS[5], DAYS[5], DAYS[7]),
        action("a", "a2", "dropped", DAYS[6]),
        reviewed("a", 2, DAYS[7], DAYS[7]),
        learned("a", 1, DAYS[0], due_on=DAYS[4]),
        learned("a", 2, DAYS[1], due_on=DAYS[6], recorded_on=DAYS[0]),
        learned("a", 4, DAYS[2], "done", due_on=DAYS[6], recorded_on=DAYS[0], done_on=DAYS[2]),
        declined("b", DAYS[3]),
        raised("a", DAYS[0]),
        reached("a", 1, DAYS[0]),
        raised("a", DAYS[0], category="care-planning", team=None),
        reached("a", 1, DAYS[0], answered_on=DAYS[1], answered_by="team-manager", working_days=5),
        reached("a", 2, DAYS[1], stage="group-manager"),
        ended("a", 2, DAYS[2], stage="group-manager"),
        reopened("a", 3, DAYS[3]),
        reached("a", 3, DAYS[3], stage="director"),
        ended("a", 2, DAYS[2], stage="group-manager", result="withdrawn", outcome=None),
        acknowledged("a", DAYS[0]),
        acknowledged("a", DAYS[0], seen_on=DAYS[1], themes=("timeliness", "plans")),
        acknowledged("a", DAYS[0], seen_on=DAYS[1], withdrawn_on=DAYS[2]),
        response("r", DAYS[0], {"one": "yes"}),
        counting("r", 1, DAYS[0], counted=False),
        counting("r", 2, DAYS[1], counted=True),
        counting("r", 3, DAYS[2], counted=False),
        complaint("s", DAYS[0], categories=["send-communication"]),
        recounted("s", "acknowledge", DAYS[1], acknowledge_by=DAYS[3], acknowledged_on=DAYS[1]),
        recounted("s", "suspend", DAYS[0], suspended_on=DAYS[1]),
        responded("s", DAYS[0], 12, ["upheld"]),
        recounted("s", "respond", DAYS[0], responded_on=DAYS[1], ending="answered", working_days=12, findings=["upheld"]),
        recounted("s", "correct", DAYS[0], suspended_days=3),
        recounted("s", "withdraw", DAYS[0], responded_on=DAYS[2], ending="withdrawn", findings=["withdrawn"]),
        wanted("o", 2, DAYS[0], deadlines=[("remedy", DAYS[4], None, "apology")]),
        wanted("o", 3, DAYS[0], deadlines=[("remedy", DAYS[4], DAYS[5], "apology"), ("draft", DAYS[6], None, None)]),
        wanted("o", 4, DAYS[0], outcome_on=DAYS[2], outcome="upheld", actions=1, remedies=("apology",)),
        points_changed("s", 6, "point-split", point_now("s", 1, became="split"), *parts_of("s", 1)),
        points_changed("s", 7, "point-duplicate", point_now("s", 1, became="split"), *parts_of("s", 1, became="duplicate")),
        points_changed("s", 8, "point-take-back", point_now("s", 1), *parts_of("s", 1, became="taken-back")),
        complaint("e", DAYS[0], categories=["send-communication"]),
        complaints.ComplaintVoided(complaint_id=ident("complaint", "e"), decided_on=DAYS[1]),
        *one_of_each("c", DAYS[8]),
    ]


def graded(*sections: str) -> tuple[SectionGrade, ...]:
    return tuple(SectionGrade(section=section, state="graded", grade="good") for section in sections)


def actions(*codes: str) -> tuple[ActionState, ...]:
    return tuple(ActionState(action=code, due_on=DAY) for code in codes)


def mixed() -> Sequence[Any]:
    """Events that touch the same records again and again."""
    events: list[Any] = []
    for n in range(12):
        reference = f"mixed-{n % 4}"
        events += [
            outcome(
                reference, DAY, version=(n * 7) % 5 + 1, overall=("good", "inadequate")[n % 2], sections=graded(f"s{n % 3}")
            ),
            complaint(reference, DAY, categories=["send-other"] * (n % 3 + 1)),
            responded(reference, DAY, n, ["upheld", "not-upheld"][: n % 3]),
            complaints.StageRequested(complaint_id=ident("complaint", reference), stage=2, requested_on=date(2022, 5, n + 1)),
            response(reference, DAY, {"q": ("yes", "no")[n % 2], "r": n}),
            feedback.InvitationWithdrawn(invitation_id=ident("invitation", n % 4), withdrawn_on=date(2022, 6, n + 1)),
            feedback.InvitationUndelivered(
                invitation_id=ident("invitation", n % 4), channel="text", message=0, found_on=date(2022, 6, n + 1)
            ),
            feedback.InvitationSent(invitation_id=ident("invitation", n % 4), channel="text", sent_on=date(2022, 6, n + 1)),
            feedback.RemindersDeclined(invitation_id=ident("invitation", n % 4), declined_on=date(2022, 6, n + 1)),
            complaints.OmbudsmanOutcomeReceived(
                case_id=ident("case", n % 4), outcome_on=date(2022, 6, n + 1), outcome="upheld", actions=n
            ),
        ]
    return events
