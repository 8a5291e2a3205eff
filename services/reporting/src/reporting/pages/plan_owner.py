"""Who sees to a part of a plan: chosen from the staff directory or typed, and whether mails reach them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from chassis.days import moment_words
from chassis.errors import DomainError, FieldError, Kind
from chassis.pages import Form
from reporting.adapters.plan_mail_states import MailState, mails_about
from reporting.adapters.plan_rows import WholePlan
from reporting.adapters.staff_directory import Member
from reporting.domain.plan import Whose
from reporting.pages.plan_desk import Desk

KINDS = {
    "given": "Told that it was given to them",
    "lead": "Told that it was given to them",
    "before": "Reminded before the day",
    "due": "Reminded on the day",
    "late": "Reminded that it is late",
    "rag": "Asked how it stands",
}


def chosen(at: Desk, form: Form, name: str, before: Whose | None = None) -> Whose:
    """Whom a form says, as `name` and `name_person`. Raises DomainError `invalid-owner` beside the field, and as `Seen`."""
    typed, code = form.text(name).strip(), form.text(f"{name}_person")
    if not code:
        return Whose(typed)
    if before is not None and before.person == code:
        kept = before
    else:
        member = at.staff.members.get(code)
        if member is None or not member.active:
            detail = "Whoever you chose is not in the staff directory any more. Choose somebody else, or type who it is"
            raise _wrong(name, detail)
        kept = Whose(member.name, code)
    if typed and typed != kept.name:
        raise _wrong(name, "Choose somebody of the list, or type who it is, not both: empty one of the two")
    return kept


def to_choose(at: Desk, typed: Mapping[str, Any] | Form, name: str, before: Whose | None = None) -> dict[str, Any]:
    """What a form needs to ask: the people of the directory, who is chosen, and what is typed."""
    members = at.staff.there
    here = [each for each in (members or {}).values() if each.active]
    working = sorted(here, key=lambda each: (each.name.casefold(), each.code))
    options = [("", "Nobody of the list"), *((each.code, _called(each, working)) for each in working)]
    if before is not None and before.person and before.person not in dict(options):
        options.append((before.person, before.name if members is None else f"{before.name} (has left the staff directory)"))
    code, words = str(typed.get(f"{name}_person") or ""), str(typed.get(name) or "")
    return {
        "options": options if len(options) > 1 else [],
        "code": code if code in dict(options) else "",
        "typed": "" if code and before is not None and words == before.name else words,
        "away": members is None,
    }


async def reached(at: Desk, whole: WholePlan) -> dict[UUID, dict[str, Any]]:
    """By action and workstream: whether its owner can be mailed, and what became of the mails about it."""
    members = at.staff.there
    mails = await mails_about(at.transaction, whole.plan.id)
    found: dict[UUID, dict[str, Any]] = {}
    for each in whole.workstreams:
        found[each.id] = _reach(each.workstream.person, members, [mail for mail in mails if mail.of == each.id])
    for action in whole.actions:
        of = {action.id, *(one.id for one in whole.milestones_of(action.id))}
        found[action.id] = _reach(action.action.person, members, [mail for mail in mails if mail.of in of])
    return found


def warning(person: str | None, members: Mapping[str, Member] | None, mails: Sequence[MailState]) -> str:
    """Why no mail reaches an owner who was chosen from the directory; empty where one does, or nobody knows."""
    if person is None or members is None:
        return ""
    member = members.get(person)
    if member is None or not member.active:
        return "Has left the staff directory, so is not mailed any more. Choose somebody else."
    if not member.email:
        return "Has no mail address in the staff directory, so cannot be mailed. Add one there."
    last = next((each for each in mails if each.code == person and each.state in {"sent", "failed"}), None)
    if last is not None and last.state == "failed":
        return (
            f"The last mail was not delivered: {last.error or 'it was given up'}. Look at the address in the staff directory."
        )
    return ""


def _reach(person: str | None, members: Mapping[str, Member] | None, mails: Sequence[MailState]) -> dict[str, Any]:
    return {"warning": warning(person, members, mails), "mails": [_line(each) for each in mails]}


def _line(mail: MailState) -> str:
    because = f" ({mail.error})" if mail.error and mail.state != "sent" else ""
    state = {"sent": "sent", "failed": "not delivered"}.get(mail.state, "waits")
    return f"{KINDS.get(mail.kind, mail.kind)}: {state}{because}, {moment_words(mail.at)}"


def _called(member: Member, working: Sequence[Member]) -> str:
    same = sum(each.name == member.name for each in working)
    return f"{member.name} ({member.code})" if same > 1 else member.name


def _wrong(name: str, words: str) -> DomainError:
    return DomainError("invalid-owner", "Nothing was stored. See `errors`.", Kind.MALFORMED, (FieldError(f"/{name}", words),))
