"""Broken templates: what ``pingqian templates check`` says of each, with its line."""

import subprocess
from pathlib import Path

import pytest

from signing.adapters.documents import previewing, proving, samples, templates
from signing.adapters.documents.samples import Sample
from signing.adapters.documents.template import Template
from signing.cli import main
from signing.domain.security import Subject

SOUND = """id = "plain"
title = "说明"
version = "1"
effective = 2026-01-01
code = "SM"
basis = ["《中华人民共和国民法典》第四百六十九条"]

[data]
name = "text"

[[parts]]
type = "table"
rows = [["姓名", "{name}"]]

[[parts]]
type = "article"
label = "first"
title = "甲"
clauses = ["乙"]

[[parts]]
type = "text"
text = "见{article_first}。"

[[parts]]
type = "signatures"
signers = ["borrower", "custodian"]
seal_label = "机构"
"""
WHEN = 'when = { roles = ["custodian"] }\n'
NEVER = 'when = { roles = ["custodian"], without = ["custodian"] }\n'


def test_a_sound_template_has_no_fault() -> None:
    assert list(proving.template_faults("plain", SOUND)) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("见{article", "\U0001f600{article", "字库中没有这些字：\U0001f600"),
        ('name = "text"', 'name = "text"\nphone = "text"', "第 10 行：[data] 中的 phone 没有用到"),
        ("{name}", "{names}", "第 13 行：占位符 {names} 没有在 [data] 中写明"),
        ("{name}", "{name}" + "A" * 90, "第 13 行：第 1 页有内容超出版心：AAAA"),
        ('title = "说明"', f'title = "{"说明" * 20}"', "第 2 行：第 1 页有内容超出版心：说明说明"),
        ('label = "first"\n', 'label = "first"\n' + WHEN, "第 24 行：模板中的占位符 {article_first} 没有对应的内容"),
        ('label = "first"\n', 'label = "first"\n' + NEVER, "第 20 行：条件 when 永远不成立，这一段不会印出：乙"),
        ("{name}", "{name}" + "长" * 2000, "有一段或者表格的一行高过一页"),
        ('name = "text"', 'name = "text"\nrate = "text"', "第 10 行：[data] 中的 rate 是利率、比例，类型应为 rate"),
    ],
)
def test_a_broken_template_is_told_with_file_and_line(old: str, new: str, said: str) -> None:
    assert old in SOUND
    found = list(proving.template_faults("plain", SOUND.replace(old, new, 1)))
    assert any(said in fault for fault in found), found
    assert all(fault.startswith("pdf_templates/plain/template.toml ") for fault in found)


def _titled(kind: str, wanted: str, folder: Path) -> str:
    template = templates.load(kind)
    return _written(template, next(one for one in samples.samples(template) if wanted in one.title), folder)


def _written(template: Template, sample: Sample, folder: Path) -> str:
    path = folder / "sample.pdf"
    path.write_bytes(previewing.drawn(template, sample))
    done = subprocess.run(["pdftotext", "-raw", str(path), "-"], capture_output=True, text=True, check=True)
    return "".join(done.stdout.split())


MADE = {
    Subject.REAL_ESTATE: ("抵押权自登记时设立", "建设用地使用权一并抵押"),
    Subject.CHATTEL: ("抵押权自抵押合同生效时设立", "不得对抗正常经营活动中"),
    Subject.LIVESTOCK: ("抵押权自抵押合同生效时设立", "耳标"),
    Subject.FOREST_RIGHT: ("抵押权自登记时设立", "采伐许可证"),
    Subject.TEA_GARDEN: ("担保物权自本合同生效时设立", "茶树"),
    Subject.MOVABLES: ("质权自质押财产交付时设立", "交付之日"),
    Subject.PATENT_RIGHT: ("质权自办理出质登记时设立", "专利权质押登记"),
    Subject.CARBON_TICKET: ("质权自登记时设立", "碳票登记机构办理出质登记"),
    Subject.CARBON_SINK: ("质权自办理出质登记时设立", "将有的应收账款"),
}


@pytest.mark.parametrize("subject", Subject)
def test_each_security_says_what_makes_it(subject: Subject, tmp_path: Path) -> None:
    """Arts. 402, 403, 429, 444, 445 of the civil code; art. 47 of the law on contracted land."""
    kind = "mortgage_contract" if "抵押" in MADE[subject][0] or subject is Subject.TEA_GARDEN else "pledge_contract"
    template = templates.load(kind)
    sample = next(one for one in samples.samples(template) if {lot.what for lot in one.case.collateral} == {subject})
    text = _written(template, sample, tmp_path)
    for wanted in MADE[subject]:
        assert wanted in text
    for other, (_, mark) in MADE.items():
        assert other is subject or mark not in text, f"{other} in the contract of {subject}"


def test_a_borrower_who_pledges_signs_as_pledgor(tmp_path: Path) -> None:
    text = _titled("pledge_contract", "最少", tmp_path)
    assert "出质人（债务人）（签名）" in text
    assert "借款人（签名）" not in text


def test_securities_up_to_a_maximum_say_so(tmp_path: Path) -> None:
    for kind, article in (("mortgage_contract", "四百二十条"), ("guarantee_contract", "六百九十条")):
        assert article in _titled(kind, "maximum", tmp_path)
    assert "最高额" not in _titled("guarantee_contract", "最少", tmp_path)


def test_a_blank_without_content_is_struck_through(tmp_path: Path) -> None:
    template = templates.load("electronic_delivery_address_confirmation")
    assert template.data["email"].optional
    assert "电子邮箱／" in _titled(template.template_id, "最少", tmp_path)


def test_the_interview_asks_what_is_read_out_to_this_person(tmp_path: Path) -> None:
    text = _titled("signing_interview_record", "最多（借款人）", tmp_path)
    assert "1欧阳样本您好" in text
    assert "2请您想一想再回答：是不是可以替别人签名？不是。" in text
    assert text.count("您好，本次视频通话") == 1


def test_previews_are_written_and_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["templates", "preview", "repayment_schedule", "--out", str(tmp_path)]) == 0
    assert len(list(tmp_path.glob("*.pdf"))) >= 2
    opener = tmp_path / "xdg-open"
    opener.write_text("#!/bin/sh\necho opened $1 >&2\n")
    opener.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert main(["templates", "preview", "repayment_schedule"]) == 0
    assert "还款计划表" in capfd.readouterr().out
    assert main(["templates", "preview", "nothing"]) == 2
    assert "没有这份文书模板：nothing" in capfd.readouterr().err


def test_templates_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["templates", "list"]) == 0
    out = capsys.readouterr().out
    for kind in templates.kinds():
        assert kind in out
    assert "《面签笔录》  2026.1 版  2026-01-01 起施行，每位签署人一份" in out
