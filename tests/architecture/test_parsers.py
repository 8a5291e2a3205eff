"""docs/security/parsers.md: every parser and every test that it names is there, and no module that parses is forgotten."""

import ast
import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "docs" / "security" / "parsers.md").read_text()
ROWS = re.findall(r"^\| `([\w.]+)` \| [^|]+ \| [^|]+ \| `([^`]+)` \|$", DOCUMENT, re.MULTILINE)
INSIDE = set(re.findall(r"^- `([\w.]+)`", DOCUMENT.partition("## Modules")[2], re.MULTILINE))
READERS = frozenset(
    [
        "b64decode",
        "urlsafe_b64decode",
        "fromisoformat",
        "ip_address",
        "ip_network",
        "parse_qsl",
        "parse_qs",
        "strptime",
        "compose",
        "safe_load",
        "loads",
        "ZipFile",
        "load_workbook",
        "load_pem_x509_certificate",
        "load_der_x509_certificate",
        "import_key",
        "ParserCreate",
    ]
)
"""Calls by which text or bytes become something else."""


def modules() -> dict[str, Path]:
    sources = [*ROOT.glob("libs/*/src"), *ROOT.glob("services/*/src"), ROOT / "gateway" / "src"]
    found = {
        ".".join(path.relative_to(source).with_suffix("").parts): path for source in sources for path in source.rglob("*.py")
    }

    def is_outside(name: str) -> bool:
        # Adapters of a service read rows that the service has written.
        return ".testing" not in name and (name.startswith("gateway") or ".adapters." not in name)

    return {name: path for name, path in found.items() if is_outside(name)}


def calls(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            names.add(node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", ""))
    return names & READERS


def named(name: str) -> object:
    """A module, or something in one."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        within, _, last = name.rpartition(".")
        return getattr(importlib.import_module(within), last)


@pytest.mark.parametrize(("parser", "test"), ROWS, ids=[f"{parser} {test}" for parser, test in ROWS])
def test_parser_and_test_are_there(parser: str, test: str) -> None:
    assert named(parser)
    path, _, case = test.partition("::")
    source = (ROOT / path).read_text()
    assert f"class {case}" in source
    assert "mark.fuzz" in source


def test_every_fuzz_test_stands_in_the_list() -> None:
    marked = {
        path.relative_to(ROOT).as_posix() for path in ROOT.glob("*/**/tests/**/test_*.py") if "mark.fuzz" in path.read_text()
    }
    assert marked == {test.partition("::")[0] for _, test in ROWS}


def test_every_module_that_parses_stands_in_the_list_or_reads_nothing_from_outside() -> None:
    listed = [parser for parser, _ in ROWS]
    parsing = {name for name, path in modules().items() if calls(path)}
    covered = {name for name in parsing if any(each == name or each.startswith(f"{name}.") for each in listed)}
    covered |= {name for name in parsing if any(name.startswith(f"{each}.") for each in listed if each.count(".") == 1)}
    assert parsing - covered - INSIDE == set()
    assert INSIDE - parsing == set(), "no longer reads anything"
