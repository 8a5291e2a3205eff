"""The semantic model for Power BI: that it is well formed, and names nothing that is not there."""

import re

from reporting.domain.measure import Until
from reporting.domain.measures import MEASURES
from reporting.domain.odata.entity_sets import ENTITY_SETS
from reporting.domain.odata.relations import DIMENSIONS, deciding_day, joins
from reporting.domain.plain_counts import PLAIN_COUNTS
from reporting.domain.semantic_model import files

FILES = files("https://loop.example.org/reporting/odata/v4/")
TABLES = {path.rpartition("/")[2].removesuffix(".tmdl"): text for path, text in FILES.items() if "/tables/" in path}
KNOWN = {
    0: r"table \w+|relationship [0-9a-f-]{36}|database \w+|model \w+|ref table \w+|expression \w+ = .+",
    1: r"column \w+|measure '(?:[^']|'')+' = .+|partition \w+ = m|\w+: .+|discourageImplicitMeasures",
    2: r"\w+: .+|isKey|source =",
    4: r".+",
}


def indent(line: str) -> int:
    return len(line) - len(line.lstrip("\t"))


class TestText:
    def test_every_line_stands_where_its_kind_may_stand(self) -> None:
        for path, text in FILES.items():
            if not path.endswith(".tmdl"):
                continue
            described = False
            for number, line in enumerate(text.split("\n"), 1):
                where = f"{path}:{number}: {line}"
                body = line.strip("\t")
                if not body:
                    assert not described, where
                    continue
                if body.startswith("///"):
                    # A description belongs to the object that follows at once.
                    described = True
                    continue
                assert re.fullmatch(KNOWN[indent(line)], body), where
                assert not described or re.match(r"(table|column|measure|expression) ", body), where
                described = False

    def test_of_every_set_there_is_a_table_with_its_columns_described(self) -> None:
        assert TABLES.keys() == ENTITY_SETS.keys()
        for name, entities in ENTITY_SETS.items():
            found = re.findall(r"\t/// (.+)\n\tcolumn (\w+)\n\t\tdataType: (\w+)\n", TABLES[name])
            assert [(each.description, each.name) for each in entities.properties] == [
                (said, column) for said, column, _ in found
            ]
            assert re.findall(r"sourceColumn: (\w+)", TABLES[name]) == [each.name for each in entities.properties]

    def test_names_no_column_that_is_not_there(self) -> None:
        for text in TABLES.values():
            for table, column in re.findall(r"'(\w+)'\[(\w+)\]", text):
                ENTITY_SETS[table].property(column)
            names = set(re.findall(r"\tmeasure '([^']+)' =", text))
            assert set(re.findall(r"DIVIDE\(\[(.+?)\], \[(.+?)\]\)", text)) <= {(f"{n}: n", f"{n}: of") for n in names}

    def test_no_two_objects_have_one_tag(self) -> None:
        tags = re.findall(r"lineageTag: (\S+)", "".join(FILES.values()))
        assert len(tags) == len(set(tags))


class TestRelations:
    def test_go_from_a_fact_to_the_one_row_of_a_dimension(self) -> None:
        text = next(text for path, text in FILES.items() if path.endswith("relationships.tmdl"))
        pairs = re.findall(r"\tfromColumn: (\w+)\.(\w+)\n\ttoColumn: (\w+)\.(\w+)\n", text)
        assert len(pairs) == text.count("relationship ") == sum(len(joins(each)) for each in ENTITY_SETS.values())
        for fact, column, dimension, key in pairs:
            assert fact not in DIMENSIONS
            assert dimension in DIMENSIONS
            ENTITY_SETS[fact].property(column)
            ENTITY_SETS[dimension].property(key)

    def test_no_fact_has_two_active_ways_to_one_dimension(self) -> None:
        for entities in ENTITY_SETS.values():
            reached = [dimension for dimension, _ in joins(entities).values()]
            assert len(reached) == len(set(reached)), entities.name


class TestMeasures:
    def test_are_declared_ones_whose_period_ends_with_itself(self) -> None:
        for each in PLAIN_COUNTS:
            assert MEASURES[each.measure].until is Until.PERIOD
            assert MEASURES[each.measure].is_ratio == (each.n is not None)
            # DAX takes the period from Dates, so the count's day must be the one that hangs on it.
            assert deciding_day(ENTITY_SETS[each.set]) == each.day
