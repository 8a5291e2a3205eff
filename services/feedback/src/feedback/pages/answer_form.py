"""A posted form as an answer to its question."""

import re
from dataclasses import dataclass
from datetime import date

from starlette.requests import Request

from chassis.pages import Form
from feedback.domain.answers import NOT_APPLICABLE, SKIP, TEXT_LIMIT, Answer, Wrong, fault
from feedback.domain.questionnaire import DOES_NOT_APPLY, Question

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_BRITISH = re.compile(r"(\d{1,2})[\s/.-]+(\d{1,2})[\s/.-]+(\d{4})")
_NUMBER = re.compile(r"\d{1,4}")
# Signs that nobody sees and HTML may not hold: control characters but line end and tab, and code points that are no characters.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Typed:
    """What came in: the fields as they were typed, to be shown again, and the answer or what is wrong with it."""

    values: tuple[str, ...]
    answer: Answer
    wrong: str | None = None


def read_answer(question: Question, form: Form) -> Typed:
    """The answer in a form. An empty form, or the button `skip`, skips the question.

    `wrong` is the slug of an error message.
    """
    values = _values(question, form)
    if form.get("skip"):
        values = ()
    answer, wrong = _answer(question, form, values)
    if wrong is None and (found := fault(question, answer)):
        wrong = _slug(question, found)
    return Typed(values, answer, wrong)


def _values(question: Question, form: Form) -> tuple[str, ...]:
    if question.kind == "text":
        words = _seen(form.get("answer", ""))
        return (words,) if words.strip() else ()
    if question.kind == "date" and "answer-day" in form:
        parts = tuple(_seen(form.text(f"answer-{part}")) for part in ("day", "month", "year"))
        return parts if any(parts) else ()
    return tuple(_seen(value).strip() for value in form.all("answer") if _seen(value).strip())


def _seen(value: str) -> str:
    return _UNSEEN.sub("", value)


def _answer(question: Question, form: Form, values: tuple[str, ...]) -> tuple[Answer, str | None]:
    if question.does_not_apply is not None and (form.get("does_not_apply") or DOES_NOT_APPLY in values):
        others = [value for value in values if value != DOES_NOT_APPLY]
        return NOT_APPLICABLE, "both" if others and not form.get("skip") else None
    if not values:
        return SKIP, None
    match question.kind:
        case "one" | "several":
            return Answer("answered", choices=tuple(dict.fromkeys(values))), None
        case "scale" | "star":
            number = int(values[0]) if len(values) == 1 and _NUMBER.fullmatch(values[0]) else None
            return Answer("answered", score=number), None
        case "text":
            return Answer("answered", text=values[0].strip()), None
        case "date":
            return Answer("answered", day=_day(values)), None


def _day(values: tuple[str, ...]) -> date | None:
    joined = "-".join(values)
    if found := _ISO.fullmatch(joined):
        year, month, day = map(int, found.groups())
    elif found := _BRITISH.fullmatch(joined):
        day, month, year = map(int, found.groups())
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _slug(question: Question, found: Wrong) -> str:
    if found.slug == "required" and question.kind in {"text", "date"}:
        return "required-words"
    return found.slug


def too_long_by(typed: Typed) -> int:
    """By how many characters a text is too long."""
    return max(0, len(typed.answer.text or "") - TEXT_LIMIT)


def error_words(request: Request, language: str, typed: Typed, slug: str) -> str:
    """What is wrong with an answer, in the words of a language."""
    said: str = request.app.state.pages.strings.say(language, f"error.{slug}", over=too_long_by(typed), limit=TEXT_LIMIT)
    return said
