"""What the pages that edit questionnaires have in common: who may, the open copy, forms, and what a refusal looks like."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Path, Request
from starlette.responses import HTMLResponse

from chassis.errors import DomainError, Kind
from chassis.identity import Identity
from chassis.pages import Form, read_form
from chassis.pages.forms import require_token
from feedback.pages.links_desk import Desk, Errors, desk, language_name, moment, session
from feedback.use_cases.edit_questionnaire import Editing, look

HOME = "/feedback/questionnaires"
MOST_BYTES, MOST_FIELDS = 1024 * 1024, 5000
"""Of a form: a questionnaire of 200 questions in one language fits."""

Code = Annotated[str, Path(max_length=80, pattern=r"^[a-z0-9][a-z0-9-]*$")]

Typed = Sequence[tuple[str, str]]
"""What somebody typed, by its label, to be shown where its form is gone."""


@dataclass(frozen=True)
class Editor:
    """A page at work on a questionnaire."""

    desk: Desk
    editing: Editing

    @property
    def address(self) -> str:
        """Where the working copy is edited."""
        return address(self.editing.code)

    def show(self, template: str, status: int = 200, **context: Any) -> HTMLResponse:
        """Answer with a page of this questionnaire."""
        return self.desk.show(
            f"edit/{template}",
            status,
            code=self.editing.code,
            name=name_of(self.editing),
            edit=self.address,
            home=HOME,
            preview=f"{HOME}/{self.editing.code}" if self.editing.now else None,
            **context,
        )


def address(code: str) -> str:
    """Where a questionnaire's working copy is edited."""
    return f"{HOME}/{code}/edit"


def name_of(editing: Editing) -> str:
    """What a questionnaire is called: as the working copy calls it, where there is one."""
    if editing.copy is not None:
        return editing.copy.draft.name
    return editing.now.name if editing.now else editing.code


@asynccontextmanager
async def editor(request: Request, identity: Identity, code: str) -> AsyncIterator[Editor]:
    """Open a transaction for a page of a questionnaire. Raises `DomainError` not-found."""
    async with desk(request, identity) as at:
        yield Editor(at, await look(at.transaction, at.context, code))


async def posted(request: Request, identity: Identity) -> Form:
    """The form that was posted, which may be a long one."""
    form = await read_form(request, MOST_BYTES, MOST_FIELDS)
    require_token(form, *session(request, identity))
    return form


async def gone(request: Request, identity: Identity, error: DomainError, typed: Typed, back: str) -> HTMLResponse:
    """What was typed into a form whose copy or question is not there any more: nothing of it is lost."""
    async with desk(request, identity) as at:
        return at.show(
            "edit/gone.html",
            409,
            title="This is not there any more",
            why=error.detail,
            typed=[(label, words) for label, words in typed if words],
            back=back,
        )


def is_gone(error: DomainError) -> bool:
    """Whether a refusal says that what a form was about is not there any more."""
    return error.slug in {"copy-gone", "question-gone"}


def pointers(error: DomainError, fields: Mapping[str, str]) -> Errors:
    """What is wrong, beside its fields; `fields` maps the beginnings of pointers to ids of fields."""
    found = []
    for each in error.errors:
        pointer = each.pointer.strip("/")
        field = next((ident for begin, ident in fields.items() if pointer.startswith(begin)), "main-content")
        found.append((field, _IN_WORDS.get(each.detail, each.detail)))
    return found or [("main-content", error.detail)]


_IN_WORDS = {
    "String should have at least 1 character": "Write something here",
    "String should have at most 200 characters": "Write at most 200 letters",
    "String should have at most 2000 characters": "Write at most 2,000 letters",
}


def changed_by(editor: Editor) -> str:
    """Who changed the working copy last, and when."""
    copy = editor.editing.at
    return f"{copy.changed_by_name}, {moment(copy.changed_at)}"


def languages_of(codes: Sequence[str]) -> list[tuple[str, str]]:
    """Languages with their names."""
    return [(code, f"{language_name(code)} ({code})" if language_name(code) != code else code) for code in codes]


def stale(error: DomainError) -> bool:
    """Whether somebody else changed the same meanwhile."""
    return error.kind is Kind.STALE
