"""From an empty folder to the first case, by the command line alone, as a bank without ``--demo`` sets it up."""

import json
import re
from pathlib import Path

import pytest

from signing.cli import main
from signing.commandline.case import EXAMPLE, KEYS, read_case
from signing.domain.errors import InputError
from signing.wire.particulars import NewParticulars
from signing.wire.staff import NewCase, NewParty

INSTITUTION = (
    "--institution-name", "上杭农村信用合作联社", "--seal-name", "上杭农村信用合作联社",
    "--address", "上杭县人民路 1 号", "--helpline", "0597-1234567",
    "--representative", "陈立", "--credit-code", "91350823MA2XN1AB39",
)  # fmt: skip
HEAD = "id_number,name,village,line,valid_until\n"
WANG = "11010519491231002x,王秀兰,示范村,200000,2099-12-31\n"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def said(capsys: pytest.CaptureFixture[str], code: int, *arguments: object) -> str:
    """What the command printed; where it failed, its error."""
    capsys.readouterr()
    assert main([str(one) for one in arguments]) == code
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    return err if code else out


def branch(data: Path, *more: object) -> tuple[object, ...]:
    return ("branch", "add", "linjiang", "--name", "临江支行", "--institution", "shanghang", "--data", data, *more)


def test_an_empty_folder_becomes_a_service_with_its_first_case(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "branch add" in said(capsys, 2, "branch", "list", "--data", data)
    said(capsys, 0, *branch(data, *INSTITUTION, "--seat", "01号席", "--seat", "02号席"))
    listed = said(capsys, 0, "branch", "list", "--data", data)
    assert listed.splitlines() == [
        "上杭农村信用合作联社（shanghang）\t临江支行（linjiang）",
        "\t01号席（linjiang_01）",
        "\t02号席（linjiang_02）",
    ]
    (tmp_path / "password").write_text("a-long-password-2026\n")
    user = ("user", "add", "huang", "--name", "黄五", "--role", "agent", "--data", data)
    secret = ("--password-file", tmp_path / "password", "--seat", "linjiang_02")
    assert "pingqian branch list" in said(capsys, 2, *user, *secret, "--branch", "nowhere")
    said(capsys, 0, *user, *secret, "--branch", "linjiang")
    said(capsys, 0, "case", "list", "--data", data)
    with pytest.raises(SystemExit) as left:
        main(["case", "open", "--example"])
    assert left.value.code == 0
    (tmp_path / "case.json").write_text(capsys.readouterr().out)
    opening = (
        "case",
        "open",
        tmp_path / "case.json",
        "--as",
        "huang",
        "--base-url",
        "https://a.example",
        "--data",
        data,
    )
    assert "不在整村授信名册中" in said(capsys, 2, *opening)
    (tmp_path / "roster.csv").write_text(HEAD + WANG)
    roster = ("roster", "import", tmp_path / "roster.csv", "--data", data, "--institution")
    assert "branch list" in said(capsys, 2, *roster, "nobody")
    assert "已导入 1 行" in said(capsys, 0, *roster, "shanghang")
    opened = said(capsys, 0, *opening)
    assert "借款人" in opened
    assert "风险规则“借款人到期年龄”转主管：借款人王*兰" in opened
    assert "https://a.example/s#" in opened
    number, first = opened.split("(")[0].split()[-1], opened.partition("/s#")[2].split()[0]
    renewing = ("case", "link", number, "--as", "huang", "--base-url", "https://a.example", "--data", data)
    renewed = said(capsys, 0, *renewing)
    assert "借款人王*兰" in renewed
    assert renewed.partition("/s#")[2].split()[0] != first
    assert "pingqian case list" in said(capsys, 2, *renewing, "--party", "2")


def test_branches_are_not_half_made(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    refused = said(capsys, 2, *branch(data, *INSTITUTION[:-2]))
    assert "--credit-code" in refused
    assert "18 位" in said(capsys, 2, *branch(data, *INSTITUTION[:-1], "123"))
    assert "席位重复" in said(capsys, 2, *branch(data, *INSTITUTION, "--seat", "01号席", "--seat", "01号席"))
    wrong = [*INSTITUTION[:-1], "91350823MA2XN1AB3C"]
    assert "校验码不对" in said(capsys, 2, *branch(data, *wrong))
    assert not data.exists(), "the refused ones left nothing"
    said(capsys, 0, *branch(data, *INSTITUTION, "--seat", "01号席"))
    assert "已经建立" in said(capsys, 2, *branch(data))
    assert "法定代表人" in said(capsys, 2, *branch(data, "--representative", "别人", "--seat", "02号席"))
    assert "席位重复" in said(capsys, 2, *branch(data, "--seat", "01号席"))
    said(capsys, 0, *branch(data, "--seat", "02号席"))
    other = ["临江二支行" if word == "临江支行" else word for word in branch(data)]
    assert "已用于“临江支行”" in said(capsys, 2, *other)
    assert "02号席（linjiang_02）" in said(capsys, 0, "branch", "list", "--data", data)


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert "不能写入" in said(capsys, 2, *branch(tmp_path / "file" / "data", *INSTITUTION))


def test_the_example_has_every_key_and_errors_name_them(tmp_path: Path) -> None:
    file = tmp_path / "case.json"
    file.write_text(json.dumps(EXAMPLE))
    example = read_case(file)
    assert set(NewCase.model_fields) - set(EXAMPLE) == {"collateral", "mandate", "particulars"}, "not of this product"
    assert set(NewParty.model_fields) - example.parties[0].model_fields_set == {"dialect", "share_percent", "helper"}
    for key in (*NewCase.model_fields, *NewParty.model_fields, *NewParticulars.model_fields):
        assert re.search(rf"^ +{key}\b", KEYS, re.MULTILINE), key
    wrong = example.model_dump(mode="json") | {"amount": 180000, "colour": "red"}
    wrong["parties"][0]["phone"] = "1"
    file.write_text(json.dumps(wrong))
    with pytest.raises(InputError) as refused:
        read_case(file)
    for words in ("“金额”（amount）应为文字", "第 1 个当事人的“手机号”（parties[0].phone）格式不正确", "（colour）"):
        assert words in refused.value.message
    assert "--example" in refused.value.hint
