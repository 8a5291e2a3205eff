"""A questionnaire or a working copy tried out: the family's pages in turn, branching and all; nothing is stored.

Only what branching looks at travels along, by code, in the address. What somebody writes while trying goes nowhere.
"""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from pydantic import ValidationError
from starlette.responses import HTMLResponse, Response

from chassis.days import british_day
from chassis.errors import not_found
from chassis.outbox import now
from chassis.pages import Form, csrf_token, page, redirect
from feedback.domain.answers import Answer, walk
from feedback.domain.publishing import plan, publish
from feedback.domain.questionnaire import Question, Questionnaire, Version
from feedback.domain.words import say_easily
from feedback.pages import view
from feedback.pages.answer_form import error_words, read_answer
from feedback.pages.editing import Editor, editor
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
        return _shown(at, find(at, request, code), number)


@router.post(PATH + "/{code}/try/{number}")
async def go_on(request: Request, identity: Staff, code: Code, number: Number) -> Response:
    """The next question that would be asked, or what is wrong with the answer; after the last one back to the overview."""
    form = await posted(request, identity)
    async with desk(request, identity) as at:
        return _sent(at, find(at, request, code), number, form)


@router.get(PATH + "/{code}/edit/try/{number}")
async def show_copy(request: Request, identity: Staff, code: Code, number: Number) -> Response:
    """The same of the working copy, before it is published; where it cannot be one yet, what is to be put right."""
    async with editor(request, identity, code) as at:
        chosen = _copy(request, at)
        return _shown(at.desk, chosen, number) if chosen else redirect(f"{at.address}/check")


@router.post(PATH + "/{code}/edit/try/{number}")
async def go_on_in_copy(request: Request, identity: Staff, code: Code, number: Number) -> Response:
    """The next question of the working copy that would be asked. Where somebody changed it meanwhile: as it is now."""
    form = await posted(request, identity)
    async with editor(request, identity, code) as at:
        chosen = _copy(request, at)
        if chosen is None:
            return redirect(f"{at.address}/check")
        if number and chosen.version.at(number) is None:
            return redirect(f"{at.address}?again=1")
        return _sent(at.desk, chosen, number, form)


def _copy(request: Request, at: Editor) -> Chosen | None:
    """The working copy as it would be published today; None where it is not whole enough to be shown."""
    copy, standing = at.editing.at, at.editing.now
    planned = plan(copy.draft, standing, british_day(now()))
    if planned.becomes == "nothing" and standing is not None:
        return Chosen.of(request, standing, draft=True)
    try:
        edition = standing.edition + 1 if standing else 1
        document = publish(copy.draft, at.editing.code, standing, planned, planned.earliest, edition)
        return Chosen.of(request, Questionnaire.model_validate(document), draft=True)
    except ValidationError:
        return None


def _shown(at: Desk, chosen: Chosen, number: int) -> HTMLResponse:
    if number == 0:
        return _start(at, chosen)
    given = answers_of(at.request.query_params.get("given", ""), chosen.version)
    return _page(at, chosen, _at(chosen, number), given, (), "")


def _sent(at: Desk, chosen: Chosen, number: int, form: Form) -> Response:
    given = answers_of(at.request.query_params.get("given", ""), chosen.version)
    switched = _switched(chosen, form)
    if number == 0:
        return redirect(switched.try_address(0))
    question = _at(chosen, number)
    if switched != chosen:
        return _page(at, switched, question, given, read_answer(question, form).values, "")
    return _answered(at, chosen, question, given, form)


def _switched(chosen: Chosen, form: Form) -> Chosen:
    """As the buttons for another language, larger letters or easy words ask for."""
    if form.text("language") in chosen.questionnaire.languages:
        chosen = replace(chosen, language=form.text("language"))
    if form.text("large_print"):
        chosen = replace(chosen, large=form.text("large_print") == "on")
    if form.text("easy_read"):
        chosen = replace(chosen, easy=chosen.version.easy_read and form.text("easy_read") == "on")
    return chosen


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
    reads = {"easy_read": chosen.easy, "can_be_easy": chosen.version.easy_read, "large_print": chosen.large}
    return {**around, **reads, "preview": chosen.address, "token": csrf_token(*session(at.request, at.identity))}


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
        switch_action=chosen.try_address(0),
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
        number=number,
        place=place + 1,
        of=len(asked),
        back=chosen.try_address(asked[place - 1] if place else 0, brought),
        action=chosen.try_address(number, brought),
        switch_action=chosen.try_address(number, brought),
        errors=[("answer", error)] if error else [],
        **_around(at, chosen),
        **view.question_parts(question, chosen.language, values, easy=chosen.easy, young=view.is_young(chosen.questionnaire)),
    )
