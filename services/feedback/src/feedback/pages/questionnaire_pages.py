"""Staff pages of the questionnaires: what there is, and each as the family sees it, with what the family does not see."""

from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Request
from starlette.responses import HTMLResponse

from chassis.days import british_day
from chassis.errors import not_found
from chassis.outbox import now
from chassis.pages.strings import Strings
from feedback.domain.questionnaire import Question, Questionnaire, Version
from feedback.domain.words import Said, say, say_easily
from feedback.pages import view
from feedback.pages.links_desk import Desk, Staff, day, desk, language_name, several
from feedback.use_cases.read_publications import being_edited

PATH = "/feedback/questionnaires"
AUDIENCES = {
    "child": "Children, 5 to 12",
    "young-person": "Young people, 13 to 18",
    "care-leaver": "Care leavers",
    "parent-carer": "Parents and carers",
    "foster-carer": "Foster carers",
    "birth-parent": "Birth parents",
    "partner": "Partners",
    "staff": "Staff",
}
_KINDS = {
    "one": "One answer",
    "several": "Several answers",
    "scale": "Scale",
    "star": "Stars",
    "text": "Free text",
    "date": "Date",
}

router = APIRouter(include_in_schema=False)

Code = Annotated[str, Path(max_length=80)]


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is looked at: a questionnaire, one of its versions, in a language, easily or not, in large letters or not.

    `draft`: it is a working copy that nobody has published.
    """

    questionnaire: Questionnaire
    version: Version
    language: str
    easy: bool
    large: bool = False
    draft: bool = False

    @classmethod
    def of(cls, request: Request, questionnaire: Questionnaire, *, draft: bool = False) -> "Chosen":
        """What the address asks for; without it today's version, or the last one, in the first language."""
        wanted = request.query_params.get("version", "")
        version = questionnaire.version(int(wanted)) if wanted.isascii() and wanted.isdecimal() and len(wanted) < 6 else None  # noqa: PLR2004
        version = None if draft else version or questionnaire.in_force(british_day(now()))
        version = version or questionnaire.versions[-1]
        language = questionnaire.language(request.query_params.get("language"))
        easy = version.easy_read and request.query_params.get("easy") == "on"
        return cls(questionnaire, version, language, easy, request.query_params.get("large") == "on", draft)

    def query(self, **more: str) -> str:
        """The same again, for an address."""
        fields = {"version": str(self.version.version), "language": self.language, **({"easy": "on"} if self.easy else {})}
        fields |= {"large": "on"} if self.large else {}
        return urlencode({**fields, **more})

    @property
    def address(self) -> str:
        """The page of all questions."""
        return f"{self._here}?{self.query()}"

    @property
    def _here(self) -> str:
        return f"{PATH}/{self.questionnaire.code}{'/edit' if self.draft else ''}"

    def try_address(self, number: int, given: str = "") -> str:
        """The page of one question, 0 for the start, as the family sees it."""
        return f"{self._here}/try/{number}?{self.query(**({'given': given} if given else {}))}"


def find(at: Desk, request: Request, code: str) -> Chosen:
    """What the address asks for. Raises DomainError for a questionnaire that there is not."""
    questionnaire = at.profile.questionnaire(code)
    if questionnaire is None:
        raise not_found("questionnaire")
    return Chosen.of(request, questionnaire)


@router.get(PATH)
async def listing(request: Request, identity: Staff) -> HTMLResponse:
    """All questionnaires of the organisation."""
    async with desk(request, identity) as at:
        strings: Strings = request.app.state.pages.strings
        used = {language for each in at.profile.questionnaires for language in each.languages}
        return at.show(
            "questionnaires/list.html",
            title="Questionnaires",
            rows=[_row(each) for each in at.profile.questionnaires],
            unread=_names(sorted(strings.unread & used)),
            edited=await being_edited(at.transaction, at.context),
        )


def _row(questionnaire: Questionnaire) -> dict[str, Any]:
    version = questionnaire.in_force(british_day(now()))
    return {
        "href": f"{PATH}/{questionnaire.code}",
        "name": questionnaire.name,
        "audience": AUDIENCES[questionnaire.audience],
        "languages": _names(questionnaire.languages),
        "version": f"Version {version.version}, since {day(version.from_)}" if version else "Not yet in force",
        "questions": several(len((version or questionnaire.versions[0]).questions), "question"),
        "easy": (version or questionnaire.versions[0]).easy_read,
        "review": _names(questionnaire.needs_review),
    }


def _names(languages: Any) -> list[Said]:
    return [Said(language_name(each), each) for each in languages]


@router.get(PATH + "/{code}")
async def preview(request: Request, identity: Staff, code: Code) -> HTMLResponse:
    """Every question of a version in a language, with branching, what opens a worry, and what to read aloud."""
    async with desk(request, identity) as at:
        chosen = find(at, request, code)
        questionnaire, version = chosen.questionnaire, chosen.version
        easy_intro = questionnaire.easy_intro if chosen.easy else None
        return at.show(
            "questionnaires/preview.html",
            title=questionnaire.name,
            chosen=chosen,
            versions=[(each.version, f"{each.version}, from {day(each.from_)}") for each in questionnaire.versions],
            languages=[(each, language_name(each)) for each in questionnaire.languages],
            known=[
                ("For", AUDIENCES[questionnaire.audience]),
                ("Counts by the day of", questionnaire.about),
                ("Still to be read by a fluent speaker", _names(questionnaire.needs_review)),
            ],
            heading=view.heading(questionnaire, chosen.language),
            intro=say_easily(easy_intro, questionnaire.intro, chosen.language),
            thank_you=say(questionnaire.thank_you, chosen.language),
            questions=[_question(request, chosen, each) for each in version.questions],
            tried=request.query_params.get("tried") == "yes",
            edit=f"{PATH}/{code}/edit",
            history=f"{PATH}/{code}/history",
        )


def _question(request: Request, chosen: Chosen, question: Question) -> dict[str, Any]:
    language, easy = chosen.language, chosen.easy
    number = chosen.version.numbers[question.code]
    parts = view.question_parts(question, language, (), easy=easy)
    marks = [(_KINDS[question.kind], "grey")]
    if parts["text"].language != language:
        marks.append(("Not translated: English stands in", "yellow"))
    if easy and chosen.language not in (question.easy or {}):
        marks.append(("No easy words in this language: the ordinary ones stand in", "yellow"))
    return {
        **parts,
        "number": number,
        "code": question.code,
        "marks": marks,
        "asked_if": _asked_if(chosen, question),
        "answers": [*_answers(question, language, easy=easy)],
        "aloud": _aloud(request, question, parts, language),
        "href": chosen.try_address(number),
    }


def _asked_if(chosen: Chosen, question: Question) -> dict[str, Any] | None:
    """The condition of a question: the number of the earlier one, and the answers in words."""
    if question.show_if is None or (earlier := chosen.version.question(question.show_if.question)) is None:
        return None
    words = [view.option_words(earlier.option(code), chosen.language, easy=chosen.easy) for code in question.show_if.choices]
    return {"number": chosen.version.numbers[earlier.code], "words": words}


def _answers(question: Question, language: str, *, easy: bool) -> list[dict[str, Any]]:
    """What can be answered, each with whether it counts as favourable and whether a person must look the same day."""
    found: list[dict[str, Any]] = [
        {
            "words": view.option_words(each, language, easy=easy),
            "favourable": each.code in question.positive,
            "worry": each.code in question.worry,
        }
        for each in question.options
    ]
    if (scale := question.scale) is not None:
        for score in range(scale.min, scale.max + 1):
            label = scale.label(score)
            words = say(label, language) if label else None
            favourable = scale.positive_from is not None and score >= scale.positive_from
            found.append({"score": score, "words": words, "favourable": favourable, "worry": False})
    if question.does_not_apply is not None:
        found.append({"words": say(question.does_not_apply, language), "favourable": False, "worry": False, "none": True})
    return found


def _aloud(request: Request, question: Question, parts: dict[str, Any], language: str) -> list[Said]:
    """What somebody reads aloud on the telephone or on a visit: the words of the page, and its promise before a worry."""
    strings: Strings = request.app.state.pages.strings
    said = [parts["text"], *([parts["hint"]] if parts["hint"] else [])]
    options = [choice.label for choice in parts["choices"]] + ([parts["other"].label] if parts["other"] else [])
    if options:
        said.append(Said(" / ".join(each.text for each in options), options[0].language))
    if question.kind == "text" or question.worry:
        said.append(Said(strings.say(language, "help.passed-on"), strings.spoken(language, "help.passed-on")))
    return said
