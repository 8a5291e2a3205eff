"""The events: what they may hold, and how they may grow."""

import copy
import json
from pathlib import Path
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from contracts import BY_SUBJECT, SERVICES, Event
from contracts.asyncapi import document, schema
from contracts.compatibility import breaking_changes
from contracts.complaints import Finding, StageResponded
from contracts.feedback import QuestionnairePublished

HOME = Path(__file__).resolve().parent.parent
# What a field may be called that could hold a person or their words. Codes are patterns, so only names are to be feared.
FORBIDDEN = ("name", "email", "phone", "address", "text", "comment", "narrative", "reason", "quote", "postcode")


@pytest.mark.parametrize("event", BY_SUBJECT.values(), ids=lambda event: event.__name__)
class TestEveryEvent:
    def test_its_subject_names_its_service_and_version(self, event: type[Event]) -> None:
        service = event.__module__.rsplit(".", 1)[1].partition("_")[0]  # a service's events may fill several modules
        assert event.subject.startswith(f"loop.{service}.v")

    def test_it_is_in_the_past_tense_and_frozen(self, event: type[Event]) -> None:
        assert event.model_config["frozen"] is True
        assert event.__name__.endswith(("ed", "drawn", "Sent"))

    def test_it_holds_no_field_for_a_person_or_free_text(self, event: type[Event]) -> None:
        def walk(node: Any) -> list[str]:
            if isinstance(node, dict):
                names = list(node.get("properties", {}))
                return names + [name for value in node.values() for name in walk(value)]
            return [name for value in node for name in walk(value)] if isinstance(node, list) else []

        # An id or a day is not the thing itself: `quote_id`, `quoted_on`.
        names = (name for name in walk(schema(event)) if not name.endswith(("_id", "_on")))
        words = {part for name in names for part in name.split("_")}
        assert not words & set(FORBIDDEN)

    def test_every_string_in_it_is_a_code_a_date_an_id_or_a_closed_list(self, event: type[Event]) -> None:
        loose: list[str] = []

        def walk(node: Any, path: str) -> None:
            if isinstance(node, dict):
                bound = {"format", "pattern", "enum", "const"} & node.keys()
                if node.get("type") == "string" and not bound:
                    loose.append(path)
                for key, value in node.items():
                    walk(value, f"{path}/{key}")
            elif isinstance(node, list):
                for value in node:
                    walk(value, path)

        walk(schema(event), "")
        allowed = {"case_key", "language", "calendar"}
        if event is QuestionnairePublished:
            allowed |= {"label"}  # the wording that families are shown, which is public
        assert {path.rsplit("properties/", 1)[1].split("/")[0] for path in loose} <= allowed

    def test_a_newer_producers_field_does_not_break_a_reader(self, event: type[Event]) -> None:
        assert event.model_config["extra"] == "ignore"


class TestPublishedForms:
    def test_the_asyncapi_document_and_schemas_are_current(self) -> None:
        assert json.loads((HOME / "asyncapi.json").read_text()) == document()
        for subject, event in BY_SUBJECT.items():
            committed = json.loads((HOME / "schemas" / f"{subject}.json").read_text())
            assert committed == schema(event)
            Draft202012Validator.check_schema(committed)

    def test_no_released_event_was_broken(self) -> None:
        released = sorted((HOME / "released").glob("*.json"))
        assert released
        for path in released:
            assert breaking_changes(json.loads(path.read_text()), schema(BY_SUBJECT[path.stem])) == []

    def test_every_reference_in_the_document_leads_somewhere(self) -> None:
        whole = document()

        def walk(node: Any) -> None:
            if isinstance(node, dict):
                if isinstance(reference := node.get("$ref"), str):
                    target: Any = whole
                    for part in reference.removeprefix("#/").split("/"):
                        target = target[part]
                for value in node.values():
                    walk(value)
            elif isinstance(node, list):
                for value in node:
                    walk(value)

        walk(whole)
        assert len(whole["channels"]) == sum(len(events) for events in SERVICES.values())


class TestBreakingChanges:
    def changed(self, **changes: Any) -> list[str]:
        old = schema(StageResponded)
        new = copy.deepcopy(old)
        for name, change in changes.items():
            change(new) if name == "root" else change(new["properties"][name])
        return breaking_changes(old, new)

    def test_an_optional_field_more_breaks_nobody(self) -> None:
        assert self.changed(root=lambda new: new["properties"].update(note={"type": "string"})) == []

    def test_a_field_that_goes_or_changes_is_found(self) -> None:
        assert self.changed(root=lambda new: new["properties"].pop("stage")) == ["/stage: the field is gone"]
        assert self.changed(stage=lambda field: field.update(type="string")) == ["/stage: type was 'integer' and is 'string'"]

    def test_a_field_that_may_be_missing_now_is_found(self) -> None:
        assert self.changed(root=lambda new: new["required"].remove("stage")) == ["/stage: the field may now be missing"]

    def test_a_change_deep_inside_is_found(self) -> None:
        def widen(new: dict[str, Any]) -> None:
            new["$defs"]["PointFinding"]["properties"]["finding"]["enum"].append("unclear")

        assert self.changed(root=widen) == [
            f"/findings[]/finding: enum was {list(get_args(Finding))!r} and is {[*get_args(Finding), 'unclear']!r}"
        ]


class TestModels:
    def test_a_code_that_could_carry_a_name_is_refused(self) -> None:
        with pytest.raises(ValidationError):
            BY_SUBJECT["loop.complaints.v1.compliment_received"].model_validate(
                {
                    "compliment_id": "0" * 32,
                    "received_on": "2022-04-01",
                    "service_area": "Jane Doe",
                    "source": "parent",
                    "external": True,
                }
            )
