"""The period of a report: named by the profile or written out, and no farther from its ends than what the report looks at."""

from chassis.errors import DomainError, Kind
from reporting.domain import periods
from reporting.domain.periods import Period
from reporting.domain.profile import Profile
from reporting.domain.recipes import Report, Table

MALFORMED_PERIOD = "unknown-period"
_EXAMPLES = {"quarter": "2022-23-q1", "half-year": "2022-23-h1", "year": "2022-23"}


def period_of(profile: Profile, recipe: Report, code: str) -> Period:
    """The period of a code, named by the profile or written out. Raises DomainError `unknown-period` (422)."""
    found = named(profile, code)
    if found is None:
        try:
            found = periods.parse(code)
        except periods.UnknownPeriodError as error:
            raise DomainError(MALFORMED_PERIOD, f"There is no such period: {error}.", Kind.MALFORMED) from None
    if recipe.period not in {"any", found.kind}:
        detail = f"This report is made for a {recipe.period}, such as {_EXAMPLES[recipe.period]}."
        raise DomainError(MALFORMED_PERIOD, detail, Kind.MALFORMED)
    try:
        # Whatever the report looks back at has to lie within what periods can be.
        deepest = min((_depth(table) for table in recipe.tables), default=0)
        found.shift(deepest)
    except periods.UnknownPeriodError as error:
        raise DomainError(MALFORMED_PERIOD, f"{str(error).capitalize()}.", Kind.MALFORMED) from None
    return found


def _depth(table: Table) -> int:
    spans = [-table.compare, *(column.period.from_ for column in table.columns)]
    if table.across is not None:
        spans.append(table.across.period.from_)
    if table.rows.by == "period":
        spans += [row.from_ for row in table.rows.periods]
    return min(spans)


def named(profile: Profile, code: str) -> Period | None:
    """A period that the profile names; None where it names none so."""
    for each in profile.reports.periods:
        if each.code == code:
            return Period(code, periods.Kind.NAMED, each.from_, each.to, each.label, each.label)
    return None
