"""The description: whole, with words and a valid example of everything."""

import importlib
import json
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

import signing.wire
from signing.cli import main
from signing.web.openapi import document
from signing.web.openapi.texts import FILES, RAW_BODIES, TAGS

CHINESE = re.compile(r"[一-鿿]")


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    return document()


def operations(described: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def models() -> dict[str, type[BaseModel]]:
    found: dict[str, type[BaseModel]] = {}
    for module in pkgutil.iter_modules(signing.wire.__path__, "signing.wire."):
        for name, kind in vars(importlib.import_module(module.name)).items():
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                found[name] = kind
                found[f"{kind.__module__.replace('.', '__')}__{name}"] = kind
    return found


def test_every_schema_says_what_it_is(described: dict[str, Any]) -> None:
    without = [name for name, schema in described["components"]["schemas"].items() if not schema.get("description")]
    assert without == [], "a wire message needs a docstring"


def test_every_example_of_a_schema_is_valid(described: dict[str, Any]) -> None:
    known, wrong = models(), []
    for name, schema in described["components"]["schemas"].items():
        if name in known:
            for example in schema["examples"]:
                try:
                    known[name].model_validate_json(json.dumps(example))
                except ValidationError as error:
                    wrong.append(f"{name}: {error.errors(include_url=False)[:2]}")
    assert wrong == []


def test_every_json_body_has_an_example_and_every_parameter_its_words(described: dict[str, Any]) -> None:
    lacking = []
    for key, operation in operations(described):
        for body in [operation.get("requestBody", {}), *operation["responses"].values()]:
            content = body.get("content", {}).get("application/json")
            if content is not None and "example" not in content:
                lacking.append(key)
        lacking += [f"{key} {one['name']}" for one in operation.get("parameters", ()) if not one.get("description")]
    assert lacking == []


def test_every_refusal_is_an_error_body_in_chinese(described: dict[str, Any]) -> None:
    for key, operation in operations(described):
        for status, answer in operation["responses"].items():
            if status >= "400":
                content = answer["content"]["application/json"]
                assert content["schema"] == {"$ref": "#/components/schemas/ErrorBody"}, (key, status)
                assert CHINESE.search(content["example"]["message"]), (key, status)
                assert content["example"]["hint"], (key, status)
    assert "HTTPValidationError" not in json.dumps(described)


def test_whoever_must_be_known_is_said_and_may_be_refused(described: dict[str, Any]) -> None:
    for key, operation in operations(described):
        if "security" in operation:
            assert {"401", "403"} <= set(operation["responses"]), key
    secured = {key for key, operation in operations(described) if "security" in operation}
    assert "GET /api/core/v1/cases" in secured
    assert "POST /api/seat/presence" in secured
    assert not secured & {"POST /api/staff/login", "POST /api/phone/open", "GET /livez"}


def test_the_tables_name_only_what_is_there(described: dict[str, Any]) -> None:
    keys = {key for key, _ in operations(described)}
    assert set(FILES) <= keys
    assert set(RAW_BODIES) <= keys
    assert {tag for _, operation in operations(described) for tag in operation["tags"]} <= set(TAGS)
    names = [operation["operationId"] for _, operation in operations(described)]
    assert len(set(names)) == len(names)


def test_references_lead_somewhere(described: dict[str, Any]) -> None:
    for found in re.findall(r'"\$ref": "#/components/schemas/([^"]+)"', json.dumps(described)):
        assert found in described["components"]["schemas"]


def test_the_command_writes_it(tmp_path: Path, capsys: pytest.CaptureFixture[str], described: dict[str, Any]) -> None:
    assert main(["openapi", "--out", str(tmp_path / "openapi.json")]) == 0
    assert json.loads((tmp_path / "openapi.json").read_text(encoding="utf-8")) == json.loads(json.dumps(described))
    assert "已写出" in capsys.readouterr().out
    assert main(["openapi", "--out", str(tmp_path / "no" / "openapi.json")]) == 2
    assert "不能写出" in capsys.readouterr().err
    assert main(["openapi"]) == 0
    assert json.loads(capsys.readouterr().out)["openapi"].startswith("3.")
