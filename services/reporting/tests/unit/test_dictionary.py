"""The data dictionary says something about everything."""

import pytest

from reporting.domain.dictionary import entries, labels_of
from reporting.domain.odata.entity_sets import ENTITY_SETS
from reporting.domain.odata.model import Edm, EntitySet
from reporting.domain.odata.relations import DIMENSIONS, deciding_day, joins

SETS = pytest.mark.parametrize("entities", ENTITY_SETS.values(), ids=ENTITY_SETS.keys())


@SETS
class TestEverySet:
    def test_is_described_with_every_column(self, entities: EntitySet) -> None:
        assert entities.description.endswith((".", "…"))
        vague = [each.column for each in entries(entities) if len(each.description) < 5 or not each.description.endswith(".")]
        assert vague == []

    def test_says_of_every_code_where_its_label_is(self, entities: EntitySet) -> None:
        texts = [each for each in entities.properties if each.type is Edm.STRING]
        assert [each.name for each in texts if not labels_of(entities, each)] == []

    def test_names_dimensions_and_columns_that_there_are(self, entities: EntitySet) -> None:
        for column, (dimension, key) in joins(entities).items():
            of, to = entities.property(column), ENTITY_SETS[dimension].property(key)
            assert of.type is to.type, column
        for each in entries(entities):
            first = each.labels.partition(",")[0]
            assert (
                not each.labels or first in DIMENSIONS or first in {"Codes", "label", "itself"} or each.labels.endswith(".")
            ), each


class TestDays:
    def test_a_fact_has_one_day_that_decides_its_period_or_none(self) -> None:
        undecided = {name for name, each in ENTITY_SETS.items() if name not in DIMENSIONS and deciding_day(each) is None}
        # What is counted of these hangs on another day each time: set, due, done; or they are not counted by themselves.
        assert undecided == {
            "SupersededPoints", "AuditActions", "ComplaintActions", "StarScores", "Stars", "OmbudsmanCases",
            "OmbudsmanDeadlines", "PlanActions", "PlanMilestones",
        }  # fmt: skip
