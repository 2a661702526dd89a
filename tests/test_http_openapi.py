"""The OpenAPI document is valid, complete, and says what the checks and errors say."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from twisted.trial.unittest import SynchronousTestCase

from lobbyd.errors import PROBLEMS, Refused
from lobbyd.http.openapi import STREAMS, body_schema, openapi_document, operation_id, problem_codes
from lobbyd.http.routes import Limit, Route, Token
from lobbyd.http.schemas import SCHEMAS
from tests.contract import Contract
from tests.http_case import HttpCase
from tests.http_memory import Answer, HttpServer

ROOT = Path(__file__).resolve().parent.parent


class DocumentTests(HttpCase):
    def setUp(self) -> None:
        super().setUp()
        self.table: list[Route] = self.server.api.table
        self.document: Any = openapi_document(self.table)

    def operations(self) -> list[tuple[Route, Any]]:
        paths = self.document["paths"]
        return [(route, paths[route.path][route.method.lower()]) for route in self.table]

    def test_it_is_served(self) -> None:
        answer = self.server.get("/openapi.json")
        self.assertJSON(answer, 200)
        self.assertEqual(answer.json, json.loads(json.dumps(self.document)))

    def test_it_is_valid(self) -> None:
        errors = [str(error) for error in OpenAPIV31SpecValidator(self.document).iter_errors()]
        self.assertEqual(errors, [])

    def test_it_has_every_call_and_no_other(self) -> None:
        told = {(m, p) for p, item in self.document["paths"].items() for m in item}
        self.assertEqual(told, {(r.method.lower(), r.path) for r in self.table})

    def test_operation_ids_are_words_that_differ(self) -> None:
        names = [operation_id(route) for route in self.table]
        self.assertEqual(len(set(names)), len(names))
        for name in names:
            self.assertRegex(name, r"\A[a-z]+(_[a-z]+)*\Z")

    def test_links_lead_to_calls_with_these_parameters(self) -> None:
        parameters = {
            operation["operationId"]: {p["name"] for p in operation["parameters"]}
            for _, operation in self.operations()
        }
        count = 0
        for _, operation in self.operations():
            for response in operation["responses"].values():
                for link in response.get("links", {}).values():
                    count += 1
                    self.assertLessEqual(link["parameters"].keys(), parameters[link["operationId"]])
        self.assertGreater(count, 0)

    def test_every_path_parameter_is_declared(self) -> None:
        for route, operation in self.operations():
            names = {p["name"] for p in operation["parameters"] if p["in"] == "path"}
            self.assertEqual(names, set(re.findall(r"{(\w+)}", route.path)))

    def test_every_schema_of_an_answer_is_used(self) -> None:
        text = json.dumps(self.document)
        for name in SCHEMAS:
            self.assertIn(f"#/components/schemas/{name}", text)
        for route in self.table:
            self.assertTrue(
                route.answer is None or route.answer in (*SCHEMAS, *STREAMS), route.path
            )

    def test_a_call_without_an_answer_is_204(self) -> None:
        for route, operation in self.operations():
            good = operation["responses"][str(route.status)]
            self.assertEqual("content" in good, route.status != 204, route.path)

    def test_a_token_is_declared_where_one_is_read(self) -> None:
        security: dict[Token, Any] = {
            Token.NONE: None,
            Token.OPTIONAL: [{}, {"bearer": []}],
            Token.NEEDED: [{"bearer": []}],
        }
        for route, operation in self.operations():
            self.assertEqual(operation.get("security"), security[route.token])

    def test_each_refusal_names_its_codes(self) -> None:
        for route, operation in self.operations():
            told = set()
            for status, response in operation["responses"].items():
                if int(status) < 400:
                    continue
                schema = response["content"]["application/problem+json"]["schema"]
                codes = schema["allOf"][1]["properties"]["code"]["enum"]
                self.assertEqual({PROBLEMS[code].status for code in codes}, {int(status)})
                told |= set(codes)
            self.assertEqual(told, set(problem_codes(route)))

    def test_every_code_is_told_by_some_call(self) -> None:
        told = {code for route in self.table for code in problem_codes(route)}
        # a wrong method is no operation of the document
        self.assertEqual(set(PROBLEMS) - told, {"method_not_allowed"})

    def test_headers_of_the_limits_are_told_unless_the_call_is_free(self) -> None:
        for route, operation in self.operations():
            headers = operation["responses"][str(route.status)].get("headers", {})
            self.assertEqual("RateLimit" in headers, route.limit is not Limit.FREE, route.path)


class BodySchemaTests(HttpCase):
    """What a schema allows and what the reader takes are the same."""

    SAMPLES: tuple[dict[str, Any], ...] = (
        {},
        {"name": "Arena"},
        {"name": ""},
        {"name": "x" * 33},
        {"name": None},
        {"name": 5},
        {"unknown": 1},
        {"max_players": 64},
        {"max_players": 65},
        {"max_players": True},
        {"max_players": 8.0},
        {"max_players": 8.5},
        {"max_players": "8"},
        {"visibility": "private"},
        {"visibility": "secret"},
        {"visibility": "private", "code": "ARENA1"},
        {"code": "aRena1"},
        {"code": "ARENA!"},
        {"code": "ABC"},
        {"metadata": {"a": 1, "b": "x", "c": False, "d": 0.5}},
        {"metadata": {"a": None}},
        {"metadata": {"a": []}},
        {"metadata": {"": 1}},
        {"metadata": {"a b": 1}},
        {"metadata": {"a": 2**53}},
        {"metadata": {str(i): 1 for i in range(33)}},
        {"metadata": []},
        {"settings": {"countdown": 0.5, "start": "auto"}},
        {"settings": {"countdown": -1}},
        {"settings": {"start": "never"}},
        {"settings": {"unknown": 1}},
        {"reserved": ["Ann"]},
        {"reserved": "Ann"},
        {"reserved": [1]},
        {"player": {"name": "Ann", "team": 255}},
        {"player": {"team": 256}},
        {"ready": True},
        {"ready": 1},
        {"text": "hello"},
        {"text": ""},
        {"text": "x" * 401},
        {"player_id": 1},
        {"player_id": 0},
        {"reason": "", "ban": True},
        {"create": {"name": "x", "max_players": 2}},
        {"create": {"code": "ARENA1"}},
        {"locked": False, "listed": True, "password": ""},
    )

    def test_they_agree_on_every_sample(self) -> None:
        both = {True: 0, False: 0}
        for route in self.server.api.table:
            if route.body is None:
                continue
            validator = Draft202012Validator(body_schema(route.body))
            for sample in self.SAMPLES:
                allowed = validator.is_valid(sample)
                both[allowed] += 1
                if sample.keys() >= {"code", "visibility"} and "code" in route.body.FIELDS:
                    # the operation refuses this one
                    self.assertFalse(allowed)
                    continue
                try:
                    route.body.from_json(sample)
                except Refused:
                    self.assertFalse(allowed, (route.path, sample))
                else:
                    self.assertTrue(allowed, (route.path, sample))
        self.assertGreater(min(both.values()), 30)


class ContractTests(SynchronousTestCase):
    """The checker that holds every other answer to the document can fail."""

    def setUp(self) -> None:
        self.server = HttpServer()
        self.contract: Contract = self.server.contract

    def assertBroken(self, answer: Answer, path: str = "/healthz") -> None:
        self.assertRaises(AssertionError, self.contract.check, "GET", path, answer)

    def test_it_refuses_other_fields_statuses_types_and_missing_headers(self) -> None:
        good = self.server.get("/healthz")
        self.assertBroken(Answer(200, good.headers, b'{"status": "ok", "more": 1}'))
        self.assertBroken(Answer(200, good.headers, b"{}"))
        self.assertBroken(Answer(202, good.headers, good.body))
        self.assertBroken(Answer(200, {"content-type": "text/plain"}, good.body))
        lobby = self.server.post("/lobbies", {"code": "AAAA"})
        answer = self.server.get("/lobbies/AAAA")
        headers = {name: value for name, value in answer.headers.items() if name != "etag"}
        self.assertEqual(lobby.status, 201)
        self.assertBroken(Answer(200, headers, answer.body), "/lobbies/AAAA")

    def test_it_refuses_a_code_that_the_call_does_not_tell(self) -> None:
        refusal = self.server.get("/lobbies/WXYZ")
        self.assertBroken(refusal)


class ExpectedRefusalsTests(SynchronousTestCase):
    def test_those_of_schemathesis_are_codes_with_a_reason(self) -> None:
        text = (ROOT / "tests/api/hooks.py").read_text()
        rows = re.findall(r'^    \("(\w+)", "([^"]*)"\): "([^"]+)",$', text, re.MULTILINE)
        self.assertGreater(len(rows), 3)
        for code, _, reason in rows:
            self.assertIn(code, PROBLEMS)
            self.assertGreater(len(reason.split()), 3)
