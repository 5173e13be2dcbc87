"""The public check page: a true paper, a forged one, a code; limits; nothing is kept."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx

from signing.adapters import demo_data
from signing.adapters.documents import PaperDocuments
from signing.domain.archive import ArchiveRecord
from signing.domain.seals import SealedPaper
from tests.integration.web.running import Running, running
from tests.paper import BORROWER, case, signing_context


async def _sealed(service: Running) -> tuple[bytes, SealedPaper]:
    """A paper that this service's own keys have signed and sealed, and that it knows."""
    services, now = service.web.services, datetime.now(UTC)
    frozen = PaperDocuments().generate(case(BORROWER), demo_data.INSTITUTION, now)[0]
    signed = await services.signer.sign_as_customer(frozen.pdf, signing_context(frozen, BORROWER, now))
    pdf = await services.signer.seal(signed.pdf, demo_data.INSTITUTION, now, "全部当事人已签署")
    digest = services.signer.examine(pdf).sha256
    paper = SealedPaper(
        "doc_1", frozen.lookup_code, digest, demo_data.INSTITUTION.name, frozen.title, frozen.pages, now
    )
    await asyncio.to_thread(_note, service, paper)
    return pdf, paper


def _note(service: Running, paper: SealedPaper) -> None:
    with service.web.services.db.write() as unit:
        unit.seals.note_paper(paper)


async def _post(http: httpx.AsyncClient, pdf: bytes, kind: str = "application/pdf") -> httpx.Response:
    return await http.post("/api/check/paper", content=pdf, headers={"Content-Type": kind})


async def test_anybody_may_check_a_paper_and_look_a_code_up(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as service, service.client() as http:
        pdf, paper = await _sealed(service)
        before = {path for path in (tmp_path / "data").rglob("*") if path.is_file()}
        true = (await _post(http, pdf)).json()
        assert true["verdict"] == "valid", true
        assert true["record"]["sha256"] == paper.sha256
        assert [one["kind"] for one in true["revisions"]] == ["当事人签名", "机构印章", "归档时间戳"]
        assert "演示" in true["stand_ins"][0]
        forged = (await _post(http, pdf + b"\n%\n")).json()
        assert (forged["verdict"], forged["record"]) == ("altered", None)
        assert (await _post(http, b"no paper")).json()["verdict"] == "unreadable"
        assert (await _post(http, pdf, "text/plain")).json()["verdict"] == "valid", "what it is called does not matter"
        found = (await http.get(f"/api/check/codes/{paper.code}")).json()
        assert [one["sha256"] for one in found["papers"]] == [paper.sha256]
        assert BORROWER.name not in str(found)
        assert (await http.get("/api/check/codes/2222-2222")).status_code == 404
        assert (await http.get("/api/check/codes/1111-OOOO")).status_code == 422
        kept = {path for path in (tmp_path / "data").rglob("*") if path.is_file()} - before
        assert not [path for path in kept if path.suffix not in {".db-wal", ".db-shm", ".pid"}], kept


async def test_a_paper_whose_package_was_renewed_is_told_to_be(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as service, service.client() as http:
        pdf, paper = await _sealed(service)
        fresh = (await http.get(f"/api/check/codes/{paper.code}")).json()["papers"][0]
        assert (fresh["renewals"], fresh["package_until"]) == (0, None), "its package is not closed yet"
        opened = await service.open_case()
        await asyncio.to_thread(_renewed, service, paper, opened.case.case_id)
        for told in (
            (await _post(http, pdf)).json()["record"],
            (await http.get(f"/api/check/codes/{paper.code}")).json()["papers"][0],
        ):
            assert (told["renewals"], told["package_until"]) == (2, "2056-01-01T16:00:00Z")
            assert opened.case.case_id not in str(told)


def _renewed(service: Running, paper: SealedPaper, case_id: str) -> None:
    until = datetime(2056, 1, 1, 16, tzinfo=UTC)
    with service.web.services.db.write() as unit:
        unit.seals.note_paper(replace(paper, case_id=case_id))
        unit.archives.save(ArchiveRecord(case_id, until, until, renewals=2))


async def test_the_public_is_slowed_down_and_large_files_are_refused(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as service, service.client() as http:
        assert (await _post(http, b"%PDF-" + bytes(17 << 20))).status_code == 413
        for _ in range(service.web.limits.check.limit):
            assert (await _post(http, b"x")).status_code == 200
        slowed = await _post(http, b"x")
        assert slowed.status_code == 429
        assert int(slowed.headers["Retry-After"]) > 0


async def test_the_page_is_there_in_chinese(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as service, service.client() as http:
        page = await http.get("/check?code=G6N7-BL66")
        assert page.status_code == 200
        assert "文书查验" in page.text
        for name in ("check.js", "check.css"):
            assert (await http.get(f"/check/{name}")).status_code == 200
        assert (await http.get("/check/nothing.js")).status_code == 404
