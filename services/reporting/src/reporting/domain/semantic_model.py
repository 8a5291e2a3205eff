"""A semantic model for Power BI as TMDL (Tabular Model Definition Language): tables, relations and measures of the feed.

Only text that follows from declarations. Measures are those that DAX counts as the reports do (`plain_counts`); beside a share
stand the two numbers that it is made of. The states of a report's cell (not collected, not in use, withheld) are in none of
them: DAX shows nothing where there are no rows.
"""

from collections.abc import Iterator, Mapping
from uuid import UUID, uuid5

from reporting.domain.measures import MEASURES
from reporting.domain.odata.entity_sets import ENTITY_SETS
from reporting.domain.odata.model import Edm, EntitySet
from reporting.domain.odata.relations import deciding_day, joins
from reporting.domain.plain_counts import PLAIN_COUNTS, PlainCount, Where

NAME = "LearningLoop"
_IDS = UUID("0f6f9a0e-51f3-4f0a-9df5-7b0f5d7c1a42")
_TYPES = {
    Edm.STRING: "string",
    Edm.GUID: "string",
    Edm.INT32: "int64",
    Edm.INT64: "int64",
    Edm.DOUBLE: "double",
    Edm.BOOLEAN: "boolean",
    Edm.DATE: "dateTime",
    Edm.MOMENT: "dateTime",
}
_FORMATS = {Edm.DATE: "Short Date", Edm.MOMENT: "General Date"}


def files(feed: str) -> Mapping[str, str]:
    """The files of the model by path. `feed` is the address of the OData feed."""
    folder = f"{NAME}.SemanticModel"
    text = {
        f"{folder}/definition.pbism": '{\n  "version": "4.0",\n  "settings": {}\n}\n',
        f"{folder}/definition/database.tmdl": f"database {NAME}\n\tcompatibilityLevel: 1567\n",
        f"{folder}/definition/model.tmdl": _model(),
        f"{folder}/definition/expressions.tmdl": _expressions(feed),
        f"{folder}/definition/relationships.tmdl": "\n".join(_relationships()),
    }
    tables = {f"{folder}/definition/tables/{name}.tmdl": _table(each) for name, each in ENTITY_SETS.items()}
    return text | tables


def _model() -> str:
    head = [
        "model Model",
        "\tculture: en-GB",
        "\tdefaultPowerBIDataSourceVersion: powerBI_V3",
        "\tdiscourageImplicitMeasures",
        "",
    ]
    return "\n".join([*head, *(f"ref table {name}" for name in ENTITY_SETS), ""])


def _expressions(feed: str) -> str:
    quoted = feed.replace('"', '""')
    meta = 'meta [IsParameterQuery=true, Type="Text", IsParameterQueryRequired=true]'
    return f'/// Address of the feed of your installation.\nexpression Feed = "{quoted}" {meta}\n\tlineageTag: {_id("Feed")}\n'


def _table(entities: EntitySet) -> str:
    lines = [f"/// {entities.description}", f"table {entities.name}", f"\tlineageTag: {_id(entities.name)}"]
    if entities.name == "Dates":
        lines.append("\tdataCategory: Time")
    for count in PLAIN_COUNTS:
        if count.set == entities.name:
            lines += _measures(count)
    for each in entities.properties:
        lines += ["", f"\t/// {each.description}", f"\tcolumn {each.name}", f"\t\tdataType: {_TYPES[each.type]}"]
        if entities.key == (each.name,):
            lines.append("\t\tisKey")
        if each.type in _FORMATS:
            lines.append(f"\t\tformatString: {_FORMATS[each.type]}")
        tag = _id(f"{entities.name}.{each.name}")
        lines += [f"\t\tlineageTag: {tag}", "\t\tsummarizeBy: none", f"\t\tsourceColumn: {each.name}"]
    lines += ["", f"\tpartition {entities.name} = m", "\t\tmode: import", "\t\tsource =", *_query(entities), ""]
    return "\n".join(lines)


def _query(entities: EntitySet) -> Iterator[str]:
    indent = "\t\t\t\t"
    yield f"{indent}let"
    yield f'{indent}    Source = OData.Feed(Feed, null, [Implementation = "2.0"]),'
    # An identifier is compared as a text in the model, and would be of a type of its own.
    ids = [each.name for each in entities.properties if each.type is Edm.GUID]
    rows = f'Source{{[Name = "{entities.name}", Signature = "table"]}}[Data]'
    if ids:
        yield f"{indent}    Rows = {rows},"
        pairs = ", ".join(f'{{"{name}", type text}}' for name in ids)
        yield f"{indent}    Typed = Table.TransformColumnTypes(Rows, {{{pairs}}})"
    else:
        yield f"{indent}    Typed = {rows}"
    yield f"{indent}in"
    yield f"{indent}    Typed"


def _measures(count: PlainCount) -> Iterator[str]:
    measure = MEASURES[count.measure]
    said = " ".join([measure.definition, *measure.caveats])
    if count.n is None:
        yield from _measure(measure.name, said, dax(count, ()), "0")
        return
    n, of = f"{measure.name}: n", f"{measure.name}: of"
    yield from _measure(n, measure.numerator, dax(count, count.n), "0")
    yield from _measure(of, measure.denominator or "", dax(count, ()), "0")
    yield from _measure(measure.name, said, f"DIVIDE([{n}], [{of}])", "0%")


def _measure(name: str, said: str, expression: str, form: str) -> Iterator[str]:
    quoted = name.replace("'", "''")
    yield from ("", f"\t/// {said}", f"\tmeasure '{quoted}' = {expression}")
    yield from (f"\t\tformatString: {form}", f"\t\tlineageTag: {_id('measure.' + name)}")


def dax(count: PlainCount, more: tuple[Where, ...]) -> str:
    """The rows of a count in DAX; the period comes from Dates."""
    conditions = [_condition(count.set, each) for each in (*count.where, *more)]
    rows = f"COUNTROWS('{count.set}')"
    return f"CALCULATE({', '.join([rows, *conditions])})" if conditions else rows


def _condition(table: str, where: Where) -> str:
    column = f"'{table}'[{where.column}]"
    match where.test:
        case "empty":
            return f"ISBLANK({column})"
        case "filled":
            return f"NOT ISBLANK({column})"
        case "in":
            return f"{column} IN {{{', '.join(map(_literal, where.values))}}}"
    return f"{column} {'=' if where.test == 'is' else '<>'} {_literal(where.values[0])}"


def _literal(value: str | int | bool) -> str:  # noqa: FBT001 - a value like any other
    if isinstance(value, bool):
        return "TRUE()" if value else "FALSE()"
    return str(value) if isinstance(value, int) else '"' + value.replace('"', '""') + '"'


def _relationships() -> Iterator[str]:
    for entities in ENTITY_SETS.values():
        for column, (dimension, key) in joins(entities).items():
            yield f"relationship {_id(f'{entities.name}.{column}.{dimension}')}"
            if dimension == "Dates" and column == deciding_day(entities):
                yield "\tjoinOnDateBehavior: datePartOnly"
            yield f"\tfromColumn: {entities.name}.{column}"
            yield f"\ttoColumn: {dimension}.{key}\n"


def _id(name: str) -> UUID:
    """The same for the same name, so that a newer model replaces an older one."""
    return uuid5(_IDS, name)
