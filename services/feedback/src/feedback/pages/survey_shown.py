"""The pages of a survey, each made of a visit and of what it gave so far. No database is asked."""

from starlette.requests import Request
from starlette.responses import Response

from chassis.outbox import now
from chassis.pages import redirect
from chassis.secrets import SealError
from feedback.adapters import sealing
from feedback.context import context_of
from feedback.domain.answers import Answer, walk
from feedback.domain.questionnaire import Question
from feedback.domain.words import ENGLISH, say, say_easily
from feedback.pages import view, you_said
from feedback.pages.survey_page import survey_page
from feedback.pages.visit import Visit
from feedback.use_cases.visit_survey import Survey

START, CHECK, DONE = "/s/start", "/s/check", "/s/done"


def start_page(request: Request, visit: Visit, survey: Survey) -> Response:
    """What it is about, who reads the answers, and the way in."""
    next_number = survey.open_number()
    questionnaire = survey.questionnaire
    easy_intro = questionnaire.easy_intro if visit.easy_read else None
    return survey_page(
        request,
        "start.html",
        visit,
        survey,
        heading=view.heading(questionnaire, visit.language),
        intro=say_easily(easy_intro, questionnaire.intro, visit.language),
        minutes=view.minutes(len(survey.version.questions)),
        begun=survey.begun,
        reusable=survey.invitation.reusable,
        star=survey.star,
        href=question_path(next_number) if next_number else CHECK,
    )


def question_path(number: int, *, from_check: bool = False) -> str:
    """Where a question stands; `from_check` leads back to the check."""
    return f"/s/question/{number}{'?from=check' if from_check else ''}"


def onward(survey: Survey) -> str:
    """Where somebody goes on: the first question that was given nothing, or the check."""
    number = survey.open_number()
    return question_path(number) if number else CHECK


def words_of(request: Request, visit: Visit, answer: Answer | None) -> str | None:
    """The free text of an answer; None where it has none."""
    if answer is None or answer.sealed is None:
        return None
    try:
        return sealing.open_text(context_of(request).secrets, visit.org, answer.sealed)
    except SealError:  # pragma: no cover - a key was lost; the rest of the answers is worth more than an error
        return ""


def question_page(
    request: Request,
    visit: Visit,
    survey: Survey,
    question: Question,
    values: tuple[str, ...],
    error: str = "",
    status: int = 200,
    *,
    from_check: bool = False,
) -> Response:
    """One question, with `values` in its fields and what is wrong with them."""
    language, easy = visit.language, visit.easy_read
    place, of = view.progress(survey.version, survey, question)
    number = survey.version.numbers[question.code]
    return survey_page(
        request,
        "question.html",
        visit,
        survey,
        status,
        number=number,
        place=place,
        of=of,
        back=CHECK if from_check else _before(survey, question),
        from_check=from_check,
        action=question_path(number, from_check=from_check),
        **view.question_parts(question, language, values, easy=easy, young=view.is_young(survey.questionnaire)),
        errors=[("answer", error)] if error else [],
    )


def _before(survey: Survey, question: Question) -> str:
    asked = [each for each, _ in walk(survey.version, survey.answers)]
    place = asked.index(question)
    return question_path(survey.version.numbers[asked[place - 1].code]) if place else START


def check_page(
    request: Request, visit: Visit, survey: Survey, error: str = "", status: int = 200, said: str | None = None
) -> Response:
    """All that was given, to be looked over and sent. `said` is what was chosen about quoting, where it is not kept."""
    rows = [
        {
            "number": survey.version.numbers[question.code],
            "text": view.asked(question, visit.language, easy=visit.easy_read),
            "answer": view.in_words(question, answer, visit.language, words_of(request, visit, answer), easy=visit.easy_read),
        }
        for question, answer in walk(survey.version, survey.answers)
    ]
    first = f"change-{rows[0]['number']}"
    errors = [(first, request.app.state.pages.strings.say(visit.language, error))] if error else []
    back = question_path(int(str(rows[-1]["number"])))
    return survey_page(
        request, "check.html", visit, survey, status, rows=rows, errors=errors, back=back, quoting=_quoting(survey, said)
    )


def _quoting(survey: Survey, said: str | None) -> str | None:
    """What is chosen about quoting (`yes`, `no`, nothing); None where there are no words that could be quoted."""
    if not any(answer is not None and answer.has_text for _, answer in walk(survey.version, survey.answers)):
        return None
    if said is not None:
        return said
    return "" if survey.may_quote is None else "yes" if survey.may_quote else "no"


def done_page(request: Request, visit: Visit, survey: Survey) -> Response:
    """That it was sent, who reads it when, and what can follow."""
    if not survey.submitted:
        return redirect(onward(survey))
    thank_you = say(survey.questionnaire.thank_you, visit.language)
    # It leads to what was changed because of feedback, once there is something.
    changed = f"{you_said.PATH}{visit.org}" if request.state.changed else None
    if changed and visit.language != ENGLISH:
        changed = f"{changed}?language={visit.language}"
    read_next, offered = view.read_next(survey.reading, now()), request.state.offer
    around = {"thank_you": thank_you, "read_next": read_next, "offer": offered, "changed": changed}
    return survey_page(request, "done.html", visit, survey, **around)
