"""The routes by which a case is prepared: the form of each product, a draft checked, people found, papers, links."""

import base64
import io
import json
from collections.abc import AsyncIterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import pypdfium2 as pdfium
import pytest
import pytest_asyncio
from sqlalchemy import Engine
from sqlalchemy.event import listen, remove
from sqlalchemy.exc import OperationalError

from signing.adapters import demo_data
from signing.adapters.documents import catalogue
from signing.domain.beijing import BEIJING
from signing.domain.idcard import check_character
from signing.domain.reference import Lpr
from signing.web.context import Limits
from tests.integration.web.running import BORROWER, CASE, Running, running

ME = {"role": "borrower", "name": BORROWER.name, "id_number": BORROWER.id_number, "phone": BORROWER.phone}


pytestmark = pytest.mark.asyncio(loop_scope="module")
QUOTE = Lpr(datetime.now(BEIJING).date(), Decimal("3.00"), Decimal("3.50"))
_tokens: dict[str, str] = {}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    """One for all: nothing here opens a case but where it says so."""
    async with running(tmp_path_factory.mktemp("opening") / "data") as made:
        with made.web.services.db.write() as unit:
            unit.reference.save_lpr(demo_data.INSTITUTION.institution_id, QUOTE)
        for name in ("zhang", "chen"):
            _tokens[name] = await made.log_in(name)
        for waiting in made.web.bus._waiters.values():
            await waiting.run(int)  # its thread is the service's, not that of the test which first needs it
        yield made


async def ask(service: Running, path: str, body: dict[str, Any] | None = None, who: str = "zhang") -> Any:
    async with service.client(_tokens[who]) as http:
        answer = await http.get(path) if body is None else await http.post(path, json=body)
    assert answer.is_success, answer.text
    return answer.json()


async def check(service: Running, **draft: Any) -> dict[str, Any]:
    found: dict[str, Any] = await ask(service, "/api/opening/check", {"draft": draft})
    return found


async def cases(service: Running) -> list[str]:
    return [row["case_no"] for row in (await ask(service, "/api/seat/cases"))["rows"]]


def on_record(service: Running, *kinds: str) -> list[tuple[str, str]]:
    with service.web.services.db.read() as unit:
        views = [json.loads(line)["body"] for line in unit.logs.views()]
    return [(one["what"], one["detail"]) for one in views if one["what"] in kinds]


def told(checked: dict[str, Any], path: str) -> list[tuple[str, str]]:
    return [(one["tone"], one["text"]) for one in checked["problems"] if one["path"] == path]


def notes(checked: dict[str, Any], path: str) -> str:
    return "；".join(one["text"] for one in checked["notes"] if one["path"] == path)


# --- the form ---------------------------------------------------------------------------------------------------------


async def test_every_product_has_a_form_in_chinese(service: Running) -> None:
    shown = await ask(service, "/api/opening/catalogue")
    assert shown["institution"] == demo_data.INSTITUTION.name
    assert shown["parties_most"] == 8
    assert {one["product_id"] for one in shown["products"]} == set(catalogue.products())
    for product in shown["products"]:
        assert product["roles"], product["title"]
        fields = [field for group in [*product["groups"], product["person"]] for field in group["fields"]]
        for field in fields:
            latin = [word for word in (field["title"], *(one["title"] for one in field["options"])) if word.isascii()]
            assert not latin, (product["title"], field["key"])
            assert (field["kind"] == "choice") == bool(field["options"]), field["key"]


async def test_a_form_asks_what_its_product_asks(service: Running) -> None:
    shown = {one["product_id"]: one for one in (await ask(service, "/api/opening/catalogue"))["products"]}
    groups = {key: {group["key"]: group for group in one["groups"]} for key, one in shown.items()}
    assert set(groups["power_of_attorney"]) == {"mandate"}
    assert groups["crop_wildlife_insurance"]["particulars.cover"]["required"]
    assert "collateral" not in groups["village_credit_line"]
    assert groups["rosewood_pledge_loan"]["collateral"]["many"]
    bridged = [field["key"] for field in groups["bridging_loan"]["particulars.bridged"]["fields"]]
    assert bridged == ["lender", "contract_no", "account", "outstanding", "due"]
    assert "particulars.renewal" in groups["village_credit_line"]
    assert "particulars.renewal" not in groups["bridging_loan"], "it repays one loan, and is not the renewal of another"
    guaranteed = [
        field for field in shown["multi_guarantor_loan"]["person"]["fields"] if field["key"] == "share_percent"
    ]
    assert guaranteed[0]["when_values"] == ["guarantor"]
    assert not [field for field in shown["village_credit_line"]["person"]["fields"] if field["key"] == "share_percent"]


async def test_the_limits_are_told_in_words(service: Running) -> None:
    shown = {one["product_id"]: one for one in (await ask(service, "/api/opening/catalogue"))["products"]}
    words = {one["title"]: one["words"] for one in shown["village_credit_line"]["limits"]}
    assert words["金额"] == "1,000 至 300,000 元"
    assert words["期限"] == "1 至 36 个月"
    assert "200,000 元" in words["电子渠道"]
    assert "LPR" in {one["title"]: one["words"] for one in shown["tea_chain_loan"]["limits"]}["年利率"]


# --- a draft ----------------------------------------------------------------------------------------------------------


async def test_a_whole_case_is_ready_and_nothing_is_opened(service: Running) -> None:
    before = await cases(service)
    checked = await check(service, **CASE)
    assert checked["ready"], checked["problems"]
    assert "人民币壹拾捌万元整" in notes(checked, "amount")
    assert "LPR" in notes(checked, "annual_rate_percent")
    assert "到期" in notes(checked, "term_months")
    assert "老年客户" in notes(checked, "parties.0.id_number")
    assert "授信 200,000.00 元" in notes(checked, "parties.0.id_number")
    assert await cases(service) == before


async def test_an_empty_draft_lacks_a_borrower_and_breaks_nothing(service: Running) -> None:
    checked = await check(service, product_id="village_credit_line")
    assert told(checked, "parties") == [("notice", "缺少借款人")]
    assert {one["tone"] for one in checked["problems"]} == {"notice"}
    assert not checked["ready"]


async def test_every_fault_is_told_at_once_and_in_its_place(service: Running) -> None:
    wrong = {**ME, "id_number": "110105194912310021", "phone": "1380013"}
    checked = await check(
        service, product_id="village_credit_line", amount="500000", annual_rate_percent="30", term_months=48,
        purpose="购买茶苗", account="123", parties=[wrong],
    )  # fmt: skip
    assert told(checked, "amount")[0] == ("stop", "金额须在 1,000.00 至 300,000.00 元之间")
    assert told(checked, "term_months")[0] == ("stop", "期限须在 1 至 36 个月之间")
    assert told(checked, "annual_rate_percent")[0][0] == "stop"
    assert told(checked, "account") == [("stop", "格式不正确")]
    assert told(checked, "parties.0.phone") == [("stop", "格式不正确")]
    assert not checked["ready"]


async def test_a_wrong_identity_number_is_told_at_the_person(service: Running) -> None:
    checked = await check(service, **{**CASE, "parties": [{**ME, "id_number": "110105194912310021"}]})
    assert told(checked, "parties.0.id_number") == [("stop", "借款人的身份证号码校验不通过")]


async def test_the_roster_and_its_line_hold_for_a_draft_too(service: Running) -> None:
    stranger = {**ME, "name": "王大田", "id_number": "350823198209174138", "phone": "13800138009"}
    checked = await check(service, **{**CASE, "parties": [stranger]})
    assert told(checked, "parties.0.id_number") == [("stop", "借款人不在整村授信名册中")]
    above = await check(service, **{**CASE, "amount": "250000.00"})
    assert ("stop", "金额超过授信额度 200,000.00 元") in told(above, "amount")
    assert any("不能只通过电子渠道" in words for _, words in told(above, "amount")), "the gate of 200,000"


async def test_a_rate_is_held_against_todays_lpr(service: Running) -> None:
    draft = {**CASE, "product_id": "rural_revitalisation_loan", "annual_rate_percent": "9.9"}
    draft["particulars"] = {"borrower_kind": "farmer", "cooperation": {"mode": "bank_government", "partner": "县政府"}}
    checked = await check(service, **draft)
    assert any("LPR" in words for _, words in told(checked, "annual_rate_percent")), checked["problems"]
    assert any("名单" in words for _, words in told(checked, "parties.0.id_number"))
    del draft["term_months"]
    untold = await check(service, **draft)
    assert not told(untold, "annual_rate_percent"), "without a term nobody knows which LPR counts"


async def test_too_little_collateral_is_told_and_how_much_it_covers(service: Running) -> None:
    lot = {
        "kind": "pledge", "name": "大红酸枝", "quantity": "8 根", "marks": "HM-01", "condition": "完好",
        "place": "3 号库", "appraised_value": "100000.00",
    }  # fmt: skip
    draft = {**CASE, "product_id": "rosewood_pledge_loan", "collateral": [lot]}
    checked = await check(service, **draft)
    assert any("评估价值" in words for _, words in told(checked, "collateral"))
    assert "最多可贷 60,000.00 元" in notes(checked, "collateral")
    assert "人民币壹拾万元整" in notes(checked, "collateral.0.appraised_value")
    del draft["amount"]
    assert not told(await check(service, **draft), "collateral"), "against which amount"


async def test_shares_of_guarantors_add_up(service: Running) -> None:
    people = [ME]
    for number, (id_number, name) in enumerate(list(demo_data.ROSTER_PEOPLE.items())[1:3]):
        person = {"role": "guarantor", "name": name, "id_number": id_number, "phone": f"1390013900{number}"}
        people.append({**person, "share_percent": "40"})
    checked = await check(service, **{**CASE, "product_id": "multi_guarantor_loan", "parties": people})
    assert any("合计为 100%" in words for _, words in told(checked, "parties"))
    people[1]["share_percent"] = people[2]["share_percent"] = "50"
    checked = await check(service, **{**CASE, "product_id": "multi_guarantor_loan", "parties": people})
    assert not told(checked, "parties")
    twice = await check(service, **{**CASE, "product_id": "multi_guarantor_loan", "parties": [*people[:2], people[1]]})
    assert told(twice, "parties.2.id_number") == [("stop", "同一身份证号码出现了两次")]


async def test_a_draft_without_a_product_is_refused_in_words(service: Running) -> None:
    async with service.client(_tokens["zhang"]) as http:
        for draft in ({}, {"product_id": "no_such_product"}, {"product_id": 7}):
            answer = await http.post("/api/opening/check", json={"draft": draft})
            assert answer.status_code == 422
            assert "产品" in answer.json()["message"]


ODD: tuple[tuple[str, Any], ...] = (
    ("amount", 180000), ("amount", []), ("amount", "12.345"), ("term_months", "x"), ("parties", "x"),
    ("parties", [None]), ("parties", [{}]), ("parties", [{"role": "king"}]), ("parties", [{}] * 20),
    ("collateral", {}), ("collateral", [[]]), ("particulars", []), ("particulars", {"nothing": 1}),
    ("particulars", {"business": {"name": ""}}), ("mandate", "x"), ("nonsense", {"a": [1]}),
    ("repayment_method", "sometime"), ("mandate", {"valid_from": "0001-01-01", "valid_until": "9999-12-31"}),
)  # fmt: skip


async def test_whatever_is_typed_is_told_and_never_breaks(service: Running) -> None:
    for name, value in ODD:
        checked = await check(service, **{**CASE, name: value})
        assert not checked["ready"], (name, value)
        assert any(one["path"].startswith(name) for one in checked["problems"]), (name, value, checked["problems"])


# --- whom we know -----------------------------------------------------------------------------------------------------


async def test_a_household_is_found_masked_and_filled_in(service: Running) -> None:
    found = await ask(service, "/api/opening/roster", {"text": "秀兰"})
    (row,) = found["rows"]
    assert not found["more"]
    assert (row["name_masked"], row["village"], row["expired"]) == ("王*兰", "示范村", False)
    assert BORROWER.id_number not in json.dumps(found)
    known = await ask(service, "/api/opening/person", {"ref": row["ref"]})
    assert (known["name"], known["id_number"]) == (BORROWER.name, BORROWER.id_number)
    by_number = await ask(service, "/api/opening/roster", {"text": BORROWER.id_number.lower()})
    assert by_number["rows"][0]["ref"] == row["ref"]


async def test_a_former_customer_is_known_by_the_whole_number_alone(service: Running) -> None:
    await service.open_case()
    known = await ask(service, "/api/opening/person", {"id_number": BORROWER.id_number})
    assert (known["phone"], known["address"]) == (BORROWER.phone, BORROWER.address)
    assert "曾于" in known["told"]
    async with service.client(_tokens["zhang"]) as http:
        unknown = await http.post("/api/opening/person", json={"id_number": "35082319510614301X"})
        neither = await http.post("/api/opening/person", json={})
        strange = await http.post("/api/opening/person", json={"ref": "0" * 64})
    assert (unknown.status_code, neither.status_code, strange.status_code) == (404, 422, 404)


async def test_who_was_looked_for_is_on_record_masked_and_once(service: Running) -> None:
    """A form is checked at every stroke of a key: that is one look at its people."""
    before = on_record(service, "roster", "draft")
    somebody = {**ME, "name": "田大山", "id_number": "350823197408115152"}
    await ask(service, "/api/opening/roster", {"text": "秀兰"})
    for _ in range(3):
        await check(service, **{**CASE, "parties": [somebody]})
    now = on_record(service, "roster", "draft")[len(before) :]
    assert now == [("roster", "秀*：1 户"), ("draft", "3508**********5152")]


async def test_a_roster_cannot_be_read_out_by_checking_drafts(service: Running) -> None:
    """The notes tell a household's line: they are rationed like the search, by people and not by strokes of a key."""
    token, answers = await service.log_in("zhang"), []
    bodies = [f"35082319700101{number:03d}" for number in range(9 * 8)]
    numbers = [body + check_character(body) for body in bodies]
    async with service.client(token) as http:
        for start in range(0, len(numbers), 8):
            parties = [{**ME, "id_number": number} for number in numbers[start : start + 8]]
            draft = {"product_id": "village_credit_line", "parties": parties}
            for _ in range(2 if start == 0 else 1):  # the same people again cost nothing
                answers.append(await http.post("/api/opening/check", json={"draft": draft}))
        before = len(on_record(service, "draft"))
        again = await http.post("/api/opening/check", json={"draft": {**draft, "parties": parties[-1:]}})
    assert {answer.status_code for answer in answers[:8]} == {200}
    assert answers[-1].status_code == again.status_code == 429, answers[-1].text
    assert len(on_record(service, "draft")) == before


# --- the papers -------------------------------------------------------------------------------------------------------


async def test_the_papers_are_drawn_marked_and_none_is_kept(service: Running) -> None:
    before = await cases(service)
    shown = await ask(service, "/api/opening/preview", {"draft": CASE})
    titles = [paper["title"] for paper in shown["papers"]]
    assert any("借款合同" in title for title in titles)
    assert shown["papers"][0]["signers"] == ["借款人王*兰"]
    for paper in shown["papers"]:
        pdf = pdfium.PdfDocument(io.BytesIO(base64.b64decode(paper["pdf"])))
        assert len(pdf) == paper["pages"]
        for page in pdf:
            assert "预览" in page.get_textpage().get_text_bounded()
    assert len(shown["plan"]) == 12
    assert shown["plan"][-1]["balance"] == "0.00"
    assert "本金 180,000.00 元" in shown["plan_total"]
    assert await cases(service) == before


async def test_a_draft_that_is_not_whole_has_no_papers_and_says_why(service: Running) -> None:
    async with service.client(_tokens["zhang"]) as http:
        answer = await http.post("/api/opening/preview", json={"draft": {**CASE, "parties": []}})
    assert answer.status_code == 422
    assert "当事人" in answer.json()["message"]


async def test_papers_of_a_case_carry_no_mark(service: Running) -> None:
    opened = await service.open_case()
    path = f"/api/cases/{opened.case.case_id}/documents/{opened.case.documents[0].document_id}.pdf"
    async with service.client(_tokens["zhang"]) as http:
        pdf = pdfium.PdfDocument(io.BytesIO((await http.get(path)).content))
    assert "预览" not in "".join(page.get_textpage().get_text_bounded() for page in pdf)


# --- links ------------------------------------------------------------------------------------------------------------


async def test_a_link_is_sent_to_its_own_party_and_its_state_follows(service: Running) -> None:
    opened = await service.open_case()
    invited, case_id = opened.invitations[0], opened.case.case_id
    assert invited.url in invited.text
    assert BORROWER.name in invited.text
    path = f"/api/cases/{case_id}/links"
    (made,) = (await ask(service, path))["links"]
    assert (made["step"], made["stand_in"]) == ("made", True)
    capability = invited.url.partition("#")[2]
    send = f"/api/cases/{case_id}/parties/{invited.party_id}/link/send"
    (sent,) = (await ask(service, send, {"capability": capability}))["links"]
    assert sent["step"] == "sent"
    assert invited.url in service.web.stand_in_messages()[0].text
    await service.customer(opened)
    (entered,) = (await ask(service, path))["links"]
    assert entered["step"] == "entered"


async def test_a_phone_is_not_flooded_with_its_link(service: Running) -> None:
    opened = await service.open_case()
    invited, case_id = opened.invitations[0], opened.case.case_id
    path = f"/api/cases/{case_id}/parties/{invited.party_id}/link/send"
    body = {"capability": invited.url.partition("#")[2]}
    limit = Limits().links_sent.limit
    async with service.client(_tokens["zhang"]) as http:
        answers = [await http.post(path, json=body) for _ in range(limit + 1)]
    assert [answer.status_code for answer in answers] == [200] * limit + [429]
    texts = [one.text for one in service.web.stand_in_messages()]
    assert sum(invited.url in text for text in texts) == limit


class Serialization(Exception):
    """As PostgreSQL's driver says that two transactions met."""

    sqlstate = "40001"


async def test_who_meets_another_change_is_written_to_once(service: Running) -> None:
    """Whatever is tried again after a collision, the text message is not."""
    opened = await service.open_case()
    invited, case_id = opened.invitations[0], opened.case.case_id
    collisions = iter([True])

    def collide(_: object, __: object, statement: str, parameters: object, *rest: object) -> None:
        if statement.startswith("INSERT INTO event ") and next(collisions, False):
            raise OperationalError(statement, None, Serialization())

    listen(Engine, "before_cursor_execute", collide)
    try:
        path = f"/api/cases/{case_id}/parties/{invited.party_id}/link/send"
        (sent,) = (await ask(service, path, {"capability": invited.url.partition("#")[2]}))["links"]
    finally:
        remove(Engine, "before_cursor_execute", collide)
    assert next(collisions, None) is None, "nothing collided"
    assert sent["step"] == "sent"
    assert sum(invited.url in one.text for one in service.web.stand_in_messages()) == 1


async def test_a_link_that_is_not_the_partys_is_not_sent(service: Running) -> None:
    opened = await service.open_case()
    case_id, party_id = opened.case.case_id, opened.invitations[0].party_id
    async with service.client(_tokens["zhang"]) as http:
        path = f"/api/cases/{case_id}/parties/{party_id}/link/send"
        answer = await http.post(path, json={"capability": "n" * 22})
    assert answer.status_code in (401, 409)
    assert "n" * 22 not in "".join(one.text for one in service.web.stand_in_messages())


async def test_a_draft_key_is_its_owners_alone_and_stays(service: Running) -> None:
    keys = {who: (await ask(service, "/api/opening/draft-key", {}, who))["key"] for who in ("zhang", "chen")}
    assert keys["zhang"] != keys["chen"]
    assert keys["zhang"] == (await ask(service, "/api/opening/draft-key", {}))["key"]


async def test_a_helper_is_declared_with_the_case(service: Running) -> None:
    helper = {"name": "王小明", "relation": "子女", "phone": "13900139000"}
    async with service.client(_tokens["zhang"]) as http:
        answer = await http.post("/api/cases", json={**CASE, "parties": [{**ME, "helper": helper}]})
        assert answer.status_code == 201, answer.text
        party = answer.json()["case"]["parties"][0]
        assert (party["helper"]["name_masked"], party["helper"]["declared_by"]) == ("王*明", "agent")
        own = {"name": "某某", "relation": "本人", "id_number": BORROWER.id_number}
        refused = await http.post("/api/cases", json={**CASE, "parties": [{**ME, "helper": own}]})
    assert refused.json()["code"] == "rule.helper_is_party"
