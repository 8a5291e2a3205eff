"""The questionnaires that ship, of both profiles: whether anybody can read them, in any of their languages, and answer."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args

import pytest

from chassis import profiles
from chassis.testing.fixtures import ROOT
from feedback.domain.draft_check import EASY_LIMIT, LIMITS, ROOM, TWO_MINUTES
from feedback.domain.profile import FeedbackProfile
from feedback.domain.questionnaire import SECONDS_A_QUESTION, Audience, Question, Questionnaire
from feedback.domain.reading_age import LONG_SENTENCE, read, read_all
from feedback.domain.translations import numbers
from feedback.domain.wordings import Wording, wordings
from feedback.domain.words import ENGLISH

LAYOUT = {"organisation": "organisation.yaml", "questionnaires": "questionnaires/*.yaml", "others": "*.yaml"}
LANGUAGES = ("en", "cy", "pl", "ur", "ar")
READ_BY_A_SPEAKER = frozenset({ENGLISH})
"""Languages whose wording somebody who speaks them has read. The others wait for it, and their files have to say so."""

PRINTED = frozenset({("worcestershire", "new-ehcp"), ("worcestershire", "annual-review"), ("telford-wrekin", "foster-carers")})
"""Worded as councils have printed them for years (shared/domain/feedback.md): whoever reads less well has the easy wording."""

LONG = frozenset({("worcestershire", "annual-review")})
"""Printed with more questions than two minutes are enough for."""

WITHOUT_MORE = frozenset({("telford-wrekin", "my-social-worker")})
"""In force since 2022 without a place to say what it is that makes a child feel unsafe."""

FACTS = frozenset({"carer-kind", "agency", "plan-made", "in-education-or-work", "who", "what-is-better", "what-helped"})
"""Questions about the person, the case, or which of several things: no answer of them is better than another."""

CHILDREN = frozenset({"child", "young-person"})
FEW = 6
"""Questions that a child of five to twelve answers without faces."""

EASY = ("easy", "easy_hint", "easy_intro", "easy_option")
ARABIC = re.compile(r"[\u0600-\u06ff]")
LATIN_WORD = re.compile(r"[A-Za-z]+")
AS_IN_ENGLISH = frozenset({"EHCP"})
"""What letters call it, whatever language a family speaks."""

URDU_ONLY, ARABIC_ONLY = re.compile("[ٹڈڑںےکگچپژہھی]"), re.compile("[كيةىأإ]")


@dataclass(frozen=True, slots=True)
class Shipped:
    """A questionnaire as a profile has it; `file` is the name of its file without the ending."""

    org: str
    file: str
    whole: Questionnaire

    @property
    def key(self) -> tuple[str, str]:
        """Organisation and code."""
        return self.org, self.whole.code

    @property
    def questions(self) -> tuple[Question, ...]:
        """The questions of the newest version."""
        return self.whole.versions[-1].questions

    def wordings(self) -> Iterator[Wording]:
        """Every wording of every version."""
        for version in self.whole.versions:
            content = self.whole.model_dump(mode="json", by_alias=True)
            questions = version.model_dump(mode="json", by_alias=True)["questions"]
            yield from wordings({**content, "questions": questions})


def _shipped() -> Iterator[Shipped]:
    for org in ("worcestershire", "telford-wrekin"):
        folder = profiles.load_folder(ROOT / "profiles" / org, LAYOUT)
        document = folder.document(("organisation", "questionnaires"))
        del document["version"]
        files = folder.parts["questionnaires"]
        assert isinstance(files, tuple)
        for file, each in zip(files, FeedbackProfile.model_validate(document).questionnaires, strict=True):
            yield Shipped(org, file.path.stem, each)


ALL = tuple(_shipped())
every = pytest.mark.parametrize("form", ALL, ids=lambda form: f"{form.org}-{form.whole.code}")


def of_audience(*audiences: str) -> pytest.MarkDecorator:
    """The questionnaires of some audiences."""
    found = [form for form in ALL if form.whole.audience in audiences]
    return pytest.mark.parametrize("form", found, ids=lambda form: f"{form.org}-{form.whole.code}")


class TestSet:
    def test_worcestershire_asks_everybody_whom_it_works_with(self) -> None:
        assert {form.whole.audience for form in ALL if form.org == "worcestershire"} == set(get_args(Audience))

    def test_telford_and_wrekin_asks_children_families_carers_and_care_leavers(self) -> None:
        asked = {form.whole.audience for form in ALL if form.org == "telford-wrekin"}
        assert asked >= {"child", "young-person", "care-leaver", "parent-carer", "foster-carer"}

    def test_a_code_stands_once_in_a_profile_and_is_the_name_of_its_file(self) -> None:
        assert len({form.key for form in ALL}) == len(ALL)
        assert [form.file for form in ALL] == [form.whole.code for form in ALL]


@every
class TestLanguages:
    def test_it_speaks_all_five_and_names_those_that_nobody_has_read(self, form: Shipped) -> None:
        assert form.whole.languages == LANGUAGES
        assert set(form.whole.needs_review) == set(form.whole.languages) - READ_BY_A_SPEAKER

    def test_every_text_has_every_language(self, form: Shipped) -> None:
        texts = [each for each in form.wordings() if each.part not in EASY]
        assert {each.key: set(LANGUAGES) - set(each.texts) for each in texts if set(each.texts) != set(LANGUAGES)} == {}

    def test_no_translation_is_the_english_text(self, form: Shipped) -> None:
        same = [
            f"{each.key} {language}"
            for each in form.wordings()
            for language, text in each.texts.items()
            if language != ENGLISH and text == each.english and re.search(r"[^\W\d]", text)
        ]
        assert same == []

    def test_numbers_are_those_of_the_english_text(self, form: Shipped) -> None:
        other = [
            f"{each.key} {language}: {text}"
            for each in form.wordings()
            for language, text in each.texts.items()
            if numbers(text) != numbers(each.english)
        ]
        assert other == []

    def test_urdu_and_arabic_are_written_in_their_own_letters(self, form: Shipped) -> None:
        for each in form.wordings():
            for language, stranger in (("ur", ARABIC_ONLY), ("ar", URDU_ONLY)):
                text = each.texts.get(language)
                if text is None:
                    continue
                assert ARABIC.search(text), f"{each.key} {language}: {text}"
                as_in_english = AS_IN_ENGLISH | set(LATIN_WORD.findall(each.english))
                assert set(LATIN_WORD.findall(text)) <= as_in_english, f"{each.key} {language}: {text}"
                assert not stranger.search(text), f"{each.key} {language}: {stranger.findall(text)} in {text}"


@every
class TestPlainWords:
    def test_its_sentences_are_for_the_age_of_its_audience(self, form: Shipped) -> None:
        parts = {"title", "intro", "text", "hint", "thank_you"}
        sentences = [each.english for each in form.wordings() if each.part in parts]
        age = read_all(sentences).age
        assert age is not None
        # Short options would lower the figure: they are left out of the whole, and looked at one by one below.
        assert age <= _limit(form) or form.key in PRINTED

    def test_no_wording_stands_out(self, form: Shipped) -> None:
        hard = []
        for each in form.wordings():
            if form.key in PRINTED and each.part not in EASY:
                continue
            found = read(each.english)
            limit = EASY_LIMIT if each.part in EASY else _limit(form)
            if (found.age or 0) > limit + ROOM or found.longest > LONG_SENTENCE:
                hard.append(f"{found.age}: {each.english}")
        assert hard == []

    def test_easy_read_is_there_from_the_introduction_to_the_last_question_and_each_has_a_picture(self, form: Shipped) -> None:
        assert form.whole.easy_intro is not None
        assert [each.code for each in form.questions if each.easy is None or each.picture is None] == []
        easy = [each.english for each in form.wordings() if each.part in EASY and each.part != "easy_option"]
        assert (read_all(easy).age or 0) <= EASY_LIMIT

    def test_it_takes_two_minutes(self, form: Shipped) -> None:
        asked = sum(each.show_if is None for each in form.questions)
        assert asked * SECONDS_A_QUESTION <= TWO_MINUTES or form.key in LONG

    def test_the_number_of_questions_that_it_promises_is_right(self, form: Shipped) -> None:
        if promised := numbers(form.whole.intro[ENGLISH]):
            assert promised == [str(len(form.questions))]


@every
class TestAnswers:
    def test_every_question_can_be_skipped(self, form: Shipped) -> None:
        assert [each.code for each in form.questions if each.required] == []

    def test_something_can_be_answered_that_is_not_favourable(self, form: Shipped) -> None:
        for each in form.questions:
            if each.options:
                assert bool(each.positive) != (each.code in FACTS), each.code
                assert set(each.positive) < each.choices, each.code
            elif each.scale:
                assert each.scale.positive_from is not None
                assert each.scale.min < each.scale.positive_from, each.code

    def test_it_ends_with_room_for_words(self, form: Shipped) -> None:
        assert form.questions[-1].kind == "text" or form.key in (LONG | WITHOUT_MORE | PRINTED)


@of_audience(*CHILDREN)
def test_children_are_asked_what_makes_them_feel_unsafe_and_can_say_what_it_is(form: Shipped) -> None:
    [asked] = [each for each in form.questions if each.worry]
    assert {*asked.worry, *asked.positive} == asked.choices
    more = [
        (each.kind, each.show_if.choices) for each in form.questions if each.show_if and each.show_if.question == asked.code
    ]
    assert more == ([] if form.key in WITHOUT_MORE else [("text", asked.worry)])


def test_what_makes_somebody_feel_unsafe_is_asked_alike_everywhere() -> None:
    # By how people are spoken to: children as children, care leavers as young adults, everybody else politely.
    asked: dict[str, set[tuple[tuple[str, str], ...]]] = {}
    for form in ALL:
        audience = form.whole.audience
        spoken_to = "child" if audience in CHILDREN else audience if audience == "care-leaver" else "adult"
        for each in form.questions:
            if each.code == "feel-unsafe":
                asked.setdefault(spoken_to, set()).add(tuple(each.text.items()))
    assert {name: len(texts) for name, texts in asked.items()} == {"child": 1, "care-leaver": 1, "adult": 1}


@of_audience("child")
def test_children_of_five_to_twelve_have_faces_or_few_questions(form: Shipped) -> None:
    assert any(each.scale and each.scale.faces for each in form.questions) or len(form.questions) <= FEW


def _limit(form: Shipped) -> int:
    # Staff and partners are promised no more than families: one plain English for all.
    return min(LIMITS[form.whole.audience], LIMITS["parent-carer"])
