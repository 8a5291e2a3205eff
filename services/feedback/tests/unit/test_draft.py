"""Working copies: what changed, what follows from it, and what is to be said of them. No database."""

from copy import deepcopy
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.errors import DomainError
from chassis.profiles import parse_yaml
from chassis.testing.fixtures import ROOT
from feedback.adapters.questionnaire_yaml import file_of
from feedback.domain import draft as drafts
from feedback.domain.draft import Draft
from feedback.domain.draft_changes import changes
from feedback.domain.draft_check import check_draft, undecided
from feedback.domain.draft_merge import merge
from feedback.domain.profile import FeedbackProfile
from feedback.domain.publishing import content_of, contents, plan, publish
from feedback.domain.questionnaire import Questionnaire
from feedback.domain.translations import standing
from feedback.domain.wordings import put, wordings

TODAY = date(2026, 11, 29)
THEMES = {"voice-of-the-child", "strengths-and-relationships"}


@pytest.fixture
def living(profile: FeedbackProfile) -> Questionnaire:
    """The children's survey."""
    found = profile.questionnaire("living-where-i-live")
    assert found is not None
    return found


@pytest.fixture
def letters(profile: FeedbackProfile) -> Questionnaire:
    """The parents' survey, which is translated into Welsh."""
    found = profile.questionnaire("new-ehcp")
    assert found is not None
    return found


def edited(draft: Draft, change: Any) -> Draft:
    """A draft after a change of its plain content, as a save makes it."""
    content = draft.content()
    change(content)
    return drafts.follow(draft, drafts.parse(content))


def reworded(draft: Draft, key: str, text: str, language: str = "en") -> Draft:
    return edited(draft, lambda content: put(content, key, language, text))


class TestPlan:
    def test_nothing_changed_is_nothing_to_publish(self, living: Questionnaire) -> None:
        assert plan(drafts.begin(living, {}), living, TODAY).becomes == "nothing"

    def test_other_words_stay_in_the_version(self, living: Questionnaire) -> None:
        draft = reworded(drafts.begin(living, {}), "q/listened-to/text", "Do grown-ups listen to you?")
        planned = plan(draft, living, TODAY)
        assert (planned.becomes, planned.version) == ("wording", 1)
        assert planned.changes == (
            "Question 2: question: “Do the grown-ups listen to you?” is now “Do grown-ups listen to you?”.",
        )
        made = Questionnaire.model_validate(publish(draft, living.code, living, planned, TODAY))
        assert (made.edition, len(made.versions), made.versions[0].from_) == (1, 1, date(2022, 4, 1))

    @pytest.mark.parametrize(
        "change",
        [
            lambda content: content["questions"][1]["options"].pop(1),
            lambda content: content["questions"][0]["scale"].update(positive_from=3),
            lambda content: content["questions"][1].update(positive=["yes", "sometimes"]),
            lambda content: content["questions"].pop(1),
            lambda content: content["questions"].reverse(),
            lambda content: content["questions"][1].update(does_not_apply={"en": "Not for me"}),
        ],
    )
    def test_what_is_counted_otherwise_is_a_new_version_from_a_day_on(self, living: Questionnaire, change: Any) -> None:
        draft = edited(drafts.begin(living, {}), change)
        planned = plan(draft, living, TODAY)
        assert (planned.becomes, planned.version, planned.earliest) == ("version", 2, TODAY)
        made = Questionnaire.model_validate(publish(draft, living.code, living, planned, TODAY))
        assert [each.version for each in made.versions] == [1, 2]
        assert made.versions[0] == living.versions[0]
        for day in (date(2026, 11, 28), date(2028, 1, 1)):
            with pytest.raises(DomainError, match="wrong-day"):
                publish(draft, living.code, living, planned, day)

    def test_a_version_begins_after_the_one_before(self, living: Questionnaire) -> None:
        draft = edited(drafts.begin(living, {}), lambda content: content["questions"].pop(1))
        second = Questionnaire.model_validate(publish(draft, living.code, living, plan(draft, living, TODAY), TODAY))
        again = edited(drafts.begin(second, {}), lambda content: content["questions"].pop(0))
        assert plan(again, second, TODAY).earliest == date(2026, 11, 30)

    def test_a_worry_more_is_no_new_version(self, living: Questionnaire) -> None:
        draft = edited(drafts.begin(living, {}), lambda content: content["questions"][1].update(worry=["no"]))
        assert plan(draft, living, TODAY).becomes == "wording"


class TestTranslations:
    def test_a_translation_of_changed_english_is_known_as_older_until_it_is_changed_or_confirmed(
        self, letters: Questionnaire
    ) -> None:
        before = drafts.begin(letters, {})
        key = "q/involved-in-assessment/text"
        draft = reworded(before, key, "Could you say what you think in the assessment?")
        assert standing(draft, "cy").older == (key,)
        assert draft.sources[key]["cy"] == letters.versions[0].questions[0].text["en"]
        assert standing(reworded(draft, key, "Newydd", "cy"), "cy").older == ()
        assert standing(drafts.confirm(draft, "cy", [key]), "cy").older == ()
        # The note outlives publishing, and ends where the English is as it was.
        again = drafts.begin(letters, draft.sources)
        assert standing(again, "cy").older == (key,)
        assert standing(reworded(draft, key, letters.versions[0].questions[0].text["en"]), "cy").older == ()

    def test_missing_and_untranslated_texts_and_other_numbers_are_found(self, letters: Questionnaire) -> None:
        draft = drafts.begin(letters, {})
        assert standing(draft, "cy").missing == ()
        assert standing(draft, "so").done == 0
        draft = reworded(draft, "intro", "Mae 9 cwestiwn", "cy")
        draft = reworded(draft, "thank_you", draft.thank_you["en"], "cy")
        assert standing(draft, "cy").numbers == ("intro",)
        assert standing(draft, "cy").untranslated == ("thank_you",)

    def test_a_number_in_other_digits_is_the_same_number(self, letters: Questionnaire) -> None:
        draft = reworded(drafts.begin(letters, {}), "intro", "۸ سوالات", "ur")
        assert standing(draft, "ur").numbers == ()


class TestCheck:
    def test_what_ships_can_be_published(self, profile: FeedbackProfile) -> None:
        themes = {theme.code for theme in profile.organisation.themes}
        for each in profile.questionnaires:
            assert check_draft(drafts.begin(each, {}), each.code, each, themes).errors == ()

    def test_branching_on_a_removed_question_stops(self, living: Questionnaire) -> None:
        draft = drafts.remove_question(drafts.begin(living, {}), "feel-unsafe")
        found = check_draft(draft, living.code, living, THEMES)
        assert [(each.question, each.where) for each in found.errors] == [("tell-us-more", "show-if")]
        words = [each.words for each in found.warnings]
        assert any("(feel-unsafe) ends" in each for each in words)
        assert any("No question asks a child whether they are safe" in each for each in words)

    def test_a_question_moved_before_what_it_branches_on_stops(self, living: Questionnaire) -> None:
        draft = drafts.move_question(drafts.begin(living, {}), "tell-us-more", -1)
        assert [each.question for each in check_draft(draft, living.code, living, THEMES).errors] == ["tell-us-more"]

    def test_another_question_under_the_old_code_is_asked_about_until_somebody_decides(self, living: Questionnaire) -> None:
        draft = reworded(drafts.begin(living, {}), "q/listened-to/text", "Is your school nice?")
        assert undecided(draft, living) == ["listened-to"]
        assert [each.area for each in check_draft(draft, living.code, living, THEMES).errors] == ["meaning"]
        same = draft.model_copy(update={"same": {"listened-to": "Is your school nice?"}})
        assert undecided(same, living) == []
        # What was said of one wording is not said of the next.
        assert undecided(reworded(same, "q/listened-to/text", "Is your bus nice?"), living) == ["listened-to"]
        other, code = drafts.as_another(draft, "listened-to", [])
        assert code == "is-your-school-nice"
        assert undecided(other, living) == []

    def test_long_words_many_questions_and_no_favourable_answer_are_told_and_stop_nothing(self, living: Questionnaire) -> None:
        draft = drafts.begin(living, {})
        hard = "Did you appreciate opportunities to communicate your aspirations to professionals?"
        draft = reworded(draft, "q/listened-to/text", hard).model_copy(update={"same": {"listened-to": hard}})
        for _ in range(6):
            draft, _ = drafts.duplicate_question(draft, "who-helps", ["who-helps-2"])
        draft = edited(draft, lambda content: content["questions"][2].update(positive=[]))
        found = check_draft(draft, living.code, living, THEMES)
        assert found.errors == ()
        words = " ".join(each.words for each in found.warnings)
        assert "“appreciate”, “opportunities”, “communicate” …" in words
        assert "10 questions are asked of everybody: about 2 minutes" in words
        assert "no answer counts as favourable" in words
        assert "who-helps-2" not in [each.code for each in draft.questions]

    def test_easy_words_that_stayed_when_the_words_changed_are_pointed_out(self, living: Questionnaire) -> None:
        draft = reworded(drafts.begin(living, {}), "q/listened-to/text", "Do grown-ups listen to you now?")
        warnings = [each for each in check_draft(draft, living.code, living, THEMES).warnings if each.where == "easy"]
        assert [(each.question, "easy words are the old ones" in each.words) for each in warnings] == [("listened-to", True)]
        draft = reworded(draft, "q/listened-to/easy", "Do they listen now?")
        assert not [each for each in check_draft(draft, living.code, living, THEMES).warnings if each.where == "easy"]

    def test_a_draft_without_questions_says_so(self, living: Questionnaire) -> None:
        draft = drafts.begin(living, {}).model_copy(update={"questions": ()})
        assert [each.words for each in check_draft(draft, "x", None, THEMES).errors] == ["There is no question yet."]


class TestMerge:
    def test_changes_in_different_places_all_stand(self, living: Questionnaire) -> None:
        base = content_of(living)
        mine, theirs = deepcopy(base), deepcopy(base)
        put(mine, "q/listened-to/text", "en", "Mine?")
        mine["questions"].append({**deepcopy(base["questions"][1]), "code": "more"})
        put(theirs, "q/listened-to/text", "so", "Theirs?")
        theirs["questions"][2]["options"].pop()
        theirs["name"] = "Where I live"
        merged, clashes = merge(base, mine, theirs)
        assert clashes == ()
        assert merged["name"] == "Where I live"
        assert merged["questions"][1]["text"] == {**base["questions"][1]["text"], "en": "Mine?", "so": "Theirs?"}
        assert len(merged["questions"][2]["options"]) == 5
        assert [each["code"] for each in merged["questions"]][-1] == "more"

    def test_where_both_changed_the_same_the_officers_stands_and_is_named(self, living: Questionnaire) -> None:
        base = content_of(living)
        mine, theirs = deepcopy(base), deepcopy(base)
        put(mine, "intro", "en", "Mine")
        put(theirs, "intro", "en", "Theirs")
        theirs["questions"].pop(1)
        put(mine, "q/listened-to/text", "en", "Mine?")
        merged, clashes = merge(base, mine, theirs)
        assert merged["intro"]["en"] == "Mine"
        assert clashes == ("/intro/en", "/questions/listened-to")
        assert [each["code"] for each in merged["questions"]] == [each["code"] for each in base["questions"]]

    @given(st.data())
    def test_what_one_side_did_not_touch_is_as_the_other_has_it(self, data: st.DataObject) -> None:
        values = st.dictionaries(
            st.sampled_from("abc"), st.integers(0, 3) | st.dictionaries(st.sampled_from("xy"), st.integers(0, 3))
        )
        base, other = data.draw(values), data.draw(values)
        assert merge(base, base, other) == (other, ())
        assert merge(base, other, base) == (other, ())
        assert merge(base, other, other) == (other, ())


_ODD = "yes no 1e3 0x1F 1:30 2022-04-01 ~ null - # a: ' \" {x} [y &a *a = << % ! | > @ `"
TRICKY = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=40) | st.sampled_from(
    _ODD.split()
)


class TestFile:
    def test_every_questionnaire_that_ships_comes_back_as_it_went(self, profile: FeedbackProfile) -> None:
        for each in profile.questionnaires:
            read = parse_yaml(file_of(each.model_dump(mode="json", by_alias=True), "x"), ROOT).data
            assert Questionnaire.model_validate(read) == each

    @settings(max_examples=60, deadline=None)
    @given(TRICKY, TRICKY, TRICKY)
    def test_whatever_somebody_writes_comes_back(self, name: str, text: str, label: str) -> None:
        document: dict[str, Any] = parse_yaml(
            (ROOT / "profiles/worcestershire/questionnaires/living-where-i-live.yaml").read_bytes(), ROOT
        ).data  # type: ignore[assignment]
        document["name"] = name
        question = document["versions"][0]["questions"][1]
        question["text"]["en"] = text
        question["options"][0]["label"]["no"] = label
        made = Questionnaire.model_validate(document)
        read = parse_yaml(file_of(made.model_dump(mode="json", by_alias=True), name), ROOT).data
        assert Questionnaire.model_validate(read) == made


class TestCodes:
    def test_a_code_is_made_of_words_and_is_never_taken(self) -> None:
        assert drafts.slug("Do you feel safe, where you live?") == "do-you-feel-safe-where-you-live"
        assert drafts.slug("???") == "answer"
        assert len(drafts.slug("word " * 40)) <= 60
        assert drafts.free_code("skipped", []) == "skipped-2"
        assert drafts.free_code("yes", ["yes", "yes-2"]) == "yes-3"

    def test_keys_of_wordings_stand_once(self, profile: FeedbackProfile) -> None:
        for each in profile.questionnaires:
            keys = [wording.key for wording in wordings(content_of(each))]
            assert len(keys) == len(set(keys))

    def test_a_new_questionnaire_is_told_in_one_line(self, living: Questionnaire) -> None:
        assert changes(None, contents(drafts.begin(living, {}))) == ["New questionnaire with 5 questions."]
