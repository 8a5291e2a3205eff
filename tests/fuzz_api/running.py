"""Sends what was made, judges what came back, and counts."""

import json
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import quote
from uuid import UUID

import requests
from schemathesis import GenerationMode
from schemathesis.core import NOT_SET

from tests.fuzz_api import generating, hostile
from tests.fuzz_api.generating import AnyCase, Operation
from tests.fuzz_api.hostile import Sent
from tests.fuzz_api.judging import Breach, judge
from tests.fuzz_api.knowing import Known, service_of
from tests.fuzz_api.world import ORG, Caller, World

LEFT_OUT = {
    "POST /reporting/v1/replay": "it rebuilds every read model, under the feet of all other requests",
    "PUT /gateway/v1/maintenance/{service}": "it closes a service to everybody, which is what it is for",
    "PUT /gateway/v1/profile": "it would change how staff of this run are signed in",
    "DELETE /gateway/v1/sessions": "it ends the sessions of those who make this run",
    "DELETE /gateway/v1/sessions/{session_id}": "the same",
    "POST /gateway/v1/operator-keys": "the installation's first key, with which this run acts, would count no more",
    "POST /gateway/v1/operator-keys/own/second-factor": "it is for keys with a name, and this run acts with the first one",
    "POST /gateway/v1/operator-keys/own/pass": "the same",
}
"""Operations that whoever may call them does not call here; those who may not, do."""
_SECONDS = 60
_RECORD = re.compile(r"/.*?/[0-9a-f-]{36}")
_TOO_MANY = 429


@dataclass(frozen=True)
class Budget:
    """How many requests an operation is worth."""

    boundaries: int
    fitting: int
    wrong: int
    hostile: int
    every_caller: bool
    """Whether one request of each operation is sent as everybody; otherwise as nobody and one other who may not."""


@dataclass
class Finding:
    """What is wrong in one way with one operation, with the first request that showed it."""

    operation: str
    breach: Breach
    status: int
    caller: str
    request: str
    times: int = 1

    def shown(self) -> str:
        """The finding in lines."""
        words = self.breach.words.replace("\n", "\n    ")
        head = f"{self.operation}: {self.breach.check}, {self.status}, {self.times} times"
        return f"{head}\n    as {self.caller}: {self.request}\n    {words}"


@dataclass
class Run:
    """One run over a description."""

    world: World
    seed: int
    tell: Callable[[str], None] = lambda _: None
    """Is told of every finding at once."""
    findings: dict[tuple[str, str, int], Finding] = field(default_factory=dict)
    by_caller: Counter[str] = field(default_factory=Counter)
    by_operation: Counter[str] = field(default_factory=Counter)
    reached: set[str] = field(default_factory=set)
    """Operations that somebody was answered 2xx."""
    by_status: Counter[int] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)
        self.known = Known(self._chance)
        self._fixed = {"org": [ORG], "client_id": self.world.victims}
        for path, body in (*self.world.bodies.items(), *self.world.answers):
            self.known.learn(path, body)
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def over(self, document: dict[str, Any], budget: Budget, wanted: Callable[[str], bool] = lambda _: True) -> None:
        """Try every operation of a description that is wanted by its label."""
        for operation in generating.operations(generating.schema_of(document, self.seed)):
            if wanted(operation.label):
                self._try(operation, budget)

    def _try(self, operation: Operation, budget: Budget) -> None:
        may = [each for each in self.world.callers if each.may(operation.definition.raw)]
        may_not = [each for each in self.world.callers if each not in may]
        if operation.label in LEFT_OUT:
            may = []
        seed = self.seed + sum(operation.label.encode())
        cases = generating.boundaries(operation, budget.boundaries)
        fitting = generating.at_random(operation, GenerationMode.POSITIVE, budget.fitting, seed)
        cases += [*fitting, *generating.at_random(operation, GenerationMode.NEGATIVE, budget.wrong, seed)]
        for place, case in enumerate(cases if may else []):
            self._send(case, may[place % len(may)])
        example = next(iter([*fitting, *cases]), None)
        if example is None:
            return
        nobody = self.world.callers[-1]
        others = may_not if budget.every_caller else [self._chance.choice(may_not), nobody] if may_not else []
        for caller in [*others, *(may if budget.every_caller else [])]:
            self._send(example, caller)
        if may and budget.hostile:
            self._be_hostile(operation, example, may, budget.hostile)

    # ------------------------------------------------------------------------------------------------- the generator's

    def _send(self, case: AnyCase, caller: Caller) -> None:
        self._make_known(case, caller)
        # What a case says of itself is fixed before its request is written, which changes its parts.
        _ = case.meta
        case.freeze_metadata()
        try:
            parts = case.as_transport_kwargs(base_url=self.world.url, headers=dict(caller.headers))
            answer = self._patiently(lambda: self._http.request(**parts, timeout=_SECONDS, allow_redirects=False))
        except requests.RequestException as error:
            self._find(case.operation.label, Breach("no answer", repr(error)), 0, caller, repr(case))
            return
        self._judge(case, answer, caller, as_generated=True)

    def _make_known(self, case: AnyCase, caller: Caller) -> None:
        """Put what exists in the place of some of what was made up, in requests that are to be good ones."""
        service = service_of(case.path)
        good = case.meta is None or case.meta.generation.mode.is_positive
        if good and case.path_parameters and self._chance.random() < 0.85:
            case.path_parameters = {**case.path_parameters, **self.known.together(service, case.path_parameters)}
        for name, fixed in self._fixed.items():
            if name in case.path_parameters:
                case.path_parameters = {**case.path_parameters, name: self._chance.choice(fixed)}
        if not good:
            return
        if case.query:
            case.query = {name: self._often(service, name, value) for name, value in case.query.items()}
        self._as_it_stands(case, caller)
        if isinstance(case.body, dict | list):
            case.body = self.known.graft(service, self._spliced(case), 0.8)
        if case.path.endswith("/v1/profile"):
            case.query = {**(case.query or {}), "dry_run": True}

    def _as_it_stands(self, case: AnyCase, caller: Caller) -> None:
        """Mostly a key of idempotency that is new, and the version that stands now."""
        headers = {each.name.lower() for each in case.operation.headers}
        if "idempotency-key" in headers and self._chance.random() < 0.8:
            case.headers["Idempotency-Key"] = str(UUID(int=self._chance.getrandbits(128)))
        if "if-match" not in headers or self._chance.random() < 0.3:
            return
        path = case.formatted_path
        if case.method != "PUT" and (found := _RECORD.match(path)):
            path = found[0]
        answer = self._patiently(
            lambda: self._http.get(f"{self.world.url}{path}", headers=dict(caller.headers), timeout=_SECONDS)
        )
        if tag := answer.headers.get("etag"):
            case.headers["If-Match"] = tag

    def _spliced(self, case: AnyCase) -> Any:
        """A body that was taken before, with one field of the one that was made up; that one where none was taken."""
        taken = self.world.bodies.get(case.path)
        if not isinstance(taken, dict) or not isinstance(case.body, dict) or self._chance.random() < 0.2:
            return case.body
        spliced = json.loads(json.dumps(taken))
        if case.body and self._chance.random() < 0.7:
            name = self._chance.choice(sorted(case.body))
            spliced[name] = case.body[name]
        if "reference" in spliced and self._chance.random() < 0.7:
            spliced["reference"] = f"R-{self._chance.randrange(10**9)}"
        return spliced

    def _often(self, service: str, name: str, value: Any) -> Any:
        known = self.known.of(service, name)
        return known if type(known) is type(value) and self._chance.random() < 0.6 else value

    # ---------------------------------------------------------------------------------------------------- hostile ones

    def _be_hostile(self, operation: Operation, example: AnyCase, may: list[Caller], most: int) -> None:
        described = operation.definition.raw
        body = self.world.bodies.get(operation.path)
        if body is None and example.body is not NOT_SET:
            body = example.body
        path = operation.path
        for name, value in example.path_parameters.items():
            path = path.replace("{" + name + "}", quote(str(value), safe=""))
        headers = {"Idempotency-Key": str(UUID(int=self._chance.getrandbits(128)))} if operation.method != "get" else {}
        content = None
        if "requestBody" in described:
            headers["Content-Type"] = next(iter(described["requestBody"]["content"]))
            content = body if isinstance(body, bytes) else json.dumps(body, default=str).encode()
        query = "&".join(f"{name}={quote(str(value))}" for name, value in (example.query or {}).items())
        sent = Sent(operation.method.upper(), path, query, headers, content)
        everything = list(hostile.broken(sent, described, operation.path, body, self._chance))
        chosen = everything if len(everything) <= most else self._chance.sample(everything, most)
        for place, each in enumerate(chosen):
            self._send_hostile(operation, each, may[place % len(may)], sent)

    def _send_hostile(self, operation: Operation, sent: Sent, caller: Caller, base: Sent) -> None:
        url = f"{self.world.url}{sent.path}" + (f"?{sent.query}" if sent.query else "")
        prepared = self._http.prepare_request(requests.Request(sent.method, self.world.url, data=sent.body))
        prepared.url = url
        for name, value in {**caller.headers, **sent.headers}.items():
            prepared.headers[name] = _bytes(value)
        try:
            answer = self._patiently(lambda: self._http.send(prepared, timeout=_SECONDS, allow_redirects=False))
        except (requests.RequestException, UnicodeError) as error:
            self._find(operation.label, Breach("no answer", repr(error)), 0, caller, sent.words)
            return
        elsewhere = sent.path != base.path or sent.method != base.method
        carrier = operation.Case(path_parameters={each.name: "x" for each in operation.path_parameters})
        self._judge(carrier, answer, caller, words=sent.words, described=not elsewhere)

    # ------------------------------------------------------------------------------------------------------- all alike

    def _patiently(self, send: Callable[[], requests.Response]) -> requests.Response:
        answer = send()
        for _ in range(20):
            if answer.status_code != _TOO_MANY:
                break
            # Sessions may send fifty a second; the answer says when to go on.
            time.sleep(int(answer.headers.get("retry-after", "1")))
            answer = send()
        return answer

    def _judge(
        self, case: AnyCase, answer: requests.Response, caller: Caller, *, as_generated: bool = False, words: str = "",
        described: bool = True,
    ) -> None:  # fmt: skip
        label = case.operation.label
        self.by_caller[caller.name] += 1
        self.by_operation[label] += 1
        self.by_status[answer.status_code] += 1
        for breach in judge(case, answer, caller, as_generated=as_generated, described=described):
            self._find(label, breach, answer.status_code, caller, words or _shown(answer))
        if answer.ok and described:
            self.reached.add(label)
        if answer.ok and "json" in answer.headers.get("content-type", "") and answer.content:
            self.known.learn(case.path, answer.json(), case.path_parameters if as_generated else None)

    def _find(self, label: str, breach: Breach, status: int, caller: Caller, request: str) -> None:
        key = (label, breach.check, status)
        if key in self.findings:
            self.findings[key].times += 1
        else:
            self.findings[key] = Finding(label, breach, status, caller.name, request)
            self.tell(self.findings[key].shown())

    def report(self) -> Iterator[str]:
        """Findings, one after another."""
        return (finding.shown() for finding in self.findings.values())


def _bytes(value: str) -> bytes:
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode()


def _shown(answer: requests.Response) -> str:
    request = answer.request
    hidden = {
        "cookie",
        "authorization",
        "x-api-key",
        "user-agent",
        "accept-encoding",
        "connection",
        "x-schemathesis-testcaseid",
    }
    headers = {name: value for name, value in request.headers.items() if name.lower() not in hidden}
    return f"{request.method} {request.path_url} {headers} {str(request.body)[:600]}"
