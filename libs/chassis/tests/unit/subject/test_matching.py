import pytest

from chassis.subject.matching import Asked, Matcher, uuids


def found(text: str, **asked: tuple[str, ...]) -> str:
    return Matcher(Asked(**asked)).in_text(text)


class TestNames:
    @pytest.mark.parametrize(
        "text",
        ["Sam Réed", "REED, Sam", "Mr Sam O. Reed", "sam's mother, Mrs Reed", "Ask Sam (Reed)", "Sam Rose Mary Ann Reed"],
    )
    def test_all_words_of_a_name_near_each_other_are_it(self, text: str) -> None:
        assert found(text, names=("Sam Reed",)) == "the name"

    @pytest.mark.parametrize(
        "text",
        ["Sam Reeder", "Samantha Reed", "Sam went to the shop and there met a boy called Reed", "Reed", ""],
    )
    def test_a_part_of_it_or_far_apart_is_not(self, text: str) -> None:
        assert found(text, names=("Sam Reed",)) == ""

    def test_accents_apostrophes_and_titles_make_no_difference(self) -> None:
        assert found("Zoë O'Neil was there", names=("Ms Zoe ONeil",)) == "the name"

    def test_a_name_of_one_word_is_that_word(self) -> None:
        assert found("It was Sam.", names=("Sam",)) == "the name"
        assert found("The same.", names=("Sam",)) == ""

    def test_nothing_but_titles_and_initials_is_no_name(self) -> None:
        assert not Matcher(Asked(names=("Mr J",)))


class TestContacts:
    @pytest.mark.parametrize("text", ["ring 01905 555 123", "+44 1905 555123", "tel (01905) 555-123."])
    def test_a_number_is_known_however_it_is_written(self, text: str) -> None:
        assert found(text, contacts=("01905 555123",)) == "the telephone number"

    def test_a_number_in_a_longer_one_is_another(self) -> None:
        assert found("01905 5551234", contacts=("01905 555123",)) == ""

    def test_mail_and_postcode_are_found_without_spaces_and_capitals(self) -> None:
        assert found("WR5 2NP", contacts=("wr52np",)) == "the address or e-mail"
        assert found("Write to SAM@Example.org", contacts=("sam@example.org",)) == "the address or e-mail"


class TestReferences:
    def test_a_reference_is_no_piece_of_a_longer_number(self) -> None:
        assert found("case LAC-7, of May", references=("lac-7",)) == "the reference"
        assert found("case LAC-77", references=("lac-7",)) == ""


class TestValues:
    def test_members_of_one_thing_are_read_together(self) -> None:
        matcher = Matcher(Asked(names=("Sam Reed",)))
        assert matcher.in_value({"first": "Sam", "last": "Reed"}) == "the name"
        assert matcher.in_value([{"note": None}, {"people": ["Kim", "Sam Reed"]}]) == "the name"
        assert matcher.in_value({"a": 1, "b": None}) == ""


def test_what_is_no_id_is_left_out() -> None:
    ident = "01a22be1-39f9-7338-8f26-adb382f208af"
    assert [str(each) for each in uuids(("x", ident))] == [ident]
