"""Rules of webhooks: what goes out and to whom, when it is tried again, how it is signed."""

import base64
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from standardwebhooks.webhooks import Webhook

from contracts import BY_SUBJECT
from gateway.domain.scopes import SCOPES
from gateway.domain.webhook_events import EVERYTHING_OF, NEEDS, SENT, WITHHELD, Wish, out_of_reach
from gateway.domain.webhook_messages import records_of
from gateway.domain.webhook_schedule import JITTER, LONGEST, WAITS, retry_after, wait_after
from gateway.domain.webhook_signatures import headers, new_signing_secret, signature
from gateway.domain.webhooks import KINDS, kind_of

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
RECEIVED = "complaints.v1.complaint_received"


class TestRecordsOf:
    def test_are_the_ids_of_records_and_nothing_else(self) -> None:
        one, two = "0190b2f0-0000-7000-8000-000000000001", "0190b2f0-0000-7000-8000-000000000002"
        data = {"complaint_id": one, "point_id": two, "other_id": None, "code_id": "send", "note": one, "list_id": [one]}
        assert records_of(data) == [one, two]


class TestWhatGoesOut:
    def test_every_event_was_looked_at_and_either_goes_out_or_has_a_reason_why_not(self) -> None:
        known = {subject.removeprefix("loop.") for subject in BY_SUBJECT}
        assert known == SENT.keys() | WITHHELD.keys()
        assert not SENT.keys() & WITHHELD.keys()
        assert {scope for scope in NEEDS.values() if scope} <= SCOPES.keys()

    @pytest.mark.parametrize(
        "name",
        [
            "audit.v1.audit_escalated", "complaints.v1.representation_received", "complaints.v1.representation_decided",
            "feedback.v1.response_submitted", "feedback.v1.comment_themed", "feedback.v1.call_attempted",
        ],
    )  # fmt: skip
    def test_what_may_concern_safety_or_one_familys_words_goes_to_nobody(self, name: str) -> None:
        assert name in WITHHELD
        assert not Wish(frozenset({name, *EVERYTHING_OF})).wants(name, {"service_area": "send"})
        assert out_of_reach([name], None) == [name]

    @pytest.mark.parametrize(
        ("wish", "name", "data", "wanted"),
        [
            (Wish(frozenset({RECEIVED})), RECEIVED, {}, True),
            (Wish(frozenset({"complaints.*"})), RECEIVED, {}, True),
            (Wish(frozenset({"audit.*"})), RECEIVED, {}, False),
            (Wish(frozenset({"complaints.*"}), frozenset({"send"})), RECEIVED, {"service_area": "send"}, True),
            (Wish(frozenset({"complaints.*"}), frozenset({"send"})), RECEIVED, {"service_area": "care"}, False),
            (Wish(frozenset({"complaints.*"}), frozenset({"send"})), RECEIVED, {"service_area": None}, False),
            (Wish(frozenset({"complaints.*"}), frozenset({"send"})), "complaints.v1.stage_started", {}, False),
            (Wish(frozenset({"complaints.*"}), scopes=frozenset({"complaints:read"})), RECEIVED, {}, True),
            (Wish(frozenset({"complaints.*"}), scopes=frozenset({"webhooks:manage"})), RECEIVED, {}, False),
            (Wish(frozenset({"feedback.*"}), scopes=frozenset()), "feedback.v1.change_published", {}, True),
            (
                Wish(frozenset({RECEIVED}), frozenset({"send"}), frozenset({"complaints:read"}), frozenset({"care"})),
                RECEIVED, {"service_area": "send"}, False,
            ),
            (Wish(frozenset({"loop.*", "*"})), RECEIVED, {}, False),
        ],
    )  # fmt: skip
    def test_subscription_gets_what_it_asked_for_and_may_read(
        self, wish: Wish, name: str, data: dict[str, str], wanted: bool
    ) -> None:
        assert wish.wants(name, data) is wanted

    def test_machine_reaches_what_its_scopes_read(self) -> None:
        asked = [RECEIVED, "audit.*", "feedback.*", "complaints.*", "nonsense", "webhook.test"]
        assert out_of_reach(asked, frozenset({"complaints:read"})) == ["audit.*", "nonsense", "webhook.test"]
        assert out_of_reach(asked, None) == ["nonsense", "webhook.test"]


class TestSchedule:
    def test_waits_are_those_of_the_specification_with_jitter(self) -> None:
        for number, wait in enumerate(WAITS, 1):
            found = wait_after(number)
            assert found is not None
            assert wait * (1 - JITTER) <= found <= wait * (1 + JITTER)
        assert wait_after(len(WAITS) + 1) is None
        assert timedelta(hours=72) <= sum(WAITS, timedelta()) <= timedelta(hours=80)
        assert wait_after(3, test=True) is None

    def test_receiver_that_asks_for_time_gets_it_up_to_a_day(self) -> None:
        assert wait_after(1, timedelta(hours=1)) == timedelta(hours=1)
        assert wait_after(1, timedelta(days=400)) == LONGEST

    @pytest.mark.parametrize(
        ("value", "wait"),
        [
            ("120", timedelta(seconds=120)),
            ("Mon, 02 Mar 2026 12:05:00 GMT", timedelta(minutes=5)),
            ("Mon, 02 Mar 2026 11:00:00 GMT", timedelta(0)),
            ("Tue, 02 Mar 2126 12:00:00 GMT", LONGEST),
            ("9" * 40, LONGEST),
            ("9" * 4_000, None),
            ("-5", None),
            ("soon", None),
            ("²", None),
            ("", None),
            (None, None),
        ],
    )
    def test_what_a_receiver_asks_for_is_read_or_left(self, value: str | None, wait: timedelta | None) -> None:
        assert retry_after(value, NOW) == wait


class TestSignatures:
    def test_signature_is_the_one_of_the_specification(self) -> None:
        # standardwebhooks' own test vector
        secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
        signed = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
        assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

    def test_a_standard_receiver_accepts_either_of_two_secrets(self) -> None:
        keys, body = [new_signing_secret(), new_signing_secret()], b'{"type": "x"}'
        sent = headers(keys, "id-1", datetime.now(UTC), body)
        for each in keys:
            assert len(base64.b64decode(each.removeprefix("whsec_"))) == 32
            assert Webhook(each).verify(body, sent) == {"type": "x"}


class TestGuide:
    async def test_the_receiver_of_the_guide_takes_what_is_signed_once_and_nothing_else(self) -> None:
        guide = Path(__file__).parents[3] / "docs" / "guides" / "webhooks.md"
        (code,) = re.findall(r"```python\n(.*?)```", guide.read_text(), re.DOTALL)
        secret, told = new_signing_secret(), list[str]()
        names: dict[str, Any] = {"print": lambda *words: told.append(words[1])}
        exec(code.replace("whsec_…", secret), names)
        body = b'{"type": "complaints.v1.complaint_received", "data": {"complaint_id": "c-1"}}'
        sent = headers([new_signing_secret(), secret], "id-1", datetime.now(UTC), body)
        transport = httpx.ASGITransport(names["app"])
        async with httpx.AsyncClient(transport=transport, base_url="http://cms") as client:
            for _ in range(2):
                assert (await client.post("/events", content=body, headers=sent)).status_code == 204
            assert (await client.post("/events", content=body + b" ", headers=sent)).status_code == 400
            assert (await client.post("/events", content=body)).status_code == 400
        assert told == ["c-1"]


class TestOutcomes:
    @pytest.mark.parametrize(
        ("status", "kind"),
        [(200, "ok"), (204, "ok"), (301, "redirect"), (400, "refused"), (404, "refused"),
            (410, "gone"), (429, "too-many"), (503, "trouble")],
    )  # fmt: skip
    def test_status_says_what_becomes_of_a_message(self, status: int, kind: str) -> None:
        assert kind_of(status) == kind
        assert kind in KINDS
