"""The pages of audit tools, every answer read as a strict browser would, and the blank tool as a screen reader would."""

import html
from collections.abc import Callable
from copy import deepcopy

import pytest
from services.audit.tests.conftest import Call, profile_document, profile_of

from audit.domain.profile import Scale, Tool
from chassis.testing.fixtures import ServiceClient, caller
from chassis.testing.page_client import check_pages
from chassis.testing.pdf import Printed

BROWSER = {"accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}
ORGANISATIONS = ("worcestershire", "telford-wrekin")
Auditor = Callable[[str], ServiceClient]


@pytest.fixture
async def auditor(client: ServiceClient, call_as: Call) -> Auditor:
    """Makes a manager of an organisation who audits, and whose browser checks every page."""

    def somebody(org: str) -> ServiceClient:
        manager = call_as(caller("role:manager", org=org, subject="staff:sam"))
        manager.headers.update(BROWSER)
        check_pages(manager)
        return manager

    return somebody


@pytest.fixture
async def sam(auditor: Auditor) -> ServiceClient:
    return auditor("worcestershire")


def words_of(tool: Tool, scale: Scale | None) -> list[str]:
    """Everything that a tool tells its auditor, a paragraph each."""
    said = [tool.purpose, *tool.before_you_begin.split("\n\n")]
    for section in tool.sections:
        said += [section.name, section.guidance, *section.look_for]
        said += [section.meaning(grade) for grade in scale.grades] if scale else []
    for question in tool.questions:
        said += [question.text, question.hint, *(option.label for option in question.options)]
    said += [agency.name for agency in tool.agencies]
    return said + ([grade.definition for grade in scale.grades] if scale else [])


async def page_of(client: ServiceClient, address: str) -> str:
    answer = await client.get(address)
    assert answer.status_code == 200, answer.text
    return html.unescape(answer.text)


class TestList:
    async def test_every_tool_is_there_with_its_kind_and_version(self, sam: ServiceClient) -> None:
        text = await page_of(sam, "/audit/tools")
        for tool in profile_of("worcestershire").audit.tools:
            assert f'href="/audit/tools/{tool.code}">{tool.name}</a>' in text
        assert "7 sections" in text
        assert ">A grade</td>" in text

    async def test_a_deskside_discussion_is_called_one(self, auditor: Auditor) -> None:
        text = await page_of(auditor("telford-wrekin"), "/audit/tools")
        assert ">Deskside discussion</td>" in text
        assert ">A rating</td>" in text


class TestTool:
    @pytest.mark.parametrize("org", ORGANISATIONS)
    async def test_everything_that_the_profile_says_is_shown(self, auditor: Auditor, org: str) -> None:
        profile, manager = profile_of(org), auditor(org)
        for tool in profile.audit.tools:
            text = " ".join((await page_of(manager, f"/audit/tools/{tool.code}")).split())
            assert [words for words in words_of(tool, profile.scale_of(tool)) if words not in text] == []

    async def test_an_earlier_version_is_shown_as_one(self, sam: ServiceClient, call_as: Call) -> None:
        changed = deepcopy(profile_document("worcestershire")) | {"version": "next"}
        fostering = changed["audit"]["tools"][1]
        fostering["version"] = 2
        (gone,) = fostering["sections"][-1:]
        fostering["sections"] = fostering["sections"][:-1]
        assert (await call_as(caller("operator")).put("/audit/v1/profile", json=changed)).status_code == 200
        now = await page_of(sam, "/audit/tools/fostering")
        assert "version 2</span>" in now
        assert f'id="section-{gone["code"]}"' not in now
        assert 'href="/audit/tools/fostering?version=1">Version 1</a>' in now
        before = await page_of(sam, "/audit/tools/fostering?version=1")
        assert "Audits that began with version 1 keep it" in before
        assert f'id="section-{gone["code"]}"' in before
        assert "/audit/tools/fostering/blank.pdf?version=1" in before

    async def test_a_tool_that_is_gone_is_still_read(self, sam: ServiceClient, call_as: Call) -> None:
        changed = deepcopy(profile_document("worcestershire")) | {"version": "next"}
        gone = changed["audit"]["tools"].pop(1)["code"]
        changed["audit"]["programmes"] = [each for each in changed["audit"]["programmes"] if each["tool"] != gone]
        assert (await call_as(caller("operator")).put("/audit/v1/profile", json=changed)).status_code == 200
        assert "no longer in use" in await page_of(sam, "/audit/tools/fostering")

    @pytest.mark.parametrize("address", ["nothing", "nothing/blank.pdf", "fostering?version=7", "care-leavers", "%00"])
    async def test_what_the_organisation_never_had_is_not_found(self, sam: ServiceClient, address: str) -> None:
        answer = await sam.get(f"/audit/tools/{address}")
        assert answer.status_code in {404, 422}
        assert "Traceback" not in answer.text


class TestBlank:
    @pytest.mark.parametrize("org", ORGANISATIONS)
    async def test_a_blank_tool_can_be_read_by_everybody(self, auditor: Auditor, org: str) -> None:
        profile, manager = profile_of(org), auditor(org)
        for tool in profile.audit.tools:
            answer = await manager.get(f"/audit/tools/{tool.code}/blank.pdf")
            assert answer.headers["content-disposition"] == f'attachment; filename="{tool.code}-{tool.version}-blank.pdf"'
            printed = Printed(answer.content)
            assert (printed.title, printed.language, printed.tagged) == (tool.name, "en-GB", True)
            assert printed.standards == {"pdfua-1", "pdfa-2a"}
            headings = [words for _, words in printed.headings]
            named = [section.name for section in tool.sections]
            named += [f"{number}. {question.text}" for number, question in enumerate(tool.questions, 1)]
            assert [words for words in named if words not in headings] == []
            text = printed.text
            assert [words for words in words_of(tool, profile.scale_of(tool)) if words not in text] == []
