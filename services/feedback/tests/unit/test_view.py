"""What the survey's templates show."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.calendar import WorkingDays
from chassis.days import british_day
from chassis.pages.phones import phone, with_phones
from feedback import pages
from feedback.domain import worry_clock
from feedback.domain.profile import FeedbackProfile
from feedback.domain.words import say, say_easily
from feedback.domain.worry_profile import ReadingHours
from feedback.pages.view import choices, minutes, read_next, sentences

HOURS = ReadingHours()
WORDS = Path(str(pages.__file__)).parent / "words"


class TestPhones:
    def test_numbers_can_be_tapped_and_nothing_else_is_trusted(self) -> None:
        shown = with_phones("Call 999 or 0800 1111 <now>, not 5 or A1 2.")
        assert str(shown) == (
            'Call <a href="tel:999" dir="ltr">999</a> or <a href="tel:08001111" dir="ltr">0800 1111</a> &lt;now&gt;, '
            "not 5 or A1 2."
        )

    def test_a_number_of_a_profile_cannot_break_out(self) -> None:
        assert "<script" not in str(phone('"><script>1'))


class TestWords:
    def test_a_language_falls_back_to_its_parent_and_to_english(self) -> None:
        texts = {"en": "Yes", "cy": "Ie"}
        assert say(texts, "cy-GB") == ("Ie", "cy")
        assert say(texts, "ur") == ("Yes", "en")

    def test_a_survey_takes_a_minute_at_least(self) -> None:
        assert [minutes(count) for count in (1, 4, 5, 8, 12)] == [1, 1, 2, 2, 3]


class TestWhoReadsWhen:
    @given(st.datetimes(datetime(2022, 1, 1), datetime(2027, 12, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - the strategy adds it
    def test_a_family_is_promised_what_the_clock_of_the_duty_team_says(self, moment: datetime) -> None:
        clock, promised = worry_clock.start(moment, HOURS, WorkingDays.load()), read_next(HOURS, moment)
        if promised["key"] == "done.read.today":
            assert clock.read_from == moment
            assert promised["words"] == {"until": "17:00"}
        else:
            day = british_day(clock.read_from)
            assert promised["words"] == {"day": f"{day.day}/{day.month}/{day.year}", "from": "09:00"}


class TestWordsOfThePages:
    @pytest.mark.parametrize("language", ["cy", "pl", "ur", "ar"])
    def test_every_language_says_all_of_it_and_fills_in_the_same_values(self, language: str) -> None:
        english, other = (json.loads((WORDS / f"{each}.json").read_text()) for each in ("en", language))
        assert other.pop("_review"), "a language that somebody has read is told apart here, and in docs/guides/surveys.md"
        assert list(other) == list(english)
        fields = re.compile(r"{\w+}")
        assert [key for key in english if set(fields.findall(english[key])) != set(fields.findall(other[key]))] == []

    def test_there_is_no_other_language(self) -> None:
        assert {path.stem for path in WORDS.glob("*.json")} == {"en", "cy", "pl", "ur", "ar"}


class TestEasyRead:
    def test_an_understood_language_comes_before_easy_words(self) -> None:
        ordinary, easy = {"en": "Were you involved?", "pl": "Czy brano udział?"}, {"en": "Could you join in?"}
        assert say_easily(easy, ordinary, "en") == ("Could you join in?", "en")
        assert say_easily(easy, ordinary, "pl") == ("Czy brano udział?", "pl")
        assert say_easily(easy, ordinary, "cy") == ("Could you join in?", "en")
        assert say_easily(None, ordinary, "pl") == ("Czy brano udział?", "pl")

    @pytest.mark.parametrize(
        "words",
        [
            "Did they listen? Tell us.",
            "A wrandawodd pawb? Dywedwch.",
            "هل استمعوا إليك؟ أخبرنا.",
            "کیا انہوں نے سنا؟ ہمیں بتائیں۔",
        ],
    )
    def test_each_idea_stands_on_a_line_of_its_own(self, words: str) -> None:
        assert len(sentences(words)) == 2
        assert " ".join(sentences(words)) == words

    def test_a_glad_face_stands_beside_what_is_good_and_never_beside_a_worry(self, profile: FeedbackProfile) -> None:
        for survey in profile.questionnaires:
            for question in survey.versions[-1].questions:
                faces = {choice.value: choice.face for choice in choices(question, "en", (), young=True)}
                if question.positive != ("yes",):
                    assert set(faces.values()) <= {None}, question.code
                elif set(faces) == {"yes", "sometimes", "no"}:
                    assert faces == {"yes": 5, "sometimes": 3, "no": 1}
                    assert "yes" not in question.worry
