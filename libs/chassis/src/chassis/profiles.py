"""A folder of YAML as one JSON document that still knows where each value stands.

What differs between organisations is written by people, in files. Whatever is wrong in them is answered with file, line and
what was expected, also when a service found it in the JSON that was sent and answered with a JSON pointer (RFC 6901).

The reader is stricter than YAML 1.1, whose surprises would become wrong figures: `no` is the word "no" and not false,
`2022-04-01` and `1:30` stay text, a key that stands twice is an error, and so are tags, merge keys and several documents.
"""

import hashlib
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import yaml

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
"""A value of JSON."""

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)\Z")
_NUMBER = re.compile(r"[-+]?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?\Z")
_DEEPEST = 50
"""Levels of lists and fields inside one another; the deepest of a profile has ten."""
_MOST_VALUES = 200_000
"""Values of one file with its aliases written out; the longest of a profile has a thirtieth of it."""
_MOST_DIGITS = 300
_WORDS: dict[str, Json] = {"": None, "~": None, "null": None, "true": True, "false": False}


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A line of a file; lines count from 1."""

    file: Path
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """Something wrong at a place, in words that say what was expected."""

    place: Place
    detail: str

    def __str__(self) -> str:
        return f"{self.place}: {self.detail}"


class ProfileFaults(Exception):
    """The files cannot be used. `faults` lists every place that was found wrong, in order of file and line."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(sorted(faults))
        super().__init__("\n".join(map(str, self.faults)))


@dataclass(frozen=True, slots=True)
class YamlFile:
    """The content of one file, with the line of every value by its pointer inside the file."""

    path: Path
    data: Json
    lines: Mapping[str, int]

    def place(self, pointer: str) -> Place:
        """The place of a pointer, or of the nearest value around it that exists (as for a field that is missing).

        Names that a validator put in between, of the member of a union that it tried, are passed over.
        """
        found, rest = "", pointer.split("/")[1:]
        for position, part in enumerate(rest, 1):
            candidate = f"{found}/{part}"
            if candidate in self.lines and (position == len(rest) or self._holds_something(candidate)):
                found = candidate
        return Place(self.path, self.lines[found])

    def _holds_something(self, pointer: str) -> bool:
        return any(each.startswith(f"{pointer}/") for each in self.lines)


@dataclass(frozen=True, slots=True)
class Profile:
    """The files of a folder under the names that their documents have in `document`.

    A part that is a list has one file an item; `version` is a SHA-256 over the names and bytes of all files.
    """

    folder: Path
    parts: Mapping[str, YamlFile | tuple[YamlFile, ...]]
    version: str

    def document(self, names: Sequence[str]) -> dict[str, Json]:
        """The named parts as one document, with `version`."""
        chosen: dict[str, Json] = {}
        for name in names:
            part = self.parts[name]
            chosen[name] = part.data if isinstance(part, YamlFile) else [file.data for file in part]
        return {**chosen, "version": self.version}

    def place(self, pointer: str) -> Place:
        """Where the value of a pointer into `document` was written; the folder itself when no file holds it."""
        name, *rest = pointer.lstrip("/").split("/")
        part = self.parts.get(name)
        if isinstance(part, YamlFile):
            return part.place("".join(f"/{each}" for each in rest))
        if part and rest and rest[0].isdigit() and int(rest[0]) < len(part):
            return part[int(rest[0])].place("".join(f"/{each}" for each in rest[1:]))
        return Place(part[0].path if part else self.folder, 1)


def join(pointer: str, key: str | int) -> str:
    """The pointer of a member (RFC 6901: `~` and `/` in a key are written `~0` and `~1`)."""
    return f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"


def load_folder(folder: Path, layout: Mapping[str, str]) -> Profile:
    """Reads a folder by its layout: the name of each part with a file name, or a pattern (`questionnaires/*.yaml`) for a list.

    Raises ProfileFaults with every fault of every file, and for a file that is missing or that no part of the layout reads.
    """
    faults: list[Fault] = []
    parts: dict[str, YamlFile | tuple[YamlFile, ...]] = {}
    digest = hashlib.sha256()
    read: set[Path] = set()
    for name, pattern in layout.items():
        paths = sorted(folder.glob(pattern))
        read.update(paths)
        if not paths and "*" not in pattern:
            faults.append(Fault(Place(folder / pattern, 1), "expected this file, found nothing"))
        files: list[YamlFile] = []
        for path in paths:
            try:
                content = path.read_bytes()
                digest.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode() + content)
                files.append(parse_yaml(content, path))
            except OSError as error:
                faults.append(Fault(Place(path, 1), f"expected a file that can be read: {error.strerror}"))
            except ProfileFaults as error:
                faults.extend(error.faults)
        if "*" in pattern:
            parts[name] = tuple(files)
        elif files:
            parts[name] = files[0]
    known = ", ".join(layout.values())
    unread = {*folder.rglob("*.yaml"), *folder.rglob("*.yml")} - read
    faults.extend(Fault(Place(path, 1), f"expected one of {known}: nothing reads this file") for path in unread)
    if faults:
        raise ProfileFaults(faults)
    return Profile(folder, parts, digest.hexdigest())


def _compose(text: str) -> yaml.Node | None:
    """The document as nodes. What libyaml cannot read is read again for an error in the same words on every machine.

    Its depth is measured first: making nodes recurses, and in C that ends in a broken process instead of an error.
    """
    if yaml.__with_libyaml__:
        try:
            _measure(text, yaml.CSafeLoader)
            return yaml.compose(text, Loader=yaml.CSafeLoader)  # fifteen times as fast
        except yaml.YAMLError:
            pass
    _measure(text, yaml.SafeLoader)
    return yaml.compose(text, Loader=yaml.SafeLoader)


def _measure(text: str, loader: Any) -> None:
    """Raises MarkedYAMLError for what is nested deeper than any profile."""
    depth = 0
    for event in yaml.parse(text, Loader=loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _DEEPEST:
                raise yaml.MarkedYAMLError(
                    problem=f"nested deeper than {_DEEPEST} levels", problem_mark=cast("Any", event.start_mark)
                )
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def parse_yaml(content: bytes, path: Path) -> YamlFile:
    """Reads one YAML document; ProfileFaults names the line of whatever is not plain data."""
    try:
        node = _compose(content.decode())
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ProfileFaults([Fault(Place(path, line), "expected UTF-8")]) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        words = " ".join(filter(None, (error.context, error.problem)))
        raise ProfileFaults([Fault(Place(path, mark.line + 1 if mark else 1), f"expected YAML: {words}")]) from error
    except yaml.YAMLError as error:
        raise ProfileFaults([Fault(Place(path, 1), f"expected YAML: {error}")]) from error
    if node is None:
        raise ProfileFaults([Fault(Place(path, 1), "expected a document, found an empty file")])
    reader = _Reader(path)
    data = reader.value(node, "")
    if reader.faults:
        raise ProfileFaults(reader.faults)
    return YamlFile(path, data, reader.lines)


class _Reader:
    """Turns nodes into plain data and collects lines and faults on the way."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines: dict[str, int] = {}
        self.faults: list[Fault] = []
        self._inside: list[yaml.Node] = []
        self._read = 0
        self._resolver = yaml.resolver.Resolver()

    def value(self, node: yaml.Node, pointer: str) -> Json:
        self.lines.setdefault(pointer, node.start_mark.line + 1)
        self._read += 1
        if self._read > _MOST_VALUES:
            # Aliases of aliases: nine lines can stand for more values than fit into any memory.
            self.faults[:] = [Fault(Place(self.path, node.start_mark.line + 1), f"expected at most {_MOST_VALUES:,} values")]
            raise ProfileFaults(self.faults)
        if any(node is outer for outer in self._inside):
            self._fault(node, "expected plain data, found an alias of what surrounds it")
            return None
        # The stub of this method has no types.
        implied: str = self._resolver.resolve(type(node), node.value, (_is_plain(node), True))  # type: ignore[no-untyped-call]
        if node.tag != implied:
            self._fault(node, f"expected plain data, found the tag {node.tag}")
        if isinstance(node, yaml.ScalarNode):
            return _scalar(node)
        self._inside.append(node)
        try:
            if isinstance(node, yaml.SequenceNode):
                return [self.value(each, join(pointer, index)) for index, each in enumerate(node.value)]
            return dict(self._members(node, pointer))
        finally:
            self._inside.pop()

    def _members(self, node: yaml.Node, pointer: str) -> Iterator[tuple[str, Json]]:
        seen: dict[str, int] = {}
        for key, member in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                self._fault(key, "expected a word as the key")
            elif key.value == "<<" and not key.style:
                self._fault(key, "expected plain data, found a merge key: write the fields out")
            elif key.value in seen:
                self._fault(key, f"expected each key once, found '{key.value}' again (first in line {seen[key.value]})")
            else:
                seen[key.value] = line
                # The line of the key: a fault of "text: >-" is looked for where the field begins.
                self.lines[join(pointer, key.value)] = line
                yield key.value, self.value(member, join(pointer, key.value))

    def _fault(self, node: yaml.Node, detail: str) -> None:
        self.faults.append(Fault(Place(self.path, node.start_mark.line + 1), detail))


def _is_plain(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and not node.style


def _scalar(node: yaml.ScalarNode) -> Json:
    text: str = node.value
    if node.style:  # plain is None, or empty where libyaml read it
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.match(text) and len(text) <= _MOST_DIGITS:
        return int(text)
    if _NUMBER.match(text) and math.isfinite(float(text)):
        return float(text)
    return text
