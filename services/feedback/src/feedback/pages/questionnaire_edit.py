"""Staff pages of a working copy as a whole: begin it, look at it, go on from what changed, throw it away; its file."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from chassis.days import british_day
from chassis.errors import DomainError, not_found
from chassis.outbox import now
from chassis.pages import redirect
from feedback.adapters.questionnaire_yaml import file_of
from feedback.domain import draft as drafts
from feedback.domain.draft import Draft
from feedback.domain.draft_changes import changes
from feedback.domain.draft_check import Checked
from feedback.domain.publishing import content_of, contents, plan, publish
from feedback.domain.questionnaire import Question, Questionnaire
from feedback.domain.words import ENGLISH
from feedback.pages.editing import HOME, Code, Editor, address, changed_by, editor, languages_of, posted, stale
from feedback.pages.links_desk import Officer, Staff, day, download, moment
from feedback.pages.question_form import KINDS
from feedback.pages.questionnaire_pages import AUDIENCES
from feedback.use_cases.edit_questionnaire import begin_copy, discard_copy, fingerprint, take_over
from feedback.use_cases.read_publications import read_publications

router = APIRouter(prefix=HOME, include_in_schema=False)

YAML_TYPE = "application/yaml; charset=utf-8"


@router.get("/{code}/edit")
async def overview(request: Request, identity: Staff, code: Code) -> HTMLResponse:
    """The working copy: what it says, what is wrong with it, and the way to every part; or the way to begin one."""
    async with editor(request, identity, code) as at:
        if at.editing.copy is None:
            return _begin(at)
        return _overview(at, again="again" in request.query_params)


@router.post("/{code}/edit")
async def act(request: Request, identity: Officer, code: Code) -> Response:
    """Begin a working copy, throw it away, or go on from the questionnaire as it stands. Twice does it once."""
    form = await posted(request, identity)
    try:
        async with editor(request, identity, code) as at:
            transaction, context = at.desk.transaction, at.desk.context
            match form.text("do"):
                case "begin":
                    await begin_copy(transaction, context, identity, code, now())
                case "discard":
                    await discard_copy(transaction, context, code, _number(form.text("revision")))
                    return redirect(f"{HOME}/{code}" if at.editing.now else HOME)
                case "take-over":
                    clashes = await take_over(transaction, context, identity, code, now())
                    if clashes:
                        async with editor(request, identity, code) as again:
                            return _overview(again, clashes=clashes)
                case _:
                    raise not_found("page")
    except DomainError as error:
        if stale(error):
            return redirect(f"{address(code)}?again=1")
        raise
    return redirect(address(code))


@router.get("/{code}/edit/discard")
async def discard_page(request: Request, identity: Officer, code: Code) -> HTMLResponse:
    """What throwing the working copy away would lose."""
    async with editor(request, identity, code) as at:
        copy = at.editing.at
        lost = changes(content_of(copy.base) if copy.base else None, contents(copy.draft))
        return at.show("discard.html", title="Throw this working copy away?", lost=lost, revision=copy.revision)


@router.get("/{code}/history")
async def history(request: Request, identity: Staff, code: Code) -> HTMLResponse:
    """Who published what and when, with the changes in words."""
    async with editor(request, identity, code) as at:
        found = await read_publications(at.desk.transaction, at.desk.context, code)
        return at.show(
            "history.html",
            title="What was published",
            published=[
                {
                    "title": f"Version {each.version}" + (", new wording" if each.becomes == "wording" else ""),
                    "id": f"edition-{each.edition}",
                    "when": moment(each.at),
                    "by": each.by,
                    "from": day(each.begins_on),
                    "edition": each.edition,
                    "changes": each.changes,
                }
                for each in found
            ],
        )


@router.get("/{code}/questionnaire.yaml")
async def file(request: Request, identity: Staff, code: Code) -> Response:
    """The questionnaire in force as the file of a profile's folder."""
    async with editor(request, identity, code) as at:
        if at.editing.now is None:
            raise not_found("questionnaire")
        found = at.editing.now
    head = f"As it was in force on {day(british_day(now()))}: version {found.stands[0]}, edition {found.edition}."
    return download(file_of(found.model_dump(mode="json", by_alias=True), head), YAML_TYPE, f"{code}.yaml")


@router.get("/{code}/edit/questionnaire.yaml")
async def draft_file(request: Request, identity: Staff, code: Code) -> Response:
    """The working copy as the file of a profile's folder, as it would be published today."""
    async with editor(request, identity, code) as at:
        copy, standing = at.editing.at, at.editing.now
    planned = plan(copy.draft, standing, british_day(now()))
    if planned.becomes == "nothing" and standing is not None:
        document: dict[str, Any] = standing.model_dump(mode="json", by_alias=True)
    else:
        edition = standing.edition + 1 if standing else 1
        document = publish(copy.draft, code, standing, planned, planned.earliest, edition)
    return download(file_of(document, "A working copy: this is not published yet."), YAML_TYPE, f"{code}-draft.yaml")


def _begin(at: Editor) -> HTMLResponse:
    standing = at.editing.now
    if standing is None:
        raise not_found("questionnaire")
    return at.show("begin.html", title=f"Edit {standing.name}", known=_known(standing))


def _known(questionnaire: Questionnaire) -> list[tuple[str, str]]:
    newest = questionnaire.versions[-1]
    return [
        ("For", AUDIENCES[questionnaire.audience]),
        ("Version", f"{newest.version}, from {day(newest.from_)}"),
        ("Questions", str(len(newest.questions))),
        ("Languages", ", ".join(words for _, words in languages_of(questionnaire.languages))),
    ]


def _overview(at: Editor, *, again: bool = False, clashes: tuple[str, ...] = ()) -> HTMLResponse:
    copy, checked = at.editing.at, at.editing.check()
    base, standing = copy.base, at.editing.now
    moved = changes(content_of(base), content_of(standing)) if at.editing.moved and base and standing else []
    return at.show(
        "overview.html",
        title=copy.draft.name,
        again=again,
        tried="tried" in at.desk.request.query_params,
        removed=[{"code": each.code, "text": each.text[ENGLISH]} for each in drafts.removed_from(standing, copy.draft)],
        clashes=clashes,
        moved=moved,
        taken_away=at.editing.taken_away,
        is_moved=at.editing.moved and standing is not None,
        changed=changed_by(at),
        settings=[
            ("For", AUDIENCES[copy.draft.audience]),
            ("Asked about", copy.draft.about),
            ("Introduction", copy.draft.intro[ENGLISH]),
            ("Thank you", copy.draft.thank_you[ENGLISH]),
        ],
        questions=[_line(copy.draft, number, each, checked) for number, each in enumerate(copy.draft.questions, 1)],
        languages=_languages(copy.draft, checked),
        errors_found=len(checked.errors),
        warnings_found=len(checked.warnings),
        reading=checked.reading.age,
        limit=checked.limit,
        revision=copy.revision,
        seen=fingerprint(copy.draft.content()),
    )


def _line(draft: Draft, number: int, question: Question, checked: Checked) -> dict[str, Any]:
    asked = question.show_if
    after = draft.question(asked.question) if asked else None
    answers = [option.label[ENGLISH] for option in question.options]
    if question.scale:
        answers = [f"{question.scale.min} to {question.scale.max}"]
    return {
        "code": question.code,
        "number": number,
        "text": question.text[ENGLISH],
        "kind": KINDS[question.kind][0],
        "answers": answers,
        "after": f"Asked only after some answers to question {draft.place(after.code) + 1}" if after else None,
        "worry": bool(question.worry),
        "wrong": sum(each.question == question.code for each in checked.errors),
        "first": number == 1,
        "last": number == len(draft.questions),
    }


def _languages(draft: Draft, checked: Checked) -> list[dict[str, Any]]:
    names = dict(languages_of(draft.languages))
    return [
        {
            "code": code,
            "name": names[code],
            "done": standing.done,
            "all": len(standing.all),
            "older": len(standing.older),
            "unread": code in draft.needs_review,
        }
        for code, standing in checked.translations.items()
    ]


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else -1  # noqa: PLR2004 - digits
