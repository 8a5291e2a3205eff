"""What a load sent and what came back, kept so that it can be audited, written to a file, and read again."""

import json
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

Answer = Literal["done", "refused", "unknown"]
"""`unknown`: no answer came that says. It may have been carried out once, or not at all."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One thing that the load asked for.

    `reference` is its own name for it, once in a run for each kind; `id` what it was given; `parts` how many parts it has
    (sections of an audit, points of a complaint), None where that is not known beforehand; `at` seconds since the run began.
    """

    kind: str
    org: str
    reference: str
    key: str | None
    answer: Answer
    id: str | None = None
    parts: int | None = None
    status: int = 0
    tries: int = 1
    at: float = 0.0


@dataclass
class Journal:
    """All of a run: what was sent, and what happened meanwhile. `head` is what it takes to run the same again."""

    head: dict[str, Any] = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)
    happened: list[dict[str, Any]] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)
    _done: Counter[str] = field(default_factory=Counter)

    @property
    def now(self) -> float:
        """Seconds since it began."""
        return round(time.monotonic() - self.began, 3)

    def counts(self) -> Counter[tuple[str, Answer]]:
        """How much of each kind was answered how."""
        return Counter((each.kind, each.answer) for each in self.sent)

    def done(self, kind: str) -> int:
        """How many of a kind were answered 2xx so far."""
        return self._done[kind]

    def add(self, sent: Sent) -> None:
        """Note something that was sent, once it is known what became of it."""
        self.sent.append(sent)
        self._done[sent.kind] += sent.answer == "done"

    def write(self, path: Path, findings: Iterable[dict[str, Any]] = ()) -> None:
        """Write it as JSON lines: the head first, then what happened, what was sent, what the auditor found."""
        lines: list[dict[str, Any]] = [{"head": self.head}, *({"happened": each} for each in self.happened)]
        lines += [{"sent": asdict(each)} for each in self.sent]
        lines += [{"finding": each} for each in findings]
        path.write_text("".join(json.dumps(each, default=str) + "\n" for each in lines))

    @staticmethod
    def head_of(path: Path) -> dict[str, Any]:
        """The head of a journal that was written before."""
        with path.open() as lines:
            head: dict[str, Any] = json.loads(lines.readline())["head"]
        return head
