"""Every refusal as an ``ErrorBody``: what happened and what to do next, in Chinese."""

import logging
import traceback
from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response

from signing.domain import errors
from signing.web.wording import field_in_words, problem_in_words
from signing.wire.base import ErrorBody

log = logging.getLogger("pingqian.web")

STATUS: Sequence[tuple[type[errors.SigningError], int]] = (
    (errors.InputError, 422),
    (errors.NotLoggedIn, 401),
    (errors.NotPermitted, 403),
    (errors.AccessError, 403),
    (errors.NotFound, 404),
    (errors.ConflictError, 409),
    (errors.TooMany, 429),
    (errors.StorageFull, 507),
    (errors.OutsideError, 503),
    (errors.TamperError, 500),
)

_HTTP: Mapping[int, ErrorBody] = {
    400: ErrorBody(code="bad_request", message="请求无法读取", hint="请刷新页面后重试"),
    404: ErrorBody(code="not_found", message="没有这个地址", hint="请检查链接是否完整"),
    405: ErrorBody(code="method_not_allowed", message="这个地址不支持该操作", hint="请升级客户端后重试"),
    408: ErrorBody(code="too_slow", message="上传中断了", hint="请检查网络后重试"),
    413: ErrorBody(code="too_large", message="发送的内容太大", hint="请缩小后重试"),
    415: ErrorBody(code="wrong_type", message="文件类型不对", hint="请使用 JPEG 或 PNG 图片"),
    416: ErrorBody(code="bad_range", message="请求的片段超出文件范围", hint="请重新打开后再播放"),
}
_UNEXPECTED = ErrorBody(
    code="internal", message="系统出了点问题，没有保存这一步", hint="请稍后重试；若仍不行，请联系管理员"
)


def body_of(error: errors.SigningError) -> ErrorBody:
    return ErrorBody(code=error.code, message=error.message, hint=error.hint)


def status_of(error: errors.SigningError) -> int:
    return next((status for kind, status in STATUS if isinstance(error, kind)), 500)


def respond(status: int, body: ErrorBody, headers: Mapping[str, str] | None = None) -> JSONResponse:
    return JSONResponse(body.model_dump(), status, dict(headers or {}))


def http_body(status: int) -> ErrorBody:
    return _HTTP.get(status, _UNEXPECTED if status >= 500 else _HTTP[400])


def validation_body(problems: Sequence[Any]) -> ErrorBody:
    """``problems`` are pydantic's; what was sent is never repeated."""
    said = dict.fromkeys(f"{field_in_words(p['loc'])}{problem_in_words(p['type'], p.get('ctx', {}))}" for p in problems)
    return ErrorBody(code="input", message="；".join(list(said)[:5]) or "内容不正确", hint="请改正后重试")


def log_unexpected(error: BaseException) -> None:
    """The kind and the places, never the message: it may hold personal data."""
    places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    log.error("unexpected %s at %s", type(error).__name__, " < ".join(reversed(places[-8:])))


def as_error_body(error: Exception) -> ErrorBody:
    """For the WebSockets, where there is no status."""
    if isinstance(error, errors.SigningError):
        return body_of(error)
    if isinstance(error, ValidationError):
        return validation_body(error.errors(include_input=False, include_url=False))
    log_unexpected(error)
    return _UNEXPECTED


def unexpected(error: BaseException) -> JSONResponse:
    log_unexpected(error)
    return respond(500, _UNEXPECTED)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, errors.SigningError)
    headers = {}
    if isinstance(error, errors.TooMany):
        headers["Retry-After"] = str(max(1, ceil(error.retry_after)))
    if isinstance(error, errors.NotLoggedIn):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, errors.TamperError):
        log.critical("stored data was altered: %s", error.code)
    return respond(status_of(error), body_of(error), headers)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return respond(error.status_code, http_body(error.status_code), error.headers)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return respond(422, validation_body(error.errors()))


async def _gone(request: Request, error: Exception) -> Response:
    """Nobody hears the answer: a seat or a phone lost its line in the middle of what it sent."""
    return respond(400, http_body(400))


def install(app: FastAPI) -> None:
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(errors.SigningError, _refused)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
