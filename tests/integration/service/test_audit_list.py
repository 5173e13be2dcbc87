"""The auditor's list: found by what somebody knows of a case, page by page, each look on record."""

import json

import pytest

from signing.adapters import demo_data
from signing.bootstrap import App
from signing.domain.errors import InputError
from signing.service import commands as c
from tests.integration.service.office import in_call, log_in, open_case

BORROWER = demo_data.BORROWER


async def test_a_case_is_found_by_all_that_is_known_of_it(app: App) -> None:
    agent, _, case, _ = await in_call(app)
    other, _ = await open_case(app, agent)
    auditor = await log_in(app, "lin", "demo-audit-2026")

    def found(text: str) -> list[str]:
        return [row.case.case_no for row in app.queries.audit_list(auditor, text).rows]

    both = [other.case_no, case.case_no]
    day = f"{case.case_no[2:6]}-{case.case_no[6:8]}-{case.case_no[8:10]}"
    for text in ("", BORROWER.name, BORROWER.id_number, BORROWER.id_number.lower(), BORROWER.phone, "信用村"):
        assert found(text) == both, text
    assert found(day) == found(f"{BORROWER.name} {day}") == found(case.case_no[:10]) == both
    assert found(case.case_no) == found(case.case_no.lower()) == [case.case_no]
    assert found("张秀英") == found(f"张秀英 {BORROWER.phone}") == [case.case_no], "who has talked, not who has opened"
    for text in ("林审计", "查无此人", BORROWER.phone[:-1], "13900000000", "1999-01", f"{other.case_no} 张秀英"):
        assert found(text) == [], text


async def test_a_paper_is_found_by_the_code_printed_on_it(app: App) -> None:
    agent = await log_in(app)
    case, _ = await open_case(app, agent)
    await open_case(app, agent)
    auditor = await log_in(app, "lin", "demo-audit-2026")
    codes = [document.lookup_code for document in case.documents]
    assert len(set(codes)) == len(codes)
    for code in codes:
        for typed in (code, code.lower(), f"https://sign.example.cn/check?code={code}"):
            page = app.queries.audit_list(auditor, typed)
            assert [row.case.case_no for row in page.rows] == [case.case_no], typed
    assert page.searched == "查验码"
    assert app.queries.audit_list(auditor, "2222-2222").rows == []


async def test_pages_follow_one_another(app: App) -> None:
    agent = await log_in(app)
    numbers = [(await open_case(app, agent))[0].case_no for _ in range(5)]
    auditor = await log_in(app, "lin", "demo-audit-2026")
    seen, after = list[str](), ""
    for _ in range(3):
        page = app.queries.audit_list(auditor, BORROWER.phone, 2, after)
        assert page.counted.number == 5
        seen, after = [*seen, *(row.case.case_no for row in page.rows)], page.after
    assert seen == numbers[::-1]
    assert after == ""
    for damaged in ("x", "****", "aGVsbG8="):
        with pytest.raises(InputError):
            app.queries.audit_list(auditor, "", 2, damaged)


async def test_on_record_is_by_what_and_never_what(app: App) -> None:
    auditor = await log_in(app, "lin", "demo-audit-2026")
    page = app.queries.audit_list(auditor, f"{BORROWER.id_number} {BORROWER.phone} 2026-11")
    assert page.searched == "证件号、手机号、日期"
    await app.bus.execute(c.RecordView(auditor, "list", detail=f"按{page.searched}查询"))
    with app.services.db.read() as unit:
        line = json.loads(unit.logs.views()[-1])
    assert BORROWER.id_number not in json.dumps(line, ensure_ascii=False)
