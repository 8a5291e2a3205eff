"""The refusal of an allocation: every rule that is in the way, with its case and its part."""

from collections.abc import Sequence

from audit.adapters.rounds import CaseRow
from audit.domain.conflicts import Problem
from audit.domain.problem_words import NOBODY, SOMEBODY, part_words
from chassis.errors import DomainError, FieldError, Kind

MOST_SHOWN = 200


def allocation_impossible(problems: Sequence[Problem], cases: Sequence[CaseRow]) -> DomainError:
    """The refusal of a whole allocation: which rule, for which case, in which part.

    Cases are named by their place in the draw, not by their number: a refusal is written into logs of those who call us.
    """
    places = {case.case_key: case.place for case in cases}
    errors = tuple(
        FieldError(
            f"/{places[each.case]}/{each.part}/{each.rule}",
            f"Case {places[each.case]} of the draw, {part_words(each.part)}: {NOBODY[each.rule]}.",
        )
        for each in problems[:MOST_SHOWN]
    )
    wrong = len({each.case for each in problems})
    detail = (
        f"The cases cannot be allocated: for {wrong} of {len(places)} a rule is in the way. Nothing was allocated. Change the "
        "staff directory, or replace single cases by the next of the draw, and allocate again."
    )
    return DomainError("allocation-impossible", detail, Kind.CONFLICT, errors)


def rules_broken(problems: Sequence[Problem], reference: str) -> DomainError:
    """The refusal of one allocation by hand."""
    errors = tuple(
        FieldError(f"/{each.part}/{each.rule}", f"{reference}, {part_words(each.part)}: {each.person} {SOMEBODY[each.rule]}.")
        for each in problems
    )
    detail = "A rule of the programme is against it, so nothing was changed. See `errors`."
    return DomainError("conflict-rule", detail, Kind.CONFLICT, errors)


def no_longer_fits(problems: Sequence[tuple[str, Problem]]) -> DomainError:
    """The refusal to circulate what was right when it was allocated; each problem with the audit's reference."""
    errors = tuple(
        FieldError(
            f"/{reference}/{each.part}/{each.rule}",
            f"{reference}, {part_words(each.part)}: {each.person} {SOMEBODY[each.rule]}.",
        )
        for reference, each in problems[:MOST_SHOWN]
    )
    detail = (
        "The staff directory has changed since the cases were allocated, and some may no longer have what they were given. "
        "Nothing was circulated. Give those parts to somebody else first."
    )
    return DomainError("no-longer-fits", detail, Kind.CONFLICT, errors)
