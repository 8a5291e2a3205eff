"""The catalogue says all of every measure: what it counts, out of what, from where, by which day, and where its rows stand."""

import pytest
from reporting_records import document

from reporting.domain import catalogue
from reporting.domain.measure import Measure
from reporting.domain.measures import MEASURES
from reporting.domain.odata.dimension_sets import DIMENSION_SETS
from reporting.domain.odata.entity_sets import ENTITY_SETS
from reporting.domain.odata.model import Edm
from reporting.domain.profile import Profile
from reporting.pages.routes import COLLECTIONS

SOURCES = {"audit", "feedback", "complaints", "reporting", "audit, complaints and feedback"}
# Sets that no measure counts, and why.
NOT_COUNTED = {
    "SupersededPoints": "points that are counted no more",
    "SurveyMessages": "how links reached people, not what they said",
    "AuditSubmissions": "the first one is in AuditParts, by which parts in time are counted",
    "AuditModerations": "moderations in time are counted by the audits that were due",
    "AuditEscalations": "a concern that could not wait is dealt with, and not counted in reports",
    "PlanActions": "a plan is read as a whole; what it is held against are measures and KPIs",
    "PlanMilestones": "the same",
    "KpiObservations": "KPIs are declared in the profile, and have pages of their own",
    "StarScores": "changes are counted by Stars, which holds the first and the last score",
}

ALL = pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES.keys())


class TestEveryMeasure:
    @ALL
    def test_says_what_it_counts_and_out_of_what(self, measure: Measure) -> None:
        for words in (measure.definition, measure.numerator, measure.denominator or measure.definition, *measure.caveats):
            assert words.endswith("."), words
            assert words[0].isupper(), words
        if measure.is_ratio:
            assert measure.numerator != measure.definition
            assert measure.numerator != measure.denominator
        assert all((measure.name, measure.unit, measure.grain, measure.day, catalogue.counted_until(measure)))

    @ALL
    def test_comes_from_a_service_and_a_collection_that_the_page_names(self, measure: Measure) -> None:
        assert measure.source in SOURCES
        assert measure.collection.value in COLLECTIONS

    @ALL
    def test_says_where_its_rows_stand_or_why_they_are_nowhere(self, measure: Measure) -> None:
        behind = catalogue.rows_behind(measure)
        assert bool(behind) != (measure.code in catalogue.NO_ROWS)
        assert set(behind) <= ENTITY_SETS.keys()
        days = {each.name for name in behind for each in ENTITY_SETS[name].properties if each.type is Edm.DATE}
        assert days or not behind  # by which the period can be told

    @ALL
    def test_names_its_dimensions_in_words(self, measure: Measure) -> None:
        assert measure.dimensions
        words = [catalogue.dimension_words(name) for name in measure.dimensions]
        assert len(set(words)) == len(words)
        assert not [each for each in words if "_" in each]


class TestEverySet:
    def test_is_behind_a_measure_or_says_why_not(self) -> None:
        behind = {name for each in MEASURES.values() for name in catalogue.rows_behind(each)}
        counted = ENTITY_SETS.keys() - {each.name for each in DIMENSION_SETS}
        assert counted - behind == NOT_COUNTED.keys()

    def test_of_facts_describes_every_column_and_says_what_decides_its_period(self) -> None:
        for each in ENTITY_SETS.values():
            for words in (each.description, *(held.description for held in each.properties)):
                assert words.endswith((".", ":", "…")), (each.name, words)
            assert set(each.key) <= {held.name for held in each.properties if not held.nullable}, each.name


class TestUses:
    def test_name_the_reports_of_the_organisation_with_their_tables(self) -> None:
        found = catalogue.uses(Profile.model_validate(document("worcestershire")))
        titles = [each.title for each in found["complaints_received"]]
        assert titles[0] == "How we are doing"
        report = next(each for each in found["complaints_received"] if each.report == "send-complaints")
        assert report.tables
        assert len(set(report.tables)) == len(report.tables)

    def test_of_a_measure_that_no_report_shows_there_are_none(self) -> None:
        profile = Profile.model_validate(document("telford-wrekin"))
        (entry,) = catalogue.entries(profile, [MEASURES["ombudsman_cases_with_remedies"]])
        assert entry.uses == tuple(catalogue.uses(profile).get("ombudsman_cases_with_remedies", ()))
