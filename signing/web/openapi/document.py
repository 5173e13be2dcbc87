"""The routes' own description, completed: who may ask, raw bodies, files, every refusal, an example of everything."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from signing.web.context import ASKING
from signing.web.openapi.examples import Examples
from signing.web.openapi.refusals import refusals
from signing.web.openapi.texts import ABOUT, FILES, PARAMETERS, RAW_BODIES, TAGS
from signing.wire.base import ErrorBody

_METHODS = ("get", "put", "post", "delete", "patch")
_BEARER = {"type": "http", "scheme": "bearer", "description": "登录后得到的凭证；信贷系统用管理员签发的接口密钥"}


def document() -> dict[str, Any]:
    """Needs no data folder: the routes are all it looks at."""
    from signing.web.app import SUBJECTS

    app = FastAPI()
    for subject in SUBJECTS:
        app.include_router(subject.router)
    described = get_openapi(title="屏签", version="1", routes=app.routes, description=ABOUT)
    described["components"]["securitySchemes"] = {"bearer": _BEARER}
    described["tags"] = [{"name": name, "description": words} for name, words in TAGS.items()]
    described["components"]["schemas"]["ErrorBody"] = ErrorBody.model_json_schema()
    described["components"]["schemas"].get("JsonValue", {}).setdefault("description", "任意 JSON 值")
    examples = Examples(described["components"]["schemas"])
    examples.fill()
    for route, method in _routes(app):
        _complete(described["paths"][route.path][method], route, method, examples)
    for name in ("HTTPValidationError", "ValidationError"):
        described["components"]["schemas"].pop(name, None)
    return described


def _routes(router: FastAPI | APIRouter) -> Iterator[tuple[APIRoute, str]]:
    for route in router.routes:
        inner = getattr(route, "original_router", None)  # an included router stands for its routes
        if inner is not None:
            yield from _routes(inner)
        elif isinstance(route, APIRoute) and route.include_in_schema:
            yield from ((route, method.lower()) for method in route.methods or () if method.lower() in _METHODS)


def _complete(operation: dict[str, Any], route: APIRoute, method: str, examples: Examples) -> None:
    key = f"{method.upper()} {route.path}"
    secured = _asks_who(route.dependant)
    operation["tags"] = [_tag(route.path)]
    operation["operationId"] = f"{method}{re.sub(r'[^A-Za-z0-9]+', '_', route.path)}"
    if secured:
        operation["security"] = [{"bearer": []}]
    if (kinds := RAW_BODIES.get(key)) is not None:
        content = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in kinds}
        operation["requestBody"] = {"required": True, "content": content}
    _describe_parameters(operation)
    answers = operation["responses"]
    answers.pop("422", None)
    _describe_files(answers, FILES.get(key))
    examples.give(operation)
    for status, answer in refusals(key, operation, secured=secured).items():
        answers[str(status)] = answer


def _asks_who(dependant: Dependant) -> bool:
    return any(inner.call in ASKING or _asks_who(inner) for inner in dependant.dependencies)


def _tag(path: str) -> str:
    parts = path.strip("/").split("/")
    return parts[1] if parts[0] == "api" and len(parts) > 1 else "health"


def _describe_parameters(operation: dict[str, Any]) -> None:
    for parameter in operation.get("parameters", ()):
        name = parameter["name"].lower()
        words, example = PARAMETERS.get(name, ("", None))
        if words:
            parameter.setdefault("description", words)
        if example is not None:
            parameter["example"] = example


def _describe_files(answers: dict[str, Any], files: Mapping[int, tuple[str, ...]] | None) -> None:
    """Answers that are no JSON: each status and the media types it may have."""
    for status, kinds in (files or {}).items():
        answer = answers.setdefault(str(status), {"description": "文件"})
        schema = {"type": "string"} | ({} if kinds == ("text/plain",) else {"format": "binary"})
        answer["content"] = {kind: {"schema": schema} for kind in kinds}
    for given, answer in answers.items():
        if answer.get("description") == "Successful Response":
            answer["description"] = _SUCCESS.get(given, "成功")


_SUCCESS = {"201": "已建立", "204": "成功，没有内容"}
