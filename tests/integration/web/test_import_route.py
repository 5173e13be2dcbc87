"""Tables over HTTP, as an administrator's browser or script sends them."""

import hashlib
from datetime import date
from pathlib import Path

from tests.integration.web.running import Running, running

LPR = "date,one_year,five_year\n2024-10-21,3.10,3.60\n2025-05-20,3.00,3.50\n"
LIST = "证件号码,姓名或名称\n91110000100000721N,某粮油公司\n"


async def test_an_administrator_brings_tables_in(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as service:
        await checks_and_imports(service)
        await tells_bad_rows(service)
        await refuses_what_is_no_table(service)
        await lets_nobody_else(service)


async def checks_and_imports(service: Running) -> None:
    async with service.client(await service.log_in("admin")) as http:
        checked = (await http.post("/api/imports/lpr", params={"check": True}, content=LPR)).json()
        assert (checked["applied"], checked["added"]) == (False, 2)
        done = (await http.post("/api/imports/lpr", content=LPR)).json()
        assert (done["applied"], done["added"], done["rows"]) == (True, 2, 2)
        assert done["sha256"] == hashlib.sha256(LPR.encode()).hexdigest()
        names = {"name": "上杭粮油上游", "list_kind": "上游企业名单"}
        named = await http.post("/api/imports/list", params=names, content=LIST.encode("gb18030"))
        assert named.json()["added"] == 1
        assert (await http.post("/api/imports/list", content=LIST)).status_code == 422
    with service.web.services.db.read() as unit:
        assert [quote.day for quote in unit.reference.all_lpr("inst_demo")] == [date(2024, 10, 21), date(2025, 5, 20)]
        log = b"\n".join(unit.logs.views()).decode()
    assert "import.lpr" in log
    assert done["sha256"] in log


async def tells_bad_rows(service: Running) -> None:
    bad = LPR + "2025-06-20,x,3.5\n"
    async with service.client(await service.log_in("admin")) as http:
        refused = await http.post("/api/imports/lpr", content=bad)
        assert (refused.status_code, refused.json()["code"]) == (422, "bad_rows")
        assert "第 4 行，一年期（one_year） “x”：应为数" in refused.json()["message"]
        checked = (await http.post("/api/imports/lpr", params={"check": True}, content=bad)).json()
        (fault,) = checked["faults"]
        assert (fault["row"], fault["value"]) == (4, "x")
        assert not checked["applied"]


async def refuses_what_is_no_table(service: Running) -> None:
    async with service.client(await service.log_in("admin")) as http:
        for content in (b"", b"\xd0\xcf\x11\xe0", b"PK\x03\x04broken", b"\xff\x00"):
            answer = await http.post("/api/imports/roster", content=content)
            assert answer.status_code == 422, content
            assert answer.json()["hint"]
        assert (await http.post("/api/imports/other", content=LPR)).status_code == 422
        big = await http.post("/api/imports/lpr", content=b"x" * ((32 << 20) + 1))
        assert big.status_code == 413


async def lets_nobody_else(service: Running) -> None:
    for username in ("zhang", "chen", "lin"):
        async with service.client(await service.log_in(username)) as http:
            assert (await http.post("/api/imports/lpr", content=LPR)).status_code == 403
