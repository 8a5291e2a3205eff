"""Profiles become rows of dimensions: every code of the facts has a place where its label stands."""

from datetime import date
from typing import Any

import pytest
from reporting_records import document

from reporting.domain import dimension_tables as tables
from reporting.domain.code_lists import LISTS
from reporting.domain.dimension_rows import Row, dates, rows
from reporting.domain.odata.dimension_sets import DIMENSION_SETS
from reporting.domain.odata.entity_sets import ENTITY_SETS
from reporting.domain.odata.model import Edm
from reporting.domain.profile import Profile
from reporting.domain.published import Edition, with_published

# Columns that need no list: keys of other tables, ids within a record, and several in one.
OF_A_DIMENSION = {
    *("service_area", "team", "tool", "section", "section_key", "scale", "grade", "grade_key", "overall", "overall_key"),
    *("questionnaire", "question", "question_key", "category", "themes", "choices", "questions", "remedies", "findings"),
    "kpi",
}
OF_A_RECORD = {"round", "part", "action", "calendar", "action_key", "code", "reference", "tracked"}


def made(**changes: Any) -> dict[tables.DimensionTable, list[Row]]:
    profile = Profile.model_validate({**document("worcestershire"), **changes})
    return rows(profile, profile)


def of(found: list[Row], **key: Any) -> Row:
    (row,) = (row for row in found if all(row[name] == value for name, value in key.items()))
    return row


class TestEveryCode:
    @pytest.mark.parametrize("org", ["worcestershire", "telford-wrekin"])
    def test_of_a_profile_stands_once_in_its_table(self, org: str) -> None:
        profile = Profile.model_validate(document(org))
        for table, found in rows(profile, profile).items():
            keys = [tuple(row[name] for name in table.key) for row in found]
            assert len(keys) == len(set(keys)), table.table
            assert all(set(row) <= set(table.columns) for row in found), table.table
            assert found or table in {tables.TEAM, tables.NAME}, table.table

    def test_column_of_the_feed_has_a_dimension_or_a_list(self) -> None:
        listed = {column for each in LISTS for column in each.used_in}
        columns = {
            f"{entities.name}.{each.name}"
            for entities in ENTITY_SETS.values()
            if entities not in DIMENSION_SETS
            for each in entities.properties
            if each.type is Edm.STRING and each.name not in OF_A_DIMENSION | OF_A_RECORD
        }
        assert columns - listed == set()

    def test_list_names_columns_that_there_are(self) -> None:
        for each in LISTS:
            for column in each.used_in:
                entities, name = column.split(".")
                assert ENTITY_SETS[entities].property(name).type is Edm.STRING

    def test_set_has_the_columns_of_its_table(self) -> None:
        of_table = {each.table: each for each in tables.ALL}
        assert {each.view for each in DIMENSION_SETS} == set(of_table)
        for each in DIMENSION_SETS:
            assert {held.name for held in each.properties} == set(of_table[each.view].types), each.name


class TestRows:
    def test_a_renamed_area_has_each_name_with_its_days(self) -> None:
        whole = document("worcestershire")
        whole["organisation"]["service_areas"][0]["former_names"] = [
            {"name": "Younger", "until": "2021-03-31"},
            {"name": "Oldest", "until": "2019-12-31"},
        ]
        names = [row for row in made(**whole)[tables.NAME] if row["code"] == "through-care"]
        assert [(row["label"], row["label_from"], row["label_until"]) for row in names] == [
            ("Oldest", None, date(2019, 12, 31)),
            ("Younger", date(2020, 1, 1), date(2021, 3, 31)),
            ("Through Care (including Placements & Sufficiency)", date(2021, 4, 1), None),
        ]

    def test_a_merged_team_says_into_what_and_since_when_and_what_it_ends_in(self) -> None:
        whole = document("worcestershire")
        teams = whole["organisation"]["teams"]
        teams[1] |= {"until": "2022-06-30", "merged_into": {"code": "send-south", "from": "2022-07-01"}}
        teams[2] |= {"until": "2023-03-31", "merged_into": {"code": "send-post-16", "from": "2023-04-01"}}
        found = made(**whole)[tables.TEAM]
        north = of(found, team="send-north")
        assert (north["merged_into"], north["merged_on"], north["rolls_up_to"]) == (
            "send-south",
            date(2022, 7, 1),
            "send-post-16",
        )
        assert of(found, team="send-post-16")["rolls_up_to"] == "send-post-16"

    def test_a_published_question_keeps_what_the_profile_says_of_it(self) -> None:
        profile = Profile.model_validate(document("worcestershire"))
        asked = {"question": "involved-in-assessment", "kind": "one", "options": ["yes", "no", "new"], "positive": ["yes"]}
        questions = [{**asked, "score_from": None, "label": "Were you involved at all?"}]
        version = {"version": 9, "begins_on": "2030-01-01", "questions": questions}
        in_force = with_published(profile, [Edition("new-ehcp", 1, "New name", (version,))])
        found = rows(profile, in_force)
        assert of(found[tables.QUESTIONNAIRE], questionnaire="new-ehcp") | {"position": 0} == {
            "questionnaire": "new-ehcp",
            "label": "New name",
            "position": 0,
            "audience": "parent-carer",
            "about": next(each.about for each in profile.questionnaires if each.code == "new-ehcp"),
            "questionnaire_version": 9,
            "edition": 1,
        }
        key = {"questionnaire": "new-ehcp", "questionnaire_version": 9}
        assert of(found[tables.QUESTION], **key)["label"] == "Were you involved at all?"
        options = {row["option"]: row["label"] for row in found[tables.OPTION] if row["question_key"].startswith("new-ehcp/9/")}
        assert options == {"yes": "Yes", "no": "No", "new": "new"}

    def test_a_score_that_has_a_name_says_it(self) -> None:
        labels = [{"score": 1, "label": {"en": "Never"}}, {"score": 5, "label": {"en": "Always"}}]
        scale = {"min": 1, "max": 5, "positive_from": 4, "labels": labels}
        question = {"code": "q", "kind": "scale", "text": {"en": "How often?"}, "scale": scale}
        version = {"version": 1, "from": "2022-04-01", "questions": [question]}
        found = made(questionnaires=[{"code": "x", "name": "X", "versions": [version]}])[tables.OPTION]
        assert [(row["option"], row["score"], row["label"], row["positive"]) for row in found] == [
            ("1", 1, "Never", False),
            ("5", 5, "Always", True),
        ]

    def test_days_know_their_quarter_and_the_bank_holidays(self) -> None:
        found = {row["day"]: row for row in dates()}
        jubilee = found[date(2022, 6, 3)]
        assert (jubilee["quarter"], jubilee["financial_year"], jubilee["month"]) == ("2022-23-q1", "2022-23", "2022-06")
        assert (jubilee["weekday"], jubilee["working_day"]) == ("Friday", False)
        assert jubilee["holiday"]
        assert found[date(2023, 3, 31)]["quarter_label"] == "Q4 22/23"
        assert found[date(2022, 6, 1)]["working_day"] is True
