"""What changed between two contents of a questionnaire, in words, and what follows: new wording, or a new version."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from feedback.domain.profile_check import shape
from feedback.domain.questionnaire import Question
from feedback.domain.wordings import Content, Wording, wordings
from feedback.domain.words import ENGLISH

KINDS = {
    "one": "one answer of several",
    "several": "several answers",
    "scale": "a scale",
    "star": "stars",
    "text": "free text",
    "date": "a day",
}
_SHORT = 70  # characters of a text that stand in a list of changes
_SETTINGS = {"name": "Name", "audience": "Audience", "about": "What it is about"}


def meaning(question: Question) -> object:
    """What must stay for answers to be counted with the earlier ones: another meaning needs another version.

    More than the shape that a version keeps: what counts as favourable too. Order of answers and wording may change; which
    answers are a worry, themes and pictures count nothing.
    """
    return shape(question), tuple(sorted(question.positive)), question.scale and question.scale.positive_from


def needs_version(before: Sequence[Question], after: Sequence[Question]) -> bool:
    """Whether questions differ in more than wording, so that they are a new version."""
    return [meaning(each) for each in before] != [meaning(each) for each in after]


def changes(before: Content | None, after: Content) -> list[str]:
    """Every change in words, whole ones first, then question by question. Without `before` all is new."""
    if before is None:
        return [f"New questionnaire with {_several(len(after['questions']), 'question')}."]
    return [*_settings(before, after), *_questions(before, after), *_wordings(before, after)]


def _settings(before: Content, after: Content) -> Iterator[str]:
    for name, words in _SETTINGS.items():
        if before[name] != after[name]:
            yield f"{words}: “{_short(before[name])}” is now “{_short(after[name])}”."
    yield from _gained("Languages", before["languages"], after["languages"])
    if before["languages"] != after["languages"] and set(before["languages"]) == set(after["languages"]):
        yield f"The first language is now {after['languages'][0]}."
    yield from _gained("Translations that a fluent speaker has still to read", before["needs_review"], after["needs_review"])


def _questions(before: Content, after: Content) -> Iterator[str]:
    old = {each["code"]: each for each in before["questions"]}
    new = {each["code"]: each for each in after["questions"]}
    for number, each in enumerate(after["questions"], 1):
        if each["code"] not in old:
            yield f"New question {number}, {KINDS[each['kind']]}: “{_short(each['text'][ENGLISH])}”."
    for code, each in old.items():
        if code not in new:
            yield f"Removed: “{_short(each['text'][ENGLISH])}”. Its trend ({code}) ends."
    order = [code for code in old if code in new]
    if order != [code for code in new if code in old]:
        yield "The questions stand in another order."
    for number, each in enumerate(after["questions"], 1):
        if each["code"] in old:
            for words in _question(old[each["code"]], each):
                yield f"Question {number}: {words}"


def _question(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    if before["kind"] != after["kind"]:
        yield f"it asks for {KINDS[after['kind']]}, before for {KINDS[before['kind']]}."
    if before["required"] != after["required"]:
        yield "it must be answered now." if after["required"] else "it may be skipped now."
    yield from _options(before, after)
    if bool(before["does_not_apply"]) != bool(after["does_not_apply"]):
        yield "“does not apply” can be answered now." if after["does_not_apply"] else "“does not apply” is no answer any more."
    yield from _gained("favourable answers", before["positive"], after["positive"])
    yield from _gained("answers that are a worry", before["worry"], after["worry"])
    yield from _gained("themes", before["themes"], after["themes"])
    yield from _scale(before["scale"], after["scale"])
    if before["show_if"] != after["show_if"]:
        asked = after["show_if"]
        yield f"asked only after {' or '.join(asked['choices'])} to {asked['question']}." if asked else "always asked now."
    if before.get("picture") != after.get("picture"):
        yield f"the picture is now {after.get('picture') or 'none'}."


def _options(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    old = {each["code"]: each["label"][ENGLISH] for each in before["options"]}
    new = {each["code"]: each["label"][ENGLISH] for each in after["options"]}
    for code, label in new.items():
        if code not in old:
            yield f"new answer “{_short(label)}”."
    for code, label in old.items():
        if code not in new:
            yield f"answer “{_short(label)}” removed."
    if [code for code in old if code in new] != [code for code in new if code in old]:
        yield "the answers stand in another order."


def _scale(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> Iterator[str]:
    if before is None or after is None:
        return
    if (before["min"], before["max"]) != (after["min"], after["max"]):
        yield f"the scale goes from {after['min']} to {after['max']}, before from {before['min']} to {before['max']}."
    if before["positive_from"] != after["positive_from"]:
        yield f"favourable from {_or_never(after['positive_from'])}, before from {_or_never(before['positive_from'])}."
    if before["faces"] != after["faces"]:
        yield "faces are shown now." if after["faces"] else "faces are shown no more."


def _wordings(before: Content, after: Content) -> Iterator[str]:
    old = {each.key: each for each in wordings(before)}
    kept = {each["code"] for each in before["questions"]}
    translated: dict[str, int] = {}
    for each in wordings(after):
        was = old.pop(each.key, None)
        if was is None and (each.question is None or each.question in kept) and each.part not in {"option", "does_not_apply"}:
            yield f"{each.where}, new: “{_short(each.english)}”."
        elif was is not None and was.english != each.english:
            yield f"{_place(each)}: “{_short(was.english)}” is now “{_short(each.english)}”."
        for language in {*each.texts, *(was.texts if was else {})} - {ENGLISH}:
            if was is None or was.texts.get(language) != each.texts.get(language):
                translated[language] = translated.get(language, 0) + 1
    left = {each["code"] for each in after["questions"]}
    for gone in old.values():
        if (gone.question is None or gone.question in left) and gone.part not in {"option", "does_not_apply"}:
            yield f"{gone.where} removed: “{_short(gone.english)}”."
    for language in sorted(translated):
        yield f"Translations into {language}: {_several(translated[language], 'text')} changed."


def _place(wording: Wording) -> str:
    """Where a wording stands, without repeating the new label of an answer."""
    return f"{wording.where.partition(':')[0]}, an answer" if wording.part == "option" else wording.where


def _gained(what: str, before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    more, less = [each for each in after if each not in before], [each for each in before if each not in after]
    if more:
        yield f"{what}, added: {', '.join(more)}."
    if less:
        yield f"{what}, taken away: {', '.join(less)}."


def _or_never(score: int | None) -> str:
    return "no score" if score is None else str(score)


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= _SHORT else f"{plain[: _SHORT - 1].rstrip()}…"


def _several(number: int, one: str) -> str:
    return f"{number} {one if number == 1 else one + 's'}"
