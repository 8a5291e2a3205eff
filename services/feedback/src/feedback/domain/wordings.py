"""The wordings of a questionnaire as a flat list: what a translator is given, a change is told by, and a check looks at.

They work on a questionnaire's content as plain data (as its file has it), so that one way in serves forms, sheets and merges.
A wording's key says where it stands and outlives moving its question: `intro`, `q/listened-to/option/yes`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from feedback.domain.words import ENGLISH

Content = dict[str, Any]
"""A questionnaire's content as its file has it: name, intro, questions and so on."""

_WHOLE = {
    "title": "Heading",
    "intro": "Introduction",
    "easy_intro": "Introduction, easy to read",
    "thank_you": "Thank you",
}
_OF_QUESTION = {
    "text": "question",
    "hint": "hint",
    "easy": "question, easy to read",
    "easy_hint": "hint, easy to read",
    "does_not_apply": "answer “does not apply”",
}


@dataclass(frozen=True, slots=True)
class Wording:
    """One wording: its key, where it stands in words, the question that it belongs to, its part, its texts by language."""

    key: str
    where: str
    question: str | None
    part: str
    texts: Mapping[str, str]

    @property
    def english(self) -> str:
        """The text in English, which is always there."""
        return self.texts[ENGLISH]


def wordings(content: Mapping[str, Any]) -> Iterator[Wording]:
    """Every wording that there is, in the order in which families meet them."""
    for name in ("title", "intro", "easy_intro"):
        if content.get(name):
            yield Wording(name, _WHOLE[name], None, name, content[name])
    for number, question in enumerate(content["questions"], 1):
        yield from _of_question(number, question)
    yield Wording("thank_you", _WHOLE["thank_you"], None, "thank_you", content["thank_you"])


def _of_question(number: int, question: Mapping[str, Any]) -> Iterator[Wording]:
    code = question["code"]
    for name, words in _OF_QUESTION.items():
        if question.get(name):
            yield Wording(f"q/{code}/{name}", f"Question {number}: {words}", code, name, question[name])
    for option in question["options"]:
        label = option["label"]
        where = f"Question {number}: answer “{label[ENGLISH]}”"
        yield Wording(f"q/{code}/option/{option['code']}", where, code, "option", label)
        if option.get("easy"):
            easy = f"q/{code}/option/{option['code']}/easy"
            yield Wording(easy, f"{where}, easy to read", code, "easy_option", option["easy"])
    for each in (question["scale"] or {}).get("labels", ()):
        yield Wording(
            f"q/{code}/score/{each['score']}", f"Question {number}: score {each['score']}", code, "score", each["label"]
        )


def put(content: Content, key: str, language: str, text: str) -> None:
    """Set a wording in a language, in place; an empty text takes a translation away. Raises KeyError."""
    found = next((each for each in wordings(content) if each.key == key), None)
    if found is None:
        raise KeyError(key)
    texts = found.texts
    if not isinstance(texts, dict):
        raise TypeError(key)
    if text:
        texts[language] = text
    elif language != ENGLISH:
        texts.pop(language, None)
