"""What is past its bound on the operator's page, by the bounds of the alerts."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from chassis.operating.told import Consumer, Dead, Mails, Outbox, Retention, Stream, Told, Trail
from gateway.operating import bounds
from gateway.operating.asking import NOT_SET, Process
from gateway.operating.words import lasting, many, size

ROOT = Path(__file__).resolve().parents[3]
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def told(**differing: Any) -> Told:
    whole: dict[str, Any] = {
        "service": "audit", "part": "worker", "version": "1", "started_at": NOW - 100 * HOUR, "checks": {"database": "ok"},
        "outbox": Outbox(depth=3, head=9, oldest_seconds=bounds.OUTBOX_SECONDS),
        "mails": Mails(waiting=1, oldest_seconds=bounds.MAIL_SECONDS),
        "retention": Retention(looked_at=NOW - 3 * HOUR, failed=0),
        "trail": Trail(unjoined_seconds=bounds.TRAIL_UNJOINED_SECONDS, checked_at=NOW - 26 * HOUR, broken=0, last={"north": 1}),
    }  # fmt: skip
    return Told(**{**whole, **differing})


def found(**differing: Any) -> list[tuple[str, str]]:
    return [(each.what, each.runbook) for each in bounds.past([Process("audit", "worker", told(**differing))], NOW)]


def consumer(**differing: Any) -> Consumer:
    given = {"consumer": "reporting", "source": "audit", "position": 1, "moved_at": NOW, "behind": bounds.BEHIND_EVENTS}
    return Consumer(**{**given, **differing})


def test_what_is_at_its_bound_needs_nobody() -> None:
    assert (
        found(consumers=[consumer()], streams=[Stream(name="loop-audit", messages=1, bytes=1, last_sequence=1, replicas=3)])
        == []
    )


@pytest.mark.parametrize(
    ("differing", "runbook"),
    [
        ({"outbox": Outbox(depth=1, head=9, oldest_seconds=301)}, "events-behind.md"),
        ({"consumers": [consumer(behind=501)]}, "events-behind.md"),
        ({"consumers": [consumer(behind=None)]}, "events-behind.md"),
        ({"streams": [Stream(name="s", messages=1, bytes=1, last_sequence=1, replicas=3, behind=1)]}, "events-behind.md"),
        ({"dead": [Dead(consumer="r", source="a", kind="refused", number=2, oldest=NOW)]}, "dead-letters.md"),
        ({"mails": Mails(waiting=1, oldest_seconds=3601)}, "mail-not-sent.md"),
        ({"retention": Retention(looked_at=NOW - 4 * HOUR, failed=0)}, "retention-and-trail.md"),
        ({"retention": Retention(looked_at=None, failed=0)}, "retention-and-trail.md"),
        ({"retention": Retention(looked_at=NOW, failed=1)}, "retention-and-trail.md"),
        ({"trail": Trail(unjoined_seconds=601, checked_at=NOW, broken=0, last={})}, "retention-and-trail.md"),
        ({"trail": Trail(unjoined_seconds=0, checked_at=NOW - 27 * HOUR, broken=0, last={})}, "retention-and-trail.md"),
        ({"trail": Trail(unjoined_seconds=0, checked_at=NOW, broken=1, last={})}, "retention-and-trail.md"),
        ({"checks": {"database": "failed: OSError"}}, "service-away.md"),
    ],
)
def test_what_is_past_it_is_said_with_its_runbook(differing: dict[str, Any], runbook: str) -> None:
    [(what, named)] = found(**differing)
    assert named == runbook
    assert what.endswith(".")
    assert (ROOT / "docs" / "runbooks" / named).is_file()


def test_who_is_away_needs_somebody_and_who_is_not_set_up_does_not() -> None:
    away = [Process("audit", "web", why="cannot be reached", away=True), Process("audit", "worker", why=NOT_SET)]
    assert [(each.what, each.runbook) for each in bounds.past(away, NOW)] == [
        ("Audit is away: it cannot be reached.", "service-away.md")
    ]


def test_the_bounds_are_those_of_the_alerts() -> None:
    groups = yaml.safe_load((ROOT / "deploy" / "prometheus" / "alerts.yaml").read_text())["groups"]
    alerts = {rule["alert"]: str(rule["expr"]) for group in groups for rule in group["rules"] if "alert" in rule}
    assert f"loop_outbox_oldest_seconds) > {bounds.OUTBOX_SECONDS}" in alerts["LoopOutboxStuck"]
    assert f"loop:consumer_lag:events > {bounds.BEHIND_EVENTS}" in alerts["LoopConsumerBehind"]
    assert "loop_mail_waiting[1h]" in alerts["LoopMailNotSent"]
    retention = next(expr for expr in alerts.values() if "loop_retention_looked_timestamp_seconds" in expr)
    assert f"> {bounds.RETENTION_SECONDS // 3600} * 3600" in retention
    trail = next(expr for expr in alerts.values() if "loop_trail_unjoined_seconds" in expr)
    assert f"> {bounds.TRAIL_CHECKED_SECONDS // 3600} * 3600" in trail
    assert f"loop_trail_unjoined_seconds) > {bounds.TRAIL_UNJOINED_SECONDS}" in trail


def test_figures_are_said_as_people_say_them() -> None:
    assert [lasting(each) for each in (0, 1, 61, 3_600, 90_061, None)] == [
        "0 seconds", "1 second", "1 minute 1 second", "1 hour", "1 day 1 hour", "not known",
    ]  # fmt: skip
    assert [size(each) for each in (12, 2_048, 5 << 30, 5 << 41)] == ["12 bytes", "2.0 KiB", "5.0 GiB", "10,240.0 GiB"]
    assert [many(1, "copy", "copies"), many(2_000, "copy", "copies")] == ["1 copy", "2,000 copies"]
