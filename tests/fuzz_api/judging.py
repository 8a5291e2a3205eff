"""What every answer is held against: the description, the caller's rights, and the form of errors."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import requests
from schemathesis import checks
from schemathesis.checks import load_all_checks
from schemathesis.core.failures import AcceptedNegativeData, FailureGroup
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi import checks as openapi

from tests.fuzz_api.generating import AnyCase
from tests.fuzz_api.world import Caller

load_all_checks()
DESCRIBED: list[Any] = [
    checks.not_a_server_error, openapi.status_code_conformance, openapi.content_type_conformance,
    openapi.response_headers_conformance, openapi.response_schema_conformance,
]  # fmt: skip
REFUSING: list[Any] = [openapi.negative_data_rejection, openapi.missing_required_header, openapi.unsupported_method]
BEFORE_IDENTITY = frozenset({400, 401, 404, 405, 413, 414, 421, 431})
"""What may be said to somebody whom nobody has asked yet who they are."""
_LEAKED = re.compile(r"Traceback|asyncpg|sqlalchemy|psycopg|pydantic\.|site-packages|SELECT .* FROM|File \"/", re.IGNORECASE)
_OTHER_FORMS = ("/reporting/odata/", "/oauth2/token", "/health")
_BASE = "http://127.0.0.1"
"""Never called: none of the checks sends anything."""
_ERRORS, _NOT_ALLOWED = 400, 405


@dataclass(frozen=True)
class Breach:
    """One thing that is not as it should be."""

    check: str
    words: str


def judge(case: AnyCase, answer: requests.Response, caller: Caller, *, as_generated: bool, described: bool) -> Iterator[Breach]:
    """Everything that is wrong with an answer.

    `as_generated`: the request is the generator's, which knows what it broke. `described`: it met the operation, and not a
    path or method beside it.
    """
    asked = [*DESCRIBED] if described else [checks.not_a_server_error]
    if as_generated and caller.may(case.operation.definition.raw):
        asked += REFUSING
    try:
        case.validate_response(answer, checks=asked, transport_kwargs={"base_url": _BASE})
    except FailureGroup as group:
        for failure in group.exceptions:
            if isinstance(failure, AcceptedNegativeData) and (_is_refused_within(answer) or _fits_without_blanks(case)):
                continue
            yield Breach(failure.title, f"{failure.title}: {failure.message}"[:1500])
    if described or not caller.grants:
        yield from _rights(case, answer, caller)
    yield from _form(answer)


def _is_refused_within(answer: requests.Response) -> bool:
    """Whether it is a batch, whose good items are taken and whose bad ones are refused alone, in an answer 200."""
    try:
        return any(each.get("status") == "refused" for each in answer.json()["results"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return False


def _fits_without_blanks(case: AnyCase) -> bool:
    """Whether a body is as described but for blanks around its texts, which are not counted."""
    validator = case.operation.schema.adapter.jsonschema_validator_cls
    return case._validate_component(ParameterLocation.BODY, _stripped(case.body), validator)


def _stripped(node: Any) -> Any:
    if isinstance(node, str):
        return node.strip()
    if isinstance(node, list):
        return [_stripped(each) for each in node]
    return {name: _stripped(each) for name, each in node.items()} if isinstance(node, dict) else node


def _rights(case: AnyCase, answer: requests.Response, caller: Caller) -> Iterator[Breach]:
    status, described = answer.status_code, case.operation.definition.raw
    if not caller.may(described):
        if status < _ERRORS:
            yield Breach("let in", f"{caller.name} holds nothing that the description asks for, and got {status}")
        elif caller.name == "nobody" and status not in BEFORE_IDENTITY:
            yield Breach("told too much", f"nobody was answered {status} before they said who they are")
    elif status == 401 and described["security"]:
        yield Breach("kept out", f"{caller.name} holds what the description asks for, and got 401")
    elif status == 403 and "This needs one of" in answer.text:
        yield Breach("kept out", f"{caller.name} holds what the description asks for: {answer.text[:300]}")


def _form(answer: requests.Response) -> Iterator[Breach]:
    if not answer.headers.get("x-request-id"):
        yield Breach("no request id", "the answer has no X-Request-Id")
    if answer.headers.get("x-content-type-options") != "nosniff":
        yield Breach("no security headers", "the answer lacks X-Content-Type-Options: nosniff")
    if answer.status_code == _NOT_ALLOWED and not answer.headers.get("allow"):
        yield Breach("no Allow", "405 without Allow (RFC 9110, 15.5.6)")
    if answer.status_code in {429, 503} and not answer.headers.get("retry-after", "").isdigit():
        yield Breach("no Retry-After", f"{answer.status_code} without Retry-After")
    if answer.status_code < _ERRORS:
        return
    if found := _LEAKED.search(answer.text[:20_000]):
        yield Breach("leaks insides", f"{found[0]!r} in {answer.text[:500]}")
    if answer.request.method != "HEAD" and not answer.request.path_url.startswith(_OTHER_FORMS):
        yield from _problem(answer)


def _problem(answer: requests.Response) -> Iterator[Breach]:
    try:
        body: Any = json.loads(answer.content)
        good = body["type"].startswith("urn:learning-loop:problem:") and body["status"] == answer.status_code
        good = good and len(body["detail"]) > 10 and body["request_id"] == answer.headers.get("x-request-id")
    except (ValueError, KeyError, TypeError):
        good = False
    if not good:
        yield Breach("no problem", f"{answer.status_code} is not a whole problem document: {answer.text[:400]}")
