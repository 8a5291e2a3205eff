"""Staff pages of one question: write it, say whether it is still the same, move, double, remove."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from chassis.errors import DomainError, Kind, not_found
from chassis.idempotency import Answer, fingerprint, once
from chassis.identity import Identity
from chassis.outbox import now
from chassis.pages import redirect
from feedback.domain import draft as drafts
from feedback.domain.draft import Draft
from feedback.domain.draft_check import undecided
from feedback.domain.questionnaire import Question
from feedback.domain.rewording import content
from feedback.domain.words import ENGLISH
from feedback.pages import question_form
from feedback.pages.editing import (
    HOME,
    Code,
    Editor,
    address,
    changed_by,
    editor,
    gone,
    is_gone,
    pointers,
    posted,
    stale,
)
from feedback.pages.links_desk import Errors, Officer, tidy
from feedback.pages.question_form import KINDS, PICTURES, Shown
from feedback.use_cases.edit_questionnaire import Editing, change_copy
from feedback.use_cases.edit_questionnaire import fingerprint as part_of

router = APIRouter(prefix=HOME + "/{code}/edit/questions", include_in_schema=False)

_STEPS: dict[str, Callable[[Draft, str, list[str]], Draft]] = {
    "up": lambda draft, question, _: drafts.move_question(draft, question, -1),
    "down": lambda draft, question, _: drafts.move_question(draft, question, 1),
    "duplicate": lambda draft, question, taken: drafts.duplicate_question(draft, question, taken)[0],
    "remove": lambda draft, question, _: drafts.remove_question(draft, question),
}


@router.get("/new")
async def new_page(request: Request, identity: Officer, code: Code) -> HTMLResponse:
    """The form that adds a question: its words, and how it is answered."""
    async with editor(request, identity, code) as at:
        return _new(at, {"key": str(uuid4()), "after": tidy(request.query_params.get("after", ""))})


@router.post("/new")
async def add(request: Request, identity: Officer, code: Code) -> Response:
    """Add a question and lead to its form. A second click finds the same one."""
    form = await posted(request, identity)
    given = {name: form.text(name) for name in ("key", "after", "kind", "text")}
    errors = [] if given["text"] else [("text", "Write the question")]
    if given["kind"] not in KINDS:
        errors.append(("kind", "Choose how it is answered"))
    try:
        async with editor(request, identity, code) as at:
            if errors:
                return _new(at, given, errors)
            added = await _add_once(at, identity, given)
    except DomainError as error:
        if is_gone(error):
            return await gone(request, identity, error, [("Question", given["text"])], f"{HOME}/{code}/edit")
        raise
    return redirect(f"{address(code)}/questions/{added}")


async def _add_once(at: Editor, identity: Identity, given: dict[str, str]) -> str:
    code = at.editing.code
    print_ = fingerprint(f"POST {code}/edit/questions", f"{given['kind']} {given['text']}")

    async def work() -> Answer:
        copy = at.editing.at
        taken = [*_taken(at.editing), *(each.code for each in copy.draft.questions)]
        own = drafts.free_code(drafts.slug(given["text"]), taken)
        kind = next(each for each in KINDS if each == given["kind"])
        question = question_form.new_question(own, kind, given["text"])

        def change(draft: Draft) -> Draft:
            return drafts.add_question(draft, question, given["after"])

        # Nothing that is there is changed, so nothing can have been changed meanwhile.
        await change_copy(
            at.desk.transaction, at.desk.context, identity, code, change, now(), part=lambda _: None, seen=part_of(None)
        )
        return Answer(201, {"question": own})

    key = f"page:{given['key'][:60]}"
    answer = await once(at.desk.transaction, identity.subject, key, print_, work)
    return str(answer.body["question"])


def _taken(editing: Editing) -> list[str]:
    """Codes of questions that were ever asked: another question under one of them would go on with its trend."""
    versions = editing.now.versions if editing.now else ()
    return [question.code for version in versions for question in version.questions]


def _new(at: Editor, given: dict[str, str], errors: Errors = ()) -> HTMLResponse:
    draft = at.editing.at.draft
    return at.show(
        "question-new.html",
        422 if errors else 200,
        title="Add a question",
        given={"kind": "", "text": "", **given},
        errors=errors,
        kinds=[(kind, *words) for kind, words in KINDS.items()],
        places=[(each.code, f"After {number}: {each.text[ENGLISH][:60]}") for number, each in enumerate(draft.questions, 1)],
    )


@router.get("/{question}")
async def question_page(request: Request, identity: Officer, code: Code, question: Code) -> HTMLResponse:
    """The form of a question."""
    async with editor(request, identity, code) as at:
        found = _question(at.editing, question)
        return _form(at, found, question_form.shown(found))


@router.post("/{question}")
async def save(request: Request, identity: Officer, code: Code, question: Code) -> Response:
    """Keep a question as it was typed; where somebody else changed it meanwhile both are shown."""
    form = await posted(request, identity)
    given = question_form.typed(form)
    try:
        async with editor(request, identity, code) as at:
            return await _save(at, identity, question, given, form.text("seen"), form.text("then"))
    except DomainError as error:
        if is_gone(error):
            return await gone(request, identity, error, given.told(), address(code))
        async with editor(request, identity, code) as at:
            found = _question(at.editing, question)
            if stale(error):
                return _form(at, found, given, [("text", error.detail)], 412)
            if error.kind is not Kind.MALFORMED:
                raise
            return _form(at, found, given, pointers(error, _FIELDS), 422)


_FIELDS = {"hint": "hint", "text": "text", "options": "option-1", "scale": "min", "easy": "easy"}


async def _save(at: Editor, identity: Identity, code: str, given: Shown, seen: str, then: str) -> Response:
    before = at.editing.at.draft.question(code)
    if before is None:
        raise DomainError("question-gone", "Somebody removed this question since you opened the page.", Kind.NOT_FOUND)
    earlier = _earlier(at.editing.at.draft, code)
    if errors := question_form.faults(given, earlier):
        return _form(at, before, given, errors, 422)
    if _was_asked(at.editing, code) and given.texts["kind"] != before.kind:
        words = "It was asked in this way before, and answers must be counted together. Add a new question instead"
        return _form(at, before, given, [("text", words)], 422)

    def change(draft: Draft) -> Draft:
        old = draft.questions[draft.place(code)]
        made = _validated(question_form.question_of(given, old, _earlier(draft, code)))
        return drafts.follow(draft, drafts.replace_question(draft, made))

    copy = await change_copy(
        at.desk.transaction, at.desk.context, identity, at.editing.code, change, now(), part=_part(code), seen=seen
    )
    if code in undecided(copy.draft, at.editing.now):
        return redirect(f"{at.address}/questions/{code}/meaning")
    return redirect(_onward(at.address, copy.draft, code, then))


def _onward(edit: str, draft: Draft, code: str, then: str) -> str:
    if then == "stay":
        return f"{edit}/questions/{code}"
    place = draft.place(code) + 1
    if then == "next" and place < len(draft.questions):
        return f"{edit}/questions/{draft.questions[place].code}"
    return f"{edit}#q-{code}"


def _validated(made: dict[str, Any]) -> Question:
    # Through the draft's own parsing, so that what is wrong is said in the same way.
    whole = {
        "name": "x", "audience": "staff", "about": "x", "languages": [ENGLISH], "needs_review": [], "intro": {ENGLISH: "x"},
        "thank_you": {ENGLISH: "x"}, "questions": [made],
    }  # fmt: skip
    try:
        return drafts.parse(whole).questions[0]
    except DomainError as error:
        shortened = tuple(type(each)(each.pointer.removeprefix("/questions/0"), each.detail) for each in error.errors)
        raise DomainError(error.slug, error.detail, error.kind, shortened) from None


def _part(code: str) -> Callable[[Draft], Any]:
    def part(draft: Draft) -> Any:
        found = draft.question(code)
        return found.model_dump(mode="json", by_alias=True) if found else None

    return part


def _form(at: Editor, question: Question, given: Shown, errors: Errors = (), status: int = 200) -> HTMLResponse:
    draft = at.editing.at.draft
    place = draft.place(question.code) + 1
    earlier = [each for each in _earlier(draft, question.code) if each.options]
    asked = next((each for each in earlier if each.code == given.texts["show-if"]), None)
    blanks = [{"code": "", "label": "", "easy": "", "positive": False, "worry": False}] * question_form.BLANK_ROWS
    current = question_form.shown(question)
    there = dict(given.told())
    return at.show(
        "question.html",
        status,
        title=f"Question {place}",
        question=question.code,
        seen=part_of(_part(question.code)(draft)),
        given=given,
        rows=[*given.options, *blanks][: question_form.MOST_OPTIONS],
        errors=errors,
        kinds=[(kind, *words) for kind, words in KINDS.items()],
        kind=given.texts["kind"] if given.texts["kind"] in KINDS else question.kind,
        fixed=KINDS[question.kind][0] if _was_asked(at.editing, question.code) else None,
        pictures=[(each, each.capitalize()) for each in PICTURES],
        themes=[(each.code, each.name or each.code, "") for each in at.desk.profile.organisation.themes],
        earlier=[(each.code, f"{draft.place(each.code) + 1}: {each.text[ENGLISH][:70]}") for each in earlier],
        branch=[(each.code, each.label[ENGLISH], "") for each in asked.options] if asked else [],
        last=place == len(draft.questions),
        now=[(label, words) for label, words in current.told() if status == 412 and words != there.get(label, "")],  # noqa: PLR2004
        changed=changed_by(at),
    )


@router.get("/{question}/meaning")
async def meaning_page(request: Request, identity: Officer, code: Code, question: Code) -> HTMLResponse:
    """Both wordings, and the question whether they ask the same."""
    async with editor(request, identity, code) as at:
        return _meaning(at, _question(at.editing, question))


@router.post("/{question}/meaning")
async def decide(request: Request, identity: Officer, code: Code, question: Code) -> Response:
    """Note that it asks the same, or make another question of it, with a code and a trend of its own."""
    form = await posted(request, identity)
    decided, became = form.text("same"), question
    async with editor(request, identity, code) as at:
        found = _question(at.editing, question)
        if decided not in {"same", "another"}:
            return _meaning(at, found, [("same", "Say whether it asks the same")])
        if decided == "another":
            _, became = drafts.as_another(at.editing.at.draft, question, _taken(at.editing))

        def change(draft: Draft) -> Draft:
            if decided == "another":
                return drafts.as_another(draft, question, _taken(at.editing))[0]
            return draft.model_copy(
                update={"same": {**draft.same, question: draft.questions[draft.place(question)].text[ENGLISH]}}
            )

        part, seen = _part(question), form.text("seen")
        await change_copy(at.desk.transaction, at.desk.context, identity, code, change, now(), part=part, seen=seen)
    return redirect(f"{address(code)}#q-{became}")


def _meaning(at: Editor, question: Question, errors: Errors = ()) -> HTMLResponse:
    before = at.editing.now.versions[-1].question(question.code) if at.editing.now else None
    if before is None:
        raise not_found("page")
    old, new = before.text[ENGLISH], question.text[ENGLISH]
    return at.show(
        "meaning.html",
        422 if errors else 200,
        title="Does it still ask the same?",
        question=question.code,
        old=old,
        new=new,
        common=len(content(old) & content(new)),
        seen=part_of(_part(question.code)(at.editing.at.draft)),
        errors=errors,
    )


@router.get("/{question}/remove")
async def remove_page(request: Request, identity: Officer, code: Code, question: Code) -> HTMLResponse:
    """What removing a question would mean."""
    async with editor(request, identity, code) as at:
        found = _question(at.editing, question)
        draft = at.editing.at.draft
        after = [each.text[ENGLISH] for each in draft.questions if each.show_if and each.show_if.question == question]
        return at.show(
            "question-remove.html",
            title="Remove this question?",
            question=question,
            text=found.text[ENGLISH],
            was_asked=_was_asked(at.editing, question),
            after=after,
            seen=part_of(draft.content()),
        )


@router.post("/{question}/{step}")
async def take_step(request: Request, identity: Officer, code: Code, question: Code, step: Code) -> Response:
    """Move, double, remove or put back a question. Where the copy was changed meanwhile it is shown as it is."""
    form = await posted(request, identity)
    if step not in {*_STEPS, "restore"}:
        raise not_found("page")
    try:
        async with editor(request, identity, code) as at:

            def change(draft: Draft) -> Draft:
                if step == "restore":
                    return drafts.restore_question(draft, question, at.editing.now)
                return _STEPS[step](draft, question, _taken(at.editing))

            # Of the whole: a second click on "move down" finds it moved, and does not move it twice.
            seen = form.text("seen")
            await change_copy(
                at.desk.transaction, at.desk.context, identity, code, change, now(), part=Draft.content, seen=seen
            )
    except DomainError as error:
        if stale(error) or is_gone(error):
            return redirect(f"{address(code)}?again=1")
        raise
    return redirect(f"{address(code)}#{'questions' if step == 'remove' else 'q-' + question}")


def _question(editing: Editing, code: str) -> Question:
    found = editing.at.draft.question(code)
    if found is None:
        raise not_found("question")
    return found


def _earlier(draft: Draft, code: str) -> list[Question]:
    return list(draft.questions[: draft.place(code)])


def _was_asked(editing: Editing, code: str) -> bool:
    return code in _taken(editing)
