"""Refusals: the status by blame, the words in Chinese, nothing of what was sent."""

import re
from collections.abc import Iterator

import pytest
from fastapi import FastAPI, Request
from pydantic import BaseModel, ValidationError

from signing.domain import errors
from signing.web.errors import as_error_body, http_body, install, status_of, validation_body
from signing.web.wording import field_in_words
from signing.wire.accounts import (
    ChangePassword,
    ConfirmAccount,
    NewAccount,
    RefuseAccount,
    RequireTotp,
    SetActive,
    TakeAccount,
)
from signing.wire.audit import SearchCases
from signing.wire.call import TransferCall
from signing.wire.case import Reveal
from signing.wire.core import CoreNewAppointment, CoreNewCase
from signing.wire.helper import DeclareHelper
from signing.wire.lifecycle import ChangeTerms
from signing.wire.phone import RedeemCode, Strokes
from signing.wire.queue import ChooseDialect, NewAppointment, PauseQueue, ResumeQueue, SetSeatAbility, StopQueue
from signing.wire.signal import client_frame
from signing.wire.staff import NewCase

PARTY = {"role": "borrower", "name": "王建国", "id_number": "11010519491231002X", "phone": "13800138000"}
CASE = {
    "product_id": "village_credit", "amount": "180000.00", "annual_rate_percent": "3.85", "term_months": 12,
    "repayment_method": "interest_first", "purpose": "购买茶苗与肥料", "parties": [PARTY],
    "account": "6217000000000000000",
}  # fmt: skip


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.InputError("x"), 422),
        (errors.NotLoggedIn("x"), 401),
        (errors.NotPermitted("x"), 403),
        (errors.NotFound("x"), 404),
        (errors.IllegalEvent("x"), 409),
        (errors.RuleBroken("r", "x"), 409),
        (errors.TooMany("x", 3), 429),
        (errors.OutsideError("x"), 503),
        (errors.TamperError("x"), 500),
    ],
)
def test_the_status_follows_the_blame(error: errors.SigningError, status: int) -> None:
    assert status_of(error) == status


def test_every_kind_of_error_has_a_status() -> None:
    def kinds(kind: type[errors.SigningError]) -> list[type[errors.SigningError]]:
        return [kind, *(deeper for child in kind.__subclasses__() for deeper in kinds(child))]

    for kind in kinds(errors.SigningError)[1:]:
        assert any(issubclass(kind, known) for known, _ in __import__("signing.web.errors").web.errors.STATUS)


def said(model: type[BaseModel], value: object) -> str:
    with pytest.raises(ValidationError) as caught:
        model.model_validate(value)
    return validation_body(caught.value.errors()).message


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"amount": "18万"}, "“金额”格式不正确"),
        ({"term_months": 0}, "“期限”不能小于 1"),
        ({"repayment_method": "later"}, "“还款方式”不在可选范围内"),
        ({"purpose": ""}, "“借款用途”没有填写"),
        ({"purpose": "茶" * 101}, "“借款用途”太长，至多 100 个字"),
        ({"account": ""}, "“收款账号”格式不正确"),
        ({"parties": []}, "“当事人”没有填写"),
        ({"parties": [PARTY] * 9}, "“当事人”太多，至多 8 个"),
        ({"parties": [PARTY, PARTY | {"phone": "123"}]}, "第 2 个当事人的“手机号”格式不正确"),
        ({"surprise": 1}, "“surprise”不是可识别的内容"),
    ],
)
def test_a_wrong_field_is_named_in_words(change: dict[str, object], words: str) -> None:
    assert said(NewCase, CASE | change) == words


TYPED_BY_PEOPLE = (
    ChangeTerms, ChooseDialect, ConfirmAccount, CoreNewAppointment, CoreNewCase, DeclareHelper, NewAccount,
    NewAppointment, NewCase, PauseQueue, RefuseAccount, RequireTotp, ResumeQueue, Reveal, SearchCases, SetActive,
    SetSeatAbility, StopQueue, TakeAccount, TransferCall, ChangePassword,
)  # fmt: skip


@pytest.mark.parametrize("model", TYPED_BY_PEOPLE)
def test_every_field_that_people_fill_in_has_a_chinese_name(model: type[BaseModel]) -> None:
    for name in model.model_fields:
        assert not re.search("[a-z]", field_in_words(("body", name))), name


def test_what_a_pause_lacks_is_named() -> None:
    assert said(PauseQueue, {"message": "", "reason": "停电"}) == "“给客户看的话”没有填写"


def test_a_missing_field_is_named() -> None:
    assert said(RedeemCode, {"code": "123456"}) == "“链接”没有填写"


def test_what_was_sent_is_never_repeated() -> None:
    message = said(NewCase, CASE | {"parties": [PARTY | {"id_number": "1101051949", "phone": "13800138"}]})
    assert not re.search(r"\d{5}", message)
    assert "王建国" not in message


def test_a_wall_of_problems_stays_short() -> None:
    message = said(Strokes, {"width": 1, "height": 1, "strokes": [[{"x": "a"}] * 200]})
    assert message.count("；") <= 4


def test_a_frame_of_an_unknown_type_is_refused_in_words() -> None:
    with pytest.raises(ValidationError) as caught:
        client_frame.validate_json('{"type": "shout"}')
    assert as_error_body(caught.value).message == "内容不是可识别的消息"


def test_an_unexpected_error_tells_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    body = as_error_body(RuntimeError("secret 11010519491231002X"))
    assert body.code == "internal"
    assert "secret" not in body.model_dump_json()


def test_every_http_refusal_has_chinese_words() -> None:
    for status in (400, 404, 405, 408, 413, 415, 416, 500, 418):
        assert re.search(r"[一-鿿]", http_body(status).message)


async def test_who_loses_the_line_in_the_middle_of_a_segment_is_no_fault_of_the_service(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app, said = FastAPI(), list[dict[str, object]]()
    install(app)

    @app.put("/segment")
    async def keep(request: Request) -> None:
        await request.body()

    parts: Iterator[dict[str, object]] = iter(
        [{"type": "http.request", "body": b"half", "more_body": True}, {"type": "http.disconnect"}]
    )

    async def receive() -> dict[str, object]:
        return next(parts)

    async def send(message: dict[str, object]) -> None:
        said.append(message)

    scope = {
        "type": "http", "method": "PUT", "path": "/segment", "raw_path": b"/segment", "query_string": b"",
        "headers": [],
        "http_version": "1.1", "scheme": "http", "server": ("here", 80), "client": ("there", 1), "root_path": "",
    }  # fmt: skip
    await app(scope, receive, send)  # type: ignore[arg-type]
    assert said[0]["status"] == 400
    assert not caplog.records
