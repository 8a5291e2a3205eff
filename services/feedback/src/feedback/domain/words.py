"""Texts for families: one wording a language, English always."""

from typing import Annotated, NamedTuple

from pydantic import AfterValidator, StringConstraints

ENGLISH = "en"
LANGUAGE_TAG = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$"

Language = Annotated[str, StringConstraints(pattern=LANGUAGE_TAG, max_length=35)]
"""A language tag (BCP 47), as `en`, `cy` or `pt-BR`."""

Wording = Annotated[str, StringConstraints(min_length=1, max_length=2000)]


def _has_english(texts: dict[str, str]) -> dict[str, str]:
    if ENGLISH not in texts:
        raise ValueError("expected a text in English (en); other languages fall back to it")
    return texts


Texts = Annotated[dict[Language, Wording], AfterValidator(_has_english)]
"""A text by language."""


class Said(NamedTuple):
    """A text and the language that it is in, which is English where the one asked for is missing."""

    text: str
    language: str


def say_easily(easy: dict[str, str] | None, ordinary: dict[str, str], language: str) -> Said:
    """The easy wording where it is in the language of the ordinary one, else that: an understood language comes first."""
    said = say(ordinary, language)
    simple = say(easy, language) if easy else said
    return simple if simple.language == said.language else said


def say(texts: dict[str, str], language: str) -> Said:
    """The text in a language; `cy-GB` falls back to `cy`, everything to English."""
    for candidate in (language, language.partition("-")[0]):
        if candidate in texts:
            return Said(texts[candidate], candidate)
    return Said(texts[ENGLISH], ENGLISH)
