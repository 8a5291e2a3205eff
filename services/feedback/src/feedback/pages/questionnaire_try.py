"""A questionnaire tried out: the pages that a family sees, one after another, branching and all; nothing is stored.

Only what branching looks at travels along, by code, in the address. What somebody writes while trying goes nowhere.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from starlette.responses import HTMLResponse, Response

from chassis.errors import not_found
from chassis.pages import Form, csrf_token, page, redirect
from feedback.domain.answers import Answer, walk
from feedback.domain.questionnaire import Question, Version
from feedback.domain.words import say_easily
from feedback.pages import view
from feedback.pages.answer_form import error_words, read_answer
from feedback.pages.links_desk import Desk, Staff, desk, posted, session
from feedback.pages.questionnaire_pages import PATH, Chosen, Code, find

router = APIRouter(include_in_schema=False)

Number = Annotated[int, Path(ge=0, le=200)]
_LONGEST = 1500
"""Characters of an address that are read: what branching looks at in any questionnaire that somebody would answer."""


@router.get(PATH + "/{code}/try/{number}")
async def show(request: Request, identity: Staff, code: Code, number: Number) -> HTMLResponse:
    """The start (0) or a question, as the family sees it."""
    async with desk(request, identity) as at:
        chosen = find(at, request, code)
        if number == 0:
            return _start(at, chosen)
        question = _at(chosen, number)
        given = answers_of(request.query_params.get("given", ""), chosen.version)
        return _page(at, chosen, question, given, (), "")


@router.post(PATH + "/{code}/try/{number}")
async def go_on(request: Request, identity: Staff, code: Code, number: Number) -> Response:
    """The next question that would be asked, or what is wrong with the answer; after the last one back to the overview."""
    form = await posted(request, identity)
    async with desk(request, identity) as at:
        chosen = find(at, request, code)
        question = _at(chosen, number)
        given = answers_of(request.query_params.get("given", ""), chosen.version)
        return _answered(at, chosen, question, given, form)


def _at(chosen: Chosen, number: int) -> Question:
    question = chosen.version.at(number)
    if question is None:
        raise not_found("question")
    return question


def _answered(at: Desk, chosen: Chosen, question: Question, given: dict[str, Answer], form: Form) -> Response:
    typed = read_answer(question, form)
    if typed.wrong is not None:
        return _page(
            at, chosen, question, given, typed.values, error_words(at.request, chosen.language, typed, typed.wrong), 422
        )
    given = {**given, question.code: typed.answer}
    number = chosen.version.numbers[question.code]
    later = [n for each, _ in walk(chosen.version, given) if (n := chosen.version.numbers[each.code]) > number]
    return redirect(chosen.try_address(later[0], written(given, chosen.version)) if later else f"{chosen.address}&tried=yes")


def answers_of(given: str, version: Version) -> dict[str, Answer]:
    """The answers that an address brings along: `question.choice`, a tilde between them. What fits nothing is passed over."""
    found: dict[str, Answer] = {}
    for each in given[:_LONGEST].split("~"):
        code, _, choice = each.partition(".")
        question = version.question(code)
        if question is not None and choice in question.choices:
            earlier = found[code].choices if code in found else ()
            found[code] = Answer("answered", choices=(*earlier, choice))
    return found


def written(given: dict[str, Answer], version: Version) -> str:
    """What branching looks at, for an address."""
    looked_at = {each.show_if.question for each in version.questions if each.show_if}
    return "~".join(f"{code}.{choice}" for code, answer in given.items() if code in looked_at for choice in answer.choices)


def _around(at: Desk, chosen: Chosen) -> dict[str, Any]:
    around = view.chrome(at.profile.organisation, chosen.questionnaire, chosen.language, at.profile.worries.read)
    return {**around, "easy_read": chosen.easy, "preview": chosen.address}


def _start(at: Desk, chosen: Chosen) -> HTMLResponse:
    questionnaire = chosen.questionnaire
    easy_intro = questionnaire.easy_intro if chosen.easy else None
    return page(
        at.request,
        "start.html",
        heading=view.heading(questionnaire, chosen.language),
        intro=say_easily(easy_intro, questionnaire.intro, chosen.language),
        minutes=view.minutes(len(chosen.version.questions)),
        begun=False,
        reusable=False,
        href=chosen.try_address(1),
        **_around(at, chosen),
    )


def _page(
    at: Desk,
    chosen: Chosen,
    question: Question,
    given: dict[str, Answer],
    values: tuple[str, ...],
    error: str,
    status: int = 200,
) -> HTMLResponse:
    version, brought = chosen.version, written(given, chosen.version)
    number = version.numbers[question.code]
    # A question that would not be asked can be looked at too: it stands where it would stand.
    asked = sorted({number} | {version.numbers[each.code] for each, _ in walk(version, given)})
    place = asked.index(number)
    return page(
        at.request,
        "question.html",
        status,
        token=csrf_token(*session(at.request, at.identity)),
        number=number,
        place=place + 1,
        of=len(asked),
        back=chosen.try_address(asked[place - 1] if place else 0, brought),
        action=chosen.try_address(number, brought),
        errors=[("answer", error)] if error else [],
        **_around(at, chosen),
        **view.question_parts(question, chosen.language, values, easy=chosen.easy, young=view.is_young(chosen.questionnaire)),
    )
