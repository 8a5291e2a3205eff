"""The dispute resolution process of a profile."""

from copy import deepcopy
from typing import Any

import pytest
from pydantic import ValidationError
from services.audit.tests.conftest import profile_document

from audit.domain.dispute_profile import required_acknowledgements, required_disputes
from audit.domain.profile import AuditProfile
from audit.domain.profile_check import check_profile
from chassis.errors import DomainError

DOCUMENT = {name: part for name, part in profile_document("worcestershire").items() if name != "version"}


def changed(*path: Any, value: Any) -> AuditProfile:
    document: Any = deepcopy(DOCUMENT)
    place = document["audit"]
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return AuditProfile.model_validate(document)


class TestProfile:
    @pytest.mark.parametrize(
        ("path", "value", "pointer"),
        [
            (("disputes", "stages", 1, "answered_by"), "mayor", "/audit/disputes/stages/1/answered_by"),
            (("disputes", "stages", 1, "code"), "team-manager", "/audit/disputes/stages/1/code"),
            (("disputes", "categories", 3, "code"), "drift-and-delay", "/audit/disputes/categories/3/code"),
            (("acknowledgements", "origins", 1, "code"), "audit", "/audit/acknowledgements/origins/1/code"),
        ],
    )
    def test_a_code_exists_and_stands_once(self, path: tuple[Any, ...], value: Any, pointer: str) -> None:
        assert [error.pointer for error in check_profile(changed(*path, value=value))] == [pointer]

    @pytest.mark.parametrize(
        ("path", "value"),
        [
            (("disputes", "stages"), []),
            (("disputes", "stages", 0, "limit"), 0),
            (("disputes", "prefix"), "drp"),
            (("disputes", "colour"), "red"),
            (("acknowledgements", "origins"), []),
        ],
    )
    def test_its_form_is_strict(self, path: tuple[Any, ...], value: Any) -> None:
        with pytest.raises(ValidationError):
            changed(*path, value=value)

    @pytest.mark.parametrize("organisation", ["worcestershire", "telford-wrekin"])
    def test_the_shipped_ones_keep_the_20_working_days_of_the_handbook(self, organisation: str) -> None:
        document = profile_document(organisation)
        del document["version"]
        rules = required_disputes(AuditProfile.model_validate(document).audit.disputes)
        assert rules.limit_in_all == 20
        assert sum(stage.limit for stage in rules.stages) <= 20
        assert rules.stages[-1].answered_by == "director"

    def test_an_organisation_may_have_neither(self) -> None:
        document = deepcopy(DOCUMENT)
        del document["audit"]["disputes"], document["audit"]["acknowledgements"]
        profile = AuditProfile.model_validate(document)
        assert check_profile(profile) == []
        with pytest.raises(DomainError, match="no-dispute-process"):
            required_disputes(profile.audit.disputes)
        with pytest.raises(DomainError, match="no-acknowledgements"):
            required_acknowledgements(profile.audit.acknowledgements)

    def test_what_comes_behind_a_stage_that_is_no_more_is_all_of_them(self) -> None:
        rules = required_disputes(AuditProfile.model_validate(DOCUMENT).audit.disputes)
        assert [stage.code for stage in rules.later("group-manager")] == ["assistant-director", "director"]
        assert rules.later("abolished") == rules.stages
