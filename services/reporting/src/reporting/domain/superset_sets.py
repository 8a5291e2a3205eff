"""What Superset is told of facts: a query a fact that names the codes of its dimensions, and its measures as SQL.

Superset knows no relations between data sets, so each is joined where it is asked for. As in the semantic model for Power BI,
the measures are those that come out as in the reports (`plain_counts`), and beside a share stand the two numbers that it is
made of.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reporting.domain.measures import MEASURES
from reporting.domain.odata.entity_sets import ENTITY_SETS
from reporting.domain.odata.model import EntitySet
from reporting.domain.odata.relations import deciding_day, joins
from reporting.domain.plain_counts import PLAIN_COUNTS, PlainCount, Where

FACTS = ("Complaints", "ComplaintPoints", "Compliments", "AuditOutcomes", "SurveyResponses")
"""Those of which the dashboard that ships shows something."""
_OF_DATES = ("month", "quarter", "quarter_label", "financial_year")


@dataclass(frozen=True)
class Metric:
    """A measure of a data set: its name, what it means, and how it is counted."""

    code: str
    name: str
    said: str
    sql: str
    is_share: bool = False


def view_of(name: str) -> str:
    """A set as the view of direct readers: ComplaintPoints is complaint_points."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def query(entities: EntitySet) -> str:
    """The rows of a fact, with the label of every code that is a row of a dimension, and the quarter of its day."""
    columns, tables = ["f.*"], [f"from {view_of(entities.name)} f"]
    for number, (column, (dimension, key)) in enumerate(sorted(joins(entities).items()), 1):
        tables.append(f"left join {view_of(dimension)} d{number} on d{number}.{key} = f.{column}")
        if dimension == "Dates":
            columns += [f"d{number}.{each}" for each in _OF_DATES]
        else:
            columns.append(f"d{number}.label as {column}_label")
    return "\n".join([f"select {', '.join(columns)}", *tables])


def metrics(entities: EntitySet) -> Iterator[Metric]:
    """The measures that are counted of a fact."""
    for count in PLAIN_COUNTS:
        if count.set != entities.name:
            continue
        measure = MEASURES[count.measure]
        said = " ".join([measure.definition, *measure.caveats])
        if count.n is None:
            yield Metric(count.measure, measure.name, said, _counted(count, ()))
            continue
        n, of = _counted(count, count.n), _counted(count, ())
        yield Metric(f"{count.measure}_n", f"{measure.name}: n", measure.numerator, n)
        yield Metric(f"{count.measure}_of", f"{measure.name}: of", measure.denominator or "", of)
        yield Metric(count.measure, measure.name, said, f"{n} * 1.0 / nullif({of}, 0)", is_share=True)


def fact(name: str) -> EntitySet:
    """A fact of the dashboard."""
    entities = ENTITY_SETS[name]
    if deciding_day(entities) is None:
        raise ValueError(f"{name} has no day that decides its period")
    return entities


def _counted(count: PlainCount, more: tuple[Where, ...]) -> str:
    conditions = [_condition(each) for each in (*count.where, *more)]
    return f"count(*) filter (where {' and '.join(conditions)})" if conditions else "count(*)"


def _condition(where: Where) -> str:
    """A condition in SQL that is true or false, never unknown."""
    values = ", ".join(map(_literal, where.values))
    return (
        where.column
        + {
            "empty": " is null",
            "filled": " is not null",
            "in": f" in ({values})",
            "is": f" is not distinct from {values}",
            "is not": f" is distinct from {values}",
        }[where.test]
    )


def _literal(value: str | int | bool) -> str:  # noqa: FBT001 - a value like any other
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"
