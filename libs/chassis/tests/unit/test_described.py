"""The OpenAPI document of an application: what all operations share stands at each of them, and nowhere by hand."""

from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Depends, FastAPI, Header
from pydantic import BaseModel
from starlette.responses import Response

from chassis.access import requires
from chassis.described import complete, grants
from chassis.identity import Identity

router = APIRouter()
Key = Annotated[str, Header(alias="Idempotency-Key")]


class Thing(BaseModel):
    name: str


class Fault(BaseModel):
    error: str


@router.get("/things", response_model=list[Thing])
async def list_things(_: Annotated[Identity, Depends(requires("things:read", "role:officer"))]) -> Response:
    return Response()


@router.post("/things/{thing}", status_code=201, response_model=Thing, responses={200: {"description": "There already"}})
async def post_thing(
    thing: str,
    body: Thing,
    key: Key,
    _: Annotated[Identity, Depends(requires("operator", "things:write"))],
    seen: Annotated[str | None, Header(alias="If-Match")] = None,
) -> Response:
    return Response()


@router.get("/open", responses={404: {"model": Fault, "description": "Gone fishing"}, 409: {"description": "No"}})
async def read_open() -> Thing:
    return Thing(name="open")


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    app = FastAPI()
    app.include_router(router)
    return complete(app.openapi(), grants(app), "https://loop.example/")


def statuses(operation: dict[str, Any]) -> set[int]:
    return {int(each) for each in operation["responses"]}


EVERYWHERE = {400, 401, 414, 429, 431, 502, 503, 504}


class TestAnswers:
    def test_follow_from_what_an_operation_takes(self, document: dict[str, Any]) -> None:
        paths = document["paths"]
        assert statuses(paths["/things"]["get"]) == {200, 403} | EVERYWHERE
        assert statuses(paths["/open"]["get"]) == {200, 404, 409} | EVERYWHERE
        written = {200, 201, 403, 404, 408, 409, 412, 413, 415, 422}
        assert statuses(paths["/things/{thing}"]["post"]) == written | EVERYWHERE

    def test_errors_are_problems_and_those_of_fastapi_are_gone(self, document: dict[str, Any]) -> None:
        shared = document["components"]["responses"]["Problem422"]
        assert shared["content"] == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
        answers = document["paths"]["/things/{thing}"]["post"]["responses"]
        assert answers["422"] == {"$ref": "#/components/responses/Problem422"}
        assert not {"HTTPValidationError", "ValidationError"} & set(document["components"]["schemas"])
        assert "ProblemError" in document["components"]["schemas"]

    def test_own_words_stay_and_another_form_stands_beside_ours(self, document: dict[str, Any]) -> None:
        answers = document["paths"]["/open"]["get"]["responses"]
        assert answers["409"]["description"] == "No"
        assert set(answers["404"]["content"]) == {"application/json", "application/problem+json"}

    def test_what_stands_there_already_is_answered_as_what_is_new(self, document: dict[str, Any]) -> None:
        answers = document["paths"]["/things/{thing}"]["post"]["responses"]
        assert answers["200"]["content"] == answers["201"]["content"]

    def test_waiting_is_told_in_a_header(self, document: dict[str, Any]) -> None:
        assert "Retry-After" in document["components"]["responses"]["Problem429"]["headers"]


class TestSecurity:
    def test_names_every_grant_of_which_one_is_enough(self, document: dict[str, Any]) -> None:
        asked = document["paths"]["/things"]["get"]["security"]
        assert asked == [{"apiKey": ["things:read"]}, {"oauth2": ["things:read"]}, {"session": ["role:officer"]}]
        asked = document["paths"]["/things/{thing}"]["post"]["security"]
        assert asked == [{"operator": []}, {"apiKey": ["things:write"]}, {"oauth2": ["things:write"]}]

    def test_what_anybody_may_call_asks_for_nothing(self, document: dict[str, Any]) -> None:
        assert document["paths"]["/open"]["get"]["security"] == []

    def test_tokens_are_got_at_the_public_address(self, document: dict[str, Any]) -> None:
        flow = document["components"]["securitySchemes"]["oauth2"]["flows"]["clientCredentials"]
        assert flow["tokenUrl"] == "https://loop.example/oauth2/token"
