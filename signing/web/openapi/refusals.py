"""Which refusals an operation may answer, each with the error body and an example of it."""

from collections.abc import Mapping
from typing import Any

from signing.domain.errors import StorageFull
from signing.web.errors import http_body

_BODY = {"$ref": "#/components/schemas/ErrorBody"}
_NOBODY_ASKED = ("GET /livez",)
_PICTURES = (
    "PUT /api/phone/id-card/{side}",
    "POST /api/cases/{case_id}/parties/{party_id}/snapshot",
    "PUT /api/phone/backfill/{call_id}",
)
_LIMITED = "/api/phone/", "/api/staff/", "/api/check/"

_EXAMPLES: Mapping[int, tuple[str, dict[str, str]]] = {
    400: ("请求无法读取", http_body(400).model_dump()),
    401: ("没有登录，或登录、链接、密钥已失效", {"code": "not_logged_in", "message": "请先登录", "hint": "登录后再试"}),
    403: (
        "角色、席位或机构不允许",
        {"code": "not_permitted", "message": "您的角色不能进行此操作", "hint": "如确有需要，请联系管理员"},
    ),
    404: (
        "没有这样东西，或属于别的机构",
        {"code": "not_found", "message": "没有找到这笔业务", "hint": "请核对业务编号"},
    ),
    408: ("内容传了一半停下了", http_body(408).model_dump()),
    409: ("当前状态不允许", {"code": "conflict", "message": "这笔业务已终止", "hint": "如有疑问，请联系您的客户经理"}),
    413: ("内容太大", http_body(413).model_dump()),
    415: ("文件类型不对", http_body(415).model_dump()),
    416: ("片段超出文件范围", http_body(416).model_dump()),
    422: ("内容不正确", {"code": "input", "message": "“手机号”格式不正确", "hint": "请改正后重试"}),
    429: (
        "太频繁；响应头 Retry-After 是要等的秒数",
        {"code": "too_many", "message": "操作太频繁了", "hint": "请等 30 秒再试"},
    ),
    500: ("系统出错，或存储的数据被改动", http_body(500).model_dump()),
    507: (
        "服务器磁盘已满；内容仍在坐席，稍后自动重传",
        {"code": "outside.full", "message": StorageFull().message, "hint": StorageFull().hint},
    ),
    503: (
        "数据库或外部系统暂不可用",
        {"code": "outside", "message": "数据库忙或不可用", "hint": "请稍后重试；若持续出现请联系管理员"},
    ),
}


def refusals(key: str, operation: Mapping[str, Any], *, secured: bool) -> dict[int, dict[str, Any]]:
    """Status → its response object. ``key`` is ``METHOD /path``."""
    return {status: _answer(status) for status in sorted(_statuses(key, operation, secured=secured))}


def _statuses(key: str, operation: Mapping[str, Any], *, secured: bool) -> set[int]:
    if key in _NOBODY_ASKED:
        return {500}
    method, _, path = key.partition(" ")
    named = [one["in"] for one in operation.get("parameters", ())]
    found = {500, 503}
    if secured:
        found |= {401, 403, 429}
    if path.startswith(_LIMITED) or "redeem" in path:
        found |= {401, 429}
    if named:
        found.add(422)
    if "path" in named:
        found.add(404)
    if method != "GET":
        found |= {400, 404, 408, 409, 413, 422, 403}
    if key in _PICTURES:
        found.add(415)
    if method != "GET":
        found.add(507)
    if key.startswith("GET /api/audit/recordings/") or "/media/" in key:
        found.add(416)
    return found | ({409} if path.startswith(("/api/core/", "/api/phone/")) else set())


def _answer(status: int) -> dict[str, Any]:
    words, example = _EXAMPLES[status]
    answer: dict[str, Any] = {
        "description": words,
        "content": {"application/json": {"schema": _BODY, "example": example}},
    }
    if status == 429:
        answer["headers"] = {"Retry-After": {"description": "要等的秒数", "schema": {"type": "integer", "minimum": 1}}}
    if status == 401:
        answer["headers"] = {"WWW-Authenticate": {"description": "Bearer", "schema": {"type": "string"}}}
    return answer
