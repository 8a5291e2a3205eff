"""A profile is applied, checked, and refused with the place of every mistake."""

import copy
from typing import Any, ClassVar

import pytest

from chassis.testing.fixtures import caller

PATH = "/feedback/v1/profile"


def survey(document: dict[str, Any], code: str = "living-where-i-live") -> tuple[str, dict[str, Any]]:
    """The pointer and the content of a questionnaire."""
    number = [each["code"] for each in document["questionnaires"]].index(code)
    return f"/questionnaires/{number}", document["questionnaires"][number]


def question(document: dict[str, Any], code: str) -> dict[str, Any]:
    """A question of the children's survey."""
    questions: list[dict[str, Any]] = survey(document)[1]["versions"][0]["questions"]
    return next(each for each in questions if each["code"] == code)


def without_easy_read(document: dict[str, Any]) -> dict[str, Any]:
    """The document with the children's survey as it was before there was easy read."""
    content = survey(document)[1]
    content["easy_intro"] = None
    for each in content["versions"][0]["questions"]:
        each.update(easy=None, easy_hint=None, picture=None)
        for option in each["options"]:
            option["easy"] = None
    return document


class TestApplying:
    async def test_the_same_again_changes_nothing_and_a_dry_run_stores_nothing(
        self, operator: Any, documents: Any, sql: Any
    ) -> None:
        document = documents("worcestershire")
        assert (await operator.put(PATH, json=document)).json()["changed"] is False
        document["version"] = "new"
        assert (await operator.put(f"{PATH}?dry_run=true", json=document)).json()["changed"] is False
        assert await sql.value("select count(*) from feedback.profile where org = 'worcestershire'") == 1
        assert (await operator.put(PATH, json=document)).json() == {"version": "new", "changed": True, "notes": []}

    async def test_wording_may_change_within_a_version_and_questions_may_not(self, operator: Any, documents: Any) -> None:
        document = documents("worcestershire")
        document["version"] = "2"
        question(document, "listened-to")["text"]["en"] = "Do grown-ups listen?"
        assert (await operator.put(PATH, json=document)).status_code == 200
        changed = copy.deepcopy(document)
        question(changed, "listened-to")["options"].pop()
        answer = await operator.put(PATH, json={**changed, "version": "3"})
        assert answer.status_code == 422
        [error] = answer.json()["errors"]
        assert error["pointer"] == f"{survey(document)[0]}/versions/0/questions"
        assert "Add version 2" in error["detail"]


class TestWorries:
    @pytest.mark.parametrize(
        ("part", "change", "pointer"),
        [
            ("worries", {"escalation_email": "nobody"}, "/worries/escalation_email"),
            ("worries", {"read": {"from": "17:00", "until": "09:00"}}, "/worries/read/until"),
            ("worries", {"read": {"from": "9"}}, "/worries/read/from"),
            ("worries", {"words": ["safe", "not .."]}, "/worries/words/1"),
            (
                "worries",
                {"hand_over_to": [{"code": "a", "name": "A"}, {"code": "a", "name": "B"}]},
                "/worries/hand_over_to/1/code",
            ),
            ("worries", {"hand_over_to": []}, "/worries/hand_over_to"),
            ("worries", {"close_after_days": 3}, "/worries/close_after_days"),
            ("contacts", {"duty_email": "duty, please"}, "/organisation/contacts/duty_email"),
        ],
    )
    async def test_what_cannot_be_is_named(
        self, operator: Any, documents: Any, part: str, change: dict[str, Any], pointer: str
    ) -> None:
        document = documents("worcestershire")
        (document["worries"] if part == "worries" else document["organisation"]["contacts"]).update(change)
        answer = await operator.put(PATH, json={**document, "version": "2"})
        assert answer.status_code == 422
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]

    async def test_a_profile_from_before_there_were_any_is_still_taken(self, operator: Any, documents: Any) -> None:
        document = documents("worcestershire")
        del document["worries"]
        assert (await operator.put(PATH, json={**document, "version": "2"})).status_code == 200


def _set(which: str, **changes: Any) -> Any:
    return lambda document: question(document, which).update(changes)


class TestEasyRead:
    async def test_wording_and_pictures_may_be_added_to_a_version_that_is_in_force(self, operator: Any, documents: Any) -> None:
        document = without_easy_read(documents("worcestershire"))
        assert (await operator.put(PATH, json={**document, "version": "plain"})).status_code == 200
        content = survey(document)[1]
        content["easy_intro"] = {"en": "We want to know how you are."}
        for each in content["versions"][0]["questions"]:
            each.update(easy={"en": "How is it?"}, picture="home")
        assert (await operator.put(PATH, json={**document, "version": "easy"})).status_code == 200

    @pytest.mark.parametrize(
        ("place", "change", "pointer"),
        [
            (1, {"easy": None}, "versions/0/questions/1/easy"),
            (None, {"easy_intro": None}, "easy_intro"),
            (1, {"easy": {"cy": "Beth?"}}, "versions/0/questions/1/easy"),
            (1, {"picture": "rocket"}, "versions/0/questions/1/picture"),
        ],
    )
    async def test_somebody_who_reads_easy_words_has_them_on_the_whole_way(
        self, operator: Any, documents: Any, place: int | None, change: dict[str, Any], pointer: str
    ) -> None:
        document = without_easy_read(documents("worcestershire"))
        at, content = survey(document)
        content["easy_intro"] = {"en": "We want to know how you are."}
        for each in content["versions"][0]["questions"]:
            each.update(easy={"en": "How is it?"}, picture="home")
        questions = content["versions"][0]["questions"]
        (content if place is None else questions[place]).update(change)
        answer = await operator.put(PATH, json={**document, "version": "2"})
        assert answer.status_code == 422
        assert f"{at}/{pointer}" in [error["pointer"] for error in answer.json()["errors"]]


class TestRefusing:
    @pytest.mark.parametrize(
        ("change", "pointer"),
        [
            (_set("listened-to", positive=["no-such"]), "versions/0/questions/1/positive/0"),
            (_set("feel-unsafe", worry=["no-such"]), "versions/0/questions/3/worry/0"),
            (_set("listened-to", themes=["no-such"]), "versions/0/questions/1/themes/0"),
            (_set("listened-to", options=[]), "versions/0/questions/1/options"),
            (_set("tell-us-more", scale={"min": 1, "max": 5, "faces": False, "positive_from": None, "labels": []}),
             "versions/0/questions/4/scale"),
            (_set("tell-us-more", show_if={"question": "tell-us-more", "choices": ["yes"]}),
             "versions/0/questions/4/show_if/question"),
            (_set("tell-us-more", show_if={"question": "feel-unsafe", "choices": ["maybe"]}),
             "versions/0/questions/4/show_if/choices/0"),
            (_set("who-helps", code="listened-to"), "versions/0/questions/2/code"),
            (_set("listened-to", kind="matrix"), "versions/0/questions/1/kind"),
            (_set("listened-to", text={"cy": "Beth?"}), "versions/0/questions/1/text"),
            (_set("listened-to", extra=1), "versions/0/questions/1/extra"),
            (lambda document: question(document, "how-home-feels")["scale"].update(max=4, positive_from=2),
             "versions/0/questions/0/scale/labels/4/score"),
            (lambda document: question(document, "listened-to")["options"][0].update(code="skipped"),
             "versions/0/questions/1/options/0/code"),
            (lambda document: survey(document)[1].update(needs_review=["so"]), "needs_review/0"),
            (lambda document: survey(document)[1]["versions"].append(copy.deepcopy(survey(document)[1]["versions"][0])),
             "versions/1/version"),
        ],
    )  # fmt: skip
    async def test_a_mistake_is_named_by_its_place_and_nothing_is_stored(
        self, operator: Any, documents: Any, sql: Any, change: Any, pointer: str
    ) -> None:
        document = documents("worcestershire")
        at = survey(document)[0]
        change(document)
        for query in ("?dry_run=true", ""):
            answer = await operator.put(f"{PATH}{query}", json={**document, "version": "bad"})
            assert answer.status_code == 422, answer.text
            assert f"{at}/{pointer}" in [error["pointer"] for error in answer.json()["errors"]], answer.json()["errors"]
        assert await sql.value("select count(*) from feedback.profile where org = 'worcestershire'") == 1

    async def test_a_question_keeps_its_kind_in_every_version(self, operator: Any, documents: Any) -> None:
        document = documents("worcestershire")
        at, content = survey(document)
        newer = copy.deepcopy(content["versions"][0])
        newer |= {"version": 2, "from": "2030-01-01"}
        newer["questions"][1] |= {"kind": "several"}
        content["versions"].append(newer)
        answer = await operator.put(PATH, json={**document, "version": "2"})
        assert [error["pointer"] for error in answer.json()["errors"]] == [f"{at}/versions/1/questions/1/kind"]

    async def test_the_profile_of_another_organisation_is_refused(self, operator: Any, documents: Any) -> None:
        answer = await operator.put(PATH, json=documents("telford-wrekin"))
        assert answer.json()["errors"][0]["pointer"] == "/organisation/code"

    async def test_without_a_profile_the_answer_says_how_to_apply_one(self, client: Any, keys: Any) -> None:
        nobody = client.acting_as(caller("feedback:invitations:read", org="elsewhere"))
        answer = await nobody.get("/feedback/v1/questionnaires")
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:learning-loop:problem:no-profile")


class TestFamilies:
    CALLER: ClassVar[dict[str, Any]] = {"role": "family-contact", "who": {"en": "Somebody"}}

    @pytest.mark.parametrize(
        ("families", "pointer"),
        [
            ({"messages": {"remind_after": [20, 10]}}, "/families/messages/remind_after"),
            ({"messages": {"remind_after": [1, 2, 3]}}, "/families/messages/remind_after"),
            ({"messages": {"send": {"from": "18:00", "until": "09:00"}}}, "/families/messages/send/until"),
            ({"contact": {"by": []}}, "/families/contact/by"),
            ({"contact": {"by": [{**CALLER, "service_areas": ["moon"]}]}}, "/families/contact/by/0/service_areas/0"),
            ({"contact": {"by": [{**CALLER, "teams": ["moon"]}]}}, "/families/contact/by/0/teams/0"),
            ({"contact": {"by": [{**CALLER, "email": "somebody"}]}}, "/families/contact/by/0/email"),
            ({"contact": {"by": [{**CALLER, "who": {"fr": "Quelqu'un"}}]}}, "/families/contact/by/0/who"),
            ({"contact": {"by": [CALLER], "keep_days": 91}}, "/families/contact/keep_days"),
        ],
    )
    async def test_what_cannot_be_is_named(self, operator: Any, documents: Any, families: dict[str, Any], pointer: str) -> None:
        answer = await operator.put(PATH, json={**documents("worcestershire"), "families": families, "version": "2"})
        assert answer.status_code == 422
        assert pointer in [error["pointer"] for error in answer.json()["errors"]]

    async def test_a_profile_from_before_there_were_any_is_still_taken(self, operator: Any, documents: Any) -> None:
        document = documents("worcestershire")
        del document["families"]
        assert (await operator.put(PATH, json={**document, "version": "2"})).status_code == 200
