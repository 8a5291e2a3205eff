"""docs/configuration.md against the code: every variable of ours that something names is one that something reads."""

import importlib
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
NAMED = re.compile(r"\bLOOP_[A-Z0-9]+(?:_[A-Z0-9]+)*_?")
PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted(path for path in (ROOT / "deploy").rglob("*") if path.is_file()),
    *sorted(ROOT.glob("*/README.md")),
    *sorted(ROOT.glob("*/*/README.md")),
]
SOURCES = [
    *ROOT.glob("*/src/**/*.py"),
    *ROOT.glob("*/*/src/**/*.py"),
    *ROOT.glob("tools/**/*.py"),
    *ROOT.glob("*/*/migrations/*.py"),
]
MADE_UP = {"LOOP_KEK_2026", "LOOP_KEK"}
"""Names of examples: an operator gives `env:` any."""


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "tools"))
        return importlib.import_module("tools.settings")


def unread(text: str, known: set[str]) -> set[str]:
    """Variables in a text that nobody reads; what ends with a low line stands for all that begin so."""
    named = set(NAMED.findall(text)) - MADE_UP
    return {
        name
        for name in named
        if name not in known
        and not (name.endswith("_") and any(each.startswith(name) for each in known))
        and not any(each.endswith("_") and name.startswith(each) for each in known)
    }


def test_no_page_and_no_file_to_deploy_names_a_variable_that_nobody_reads(tool: ModuleType) -> None:
    known = tool.known()
    found = {str(path.relative_to(ROOT)): wrong for path in PAGES if (wrong := unread(path.read_text(), known))}
    assert found == {}


def test_such_a_variable_would_be_seen(tool: ModuleType) -> None:
    known = tool.known()
    assert unread("LOOP_SCAN_URL, LOOP_SCAN_URI, LOOP_MAIL_…, LOOP_MALE_…, LOOP_NATS_URL_FILE, LOOP_HOST_FILE", known) == {
        "LOOP_SCAN_URI",
        "LOOP_MALE_",
        "LOOP_HOST_FILE",
    }


def test_the_reference_has_every_variable_that_the_code_names(tool: ModuleType) -> None:
    known = tool.known()
    found = {str(path.relative_to(ROOT)): wrong for path in SOURCES if (wrong := unread(path.read_text(), known))}
    assert found == {}


def test_what_is_read_beside_settings_is_read_there(tool: ModuleType) -> None:
    beside = (*tool.BESIDE, *tool.SERVERS)
    assert [each.name for each in beside if each.name not in (ROOT / each.place).read_text()] == []


def test_a_number_that_is_no_count_has_a_unit(tool: ModuleType) -> None:
    without = {
        f"{process.settings.__name__}.{name}"
        for process in tool.processes()
        for name, field in process.settings.model_fields.items()
        if field.annotation is float and tool.unit_of(field) is None
    }
    assert without == set()


def test_every_group_holds_something_and_every_name_in_it_is_a_setting(tool: ModuleType) -> None:
    names = set(tool.rows())
    idle = [pattern for group in tool.GROUPS for pattern in group.names if not any(tool._fits(name, pattern) for name in names)]
    assert idle == []
