"""The tables of the operator's page, as rows of words."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from chassis.days import moment_words
from chassis.operating.told import Told
from gateway.access.maintenance import Closed
from gateway.operating.asking import NOT_SET, Process
from gateway.operating.words import KINDS, NOT_KNOWN, lasting, shown, size

Rows = list[tuple[str, list[str]]]


def view_of(processes: Sequence[Process], closed: Iterable[Closed], now: datetime) -> dict[str, Any]:
    """Context of the template `operating.html`."""
    told = [each.told for each in processes if each.told is not None]
    workers = [each for each in told if each.part == "worker"]
    return {
        "processes": [_process(each, now) for each in processes],
        "streams": _streams(told),
        "consumers": _consumers(told, now),
        "dead": [each for one in workers for each in _dead(one)],
        "waiting": [(each.service.capitalize(), _waiting(each, now)) for each in workers],
        "trails": sorted(
            (org, [each.service.capitalize(), f"{number:,}"])
            for each in told
            for org, number in (each.trail.last.items() if each.trail else ())
        ),
        "closed": [
            (each.service, [moment_words(each.begun_at), moment_words(each.ends_at) if each.ends_at else "somebody opens it"])
            for each in closed
        ],
        "at": moment_words(now),
    }


def _process(each: Process, now: datetime) -> dict[str, Any]:
    if each.told is None:
        state, colour = (
            ("away", "red") if each.away else ("not asked", "grey") if each.why == NOT_SET else ("unclear", "yellow")
        )
        return {"name": each.name, "state": state, "colour": colour, "why": each.why, "version": "", "runs": ""}
    failing = [name for name, result in each.told.checks.items() if result != "ok"]
    return {
        "name": each.name,
        "state": "not ready" if failing else "ready",
        "colour": "yellow" if failing else "green",
        "why": f"{', '.join(failing)} does not answer" if failing else "",
        "version": each.told.version or NOT_KNOWN,
        "runs": lasting((now - each.told.started_at).total_seconds()),
    }


def _streams(told: Sequence[Told]) -> Rows:
    found: Rows = []
    for each in told:
        if each.part == "worker" and each.outbox is not None and each.streams is None:
            found.append((f"loop-{each.service}", ["not told: the broker is away", "", "", "", ""]))
        for stream in each.streams or ():
            state = "a copy is behind" if stream.behind else "whole"
            copies = f"{stream.replicas - stream.behind} of {stream.replicas}" + (
                f", led by {stream.leader}" if stream.leader else ""
            )
            values = [state, f"{stream.messages:,}", size(stream.bytes), f"{stream.last_sequence:,}", copies]
            found.append((stream.name, values))
    return found


def _consumers(told: Sequence[Told], now: datetime) -> Rows:
    return [
        (
            f"{each.consumer} of {each.source}",
            [
                shown(each.behind),
                lasting(each.behind_seconds),
                f"{each.position:,}",
                f"{lasting((now - each.moved_at).total_seconds())} ago",
                shown(each.delivered),
                shown(each.pending),
                shown(each.redelivered),
            ],
        )
        for one in told
        for each in one.consumers or ()
    ]


def _dead(told: Told) -> list[dict[str, Any]]:
    return [
        {
            "name": f"{each.consumer} of {each.source}",
            "href": f"/operating/dead-letters/{told.service}",
            "why": KINDS[each.kind],
            "number": f"{each.number:,}",
            "oldest": moment_words(each.oldest),
        }
        for each in told.dead or ()
    ]


def _waiting(told: Told, now: datetime) -> list[str]:
    outbox, mails, retention, trail = told.outbox, told.mails, told.retention, told.trail
    looked = retention.looked_at if retention else None
    checked = trail.checked_at if trail else None
    return [
        f"{outbox.depth:,}" if outbox else "none of its own",
        lasting(outbox.oldest_seconds) if outbox and outbox.depth else "–",
        f"{mails.waiting:,}" if mails else NOT_KNOWN,
        lasting(mails.oldest_seconds) if mails and mails.waiting else "–",
        f"{lasting((now - looked).total_seconds())} ago" if looked else "–",
        f"{lasting((now - checked).total_seconds())} ago" if checked else "–",
        lasting(trail.unjoined_seconds) if trail else "–",
    ]
