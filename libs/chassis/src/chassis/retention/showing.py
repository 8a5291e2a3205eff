"""What the pages of retention show, in words."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from chassis.days import british_day, day_words, moment_words
from chassis.retention.finding import Record, Standing
from chassis.retention.holding import Hold, InForce
from chassis.retention.kinds import TRAIL, Declared, Kind
from chassis.retention.of_trail import Standing as StandingOfTrail
from chassis.retention.orders import Order
from chassis.retention.periods import due_on, period_words
from chassis.retention.proofs import Proof
from chassis.retention.runs import Run

PAGE = 100
GROUNDS = {"time-over": "its time was over", "asked": "somebody asked for it, and it was decided"}


def kept_words(months: int | None) -> str:
    """How long something is kept."""
    return period_words(months) if months is not None else "Kept: no period is set"


def overview(
    declared: Declared,
    standings: Sequence[Standing],
    trail: StandingOfTrail,
    last: Sequence[Run],
    asked: Sequence[Order],
    today: date,
) -> dict[str, Any]:
    """The first page."""
    names = {**{each.code: each.name for each in declared.kinds}, TRAIL.code: "entries of the trail"}
    return {
        "today": day_words(today),
        "standings": [_standing(each) for each in standings],
        "kinds": (*declared.kinds, TRAIL),
        "trail": _trail(trail),
        "not_covered": declared.not_covered.items(),
        "waiting": any(each.ended_at is None for each in last),
        "runs": [_run(each, names) for each in last],
        "orders": [_order(each, names) for each in asked],
    }


def _standing(standing: Standing) -> dict[str, Any]:
    kind = standing.kind
    years = ", ".join(f"{year}: {count}" for year, count in sorted(standing.due.items()))
    return {
        "code": kind.code,
        "name": kind.name,
        "kept": kept_words(standing.months),
        "least": period_words(kind.at_least) if kind.at_least else "",
        "held_back": standing.kept,
        "due": standing.due_in_all,
        "years": years,
        "held": standing.held,
        "reduced": standing.reduced,
    }


def _trail(standing: StandingOfTrail) -> dict[str, str]:
    begun = standing.begun
    begins = "with its first entry"
    if begun.at is not None:
        begins = f"after number {begun.number}, sealed on {moment_words(begun.at)}; earlier entries were let go"
        if not standing.genuine:
            begins += ". THE SEAL WAS NOT MADE BY THIS INSTALLATION"
    return {
        "kept": kept_words(standing.months),
        "least": period_words(TRAIL.at_least),
        "begins": begins,
        "due": "its oldest entries, up to a checkpoint" if standing.due else "nothing",
        "held": "yes: a hold or a restriction stands, so nothing of it goes" if standing.held else "no",
    }


def _tally(counts: Mapping[str, int], names: Mapping[str, str]) -> str:
    return ", ".join(f"{names.get(code, code)}: {count}" for code, count in sorted(counts.items())) or "nothing"


def _run(run: Run, names: Mapping[str, str]) -> dict[str, str]:
    return {
        "when": moment_words(run.asked_at),
        "by": run.asked_by or "by the hour",
        "reduced": _tally(run.reduced, names) if run.ended_at else "it waits, or goes on",
        "held": _tally(run.held, names) if run.ended_at else "",
        "failed": str(run.failed) if run.ended_at else "",
    }


def _order(order: Order, names: Mapping[str, str]) -> dict[str, str]:
    became = "waits for the worker"
    if order.done_at is not None:
        became = f"done on {day_words(british_day(order.done_at))}"
    elif order.refused:
        became = f"not done: {order.refused}"
    return {
        "what": f"{names.get(order.kind, order.kind)} {order.record_id}",
        "asked": day_words(order.asked_on),
        "by": order.decided_by,
        "ground": order.ground,
        "became": became,
    }


def found(home: str, records: Sequence[tuple[Kind, Record]]) -> list[tuple[str, str]]:
    """Links to several records that fit."""
    return [(f"{home}/records/{kind.code}/{each.id}", f"{kind.name}: {each.reference or each.id}") for kind, each in records]


def due_row(home: str, kind: Kind, record: Record, months: int, holds: Sequence[InForce]) -> dict[str, Any]:
    """A record that is due."""
    since = record.since or date.max
    return {
        "href": f"{home}/records/{kind.code}/{record.id}",
        "name": record.reference or str(record.id),
        "area": record.area or "",
        "since": day_words(since),
        "due": day_words(due_on(since, months)),
        "held": bool(holds),
    }


def record(
    home: str, kind: Kind, one: Record, months: int | None, holds: Sequence[InForce], proved: Sequence[Proof]
) -> dict[str, Any]:
    """How a record stands."""
    facts = [("Kind", kind.name), ("Id", str(one.id)), ("Kept for", kept_words(months))]
    if one.since is None:
        facts.append(("Over", f"Not yet. {kind.counts_from}"))
    else:
        facts.append(("Over since", day_words(one.since)))
        if months is not None and not one.reduced:
            facts.append(("Goes on", day_words(due_on(one.since, months)) if not holds else "Not while it is held"))
    return {
        "facts_known": facts,
        "holds": [(_address(home, each), _SCOPES[each.scope]) for each in holds],
        "proofs": [(f"{home}/proofs/{each.number}", f"Proof {each.number}, {moment_words(each.at)}") for each in proved],
        "reduced": one.reduced,
        "at": f"{home}/records/{kind.code}/{one.id}",
    }


def _address(home: str, each: InForce) -> str:
    subjects = f"{home.removesuffix('retention')}subjects"
    if each.scope == "asked":
        return f"{subjects}/{each.id}"
    # A restriction has its page with the request of the person who asked for it.
    return subjects if each.scope == "restricted" else f"{home}/holds/{each.id}"


_SCOPES = {
    "record": "A hold of a record",
    "reference": "A hold of a reference",
    "kind": "A hold of the whole kind",
    "restricted": "A restriction of its use, by the data protection officer",
    "asked": "A request of a person that is not closed",
}


def _what(declared: Declared, one: Hold) -> str:
    name = declared.names.get(one.kind or "", one.kind or "")
    if one.scope == "reference":
        return f"Everything known as {one.reference}"
    return f"All of: {name}" if one.scope == "kind" else f"{name}: {one.record_id}"


def _standing_of_hold(one: Hold, today: date) -> tuple[str, str, str]:
    """The tag, its colour, and what stands beside it."""
    if one.lifted_at is not None:
        return "Lifted", "grey", f"on {day_words(british_day(one.lifted_at))}"
    if one.review_on <= today:
        return "Look again", "red", f"was due on {day_words(one.review_on)}; it still holds"
    return "In force", "green", f"look again on {day_words(one.review_on)}"


def hold_row(home: str, declared: Declared, one: Hold, today: date) -> dict[str, Any]:
    """A hold in the list."""
    words, colour, when = _standing_of_hold(one, today)
    return {
        "href": f"{home}/holds/{one.id}",
        "what": _what(declared, one),
        "placed": f"{day_words(british_day(one.placed_at))} by {one.placed_by}",
        "standing": words,
        "colour": colour,
        "when": when,
    }


def hold(home: str, declared: Declared, one: Hold, today: date) -> dict[str, Any]:
    """A hold's own page."""
    words, _, when = _standing_of_hold(one, today)
    facts = [
        ("What is held", _what(declared, one)),
        ("Why", one.reason),
        ("Placed", f"{moment_words(one.placed_at)} by {one.placed_by}"),
        ("Stands", f"{words}, {when}"),
    ]
    if one.reviewed_by:
        facts.append(("Last looked at by", one.reviewed_by))
    if one.lifted_at:
        facts += [("Lifted", f"{moment_words(one.lifted_at)} by {one.lifted_by}"), ("Lifted because", one.lifted_because)]
    return {"what": f"Hold: {_what(declared, one)}", "facts_known": facts, "at": f"{home}/holds/{one.id}"}


def proof_row(home: str, declared: Declared, one: Proof) -> dict[str, Any]:
    """A proof in the list."""
    kind = declared.kind(one.said["kind"])
    return {
        "href": f"{home}/proofs/{one.number}",
        "number": one.number,
        "when": moment_words(one.at),
        "kind": kind.name if kind else one.said["kind"],
        "why": GROUNDS.get(one.said["ground"], one.said["ground"]),
    }


def proof(declared: Declared, one: Proof, *, genuine: bool) -> dict[str, Any]:
    """A proof to be printed."""
    said, kind = one.said, declared.kind(one.said["kind"])
    since = date.fromisoformat(said["since"]) if said["since"] else None
    return {
        "facts_known": [
            ("Number", f"{one.number}, of {said['org']}, {said['service']}"),
            ("When", moment_words(one.at)),
            ("Kind of record", kind.name if kind else said["kind"]),
            ("Record", f"{said['record']} (keyed hash of its id)"),
            ("Why", GROUNDS.get(said["ground"], said["ground"])),
            ("Over since", day_words(since) if since else "not said"),
            ("Kept for", period_words(said["months"]) if said["months"] else "until it was asked for"),
            ("What went", kind.goes if kind else "see below"),
            ("What stays", kind.stays if kind else "codes, days and figures"),
            ("Events in the log that were redacted", str(said["events"])),
            ("Seal", "made by this installation" if genuine else "NOT made by this installation"),
            ("Hash", one.hash.hex()),
        ],
        "rows": sorted(said["rows"].items()),
        "genuine": genuine,
    }
