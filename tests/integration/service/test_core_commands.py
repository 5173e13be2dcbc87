"""Keys and webhooks from the command line, on the service's own machine."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from signing.adapters import demo_data
from signing.adapters.database.engine import open_engine
from signing.bootstrap import build, seed_demo
from signing.cli import main
from signing.config import Settings
from signing.domain import events
from signing.service.commands import SYSTEM
from tests.unit.domain.factories import NOW, make_case


@pytest.fixture
def data(tmp_path: Path) -> Path:
    app = build(Settings(tmp_path / "data", demo=True))
    seed_demo(app)
    app.engine.dispose()
    return tmp_path / "data"


def said(capsys: pytest.CaptureFixture[str], code: int, *arguments: object) -> str:
    capsys.readouterr()
    assert main([str(one) for one in arguments]) == code
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    return out + err


def test_a_key_is_issued_once_listed_without_it_and_revoked(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "还没有密钥" in said(capsys, 0, "core-key", "list", "--data", data)
    add = ("core-key", "add", "--institution", "inst_demo", "--name", "信贷系统", "--data", data)
    issued = said(capsys, 0, *add, "--allow", "10.1.0.0/16", "--allow", "192.0.2.7")
    fields = dict(line.split("\t") for line in issued.splitlines() if "\t" in line)
    assert fields["密钥"].startswith(f"{fields['编号']}.")
    listed = said(capsys, 0, "core-key", "list", "--data", data)
    assert f"{fields['编号']}\tinst_demo\t信贷系统\t有效\t从未使用\t10.1.0.0/16,192.0.2.7/32" in listed
    assert fields["密钥"].partition(".")[2] not in listed
    said(capsys, 0, *add)
    assert "已有 2 个有效密钥" in said(capsys, 2, *add)
    assert "已撤销" in said(capsys, 0, "core-key", "revoke", fields["编号"], "--data", data)
    said(capsys, 0, "core-key", "revoke", fields["编号"], "--data", data)
    said(capsys, 0, *add)
    assert "撤销\t从未使用" in said(capsys, 0, "core-key", "list", "--data", data)


def test_what_is_wrong_with_a_key_is_told(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add = ("core-key", "add", "--data", data, "--institution")
    assert "pingqian branch list" in said(capsys, 2, *add, "nobody", "--name", "信贷系统")
    assert "网段" in said(capsys, 2, *add, "inst_demo", "--name", "信贷系统", "--allow", "10.1.2.3/16")
    assert "1 到 60 个字" in said(capsys, 2, *add, "inst_demo", "--name", " ")
    assert "core-key list" in said(capsys, 2, "core-key", "revoke", "ck_none", "--data", data)


def test_webhooks_are_added_listed_and_removed(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "还没有回调地址" in said(capsys, 0, "webhooks", "list", "--data", data)
    add = ("webhooks", "add", "--institution", "inst_demo", "--data", data, "--url")
    added = said(capsys, 0, *add, "https://core.example.cn/pingqian")
    fields = dict(line.split("\t") for line in added.splitlines() if "\t" in line)
    assert len(fields["验签密钥"]) >= 22
    listed = said(capsys, 0, "webhooks", "list", "--data", data)
    assert f"{fields['编号']}\tinst_demo\thttps://core.example.cn/pingqian\t有效\n" in listed
    assert fields["验签密钥"] not in listed
    assert "已经登记" in said(capsys, 2, *add, "https://core.example.cn/pingqian")
    assert "--private" in said(capsys, 2, *add, "http://10.0.0.5/hook")
    said(capsys, 0, *add, "http://10.0.0.5/hook", "--private")
    assert "，可用内网地址" in said(capsys, 0, "webhooks", "list", "--data", data)
    said(capsys, 0, "webhooks", "remove", fields["编号"], "--data", data)
    assert "\t已停用\n" in said(capsys, 0, "webhooks", "list", "--data", data)
    assert "webhooks list" in said(capsys, 2, "webhooks", "remove", "wh_none", "--data", data)
    assert "webhooks list" in said(capsys, 2, "webhooks", "redeliver", "dlv_none", "--data", data)
    assert "将重发 0 个通知" in said(capsys, 0, "webhooks", "redeliver", "--dead", "--data", data)


def altered(data: Path, statement: str, **values: object) -> None:
    engine = open_engine(f"sqlite:///{data / 'pingqian.db'}")
    with engine.connect().execution_options(write=True) as connection, connection.begin():
        connection.execute(text(statement), values)
    engine.dispose()


def test_one_whose_secret_cannot_be_opened_hides_no_other(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add = ("webhooks", "add", "--institution", "inst_demo", "--data", data, "--url")
    broken, well = (said(capsys, 0, *add, f"https://core.example.cn/{one}").split()[1] for one in ("broken", "well"))
    altered(data, "UPDATE webhook SET sealed = x'00' WHERE webhook_id = :id", id=broken)
    listed = said(capsys, 0, "webhooks", "list", "--data", data)
    assert f"{broken}\tinst_demo\thttps://core.example.cn/broken\t密钥打不开\n" in listed
    assert f"{well}\tinst_demo\thttps://core.example.cn/well\t有效\n" in listed
    (advice,) = [line for line in listed.splitlines() if line.startswith(f"{broken} ")]
    assert "pingqian webhooks remove" in advice
    said(capsys, 0, *add, "https://core.example.cn/third")
    assert "先停用再登记" in said(capsys, 2, *add, "https://core.example.cn/broken")
    assert "已停用" in said(capsys, 0, "webhooks", "remove", broken, "--data", data)
    listed = said(capsys, 0, "webhooks", "list", "--data", data)
    assert "密钥打不开" not in listed
    assert f"{broken}\tinst_demo\thttps://core.example.cn/broken\t已停用\n" in listed
    said(capsys, 0, *add, "https://core.example.cn/broken")


def test_one_that_is_not_sent_again_keeps_no_other_from_it(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two given up, the older of them to an address that is in use no longer."""
    add = ("webhooks", "add", "--institution", "inst_demo", "--data", data, "--url")
    hooks = [said(capsys, 0, *add, f"https://core.example.cn/{one}").split()[1] for one in ("old", "new")]
    app = build(Settings(data, demo=True))
    with app.services.db.write() as unit:
        case = replace(make_case(), institution_id="inst_demo", branch_id=demo_data.BRANCH.branch_id)
        unit.cases.add(case)
        unit.cases.append(case.case_id, events.case_opened(case), SYSTEM, NOW)
    app.engine.dispose()
    altered(data, "UPDATE webhook_delivery SET state = 'dead', tries = 9")
    said(capsys, 0, "webhooks", "remove", hooks[0], "--data", data)
    told = said(capsys, 2, "webhooks", "redeliver", "--dead", "--data", data)
    assert "将重发 1 个通知" in told
    assert "没有重发：这个回调地址已停用" in told
    assert told.count("没有重发") == 1
    listed = said(capsys, 0, "webhooks", "list", "--data", data)
    assert (listed.count("\t待送达\t"), listed.count("\t已放弃\t")) == (1, 1)
