"""Keep the staff directory: add people, change them, end them. Each stands or is refused by itself; nobody else is touched."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from audit.adapters.people import PeopleStore
from audit.context import Context
from audit.domain.staff_entry import StaffEntry, violations
from chassis.errors import DomainError, FieldError, Kind, not_found
from chassis.identity import Identity
from chassis.retention import known
from chassis.unit_of_work import Transaction

Status = Literal["added", "changed", "unchanged"]


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of an entry."""

    code: str
    status: Status


async def keep_people(
    transaction: Transaction,
    context: Context,
    keeper: Identity,
    entries: Sequence[StaffEntry | DomainError],
    *,
    new: bool = False,
) -> list[Kept | DomainError]:
    """Put entries into the directory in their order, with a result for each; the same again changes nothing.

    What could not even be read comes in as the error that it is, and goes out at its place. `new` refuses to change anybody.
    """
    store = PeopleStore(transaction, context.secrets)
    await store.lock()
    profile = (await context.profiles.current(transaction)).profile
    given = [entry for entry in entries if isinstance(entry, StaffEntry)]
    named = {known.posted_as("person", entry.code): entry.code for entry in given if not entry.active}
    left = {named[each]: day for each, day in (await known.reduced_on(transaction, context.secrets, named)).items()}
    before = await store.of(entry.code for entry in given)
    subjects = await store.whose(entry.subject for entry in given if entry.subject is not None)
    keeping = _Keeping(keeper, before, _owners(before, subjects), left, new=new)
    results: list[Kept | DomainError] = []
    for entry in entries:
        if isinstance(entry, DomainError):
            results.append(entry)
            continue
        wrong = list(violations(entry, profile))
        results.append(_invalid(wrong) if wrong else keeping.take(entry))
    await store.put(list(keeping.written.values()), keeping.letting_go())
    return results


async def keep_person(
    transaction: Transaction, context: Context, keeper: Identity, entry: StaffEntry, *, new: bool = False
) -> Kept:
    """Put one entry into the directory; with `new` nobody who is there already. Raises `DomainError` where it is refused."""
    (result,) = await keep_people(transaction, context, keeper, [entry], new=new)
    if isinstance(result, DomainError):
        raise result
    return result


async def read_people(transaction: Transaction, context: Context, reader: Identity, after: str, limit: int) -> list[StaffEntry]:
    """Entries of the areas to which the reader is limited, in the order of their codes, from after one."""
    return await PeopleStore(transaction, context.secrets).page(reader.areas, after, limit)


async def read_person(transaction: Transaction, context: Context, reader: Identity, code: str) -> StaffEntry:
    """One entry. Raises `not-found`."""
    found = (await PeopleStore(transaction, context.secrets).of([code])).get(code)
    if found is None or not _may_keep(reader, found):
        raise not_found("person")
    return found


class _Keeping:
    """One list at work: what stands in the directory so far, and who signs in as whom."""

    def __init__(
        self,
        keeper: Identity,
        before: dict[str, StaffEntry],
        owners: dict[str, str],
        left: Mapping[str, date],
        *,
        new: bool,
    ) -> None:
        self._left = left
        self._new = new
        self._keeper = keeper
        self._before = before
        self._owners = owners
        self.written: dict[str, StaffEntry] = {}

    def take(self, entry: StaffEntry) -> Kept | DomainError:
        current = self.written.get(entry.code) or self._before.get(entry.code)
        if not _may_keep(self._keeper, entry) or (current is not None and not _may_keep(self._keeper, current)):
            detail = f"You may keep people of these service areas only: {', '.join(sorted(self._keeper.areas))}."
            return DomainError("service-area-not-allowed", detail, Kind.FORBIDDEN)
        # Somebody who works here again is no old record; a list that still names who has left makes none of it.
        if current is None and entry.code in self._left and not entry.active:
            return known.was_reduced("entry of somebody who has left", self._left[entry.code])
        owner = self._owners.get(entry.subject) if entry.subject is not None else None
        if owner not in {None, entry.code}:
            detail = f"'{owner}' signs in with this already. Take it from them first, or send both in one list: them before."
            return _invalid([FieldError("/subject", detail)])
        if current is not None and _same(current, entry):
            return Kept(entry.code, "unchanged")
        if self._new and current is not None:
            return _invalid([FieldError("/code", f"There is somebody with the code {entry.code} already.")])
        if current is not None and current.subject is not None:
            self._owners.pop(current.subject, None)
        if entry.subject is not None:
            self._owners[entry.subject] = entry.code
        self.written[entry.code] = entry
        return Kept(entry.code, "changed" if current is not None else "added")

    def letting_go(self) -> list[str]:
        """Codes of those whose sign-in changes."""
        return [
            code for code, entry in self.written.items() if (old := self._before.get(code)) and old.subject != entry.subject
        ]


def _owners(before: dict[str, StaffEntry], subjects: dict[str, str]) -> dict[str, str]:
    return subjects | {entry.subject: code for code, entry in before.items() if entry.subject is not None}


def _same(one: StaffEntry, other: StaffEntry) -> bool:
    # A list of teams or duties is a set: its order says nothing.
    plain = {"manages", "duties"}
    alike = one.model_dump(exclude=plain) == other.model_dump(exclude=plain)
    return alike and set(one.manages) == set(other.manages) and set(one.duties) == set(other.duties)


def _may_keep(keeper: Identity, entry: StaffEntry) -> bool:
    return not keeper.areas or entry.service_area in keeper.areas


def _invalid(errors: list[FieldError]) -> DomainError:
    detail = "This person was not changed, since what was sent does not fit. See `errors`."
    return DomainError("invalid-person", detail, Kind.MALFORMED, tuple(errors))
