"""An example of every schema and every body, made from the schema itself and from words of the field.

Made, not written down: a new field has its example at once, and none can go stale. A test validates each of them.
"""

import re
from collections.abc import Mapping
from typing import Any

_WORDS: Mapping[str, Any] = {
    "account": "6217000000000000000",
    "credit_code": "91110000100000721N",
    "address": "福建省龙岩市上杭县示范村 7 号",
    "agent": "张*英",
    "amount": "180000.00",
    "amount_in_words": "人民币壹拾捌万元整",
    "annual_rate_percent": "3.85",
    "appraised_value": "260000.00",
    "branch": "上杭支行",
    "branch_id": "branch_shanghang",
    "capability": "kX3v9Q0mT2b7Yw5LrN8cUg",
    "case_no": "PQ202611240001",
    "code": "123456",
    "headline": "已验证：30 项，签名 8，时间戳 11",
    "helpline": "0597-0000000",
    "hint": "请改正后重试",
    "id_number": "11010519491231002X",
    "id_number_masked": "1101**********002X",
    "institution": "龙岩示范农村信用合作联社",
    "message": "内容不正确",
    "name": "王秀兰",
    "name_masked": "王*兰",
    "next_cursor": "1764150000000000.case_01KB0Z4Q2M5T8W",
    "party_name_masked": "王*兰",
    "password": "a-long-password-2026",
    "phone": "13800138000",
    "phone_masked": "138****8000",
    "product_id": "village_credit_line",
    "product_title": "信用村授信贷款",
    "purpose": "购买茶苗与肥料",
    "quantity": "40 头",
    "reason": "客户改日再办",
    "reference": "LOAN-2026-0001",
    "role_title": "借款人",
    "seat_label": "07号席",
    "state_title": "已归档",
    "sum_insured": "300000.00",
    "title": "个人借款合同",
    "token": "Qm9zZ2V0LWEtdG9rZW4tdGhhdC1pcy1sb25n",
    "url": "https://sign.example.cn/s#kX3v9Q0mT2b7Yw5LrN8cUg",
    "username": "zhang",
}
_PATTERNS: Mapping[str, str] = {
    r"^sha-(256|384|512) [0-9A-F]{2}(:[0-9A-F]{2}){31,63}$": "sha-256 " + ":".join(["3F"] * 32),
    r"^[0-9a-f]{64}$": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    r"^1[3-9]\d{9}$": "13800138000",
    r"^\d{10,25}$": "6217000000000000000",
    r"^\d{6}$": "123456",
    r"^\d{1,12}(\.\d{1,2})?$": "180000.00",
    r"^\d{1,2}(\.\d{1,4})?$": "3.85",
    r"^\d{1,3}(\.\d{1,2})?$": "50",
    r"\S": "客户改日再办",
}
_FORMATS = {"date-time": "2026-11-24T02:10:00Z", "date": "2027-12-31", "binary": "…"}
_DEEPEST = 12


class Examples:
    """``schemas`` are the document's own, changed in place by ``fill``."""

    def __init__(self, schemas: dict[str, Any]) -> None:
        self._schemas = schemas

    def fill(self) -> None:
        for schema in self._schemas.values():
            if schema.get("type") == "object" or "enum" in schema:
                schema["examples"] = [self.of(schema)]

    def give(self, operation: dict[str, Any]) -> None:
        """To the JSON bodies of an operation and its answers."""
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        for body in bodies:
            content = body.get("content", {}).get("application/json")
            if content is not None and "schema" in content and "example" not in content:
                content["example"] = self.of(content["schema"])

    def of(self, schema: Mapping[str, Any], name: str = "", depth: int = 0) -> Any:
        if "$ref" in schema:
            return self.of(self._schemas[schema["$ref"].rpartition("/")[2]], name, depth)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][0]
        for choice in ("anyOf", "oneOf", "allOf"):
            if choice in schema:
                return self.of(schema[choice][0], name, depth)
        kind = schema.get("type")
        if kind == "object":
            return self._object(schema, depth)
        if kind == "array":
            return self._array(schema, name, depth)
        return _plain(kind, schema, name)

    def _object(self, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
        if "properties" not in schema:
            extra = schema.get("additionalProperties")
            return {"party_01KB0Z4Q2M5T8W": self.of(extra, "", depth + 1)} if isinstance(extra, Mapping) else {}
        required = schema.get("required", ())
        wanted = [key for key in schema["properties"] if depth < _DEEPEST or key in required]
        return {key: self.of(schema["properties"][key], key, depth + 1) for key in wanted}

    def _array(self, schema: Mapping[str, Any], name: str, depth: int) -> list[Any]:
        if "prefixItems" in schema:
            return [self.of(one, name, depth + 1) for one in schema["prefixItems"]]
        return [self.of(schema.get("items", {}), name, depth + 1)] * max(1, schema.get("minItems", 1))


def _plain(kind: object, schema: Mapping[str, Any], name: str) -> Any:
    if kind == "boolean":
        return True
    if kind in ("integer", "number"):
        least = schema.get("minimum", schema.get("exclusiveMinimum", 0))
        value = least + 1 if "exclusiveMinimum" in schema else max(least, min(1, schema.get("maximum", 1)))
        return value if kind == "integer" else float(value)
    if kind != "string":
        return {}
    return _text(schema, name)


def _text(schema: Mapping[str, Any], name: str) -> str:
    if schema.get("format") in _FORMATS:
        return _FORMATS[schema["format"]]
    pattern: str | None = schema.get("pattern")
    own = [str(_WORDS[name])] if name in _WORDS else []
    identifier = f"{name.removesuffix('_id') or 'x'}_01KB0Z4Q2M5T8W"
    if pattern is None:
        return own[0] if own else identifier if name.endswith("_id") else "文字"
    tried = [*own, *([_PATTERNS[pattern]] if pattern in _PATTERNS else []), identifier, *_PATTERNS.values()]
    return next((text for text in tried if re.search(pattern, text)), identifier)
