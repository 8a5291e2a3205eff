"""Answers in words: the questions of the version that was answered, and the labels of what was chosen, in English.

What was answered is kept by the codes of the questionnaire; its texts stand in the profiles, which are kept for good.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text

from chassis.days import day_words
from chassis.subject.wording import Reader, member, named, of_organisation
from chassis.subject.wording import reader as by_lists
from chassis.unit_of_work import Transaction

_OF = text(
    """
    select questionnaire, version, language from response where org = :org and id = :id
    union all select questionnaire, null, language from invitation where org = :org and id = :id
    union all select questionnaire, null, null from call where org = :org and id = :id
    union all select r.questionnaire, r.version, r.language from concern c
      join response r on r.org = c.org and r.id = c.response_id where c.org = :org and c.id = :id
    limit 1
    """
)
# From the newest profile backwards: its wording is the latest that this version had.
_VERSION = text(
    """
    select q.value ->> 'name' as name, v.value -> 'questions' as questions
      from profile
     cross join jsonb_array_elements(document -> 'questionnaires') as q
     cross join jsonb_array_elements(q.value -> 'versions') as v
     where q.value ->> 'code' = :code
       and (cast(:version as integer) is null or v.value -> 'version' = to_jsonb(cast(:version as integer)))
     order by number desc, (v.value ->> 'version')::integer desc limit 1
    """
)
_STATES = {"skipped": "Not answered", "does-not-apply": "Does not apply", "not-asked": "Not asked"}
_FIXED = {
    "language": {"en": "English", "cy": "Welsh", "pl": "Polish", "ro": "Romanian", "ur": "Urdu", "ar": "Arabic"},
    "response_standing.standing": {"counted": "Counted", "held": "Set aside for now", "left-out": "Left out"},
}
_ANSWERS = frozenset({"response.answers", "draft.answers", "entry.answers"})
_QUESTIONS = frozenset({"response_text.question", "concern.questions", "concern.in_words"})


async def wording(transaction: Transaction, _: str, ident: UUID) -> Reader:
    """How codes of a record of this service are read."""
    found = (await transaction.connection.execute(_OF, {"org": transaction.org, "id": ident})).one_or_none()
    asked: dict[str, Mapping[str, Any]] = {}
    titles: dict[str, str] = {}
    if found is not None:
        names = {"code": found.questionnaire, "version": found.version}
        version = (await transaction.connection.execute(_VERSION, names)).one_or_none()
        if version is not None:
            asked = {each["code"]: each for each in version.questions}
            titles = {found.questionnaire: version.name}
    stars = (await member(transaction, "stars")) or {}
    scales = {each["code"]: each["name"] for kind in stars.get("kinds", ()) for each in kind.get("scales", ())}
    lists = {
        **await of_organisation(transaction),
        **_FIXED,
        "questionnaire": titles,
        "star.kind": named(stars.get("kinds")),
        "star.closed_for": named(stars.get("closed_without")),
    }
    plain = by_lists(lists)

    def read(table: str, column: str, value: Any) -> str | None:
        place = f"{table}.{column}"
        if place in _ANSWERS and isinstance(value, dict):
            return "\n".join(
                f"{question_words(asked, code)}: {answer_words(asked, code, each)}" for code, each in value.items()
            )
        if place in _QUESTIONS:
            codes = value if isinstance(value, list) else [value]
            return "\n".join(question_words(asked, str(code)) for code in codes)
        if place == "star_reading.scores" and isinstance(value, dict):
            return "\n".join(f"{scales.get(code, code)}: {score}" for code, score in value.items())
        return plain(table, column, value)

    return read


def question_words(asked: Mapping[str, Mapping[str, Any]], code: str) -> str:
    """The text of a question; its code where the version is not there any more."""
    return _text(asked[code]["text"]) if code in asked else code


def answer_words(asked: Mapping[str, Mapping[str, Any]], code: str, answer: Any) -> str:
    """What was answered to a question."""
    if not isinstance(answer, dict):
        return str(answer)
    if answer.get("state") in _STATES:
        return _STATES[answer["state"]]
    question = asked.get(code, {})
    labels = {each["code"]: _text(each["label"]) for each in question.get("options") or ()}
    said = [labels.get(each, each) for each in answer.get("choices", ())]
    if answer.get("score") is not None:
        said.append(_score(question.get("scale") or {}, answer["score"]))
    if answer.get("date"):
        said.append(_day(answer["date"]))
    if answer.get("sealed"):
        said.append(answer["sealed"])
    return "; ".join(said) or "In their own words, below"


def _score(scale: Mapping[str, Any], score: int) -> str:
    """A score with its label: 4 of 5 (Happy)."""
    label = next((_text(each["label"]) for each in scale.get("labels") or () if each["score"] == score), "")
    said = f"{score} of {scale['max']}" if "max" in scale else str(score)
    return f"{said} ({label})" if label else said


def _day(value: str) -> str:
    return day_words(date.fromisoformat(value))


def _text(texts: Any) -> str:
    if isinstance(texts, str):
        return texts
    return str(texts.get("en") or next(iter(texts.values()), ""))
