"""An improvement plan as a document to print, and as a workbook."""

from collections.abc import Iterator
from typing import Any

from chassis.pdf.document import Block, Callout, Column, Document, Facts, Heading, Table, Text
from chassis.spreadsheet.book import BookTable, Value, write_book
from reporting.domain.day_words import day_words
from reporting.domain.plan import RAGS
from reporting.pages import plan_view as view
from reporting.use_cases.read_plan import ReadPlan

_TOLD = ("name", "before", "now", "target", "verdict")
RULE = (
    "How an action stands is said by a person, with a reason. Where a milestone's day is over and it was not reached, the "
    "action has missed it, whatever was said before. Figures beside an action are those of the first quarter and of the last "
    "one that is over; that one follows the other does not show that the action was the cause."
)


def document(read: ReadPlan, organisation: str) -> Document:
    """The plan with its workstreams, actions, milestones and measures."""
    head = read.whole.plan.head
    counts = ", ".join(f"{n} {RAGS[rag].lower()}" for rag, n in read.counts.items() if n) or "no action yet"
    state = "Open" if read.whole.plan.state == "open" else f"Closed on {day_words(read.whole.plan.closed_on)}"
    blocks: list[Block] = [
        Facts((("Opened", day_words(read.whole.plan.opened_on)), ("State", state), ("Actions", counts))),
        Text(head.purpose),
        Text(RULE, quiet=True),
    ]
    for workstream in view.workstreams(read):
        blocks += [Heading(f"{workstream['position']}. {workstream['title']}"), Text(f"Led by {workstream['lead']}")]
        for action in workstream["actions"]:
            blocks += _action(action)
        if not workstream["actions"]:
            blocks.append(Text("No action yet."))
    subtitle = view.area_words(read.profile, head.service_area)
    return Document(head.title, organisation, read.today, tuple(blocks), subtitle=subtitle, marking="Internal")


def _action(action: dict[str, Any]) -> Iterator[Block]:
    yield Heading(f"Action {action['name']}: {action['words']}", 3)
    yield Text(action["what"])
    facts = [("Who sees to it", action["owner"])]
    if action["tracked"]:
        facts.append(("Takes up", f"{action['tracked']['name']}: {action['tracked']['words']}"))
    yield Facts(tuple(facts))
    if action["by_calendar"]:
        yield Callout("Missed", "A milestone's day is over, and it was not reached.")
    if action["milestones"]:
        rows = tuple((each["what"], each["due"], each["words"]) for each in action["milestones"])
        yield Table("Milestones", (Column("Milestone", 3), Column("Day", 2), Column("How it stands", 2)), rows)
    if action["measures"]:
        heads = (("Measure", 3), ("At the start", 2), ("Now", 2), ("Target", 2), ("What may be said", 3))
        told = tuple(tuple(each[name] for name in _TOLD) for each in action["measures"])
        yield Table("Measures", tuple(Column(*each) for each in heads), told)


def workbook(read: ReadPlan, organisation: str) -> bytes:
    """The plan as three tables."""
    head = read.whole.plan.head
    streams = view.workstreams(read)
    both = [(stream, action) for stream in streams for action in stream["actions"]]
    actions: tuple[tuple[Value, ...], ...] = tuple(
        (
            action["name"], stream["title"], action["what"], action["owner"], action["words"],
            "Yes" if action["by_calendar"] else "No", action["next"], action["ended"].replace("–", ""),
            action["tracked"]["name"] if action["tracked"] else "",
        )
        for stream, action in both
    )  # fmt: skip
    milestones: tuple[tuple[Value, ...], ...] = tuple(
        (
            each["what"], action["name"], each["due_on"], each["first_due_on"], each["met_on"], each["words"],
        )
        for _, action in both
        for each in action["milestones"]
    )  # fmt: skip
    measures: tuple[tuple[Value, ...], ...] = tuple(
        (each["name"], action["name"], each["before"], each["now"], each["target"], each["verdict"])
        for _, action in both
        for each in action["measures"]
    )
    about = [
        organisation,
        view.area_words(read.profile, head.service_area),
        f"As on {day_words(read.today)}.",
        head.purpose,
        RULE,
    ]
    return write_book(
        head.title,
        about,
        [
            BookTable("Actions", ("Action", "Workstream", "What", "Who sees to it", "How it stands", "Missed by the calendar",
                                  "Next milestone", "Ended on", "Takes up"), actions),
            BookTable("Milestones", ("Milestone", "Action", "Due", "First due", "Reached", "How it stands"), milestones),
            BookTable("Measures", ("Measure", "Action", "At the start", "Now", "Target", "What may be said"), measures),
        ],
    )  # fmt: skip
