"""Which of the values are past their bound: the bounds of deploy/prometheus/alerts.yaml, and a runbook for each.

A page is looked at now and an alert waits for some minutes, so something may stand here that no alert is about yet.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chassis.operating.told import Told
from gateway.operating.asking import NOT_SET, Process
from gateway.operating.words import lasting, many

OUTBOX_SECONDS = 300
BEHIND_EVENTS = 500
MAIL_SECONDS = 3600
RETENTION_SECONDS = 3 * 3600
TRAIL_CHECKED_SECONDS = 26 * 3600
TRAIL_UNJOINED_SECONDS = 600

_AWAY, _EVENTS, _DEAD = "service-away.md", "events-behind.md", "dead-letters.md"
_MAIL, _TRAIL = "mail-not-sent.md", "retention-and-trail.md"


@dataclass(frozen=True)
class Past:
    """Something that needs somebody."""

    what: str
    runbook: str


def past(processes: Sequence[Process], now: datetime) -> list[Past]:
    """Everything that is past its bound, in the order of the processes."""
    return [each for process in processes for each in _of_process(process, now)]


def _of_process(process: Process, now: datetime) -> Iterator[Past]:
    told = process.told
    if told is None:
        if process.why != NOT_SET:
            yield Past(f"{process.name} {'is away' if process.away else 'tells nothing of itself'}: it {process.why}.", _AWAY)
        return
    for check in (name for name, result in told.checks.items() if result != "ok"):
        yield Past(f"{process.name} is not ready: its {check} does not answer.", _AWAY)
    yield from _events(process.name, told)
    if told.mails and told.mails.oldest_seconds > MAIL_SECONDS:
        yield Past(f"{process.name}: a mail has waited for {lasting(told.mails.oldest_seconds)}.", _MAIL)
    yield from _records(process.name, told, now)


def _events(name: str, told: Told) -> Iterator[Past]:
    if told.outbox and told.outbox.oldest_seconds > OUTBOX_SECONDS:
        yield Past(f"{name}: an event has waited for {lasting(told.outbox.oldest_seconds)} to be published.", _EVENTS)
    for stream in told.streams or ():
        if stream.behind:
            yield Past(f"{stream.name}: {many(stream.behind, 'copy', 'copies')} of the stream away or not current.", _EVENTS)
    for each in told.consumers or ():
        if (each.behind or 0) > BEHIND_EVENTS:
            yield Past(f"{each.consumer} is {many(each.behind or 0, 'event')} behind {each.source}.", _EVENTS)
        if each.behind is None:
            yield Past(f"{each.consumer} cannot read the log of {each.source}.", _EVENTS)
    if dead := sum(each.number for each in told.dead or ()):
        yield Past(f"{name}: {many(dead, 'event')} put aside.", _DEAD)


def _records(name: str, told: Told, now: datetime) -> Iterator[Past]:
    if told.retention and _since(told.retention.looked_at or told.started_at, now) > RETENTION_SECONDS:
        yield Past(f"{name}: records whose time is over were not looked for within three hours.", _TRAIL)
    if told.retention and told.retention.failed:
        yield Past(f"{name}: {many(told.retention.failed, 'record')} could not be reduced since it began.", _TRAIL)
    if told.trail is None:
        return
    if told.trail.broken:
        yield Past(f"{name}: {many(told.trail.broken, 'chain')} of the trail do not fit.", _TRAIL)
    if told.trail.unjoined_seconds > TRAIL_UNJOINED_SECONDS:
        yield Past(f"{name}: an entry of the trail has waited for {lasting(told.trail.unjoined_seconds)} to be joined.", _TRAIL)
    if told.trail.checked_at and _since(told.trail.checked_at, now) > TRAIL_CHECKED_SECONDS:
        yield Past(f"{name}: the trail was last walked along {lasting(_since(told.trail.checked_at, now))} ago.", _TRAIL)


def _since(moment: datetime, now: datetime) -> float:
    return (now - moment) / timedelta(seconds=1)
