"""The metrics that the code makes, read from its text: what Prometheus calls them, their types and labels."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TYPES = {"Counter": "counter", "Counted": "counter", "Gauge": "gauge", "Histogram": "histogram"}
"""`Counted` is the counter of prometheus_client where the name was taken."""
NAMES = re.compile(r"\bloop_[a-z_]+\b")


@dataclass(frozen=True)
class Metric:
    """A metric as it is exposed."""

    name: str
    type: str
    labels: tuple[str, ...]

    @property
    def series(self) -> frozenset[str]:
        """The names that a query may use."""
        if self.type == "histogram":
            return frozenset(f"{self.name}_{each}" for each in ("bucket", "count", "sum"))
        return frozenset({self.name})


@cache
def metrics() -> dict[str, Metric]:
    """Every metric of every deployable, by its name."""
    found: dict[str, Metric] = {}
    for folder in ("libs", "services", "gateway", "cli"):
        for path in sorted((ROOT / folder).rglob("src/**/*.py")):
            text = path.read_text()
            if "prometheus_client" in text:
                found |= {each.name: each for each in _made(ast.parse(text))}
    return found


def series() -> frozenset[str]:
    """Every name that a query may use."""
    return frozenset().union(*(each.series for each in metrics().values()))


def _made(tree: ast.Module) -> Iterator[Metric]:
    for call in ast.walk(tree):
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in TYPES and call.args):
            continue
        name = call.args[0]
        # A word as the first argument: the Counter of collections is given none here.
        if isinstance(name, ast.Constant) and isinstance(name.value, str):
            assert name.value.startswith("loop_"), f"{name.value} is not known as ours"
            kind = TYPES[call.func.id]
            labels = next((each.elts for each in call.args[2:] if isinstance(each, ast.List)), [])
            # As the client does: a counter is exposed with this ending, whether it was given one or not.
            exposed = f"{name.value.removesuffix('_total')}_total" if kind == "counter" else name.value
            yield Metric(exposed, kind, tuple(str(ast.literal_eval(each)) for each in labels))
