"""Reading age: against the examples that are published with the formula, and syllables as a dictionary has them."""

import pytest

from feedback.domain.reading_age import grade, read, read_all, syllables

# Words of our questionnaires and of the published examples.
DICTIONARY = {
    1: "feel views plan weeks asked live makes else choose helps changed care home used place they boy played day saw seen",
    2: "social review being people worker reviewed needed council involved special creature process future grown-ups "
    "listen something happy table going trying safety statement houses uses places carer meeting argued agreed issue value "
    "create equal language question require enjoyed welcome homework likely lonely sometimes unsafe quiet",
    3: "assessment included area idea family provision officer telephone opinions understood reflected contribute relevant "
    "paperwork decisions updated documents somebody created services together easily completely radio previous serious various "
    "period media usual manual guardian continue creative theatre museum video annual languages agreeing",
    4: "aspirations education professional anonymous experience situation usually actually evaluate variety society",
    5: "opportunities experiences individual",
}


@pytest.mark.parametrize("count", DICTIONARY)
def test_words_have_their_syllables(count: int) -> None:
    words = DICTIONARY[count].split()
    assert {word: syllables(word) for word in words} == dict.fromkeys(words, count)


class TestFormula:
    # As the article "Flesch-Kincaid readability tests" of Wikipedia works them out.
    def test_the_platypus_is_of_grade_11_point_3(self) -> None:
        found = read("The Australian platypus is seemingly a hybrid of a mammal and reptilian creature.")
        assert (found.words, found.syllables) == (13, 24)
        assert round(grade(13, 1, 24), 1) == 11.3
        assert found.age == 16.3

    def test_the_cat_is_below_the_first_grade_and_so_read_at_five(self) -> None:
        found = read("The cat sat on the mat.")
        assert (found.words, found.syllables) == (6, 6)
        assert round(grade(6, 1, 6), 2) == -1.45
        assert found.age == 5.0

    def test_the_sentence_that_proves_a_point_has_the_syllables_of_its_reading_ease_of_69(self) -> None:
        found = read("This sentence, taken as a reading passage unto itself, is being used to prove a point.")
        assert round(206.835 - 1.015 * found.words - 84.6 * found.syllables / found.words) == 69


class TestTexts:
    def test_a_few_words_are_not_measured(self) -> None:
        assert read("Very happy").age is None
        assert read("").age is None

    def test_what_makes_a_text_hard_is_named(self) -> None:
        found = read("Did you have opportunities to share your opinions?\nYes")
        assert found.hard == ("opportunities", "opinions")
        assert (found.sentences, found.longest) == (2, 8)

    def test_each_text_ends_a_sentence(self) -> None:
        assert read_all(["How are you?", "Very happy", "A bit sad"]).sentences == 3

    def test_longer_sentences_and_longer_words_read_older(self) -> None:
        plain = read("Did we listen to you? Did we do what you asked?").age
        joined = read("Did we listen to you and did we do what you asked?").age
        longer = read("Did we listen to your opinions and aspirations and did we implement them?").age
        assert plain is not None
        assert joined is not None
        assert longer is not None
        assert plain < joined < longer
