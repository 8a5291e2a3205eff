"""A bulletin from the data of a month and what people wrote. Small counts, and what would give them away, are not said."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol
from uuid import UUID

from complaints.domain import small_numbers
from complaints.domain.bulletin import PARTS, Bulletin, Content, Figures, Month, Section, Words
from complaints.domain.learning import Action
from complaints.domain.profile import Profile

Counts = Mapping[str, Mapping[str, int]]


class _Kept(Protocol):
    @property
    def id(self) -> UUID: ...
    @property
    def action(self) -> Action: ...


class _Coded(Protocol):
    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...


def draft(month: Month, content: Content, counts: Counts, actions: Sequence[_Kept], profile: Profile) -> Bulletin:
    """How a bulletin reads now."""
    own = profile.complaints
    least = own.learning.small_numbers
    categories = counts["categories"]
    words = {part: content.words.get(part, Words()) for part in PARTS}
    chosen = set(content.actions)
    organisation, learning = profile.organisation.themes, own.learning.themes
    themes = [(theme.code, theme.name or theme.code) for theme in organisation] + [(each.code, each.name) for each in learning]
    tables = {
        "received": _table("Complaints and enquiries received", counts["received"], _pairs(own.procedures), least),
        "categories": _table(
            "Points of complaints received, by what they are about", categories, _pairs(own.categories), least
        ),
        "themes": _points_by_theme(categories, profile, themes, least),
        "findings": _table("Findings made, by point", counts["findings"], _pairs(own.findings), least),
        "learning": _table("Actions by theme", counts["themes"], themes, least, total=False),
        "compliments": _compliments(counts["compliments"], _pairs(own.sources), least),
    }
    learned = Section(
        PARTS["learned"],
        words["learned"],
        (_actions(counts["actions"], least), tables["learning"]),
        tuple(each.action.plan.what for each in actions if str(each.id) in chosen),
    )
    sections = (
        Section(PARTS["intro"], words["intro"]),
        Section("What came in", tables=(tables["received"], tables["categories"], tables["themes"])),
        Section("What we found", tables=(tables["findings"],)),
        learned,
        Section(PARTS["praise"], words["praise"], (tables["compliments"],)),
        Section(PARTS["next"], words["next"]),
    )
    kept = tuple(each for each in sections if each.tables or each.words.text or each.items)
    return Bulletin(f"Learning from complaints: {month.name}", profile.organisation.name, kept, _notes(least))


def _pairs(named: Iterable[_Coded]) -> list[tuple[str, str]]:
    return [(each.code, each.name) for each in named]


def _table(
    title: str, counts: Mapping[str, int], names: Sequence[tuple[str, str]], least: int, *, total: bool = True
) -> Figures:
    """A row for each member that has any, in the profile's order; a code that has left the profile stands for itself."""
    known = dict(names)
    ordered = [code for code in known if counts.get(code)] + sorted(code for code in counts if code not in known)
    rows = [(known.get(code, code), cell) for code, cell in small_numbers.rows({code: counts[code] for code in ordered}, least)]
    if total:
        rows.append(("All", small_numbers.said(sum(counts.values()), least)))
    return Figures(title, tuple(rows))


def _points_by_theme(categories: Mapping[str, int], profile: Profile, themes: Sequence[tuple[str, str]], least: int) -> Figures:
    """The points of the table before, by theme. A theme with a category that is not said there is not said here.

    What is said here can be added up from the table before; so it gives away nothing that is hidden there.
    """
    unsaid = small_numbers.hidden(categories, least)
    found: Counter[str] = Counter()
    left_out: set[str] = set()
    for category in profile.complaints.categories:
        for theme in set(category.themes) if categories.get(category.code) else ():
            found[theme] += categories[category.code]
            if category.code in unsaid:
                left_out.add(theme)
    rows = [(name, "not shown" if code in left_out else f"{found[code]:,}") for code, name in themes if found[code]]
    return Figures("The same points, by theme", tuple(rows))


def _actions(counts: Mapping[str, int], least: int) -> Figures:
    names = (
        ("recorded", "Actions recorded"),
        ("done", "Actions done"),
        ("none", "Points that need no action, with the reason recorded"),
    )
    return Figures("Actions", tuple((name, small_numbers.said(counts.get(code, 0), least)) for code, name in names))


def _compliments(counts: Mapping[str, int], sources: Sequence[tuple[str, str]], least: int) -> Figures:
    outside = {code: count for code, count in counts.items() if code != "internal"}
    table = _table("Compliments from outside", outside, sources, least)
    inside = ("From colleagues, which the formal figures leave out", small_numbers.said(counts.get("internal", 0), least))
    return Figures(table.title, (*table.rows, inside))


def _notes(least: int) -> tuple[str, ...]:
    notes = [
        "Points outnumber complaints: a complaint may have several, and each has a finding of its own.",
        "A point whose category has several themes counts in each of them.",
    ]
    if least > 1:
        notes.append(
            f"Counts below {least} are not shown, nor others that would give them away, so that no family can be recognised."
        )
    return tuple(notes)
