"""Cases of an operation: the generator's boundaries, and values at random that fit the description or do not."""

import itertools
import time
import warnings
from collections.abc import Iterator
from typing import Any

import hypothesis
import requests
import schemathesis
from hypothesis import HealthCheck, Phase
from hypothesis.errors import HypothesisException
from schemathesis import Case, GenerationMode
from schemathesis.core.errors import SchemathesisError
from schemathesis.core.result import Err
from schemathesis.generation.drivers import CoverageGenerator
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.generation.overrides import Override
from schemathesis.schemas import APIOperation, BaseSchema

AnyCase = Case[Any]
Operation = APIOperation[Any, Any, Any, Any]

REFUSED = ["400", "401", "403", "404", "405", "406", "409", "412", "413", "414", "415", "422", "428", "431"]
"""What wrong input may be answered with. A server's fault is no refusal."""


def described(url: str) -> dict[str, Any]:
    """The gathered description, when every service has given its own."""
    until = time.monotonic() + 60
    while True:
        document: dict[str, Any] = requests.get(f"{url}/openapi.json", timeout=60).json()
        if not document.get("x-unavailable"):
            return document
        if time.monotonic() > until:
            raise RuntimeError(f"no description of {document['x-unavailable']}")
        time.sleep(0.5)


def schema_of(document: dict[str, Any], seed: int) -> BaseSchema:
    """The generator's view of a description. Who calls is ours to say, not the generator's."""
    config = schemathesis.Config.from_dict(
        {
            "seed": seed,
            "generation": {"with-security-parameters": False},
            "checks": {name: {"expected-statuses": REFUSED} for name in ("negative_data_rejection", "missing_required_header")},
        }
    )
    return schemathesis.openapi.from_dict(document, config=config)


def operations(schema: BaseSchema) -> Iterator[Operation]:
    """Every operation; one that the generator cannot read is an error of the description."""
    for each in schema.get_all_operations():
        if isinstance(each, Err):
            raise each.err()
        yield each.ok()


def boundaries(operation: Operation, most: int) -> list[AnyCase]:
    """At most this many of the cases of coverage, spread over all of them; the same in every run."""
    generator = CoverageGenerator(
        operation=operation,
        generation_modes=list(GenerationMode),
        generation_config=operation.schema.config.generation_for(operation=operation, phase="coverage"),
        auth_storage=None,
        override=Override(),
        feedback=FeedbackSources(),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = list(itertools.islice(generator, most * 8))
    step = max(1, len(found) // most) if most else 1
    return found[::step][:most]


def at_random(operation: Operation, mode: GenerationMode, count: int, seed: int) -> list[AnyCase]:
    """Cases of a mode; fewer where the description does not allow for so many, such as wrong input where there is none."""
    found: list[AnyCase] = []
    if not count:
        return found

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=count, database=None, deadline=None, phases=(Phase.generate,), derandomize=False,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    def collect(case: AnyCase) -> None:
        found.append(case)

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            collect()
    except (HypothesisException, SchemathesisError):
        pass
    return found
