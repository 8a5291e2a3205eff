"""Write docs/configuration.md, every variable that something of ours reads, from settings and the options of the command.

python tools/settings.py            write it
python tools/settings.py --check    compare

What a variable is called, what it may be and what it does stands in the settings themselves; here stands in which order an
operator reads them, and what is read beside settings.
"""

import importlib
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import typer
from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined, to_json

from chassis.settings import Settings, Unit
from loop_cli.main import COMMANDS

_TOOL = importlib.import_module("openapi")  # beside this file
_GROUPS = importlib.import_module("setting_groups")
GROUPS, BESIDE, SERVERS = _GROUPS.GROUPS, _GROUPS.BESIDE, _GROUPS.SERVERS
ROOT: Path = _TOOL.ROOT
TARGET = ROOT / "docs" / "configuration.md"
SERVICES: tuple[str, ...] = _TOOL.SERVICES
PREFIX = "LOOP_"
_HEAD = """# Configuration reference

Made by `python tools/settings.py` from the settings of every process; `make check` says when it is not current. Settings come
from the environment only. A process reads those below that name it, says which is missing or wrong, and then does not start;
what it does not know it leaves alone. JSON stands in one line (`'["10.0.0.0/8"]'`); times and sizes are numbers in the unit
beside them.

**Secret**: the value is never printed; in its place a file may be named, by the same variable with `_FILE` behind it: one of
the two, not both. Files are read once, when a process starts. *Needed*: without it the process does not start.

"All services" are audit, feedback, complaints and reporting; each has a web process and a worker, as the gateway has. `loop up`
sets itself what it knows better (addresses, ports, passwords, keys), and passes on what [install.md](guides/install.md) names.
"""


@dataclass(frozen=True, slots=True)
class Row:
    """A variable as some processes read it."""

    name: str
    value: str
    default: str
    does: str
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Process:
    """A process and its settings."""

    service: str
    part: Literal["web", "worker"]
    settings: type[Settings]


def processes() -> list[Process]:
    """Every process that reads settings."""
    found = []
    for service in SERVICES:
        module, name = importlib.import_module(f"{service}.settings"), service.capitalize()
        found += [
            Process(service, "web", getattr(module, f"{name}Settings")),
            Process(service, "worker", getattr(module, f"{name}WorkerSettings")),
        ]
    web, worker = importlib.import_module("gateway.settings"), importlib.import_module("gateway.worker_settings")
    return [
        *found,
        Process("gateway", "web", web.GatewaySettings),
        Process("gateway", "worker", worker.GatewayWorkerSettings),
    ]


def _parts(annotation: Any) -> Iterator[Any]:
    """An annotation and all that stands within it."""
    yield annotation
    for each in get_args(annotation):
        yield from _parts(each)


def _metadata(field: FieldInfo) -> list[Any]:
    return [*field.metadata, *_parts(field.annotation)]


def is_secret(field: FieldInfo) -> bool:
    """Whether its value is hidden, and may lie in a file."""
    return field.annotation in (SecretStr, SecretStr | None)


def unit_of(field: FieldInfo) -> str | None:
    """What its number is in."""
    return next((each.name for each in _metadata(field) if isinstance(each, Unit)), None)


def _either(words: list[str]) -> str:
    return " or ".join([*([", ".join(words[:-1])] if len(words) > 1 else []), words[-1]])


def _kind(annotation: Any) -> str:
    options = [each for each in _parts(annotation) if each is not type(None)]
    for each in options:
        if get_origin(each) is Literal:
            return _either([f"`{one}`" for one in get_args(each)])
    origins = {get_origin(each) for each in options} | set(options)
    if origins & {dict, list, tuple, frozenset}:
        return "JSON"
    names = {"bool": "`true` or `false`", "int": "whole number", "float": "number", "Path": "path", "UUID": "UUID"}
    return next(
        (words for name, words in names.items() if any(getattr(each, "__name__", "") == name for each in options)), "text"
    )


def value_of(field: FieldInfo) -> str:
    """What it may be: kind, unit and bounds."""
    unit = unit_of(field)
    words = _kind(field.annotation)
    if unit and words != "text":
        words = f"{words} {unit}" if unit.startswith("of ") else f"{words}, {unit}"
    words = unit if unit and words == "text" else words
    bounds = {"ge": "at least {}", "gt": "more than {}", "le": "at most {}", "lt": "less than {}"}
    found = [
        text.format(f"{limit:,}")
        for name, text in bounds.items()
        for each in field.metadata
        if (limit := getattr(each, name, None)) is not None
    ]
    return ", ".join([words, *found, *(["**secret**"] if is_secret(field) else [])])


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True)
    if value is PydanticUndefined:
        return "*needed*"
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if value is None or value in ("", (), [], {}, frozenset()):
        return "–"
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, frozenset):
        value = sorted(value)
    if isinstance(value, float):
        value = f"{value:g}"
    text = value if isinstance(value, str) else to_json(value).decode().replace('","', '", "')
    return f"`{text}`"


def described(settings: type[Settings]) -> dict[str, Row]:
    """By variable, what a process reads."""
    return {
        (name := f"{PREFIX}{field_name.upper()}"): Row(
            name, value_of(field), _default(field), field.description or "", secret=is_secret(field)
        )
        for field_name, field in settings.model_fields.items()
    }


def options() -> dict[str, tuple[str, list[str]]]:
    """Variables of the command `loop`: what each does, and which commands take it."""
    found: dict[str, tuple[str, list[str]]] = {}

    def walk(command: Any, path: str) -> None:
        for parameter in command.params:
            for name in [parameter.envvar] if isinstance(parameter.envvar, str) else parameter.envvar or []:
                found.setdefault(name, (f"`{max(parameter.opts, key=len)}`: {parameter.help}", []))[1].append(path)
        for name, each in getattr(command, "commands", {}).items():
            walk(each, f"{path} {name}")

    for name, module in COMMANDS.items():
        command = typer.main.get_command(importlib.import_module(module).app)
        walk(getattr(command, "commands", {}).get(name, command), name)
    return found


def images() -> dict[str, dict[str, str]]:
    """Defaults that the images set, by variable and service."""
    found: dict[str, dict[str, str]] = {}
    for service in (*SERVICES, "gateway"):
        folder = ROOT / ("gateway" if service == "gateway" else f"services/{service}")
        for name, value in re.findall(r"\b(LOOP_\w+)=(\S+)", (folder / "Dockerfile").read_text()):
            found.setdefault(name, {})[service] = value
    return found


def readers(who: list[Process]) -> str:
    """Which processes, in as few words as there are."""
    by_part = {part: {each.service for each in who if each.part == part} for part in ("web", "worker")}
    words = []
    both = by_part["web"] & by_part["worker"]
    for services, suffix in ((both, ""), (by_part["web"] - both, " web"), (by_part["worker"] - both, " worker")):
        if services >= set(SERVICES):
            words.append(f"all services{suffix}")
            services = services - set(SERVICES)  # noqa: PLW2901 - what is left of them
        words += [f"{each}{suffix}" for each in (*SERVICES, "gateway") if each in services]
    return ", ".join(words)


def rows() -> dict[str, list[tuple[Row, str]]]:
    """Every variable of settings with who reads it; several where it is not the same everywhere."""
    by_row: dict[Row, list[Process]] = {}
    for process in processes():
        for row in described(process.settings).values():
            by_row.setdefault(row, []).append(process)
    found: dict[str, list[tuple[Row, str]]] = {}
    for row, who in by_row.items():
        found.setdefault(row.name, []).append((row, readers(who)))
    return found


def known() -> set[str]:
    """Every variable of ours that something reads, with the `_FILE` forms."""
    of_settings = rows()
    files = {f"{name}_FILE" for name, each in of_settings.items() if any(row.secret for row, _ in each)}
    return set(of_settings) | files | set(options()) | {each.name for each in (*BESIDE, *SERVERS)}


def place_of(name: str) -> tuple[str, int] | None:
    """Title of the group that names a variable, or the longest beginning of it; and where in the group."""
    fitting = [
        (len(each), group.title, number) for group in GROUPS for number, each in enumerate(group.names) if _fits(name, each)
    ]
    return max(fitting)[1:] if fitting else None


def _fits(name: str, pattern: str) -> bool:
    return name.startswith(f"{PREFIX}{pattern[:-1]}") if pattern.endswith("*") else name == f"{PREFIX}{pattern}"


def _lines(name: str, described_as: list[tuple[Row, str]], image: dict[str, str]) -> Iterator[str]:
    for row, who in described_as:
        default = row.default
        if values := sorted({value for service, value in image.items() if service in who or "all services" in who}):
            default += f"; in images {', '.join(f'`{each}`' for each in values)}"
        does = row.does + (f" Or `{name}_FILE`." if row.secret else "")
        yield f"| `{name}` | {who} | {row.value} | {default} | {does} |".replace("\n", " ")


def document() -> str:
    """The whole page. Raises `ValueError` where a variable is in no group, or says nothing of itself."""
    found, image = rows(), images()
    silent = [name for name, each in found.items() if not all(row.does for row, _ in each)]
    if homeless := sorted({name for name in found if place_of(name) is None} | set(silent)):
        raise ValueError(f"in no group of tools/setting_groups.py, or without a description: {', '.join(homeless)}")
    lines = [_HEAD]
    for group in GROUPS:
        placed = {name: place for name in found if (place := place_of(name)) and place[0] == group.title}
        names = sorted(placed, key=lambda name: placed[name])
        lines += [
            f"\n## {group.title}\n",
            group.about,
            "",
            "| variable | read by | value | default | what it does |",
            "|---|---|---|---|---|",
        ]
        for name in names:
            lines += _lines(name, found[name], image.get(name, {}))
    lines += ["\n## The command `loop`\n", "| variable | commands | what it does |", "|---|---|---|"]
    by_hand = {each.name for each in BESIDE if each.of_command}
    for name, (does, commands) in sorted(options().items()):
        if name in by_hand:
            continue
        few = len(commands) <= 4  # noqa: PLR2004 - as many as fit beside
        lines.append(f"| `{name}` | {', '.join(f'`{each}`' for each in commands) if few else 'most'} | {does} |")
    lines += [f"| `{each.name}` | {each.reader} | {each.does} |" for each in BESIDE if each.of_command]
    lines += ["\n## Servers and jobs beside\n", "| variable | read by | what it does |", "|---|---|---|"]
    lines += [f"| `{each.name}` | {each.reader} | {each.does} |" for each in SERVERS]
    lines += ["\n## Tests and development\n", "| variable | read by | what it does |", "|---|---|---|"]
    lines += [f"| `{each.name}` | {each.reader} | {each.does} |" for each in BESIDE if not each.of_command]
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """Do what the arguments say; gives the exit code."""
    code: int = _TOOL.write_or_check(arguments, lambda: {TARGET: document()})
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
