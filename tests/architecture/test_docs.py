"""Pages for people: links and anchors lead somewhere, and commands, targets, modules and scripts that are named are there."""

import importlib.util
import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import typer
from tools import tour

from loop_cli.main import COMMANDS, LazyCommands
from tests.architecture.test_tree import tracked

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    path
    for path in tracked()
    if path.suffix == ".md" and (path.parent == ROOT or "docs" in path.parts or path.name == "README.md")
]
LINK = re.compile(r"\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^)\s]+)\)")
PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)\s]+)\)")
FENCED = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
COMMAND = re.compile(r"^(?:sudo -u \S+ )?(?:[A-Z_]+=\S* )*(?:\S*/)?loop ([a-z].*)$")
"""The command at the beginning of a line or of words in code, also as another account, from its folder, with variables."""


def place(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def text(path: Path) -> str:
    return path.read_text()


def anchors(path: Path) -> set[str]:
    """What headings are called by in addresses, as GitHub and the site make them."""
    found: set[str] = set()
    for heading in re.findall(r"^#{1,6} +(.+?) *$", FENCED.sub("", text(path)), re.MULTILINE):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        name = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
        found.add(name if name not in found else f"{name}-{sum(each.startswith(name) for each in found)}")
    return found


def fault(page: Path, link: str) -> str | None:
    """What is wrong with a link of a page."""
    if re.match(r"[a-z]+:", link):
        return None
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    if not target.exists():
        return f"{link} is not there"
    if anchor and target.suffix == ".md" and anchor not in anchors(target):
        return f"{link}: there is no such heading"
    return None


def code(page: str) -> Iterator[str]:
    """What a page shows as code: lines of blocks, and words in backticks."""
    for block in FENCED.findall(page):
        yield from (line.strip() for line in block.splitlines()[1:-1])
    for span in SPAN.findall(FENCED.sub("", page)):
        yield span.strip()


class TestPictures:
    def test_every_picture_is_there_is_described_and_is_one_that_the_tour_takes(self) -> None:
        shown = {(page, alt, path) for page in PAGES for alt, path in PICTURE.findall(text(page))}
        assert [(place(page), path) for page, alt, path in shown if len(alt) < 10 or not (page.parent / path).exists()] == []
        taken = {f"tour/{stop.name}-{width}.png" for stop in tour.STOPS for width in stop.widths}
        assert {path for page, _, path in shown if page.name == "tour.md"} == taken
        assert {path.name for path in tour.PICTURES.glob("*.png")} == {Path(each).name for each in taken}

    def test_they_are_small(self) -> None:
        assert sum(path.stat().st_size for path in tour.PICTURES.glob("*.png")) < tour.MOST_BYTES


class TestLinks:
    def test_every_link_and_anchor_leads_somewhere(self) -> None:
        links = [(page, link) for page in PAGES for link in LINK.findall(FENCED.sub("", text(page)))]
        assert len(links) > 300
        assert [(place(page), wrong) for page, link in links if (wrong := fault(page, link))] == []

    def test_one_that_leads_nowhere_is_seen(self) -> None:
        page = ROOT / "docs" / "security.md"
        assert fault(page, "privacy.md#how-long-at-present") is None
        assert fault(page, "privacy.md#how-long-for-ever")
        assert fault(page, "guides/nothing.md")

    def test_every_page_of_docs_is_reached_from_another(self) -> None:
        reached = {
            (page.parent / link.partition("#")[0]).resolve()
            for page in PAGES
            for link in LINK.findall(text(page))
            if not re.match(r"[a-z]+:", link)
        }
        folders = {path for path in reached if path.is_dir()}
        alone = [place(page) for page in PAGES if "docs" in page.parts and page not in reached and page.parent not in folders]
        assert alone == []


@cache
def command_line() -> Any:
    app = typer.Typer(cls=LazyCommands)
    app.callback()(lambda: None)
    return typer.main.get_command(app)


def wrong_with(line: str) -> str | None:
    """What `loop` would not understand of a line of a page; None where it would, or the line is none of its own."""
    found = COMMAND.match(line)
    if not found:
        return None
    # What a page leaves out, or lets be left out: […], <…>, (…) and what comes after a comment, a pipe or a semicolon.
    words = re.sub(r"[\[\]]|[;)].*$| [>|&#].*$", " ", found[1])
    try:
        tokens = shlex.split(words)
    except ValueError:
        tokens = words.split()
    command, path = command_line(), "loop"
    while tokens and hasattr(command, "get_command"):
        names = tokens.pop(0).rstrip(",.:").split("|")
        if names[0].startswith(("-", "…", "<")):
            return f"{path} has no option of its own"
        options = [command.get_command(typer.Context(command), name) for name in names]
        if None in options:
            return f"{path} has no {' or '.join(names)}"
        command, path = options[0], f"{path} {names[0]}"
    known = {name for each in command.params for name in (*each.opts, *each.secondary_opts)} | {"--help"}
    asked = {token.partition("=")[0] for token in tokens if token.startswith("-") and token != "-"}
    return f"{path} takes no {', '.join(sorted(asked - known))}" if asked - known else None


class TestCommands:
    def test_every_command_of_loop_is_there_with_the_options_that_are_shown(self) -> None:
        lines = [(page, line) for page in PAGES for line in code(text(page)) if COMMAND.match(line)]
        assert len(lines) > 80
        assert [(place(page), line, wrong) for page, line in lines if (wrong := wrong_with(line))] == []

    def test_one_that_is_not_there_is_seen(self) -> None:
        assert wrong_with("loop client show CLIENT --org worcestershire  # credentials") is None
        assert wrong_with("sudo -u learning-loop /opt/learning-loop/.venv/bin/loop status --data x") is None
        assert wrong_with("loop webhook disable|resume wh-… --org worcestershire") is None
        assert wrong_with("loop client show CLIENT --organisation worcestershire")
        assert wrong_with("loop client look CLIENT")
        assert wrong_with("loop dance")

    def test_every_command_is_told_of_on_some_page(self) -> None:
        told = {found[1].split()[0] for page in PAGES for line in code(text(page)) if (found := COMMAND.match(line))}
        assert set(COMMANDS) - told == set()

    def test_every_target_of_make_is_there(self) -> None:
        targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
        named = {
            (place(page), found)
            for page in PAGES
            for line in code(text(page))
            for found in re.findall(r"^make ([a-z][a-z-]*)", line)
        }
        assert len(named) > 10
        assert {each for each in named if each[1] not in targets} == set()

    def test_every_module_and_script_is_there(self) -> None:
        lines = [(page, line) for page in PAGES for line in code(text(page))]
        modules = {(place(page), name) for page, line in lines for name in re.findall(r"\bpython -m ([a-z_.]+)", line)}
        scripts = {(place(page), name) for page, line in lines for name in re.findall(r"\bpython (tools/\S+\.py)", line)}
        assert len(modules) > 5
        assert {
            each for each in modules if each[1].strip(".") and importlib.util.find_spec(each[1].strip(".")) is None
        } == set()
        assert {each for each in scripts if not (ROOT / each[1]).exists()} == set()
