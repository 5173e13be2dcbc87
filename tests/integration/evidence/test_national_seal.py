"""The electronic seal of GB/T 38540-2020 in a package: checked by the packed program too, and every forgery refused.

The forger holds the service's keys, so that the chain of events and the manifests agree with whatever they put in.
"""

import asyncio
import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from asn1crypto import core

from signing.adapters.clock import SystemClock
from signing.adapters.demo_data import INSTITUTION
from signing.adapters.signer import national
from signing.adapters.signer.national import (
    CertInfoList,
    NationalAuthority,
    NationalKey,
    NationalSeals,
    SESeal,
    SESSignature,
)
from signing.domain.errors import OutsideError
from signing.domain.readable import whole_of
from signing.domain.seals import Marks, usual_seal
from signing.evidence.core.book import Book, Mismatch
from signing.evidence.core.national import _check_signatures, read_national
from signing.evidence.core.openssl import SM2_DATA, SM2_KEY, SM2_VALUE, openssl_sm2
from signing.evidence.core.trust import Trust
from signing.evidence.core.x509 import NoSm2, read_certificate, write_pem
from signing.evidence.verify import LibraryCrypto, judge_package
from signing.service.ports import EvidenceParts
from tests.integration.evidence.sealed import build, events_of, open_signer, sealed_parts
from tests.unit.evidence.samples import entries_of, sha

PDF = "documents/doc_1.pdf"
NOW = SystemClock().now()
MARKS = Marks(usual_seal("inst_demo", INSTITUTION.seal_name, INSTITUTION.credit_code, NOW, "运营管理部"))
Made = SimpleNamespace


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A signer, the parts of a case with one sealed paper, and its national seal."""

    async def make() -> Made:
        at = SystemClock().now()  # of now, not of the start of a long run: certificates are made at their first use
        signer = open_signer(tmp_path_factory.mktemp("pki"))
        parts = await sealed_parts(signer, documents=1)
        pdf = whole_of(parts.files[PDF])
        seal = await signer.national_seal(pdf, PDF, INSTITUTION, at, MARKS)
        authority: NationalAuthority = signer._national._authority
        return Made(signer=signer, parts=parts, pdf=pdf, seal=seal, authority=authority, at=at)

    return asyncio.run(make())


def with_seal(parts: EvidenceParts, seal: bytes, document: str = "doc_1") -> EvidenceParts:
    bodies = [json.loads(line)["body"] for line in parts.events]
    bodies.insert(-1, {"document_id": document, "national_seal_sha256": sha(seal)})
    left = {name: data for name, data in parts.files.items() if not name.startswith("log/")}
    at = datetime.fromisoformat(json.loads(parts.events[0])["at"])
    return EvidenceParts(parts.case_json, events_of(bodies, at), {**left, f"seals/{sha(seal)}.ses": seal})


def package_of(made: Made, seal: bytes, document: str = "doc_1") -> bytes:
    return asyncio.run(build(made.signer, with_seal(made.parts, seal, document)))


def stamped(made: Made, seal: bytes) -> bytes:
    """With a time-stamp that holds, whatever else does not."""
    digest = hashlib.sha256(national.value_of(seal)).digest()
    return national.stamped(seal, asyncio.run(made.signer.timestamp(digest)))


@pytest.fixture(scope="module")
def package(made: Made) -> bytes:
    return package_of(made, made.seal)


def packed(folder: Path, package: bytes, **environment: str) -> tuple[int, str]:
    (folder / "verify.py").write_bytes(entries_of(package)["verify.py"])
    (folder / "p.asice").write_bytes(package)
    env = {"PATH": os.environ["PATH"], "PYTHONIOENCODING": "utf-8"} | environment
    program = [sys.executable, "-I", "-S", "verify.py", "p.asice"]
    done = subprocess.run(program, cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout + done.stderr


def test_a_genuine_seal_is_good_here_and_in_the_packed_program(made: Made, package: bytes, tmp_path: Path) -> None:
    judgement = judge_package(package, made.signer.trust_pem())
    assert judgement.verdict == "valid", judgement.headline
    (row,) = [row for row in judgement.rows if row.name.startswith("seals/")]
    assert row.ok
    assert "国密签章有效：“龙岩示范农村信用合作联社”，由“屏签演示制章者”制章" in row.detail
    code, text = packed(tmp_path, package)
    assert code == 0, text
    assert "国密签章有效" in text


Change = Callable[[Made], bytes]


def _eseal(made: Made, **changes: object) -> bytes:
    """A seal that a maker made otherwise: ``user`` may use it, ``maker`` signs it."""
    signer, maker = made.authority.of(MARKS.round), made.authority.maker()
    registered = changes.get("registered", MARKS.round)
    png = changes.get("png", SESSignature.load(made.seal)["to_sign"]["eseal"]["seal_info"]["picture"]["data"].native)
    return national.make_seal(registered, png, changes.get("user", signer), changes.get("by", maker))  # type: ignore[arg-type]


def _signed(made: Made, eseal: bytes, key: NationalKey | None = None, place: str = PDF) -> bytes:
    signer = key or made.authority.of(MARKS.round)
    return stamped(made, national.sign(made.pdf, place, eseal, signer, made.at))


def _other_authority(made: Made, folder: str) -> NationalAuthority:
    return NationalAuthority(made.authority._folder / folder)


def all_of_their_own(made: Made) -> bytes:
    """Maker and signer are a stranger's, and agree with each other."""
    stranger = _other_authority(made, "stranger")
    signer, png = stranger.of(MARKS.round), SESSignature.load(made.seal)["to_sign"]["eseal"]["seal_info"]["picture"]
    eseal = national.make_seal(MARKS.round, png["data"].native, signer, stranger.maker())
    return _signed(made, eseal, signer)


def test_a_reader_who_believes_in_no_maker_is_told_in_the_headline(made: Made) -> None:
    """A maker's certificate stands in the seal itself: whoever looks for a root they believe in must be told."""
    judgement = judge_package(package_of(made, made.seal), only_rsa(made))
    assert judgement.verdict == "valid"
    assert "未核对" in judgement.headline
    assert any("未核对印章是否由“屏签演示制章者”本人制作" in one for one in judgement.not_checked)


def test_a_strangers_seal_is_none_to_a_reader_who_believes_in_the_maker(made: Made) -> None:
    judgement = judge_package(package_of(made, all_of_their_own(made)), made.signer.trust_pem())
    (row,) = [row for row in judgement.rows if row.name.startswith("seals/")]
    assert judgement.verdict == "incomplete", "nobody altered it, and it is not vouched for"
    assert not row.ok
    assert "制章者不在您信任的国密证书之内" in row.detail


def test_a_maker_is_believed_for_the_root_that_signed_it(made: Made, tmp_path: Path) -> None:
    """As where a national CA issued the maker's certificate."""
    keys = NationalAuthority(tmp_path)
    root = keys._key("root", "/C=CN/CN=root of makers", None)
    maker = keys._key("maker-of-root", "/C=CN/CN=maker of seals", root)
    user = keys._key("user", "/C=CN/CN=user of a seal", maker)
    png = SESSignature.load(made.seal)["to_sign"]["eseal"]["seal_info"]["picture"]["data"].native
    seal = _signed(made, national.make_seal(MARKS.round, png, user, maker), user)
    roots = only_rsa(made) + write_pem(root.certificate, "CERTIFICATE")
    judgement = judge_package(package_of(made, seal), roots)
    assert judgement.verdict == "valid", judgement.headline
    assert not any("制作" in one for one in judgement.not_checked)


def test_a_maker_whom_the_reader_believes_is_not_doubted(made: Made) -> None:
    judgement = judge_package(package_of(made, made.seal), made.signer.trust_pem())
    assert judgement.verdict == "valid"
    assert not any("制作" in one for one in judgement.not_checked)


def test_a_seal_whose_end_is_put_off_gets_a_certificate_for_as_long(tmp_path: Path) -> None:
    authority = NationalAuthority(tmp_path / "national")
    seals, at = NationalSeals(authority), SystemClock().now()
    seal = replace(MARKS.round, registered_at=at, valid_from=at - timedelta(days=1))
    first = seals.signed(b"paper", PDF, INSTITUTION, at, seal)
    longer = replace(seal, valid_until=at + timedelta(days=3650))
    later = seals.signed(b"paper", PDF, INSTITUTION, at + timedelta(days=3000), longer)
    old, new = (read_certificate(SESSignature.load(one)["cert"].native) for one in (first, later))
    assert new.raw != old.raw
    assert new.not_after >= longer.valid_until
    assert authority.of(longer).certificate == new.raw, "made once"
    assert authority.of(seal).certificate == old.raw
    with pytest.raises(OutsideError, match="签章者或制章者的国密证书已经过期"):
        seals.signed(
            b"paper",
            PDF,
            INSTITUTION,
            at + timedelta(days=7400),
            replace(longer, valid_until=at + timedelta(days=8000)),
        )


def only_rsa(made: Made) -> bytes:
    """The roots of the service without the maker of its national seals."""
    maker = write_pem(made.authority.maker().certificate, "CERTIFICATE")
    found: bytes = made.signer.trust_pem()
    assert found.endswith(maker)
    return found.removesuffix(maker)


def test_a_maker_whose_certificate_had_run_out_made_nothing(made: Made) -> None:
    found = read_national(made.seal)
    maker = replace(found.seal.maker, not_after=found.at - timedelta(seconds=1))
    late = replace(found, seal=replace(found.seal, maker=maker))
    with pytest.raises(Mismatch, match="制章者的国密证书当时不在有效期内"):
        _check_signatures(late, Trust((), (), (), LibraryCrypto()), Book())


def another_paper(made: Made) -> bytes:
    signer = made.authority.of(MARKS.round)
    return stamped(made, national.sign(made.pdf + b" ", PDF, _eseal(made), signer, made.at))


def another_place(made: Made) -> bytes:
    return _signed(made, _eseal(made), place="documents/doc_2.pdf")


def another_user(made: Made) -> bytes:
    """Somebody whose certificate the maker issued, but not for this seal."""
    return _signed(made, _eseal(made), made.authority.of(replace(MARKS.round, seal_id="seal_other")))


def a_maker_of_their_own(made: Made) -> bytes:
    """The signer's certificate stays the genuine one."""
    return _signed(made, _eseal(made, by=_other_authority(made, "forger").maker()))


def a_changed_name(made: Made) -> bytes:
    found = SESSignature.load(_signed(made, _eseal(made)))
    found["to_sign"]["eseal"]["seal_info"]["property"]["name"] = "另一家农村信用合作联社"
    return bytes(found.dump(force=True))


def a_changed_picture(made: Made) -> bytes:
    found = SESSignature.load(_signed(made, _eseal(made)))
    picture = found["to_sign"]["eseal"]["seal_info"]["picture"]
    picture["data"] = picture["data"].native[:-20] + bytes(20)
    return bytes(found.dump(force=True))


def no_picture(made: Made) -> bytes:
    return _signed(made, _eseal(made, png=b"nothing to see"))


def a_longer_list_of_users(made: Made) -> bytes:
    found = SESSignature.load(_signed(made, _eseal(made)))
    held = found["to_sign"]["eseal"]["seal_info"]["property"]
    held["cert_list"] = CertInfoList([*[one.native for one in held["cert_list"]], b"stranger"])
    return bytes(found.dump(force=True))


def run_out(made: Made) -> bytes:
    late = replace(MARKS.round, valid_from=NOW - timedelta(days=9), valid_until=NOW - timedelta(days=1))
    return _signed(made, _eseal(made, registered=late))


def a_changed_time(made: Made) -> bytes:
    found = SESSignature.load(_signed(made, _eseal(made)))
    found["to_sign"]["time_info"] = (made.at + timedelta(minutes=1)).replace(microsecond=0)
    return bytes(found.dump(force=True))


def back_dated(made: Made) -> bytes:
    """All signatures hold; only the time-stamp knows better."""
    signer, at = made.authority.of(MARKS.round), made.at + timedelta(hours=2)
    return stamped(made, national.sign(made.pdf, PDF, _eseal(made), signer, at))


def anothers_time_stamp(made: Made) -> bytes:
    token = asyncio.run(made.signer.timestamp(bytes(32)))
    return national.stamped(_signed(made, _eseal(made)), token)


def no_time_stamp(made: Made) -> bytes:
    return national.sign(made.pdf, PDF, _eseal(made), made.authority.of(MARKS.round), made.at)


def other_algorithm(made: Made) -> bytes:
    found = SESSignature.load(_signed(made, _eseal(made)))
    found["signature_alg_id"] = core.ObjectIdentifier("1.2.840.10045.4.3.2")
    return bytes(found.dump(force=True))


def bytes_behind(made: Made) -> bytes:
    return bytes(made.seal) + b"\0"


FORGERIES: dict[Change, str] = {
    another_paper: "文书的 SM3 摘要",
    another_place: "不是为事件链所记的这份文书所作",
    another_user: "不是这枚国密印章的使用者",
    a_maker_of_their_own: "SM2 签名不成立|国密证书不是由制章者签发的",
    a_changed_name: "制章者的 SM2 签名不成立",
    a_changed_picture: "制章者的 SM2 签名不成立",
    no_picture: "没有印章图像",
    a_longer_list_of_users: "制章者的 SM2 签名不成立",
    run_out: "不在有效期内",
    a_changed_time: "签章者的 SM2 签名不成立",
    back_dated: "与其时间戳不符",
    anothers_time_stamp: "时间戳中的摘要不一致",
    no_time_stamp: "不符合规定的格式",
    other_algorithm: "不符合规定的格式",
    bytes_behind: "不符合规定的格式",
}


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
def test_every_forgery_is_named(made: Made, forge: Change) -> None:
    seal = forge(made)
    judgement = judge_package(package_of(made, seal), made.signer.trust_pem())
    assert (judgement.verdict, judgement.first_bad_item) == ("altered", f"seals/{sha(seal)}.ses"), judgement.headline
    (row,) = [row for row in judgement.rows if row.name.startswith("seals/")]
    assert re.search(FORGERIES[forge], row.detail), row.detail


def test_a_seal_named_with_another_document_is_refused(made: Made) -> None:
    judgement = judge_package(package_of(made, made.seal, "doc_9"), made.signer.trust_pem())
    assert judgement.verdict == "altered"


def test_the_packed_program_names_a_forgery(made: Made, tmp_path: Path) -> None:
    code, text = packed(tmp_path, package_of(made, a_changed_name(made)))
    assert code == 1
    assert "制章者的 SM2 签名不成立" in text


def test_an_openssl_without_sm2_says_so_and_is_never_green(made: Made, package: bytes, tmp_path: Path) -> None:
    """One that knows everything else: an old ``openssl`` has no such option."""
    tools = tmp_path / "tools"
    tools.mkdir()
    program = tools / "openssl"
    program.write_text('#!/bin/sh\ncase "$*" in *distid*) echo "unknown option" >&2; exit 1;; esac\n'
                       f'PATH={os.environ["PATH"]}\nexec openssl "$@"\n')  # fmt: skip
    program.chmod(0o755)
    code, text = packed(tmp_path, package, PATH=f"{tools}:{os.environ['PATH']}")
    assert code == 1, text
    assert "openssl 不支持 SM2" in text
    assert "结论：没有核对完：seals/" in text
    assert "已验证" not in text


def test_no_openssl_at_all_is_said_by_the_service_too(
    made: Made, package: bytes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    judgement = judge_package(package, made.signer.trust_pem())
    assert judgement.verdict == "incomplete"
    assert "没有 openssl 程序" in judgement.headline


def test_the_known_signature_is_held_against_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    assert openssl_sm2(SM2_KEY, SM2_DATA, SM2_VALUE)
    assert not openssl_sm2(SM2_KEY, SM2_DATA + b"x", SM2_VALUE)
    monkeypatch.setattr("signing.evidence.core.openssl.SM2_VALUE", SM2_VALUE[:-1] + b"\0")
    with pytest.raises(NoSm2, match="不支持"):
        openssl_sm2(SM2_KEY, SM2_DATA + b"x", SM2_VALUE)


def test_the_structures_are_read_as_the_standard_has_them(made: Made) -> None:
    found = read_national(made.seal)
    assert (found.place, found.seal.name) == (PDF, "龙岩示范农村信用合作联社")
    assert SESeal.load(SESSignature.load(made.seal)["to_sign"]["eseal"].dump())["seal_info"].dump() == found.seal.info
    assert found.signer.raw in found.seal.users
