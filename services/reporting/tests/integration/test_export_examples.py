"""The examples of docs/guides/bi-files.md, as they stand there, with the libraries that they name."""

import re
from pathlib import Path
from typing import Any

import pytest
from reporting_everything import everything
from reporting_records import Sources

from chassis.testing.browser import served
from chassis.testing.fixtures import Keys, caller
from reporting.bootstrap import build_app
from reporting.settings import ReportingSettings

GUIDE = Path(__file__).resolve().parents[4] / "docs" / "guides" / "bi-files.md"
EXAMPLES = re.findall(r"```python\n(# (\w+)\n.*?)```", GUIDE.read_text(), re.DOTALL)


def test_there_are_examples() -> None:
    assert [name for _, name in EXAMPLES] == ["pandas", "polars", "duckdb", "pyarrow", "changes"]


@pytest.fixture
async def feed(settings: ReportingSettings, sources: Sources, profile: dict[str, Any], keys: Keys) -> Any:
    """A service in which there is something, and the headers with which a caller comes through the gateway."""
    await sources.record(*everything("worcestershire-a"))
    with served(build_app(settings)) as url:
        yield url, keys.headers("reporting", caller("reporting:read"))


async def test_every_example_does_what_it_says(feed: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    url, headers = feed
    monkeypatch.chdir(tmp_path)
    for code, name in EXAMPLES:
        # The address and the credentials are this test's; everything else is the guide's.
        code = code.replace('"https://loop.example.org"', repr(url)).replace('{"X-API-Key": key}', repr(dict(headers)))  # noqa: PLW2901
        assert url in code, name
        exec(compile(code, f"bi-files.md: {name}", "exec"), {})
