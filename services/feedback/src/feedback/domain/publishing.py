"""What becomes of a working copy when it is published: new wording of the newest version, or a new version from a day on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from chassis.days import day_words
from chassis.errors import DomainError, FieldError, Kind
from feedback.domain.draft import Draft
from feedback.domain.draft_changes import changes, needs_version
from feedback.domain.questionnaire import Questionnaire
from feedback.domain.wordings import Content

Becomes = Literal["nothing", "wording", "version", "new"]
"""Nothing changed; new wording of the newest version; a new version; a questionnaire that was not there."""

_OF_THE_COPY = ("same", "sources")
_AHEAD = 366
"""Days ahead that a version may begin: a later one is forgotten before it begins."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What publishing would do: `version` is the number, `earliest` the first day from which a new version may be asked."""

    becomes: Becomes
    version: int
    earliest: date
    changes: tuple[str, ...]


def plan(draft: Draft, now: Questionnaire | None, today: date) -> Plan:
    """What publishing a working copy would do, beside the questionnaire as it stands."""
    if now is None:
        return Plan("new", 1, today, tuple(changes(None, contents(draft))))
    newest = now.versions[-1]
    told = tuple(changes(content_of(now), contents(draft)))
    if needs_version(newest.questions, draft.questions):
        return Plan("version", newest.version + 1, max(today, newest.from_ + timedelta(days=1)), told)
    same = content_of(now) == contents(draft)
    return Plan("nothing" if same else "wording", newest.version, newest.from_, told)


def publish(draft: Draft, code: str, now: Questionnaire | None, planned: Plan, from_: date, edition: int = 1) -> dict[str, Any]:
    """The questionnaire as its file has it, as an edition. Raises `DomainError` for a day that cannot be."""
    content = contents(draft)
    questions = content.pop("questions")
    versions: list[dict[str, Any]] = []
    if now is not None:
        versions = [each.model_dump(mode="json", by_alias=True) for each in now.versions]
    if planned.becomes == "wording":
        versions[-1]["questions"] = questions
    else:
        _assert_day(from_, planned)
        versions.append({"version": planned.version, "from": from_.isoformat(), "questions": questions})
    return {"code": code, **content, "edition": edition, "versions": versions}


def contents(draft: Draft) -> Content:
    """What families and staff see of a working copy, without its notes."""
    return {name: value for name, value in draft.content().items() if name not in _OF_THE_COPY}


def content_of(questionnaire: Questionnaire) -> Content:
    """The same of a questionnaire's newest version."""
    whole = questionnaire.model_dump(mode="json", by_alias=True)
    questions = whole["versions"][-1]["questions"]
    content = {name: value for name, value in whole.items() if name not in {"code", "versions", "edition"}}
    return {**content, "questions": questions}


def removed(now: Questionnaire | None, draft: Draft) -> Sequence[str]:
    """Codes of questions that the newest version asks and the working copy does not: their trends end."""
    if now is None:
        return ()
    left = {each.code for each in draft.questions}
    return [each.code for each in now.versions[-1].questions if each.code not in left]


def keep_published(
    before: Sequence[Mapping[str, Any]], sent: Sequence[Mapping[str, Any]]
) -> tuple[list[Mapping[str, Any]], tuple[str, ...]]:
    """The questionnaires of a folder that is applied, with what the pages published since in their place, and words of it.

    The higher version stands, and of one version the higher edition: a file that was fetched from the pages, or written anew
    after that, has them. What was published and is in no file goes on too: letters are out with it.
    """
    published = {each["code"]: each for each in before if each.get("edition", 0)}
    result: list[Mapping[str, Any]] = []
    notes = []
    for each in sent:
        own = published.pop(str(each["code"]), None)
        if own is not None and _stands(each) < _stands(own):
            notes.append(f"{_called(own)} The folder has {_which(each)}: {_TAKE.format(code=own['code'])}")
        result.append(own if own is not None and _stands(each) < _stands(own) else each)
    for own in published.values():
        notes.append(f"{_called(own)} No file of the folder has it: {_TAKE.format(code=own['code'])}")
        result.append(own)
    return result, tuple(notes)


_TAKE = "fetch its file from /feedback/questionnaires/{code}/questionnaire.yaml and put it into the folder."


def _stands(questionnaire: Mapping[str, Any]) -> tuple[int, int]:
    return questionnaire["versions"][-1]["version"], questionnaire.get("edition", 0)


def _which(questionnaire: Mapping[str, Any]) -> str:
    version, edition = _stands(questionnaire)
    return f"version {version}, edition {edition}"


def _called(questionnaire: Mapping[str, Any]) -> str:
    return f"'{questionnaire['code']}' stays as the pages published it ({_which(questionnaire)})."


def _assert_day(from_: date, planned: Plan) -> None:
    latest = planned.earliest + timedelta(days=_AHEAD)
    if planned.earliest <= from_ <= latest:
        return
    words = f"Write a day from {day_words(planned.earliest)} to {day_words(latest)}"
    raise DomainError("wrong-day", "Nothing was published.", Kind.MALFORMED, (FieldError("/from", words),))
