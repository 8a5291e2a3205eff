"""Words in the languages of a page."""

import json
import re
from pathlib import Path

import pytest

from chassis.pages.strings import OWN, Strings, direction


class TestDirection:
    @pytest.mark.parametrize("language", ["ar", "ur", "fa", "he", "ps-AF", "AR"])
    def test_some_languages_run_from_right_to_left(self, language: str) -> None:
        assert direction(language) == "rtl"

    @pytest.mark.parametrize("language", ["en", "pl", "en-GB", "cy", "ro", "arn"])
    def test_others_do_not(self, language: str) -> None:
        assert direction(language) == "ltr"


class TestStrings:
    def test_a_service_adds_words_and_overrides(self, tmp_path: Path) -> None:
        (tmp_path / "en.json").write_text('{"back": "Go back", "greeting": "Hello {name}"}')
        (tmp_path / "pt.json").write_text('{"back": "Voltar"}')
        strings = Strings(tmp_path)
        assert strings.say("en", "greeting", name="Sam") == "Hello Sam"
        assert strings.say("en", "back") == "Go back"
        assert strings.say("pt-BR", "back") == "Voltar"
        assert strings.spoken("pt-BR", "back") == "pt"
        assert strings.say("en", "sign-in") == "Sign in"

    def test_what_a_language_lacks_is_said_in_english(self) -> None:
        strings = Strings()
        assert strings.spoken("ar", "staff.error.not-found.title") == "en"
        assert strings.say("xx", "back") == "Back"

    def test_words_that_nobody_has_read_yet_are_known_by_their_language(self, tmp_path: Path) -> None:
        (tmp_path / "pt.json").write_text('{"_review": "Made by a machine.", "back": "Voltar"}')
        (tmp_path / "so.json").write_text('{"back": "Dib u noqo"}')
        strings = Strings(tmp_path)
        assert "pt" in strings.unread
        assert "so" not in strings.unread
        assert strings.spoken("pt", "_review") == "en"

    def test_a_key_that_nobody_knows_is_a_mistake_of_the_page(self) -> None:
        with pytest.raises(KeyError):
            Strings().say("en", "no-such-key")

    def test_every_language_knows_only_english_keys_and_keeps_their_values(self) -> None:
        words = Strings().languages
        for language, texts in words.items():
            for key, text in texts.items():
                wanted, found = (set(re.findall(r"{(\w+)}", each)) for each in (words["en"][key], text))
                assert found == wanted, f"{language}: {key}"

    def test_every_language_has_every_word_that_a_family_sees(self) -> None:
        words = Strings().languages
        seen = {"skip", "back", "error-prefix", "problem-title", "reference"} | {
            key for key in words["en"] if key.startswith("survey.")
        }
        assert {language: seen - set(texts) for language, texts in words.items() if seen - set(texts)} == {}

    def test_every_language_but_english_knows_the_same_keys(self) -> None:
        keys = {path.stem: set(json.loads(path.read_text("utf-8"))) for path in OWN.glob("*.json") if path.stem != "en"}
        assert len({frozenset(known) for known in keys.values()}) == 1

    def test_every_error_says_what_happened_what_was_kept_and_what_to_do(self) -> None:
        words = Strings().languages["en"]
        errors = {key.rpartition(".")[0] for key in words if ".error." in key}
        assert len(errors) == 20
        for error in errors:
            for part in ("title", "happened", "kept", "next"):
                assert words[f"{error}.{part}"]
