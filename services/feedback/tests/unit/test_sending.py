"""Addresses, the words of messages and their length, and when a reminder is due."""

import json
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import feedback
from chassis.calendar import WorkingDays
from chassis.pages.strings import Strings
from chassis.settings import SettingsError
from feedback.adapters.carriers import carriers_of
from feedback.domain import links
from feedback.domain.families import Messages
from feedback.domain.message_words import ONE_TEXT, Links, length, message_words, parts
from feedback.domain.profile import FeedbackProfile
from feedback.domain.sending import due_reminder, hint_of, read_address
from feedback.settings import FeedbackWorkerSettings

WORDS = Path(feedback.__file__).parent / "pages" / "words"
STRINGS = Strings(WORDS)
HOST = "https://loop.worcestershire.gov.uk"
LINKS = Links(f"{HOST}/s/{links.new_token(short=True)}", f"{HOST}/s/no/{'a' * 13}")
ABOUT: dict[str, Any] = {
    "organisation": "Worcestershire Children First",
    "signed": "Worcs Children First",
    "until": date(2027, 2, 27),
}


class TestAddresses:
    @pytest.mark.parametrize(
        "typed",
        ["07700900123", "07700 900 123", "+44 7700 900123", "+44 (0)7700 900123", "0044-7700-900123", "7700900123",
         "(07700) 900.123", " 447700900123 "],
    )  # fmt: skip
    def test_a_mobile_number_is_read_however_it_is_written(self, typed: str) -> None:
        assert read_address("text", typed) == "+447700900123"

    @pytest.mark.parametrize(
        "typed",
        ["", "01905 763763", "0770090012", "077009001234", "07000 900123", "07600 900123", "+33 6 12 34 56 78", "07700 90012x",
         "sam@example.org", "07700900123;07700900124", "\u0660\u0667\u0667\u0660\u0660\u0669\u0660\u0660\u0661\u0662\u0663"],
    )  # fmt: skip
    def test_what_is_no_mobile_number_is_none(self, typed: str) -> None:
        assert read_address("text", typed) is None

    def test_a_mail_address_stays_as_it_was_written(self) -> None:
        assert read_address("email", " Sam.O'Neill@example.org ") == "Sam.O'Neill@example.org"
        for typed in ("sam", "sam@", "sam@example", "a b@example.org", "sam@example.org\r\nBcc: x@y.uk", "07700900123"):
            assert read_address("email", typed) is None

    def test_a_hint_tells_a_slip_and_no_address(self) -> None:
        assert hint_of("text", "+447700900123") == "•••123"
        assert hint_of("email", "jo.bloggs@example.org") == "j•••@…"


class TestWords:
    @pytest.mark.parametrize("number", [0, 1, 2])
    def test_a_text_message_in_english_is_one_message_with_its_link_and_its_name(self, number: int) -> None:
        words = message_words(partial(STRINGS.say, "en"), "text", number, LINKS, **ABOUT).body
        print(f"{length(words)} of {ONE_TEXT}: {words}")  # noqa: T201 - shown by pytest -s
        assert length(words) <= ONE_TEXT
        assert words.startswith("Worcs Children First")
        assert LINKS.survey in words
        assert f"loop.worcestershire.gov.uk/s/no/{'a' * 13}" in words

    def test_a_name_that_does_not_fit_is_left_out(self) -> None:
        about = {**ABOUT, "signed": None}
        words = message_words(partial(STRINGS.say, "en"), "text", 0, LINKS, **about).body
        assert "Worcestershire Children First" not in words
        assert length(words) <= ONE_TEXT

    @pytest.mark.parametrize("language", ["en", "cy", "ur"])
    @pytest.mark.parametrize("channel", ["email", "text"])
    @pytest.mark.parametrize("number", [0, 1])
    def test_every_message_has_its_link_and_a_way_to_say_no(self, language: str, channel: Any, number: int) -> None:
        words = message_words(partial(STRINGS.say, language), channel, number, LINKS, **ABOUT)
        assert LINKS.survey in words.body
        assert LINKS.no_typed in words.body
        assert bool(words.subject) == (channel == "email")
        if channel == "text":
            assert parts(words.body) <= 3

    def test_signs_are_counted_as_telephones_count_them(self) -> None:
        assert length("a€b") == 4
        assert length("ś") == 1
        assert length("😀") == 2
        assert [parts("a" * n) for n in (160, 161, 306, 307)] == [1, 2, 2, 3]
        assert [parts("ś" * n) for n in (70, 71, 134, 135)] == [1, 2, 2, 3]

    def test_every_language_has_the_same_places_in_its_words(self) -> None:
        english = json.loads((WORDS / "en.json").read_text())
        mine = [key for key in english if key.startswith(("message.", "no.", "contact.", "done.contact"))]
        for path in WORDS.glob("*.json"):
            words = json.loads(path.read_text())
            for key in mine:
                if key in words:
                    assert _places(words[key]) == _places(english[key]), (path.stem, key)


def _places(text: str) -> set[str]:
    return {part.partition("}")[0] for part in text.split("{")[1:]}


class TestReminders:
    def test_they_are_due_on_their_days_and_two_at_most(self) -> None:
        first = date(2026, 11, 2)
        assert due_reminder(first, first, 0, (10, 20), date(2026, 11, 11)) is None
        assert due_reminder(first, first, 0, (10, 20), date(2026, 11, 12)) == 1
        assert due_reminder(first, date(2026, 11, 12), 1, (10, 20), date(2026, 11, 21)) is None
        assert due_reminder(first, date(2026, 11, 12), 1, (10, 20), date(2026, 11, 22)) == 2
        assert due_reminder(first, date(2026, 11, 22), 2, (10, 20), date(2027, 11, 22)) is None
        assert due_reminder(first, first, 0, (), date(2027, 1, 1)) is None

    def test_after_a_standstill_the_second_keeps_its_distance(self) -> None:
        first, late = date(2026, 11, 2), date(2026, 12, 1)
        assert due_reminder(first, first, 0, (10, 20), late) == 1
        assert due_reminder(first, late, 1, (10, 20), date(2026, 12, 10)) is None
        assert due_reminder(first, late, 1, (10, 20), date(2026, 12, 11)) == 2

    def test_nothing_goes_out_at_night_at_weekends_and_on_bank_holidays(self) -> None:
        rules = Messages()
        calendar = WorkingDays.load()
        for moment, goes in (
            ("2026-12-04T08:59", False), ("2026-12-04T09:00", True), ("2026-12-04T16:59", True), ("2026-12-04T17:00", False),
            ("2026-12-05T12:00", False), ("2026-12-25T12:00", False), ("2026-07-06T08:30", True),
        ):  # fmt: skip
            assert rules.may_send(datetime.fromisoformat(moment).replace(tzinfo=UTC), calendar) == goes, moment


class TestProfile:
    def test_both_profiles_offer_to_contact_and_say_who(self, profile: FeedbackProfile) -> None:
        contact = profile.families.contact
        assert contact is not None
        send = contact.caller("send", None)
        assert send is not None
        assert "SEND" in send.who["en"]
        other = contact.caller("safeguarding", None)
        assert other is not None
        assert other is not send


class TestTokens:
    def test_both_lengths_open_a_survey_and_a_no_token_is_none_of_them(self) -> None:
        assert links.is_token(links.new_token())
        assert links.is_token(links.new_token(short=True))
        assert not links.is_token("a" * 27)
        assert not links.is_token("a" * 13)
        assert links.is_no_token("a" * 13)


class TestSettings:
    KEY = "loop-26785a09-ab16-4eb0-8407-a37497a57506-3d844edf-8d35-48ac-975b-e847b4f122b0"

    @pytest.fixture(autouse=True)
    def around(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("DATABASE_URL", "IDENTITY_KEYS", "SECRET_KEY_FILE"):
            monkeypatch.setenv(f"LOOP_{name}", "/x")

    def test_what_text_messages_need_is_said(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LOOP_TEXT_TRANSPORT", "notify")
        with pytest.raises(SettingsError) as caught:
            FeedbackWorkerSettings.load()
        assert "LOOP_TEXT_NOTIFY_TEMPLATE" in str(caught.value)
        assert "LOOP_TEXT_NOTIFY_API_KEY (or LOOP_MAIL_NOTIFY_API_KEY)" in str(caught.value)

    def test_a_key_that_is_none_is_said_without_repeating_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LOOP_TEXT_NOTIFY_API_KEY", "secret-thing")
        with pytest.raises(SettingsError) as caught:
            FeedbackWorkerSettings.load()
        assert "LOOP_TEXT_NOTIFY_API_KEY" in str(caught.value)
        assert "secret-thing" not in str(caught.value)

    def test_the_carriers_are_those_that_are_set(self, monkeypatch: pytest.MonkeyPatch) -> None:
        nobody = carriers_of(FeedbackWorkerSettings.load())
        assert nobody["email"].closed_because
        assert nobody["text"].closed_because == "not sent: no text message is configured"
        monkeypatch.setenv("LOOP_TEXT_TRANSPORT", "notify")
        monkeypatch.setenv("LOOP_TEXT_NOTIFY_TEMPLATE", "f33517ff-2a88-4f6e-b855-c550268ce08a")
        monkeypatch.setenv("LOOP_MAIL_NOTIFY_API_KEY", self.KEY)
        texts = carriers_of(FeedbackWorkerSettings.load())
        assert texts["text"].closed_because is None
        assert texts["text"].tells
