"""What happened in a case, day by day: every step with the day that it was dated, and when and by whom it was recorded."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from math import inf

from chassis.days import british_day, moment_words
from complaints.pages import intake_words
from complaints.pages.case_file_papers import FORM, added_by, letter_words
from complaints.pages.labels import CORRECTIONS, POINT_STEPS, STEPS, Labels, day_words
from complaints.pages.learning_view import HISTORY
from complaints.pages.ombudsman import KINDS
from complaints.pages.people import NAMES
from complaints.pages.point_words import point_words
from complaints.use_cases.case_file import CaseFile
from complaints.use_cases.read_complaints import ChangeView


@dataclass(frozen=True)
class Happened:
    """A line: the day, what happened, when and by whom it was recorded (empty where only the day is), and the words of it."""

    on: date
    what: str
    at: datetime | None = None
    by: str = ""
    words: str = ""

    @property
    def recorded(self) -> str:
        """When and by whom, in words."""
        return "\n".join(part for part in (moment_words(self.at) if self.at else "", self.by) if part)


def chronology(found: CaseFile, labels: Labels) -> list[Happened]:
    """All of it in the order of the days, and of what was recorded within one."""
    lines = [
        *_came(found),
        *_changes(found, labels),
        *_people(found),
        *_learning(found),
        *_ombudsman(found, labels),
        *_papers(found),
    ]
    # Some things keep the sign-in of whoever recorded them alone: a name that stands elsewhere in the file is theirs here too.
    names = {opening.by: opening.name for opening in found.openings}
    names |= {change.recorded_by: change.by for change in found.view.changes}
    named = [replace(each, by=names.get(each.by, each.by)) for each in lines]
    return sorted(named, key=lambda each: (each.on, each.at.timestamp() if each.at else inf))


def _came(found: CaseFile) -> Iterator[Happened]:
    if found.came is None:
        return
    stored = found.came.stored
    for line in found.came.history:
        entry, at = line.entry, line.at
        on = stored.now.received_on if entry.step == "receive" or at is None else british_day(at)
        outcome = f": {intake_words.OUTCOMES[entry.outcome]}" if entry.outcome else ""
        came = f" as {stored.reference}, {intake_words.CAME_BY[stored.came_by]}" if entry.step == "receive" else ""
        weighed = (
            intake_words.ELIGIBLE.get(entry.standing or "", ""),
            intake_words.TIMING.get(entry.timing or "", ""),
            "" if entry.early_referral in {None, "none"} else intake_words.EARLY[entry.early_referral or ""],
        )
        words = "\n".join(part for part in (*weighed, line.words) if part)
        by = "The sender, on the public form" if line.by == FORM else line.by
        yield Happened(on, f"{intake_words.STEPS[entry.step]}{came}{outcome}", at, by, words)


def _changes(found: CaseFile, labels: Labels) -> Iterator[Happened]:
    for change in found.view.changes:
        of = "" if change.step in POINT_STEPS else f", stage {change.stage}"
        what = f"{STEPS.get(change.step, change.step)}{of}"
        yield Happened(change.dated_on, what, change.recorded_at, change.by, "\n".join(_words(found, labels, change)))


def _words(found: CaseFile, labels: Labels, change: ChangeView) -> Iterator[str]:
    if change.step == "correct":
        yield CORRECTIONS.get(change.code or "", change.code or "")
    elif change.step in POINT_STEPS:
        yield point_words(found.view.case, change)
    elif change.code:
        kind = "suspension_reason" if change.step == "suspend" else "extension_reason"
        yield labels.name(kind, change.code)
    if change.reason:
        yield change.reason
    for clock in change.clocks:
        yield f"Stage {clock.stage} was due {day_words(clock.due_before)}, and is due {day_words(clock.due_after)}."
    stage = found.view.case.begun(change.stage)
    if change.step == "respond" and stage is not None:
        for point, finding in stage.findings.items():
            yield f"Point {point}: {labels.name('finding', finding)}"


def _people(found: CaseFile) -> Iterator[Happened]:
    for each in found.who.people:
        assigned = each.stored.assigned
        who = f"{NAMES[assigned.role]}: {each.contact.name or 'no name given'}"
        yield Happened(assigned.from_on, who, words="From this day", by=each.stored.added_by)
        if assigned.until_on is not None:
            yield Happened(assigned.until_on, who, words="Until this day", by=each.stored.ended_by or "")


def _learning(found: CaseFile) -> Iterator[Happened]:
    for point in found.learned:
        for action in point.actions:
            for step in found.steps[action.id]:
                until = f"\nDue {day_words(step.due_on)}" if step.due_on else ""
                what = f"Action {action.name}: {HISTORY.get(step.step, step.step).lower()}"
                yield Happened(british_day(step.at), what, step.at, step.by, f"{step.note}{until}".strip())
        for none in point.nones:
            what = f"Point {point.point.reference}: no action is needed"
            yield Happened(none.decided_on, what, by=none.decided_by, words=none.reason)


def _ombudsman(found: CaseFile, labels: Labels) -> Iterator[Happened]:
    for case, deadlines in found.ombudsman:
        yield Happened(case.accepted_on, f"The Ombudsman accepted case {case.reference}")
        for each in deadlines:
            due = each.deadline
            what = f"{KINDS[due.kind]}, {case.reference}"
            yield Happened(due.due_on, f"{what}: wanted by this day", words=each.what)
            if due.done_on is not None:
                yield Happened(due.done_on, f"{what}: done", by=each.done_by or "")
        if case.outcome_on is not None:
            words = f"{labels.name('outcome', case.outcome)}; actions: {case.actions}"
            yield Happened(case.outcome_on, f"Outcome of the Ombudsman's case {case.reference}", words=words)


def _papers(found: CaseFile) -> Iterator[Happened]:
    for sent in found.letters:
        to = f"To {sent.content.to_name}" if sent.content and sent.content.to_name else ""
        yield Happened(sent.sent_on, f"Letter sent: {letter_words(found, sent)}", sent.recorded_at, sent.recorded_by, to)
    for each in found.files:
        yield Happened(british_day(each.added_at), f"File added: {each.file.name}", each.added_at, added_by(each))
        if each.removed_at is not None:
            what = f"File removed: {each.file.name}"
            yield Happened(british_day(each.removed_at), what, each.removed_at, each.removed_by_name, each.removed_reason)
