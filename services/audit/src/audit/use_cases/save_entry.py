"""Save one entry of a part: a section, the overall grade, an answer. Whole or not; a stale save is refused."""

from uuid import UUID

from audit.adapters.entries import EntryRepository
from audit.context import Context
from audit.domain.judgement import Entry, Form, check_entry, forms_of
from audit.domain.steps import may_write
from audit.use_cases.see_audit import see_audit
from chassis.errors import DomainError, Kind, not_found
from chassis.identity import Identity
from chassis.unit_of_work import Transaction


class StaleEntry(DomainError):
    """Somebody (or another window) saved the entry meanwhile; `current` is what stands there now."""

    def __init__(self, current: Entry) -> None:
        super().__init__(
            "stale-entry",
            "This was saved in another window, or by somebody else, after you opened it. Yours was not saved and is shown "
            "below beside what stands there now. Put together what you want to keep, and save again.",
            Kind.STALE,
            extra={"revision": current.revision},
        )
        self.current = current


async def save_entry(
    transaction: Transaction, context: Context, identity: Identity, audit_id: UUID, part: str, entry: Entry
) -> int:
    """Save an entry over the revision that it was read as (`entry.revision`, 0 for none); gives the new revision.

    Raises `not-found` for whoever does not hold the part, what `steps.may_write` says, `invalid-entry`, and `StaleEntry`. The
    same save sent twice counts once: what stands there already is answered with its revision.
    """
    viewer, record = await see_audit(transaction, context, identity, audit_id, hold=True)
    may_write(record.audit, part, viewer.code or "", context.now())
    tool, scale = await context.tool_of(transaction, record)
    form = form_of(forms_of(part, tool), entry.code)
    if errors := check_entry(form, scale, entry):
        raise DomainError("invalid-entry", "This cannot be saved as it is. See `errors`.", Kind.MALFORMED, tuple(errors))
    repository = EntryRepository(transaction, context.secrets)
    revision = await repository.save(audit_id, part, entry, identity.subject)
    if revision is None:
        current = (await repository.of(audit_id, [part]))[part].get(entry.code, Entry(entry.code))
        if same(current, entry):
            return current.revision
        raise StaleEntry(current)
    return revision


def form_of(forms: tuple[Form, ...], code: str) -> Form:
    """One of the forms of a part. Raises `not-found`."""
    for form in forms:
        if form.code == code:
            return form
    raise not_found("section")


def same(one: Entry, other: Entry) -> bool:
    """Whether two entries say the same."""
    said = [{name: words for name, words in each.words.items() if words} for each in (one, other)]
    chosen = [(each.grade, each.not_applicable, each.answer, each.ticked) for each in (one, other)]
    return said[0] == said[1] and chosen[0] == chosen[1]
