"""The table of sub-commands, and what happens where one cannot be loaded."""

import re
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from signing import cli
from signing.cli import GROUP, NotLoadable, build_parser, load, main


def test_every_command_of_the_table_loads_and_parses_help(capsys: pytest.CaptureFixture[str]) -> None:
    for name, where, _ in cli.BUILT_IN:
        command = load(EntryPoint(name, where, GROUP))
        assert command.name == name
        with pytest.raises(SystemExit) as left:
            main([name, "--help"])
        assert left.value.code == 0
        assert name in capsys.readouterr().out


def test_listing_the_commands_loads_none_of_them() -> None:
    code = (
        "import sys\n"
        "from signing.cli import build_parser\n"
        "build_parser(None)\n"
        "print(any(name in sys.modules for name in ('fastapi', 'sqlalchemy', 'PySide6', 'desktop')))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"


def test_a_missing_package_names_the_extra_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "desktop.demo.command", None)
    with pytest.raises(NotLoadable, match=r"pingqian\[demo\]"):
        load(EntryPoint("demo", "desktop.demo.command:COMMAND", GROUP))


def test_a_missing_command_ends_with_two_and_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "BUILT_IN", (("bench", "no_such_package.bench:COMMAND", "测量"),))
    assert main(["bench"]) == 2
    assert "请重新安装" in capsys.readouterr().err


def test_an_unknown_command_ends_with_two() -> None:
    with pytest.raises(SystemExit) as left:
        main(["no-such-command"])
    assert left.value.code == 2


def test_no_command_lists_them(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main([])
    assert left.value.code == 2
    said = build_parser(None).format_help()
    assert said.count("启动服务") == 1
    assert "无人值守" in said
    assert "由扩展提供" not in said
    assert len(re.findall(r"命令:\n    [a-z]", said)) == said.count("命令:") == 1, "the title is not said twice"


def test_doctor_names_what_it_looked_at(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["doctor", "--data", str(tmp_path / "new" / "folder")])
    said = capsys.readouterr().out
    for what in ("Python", "数据目录", "磁盘空间", "中文字体", "openssl", "系统时钟"):
        assert what in said
    assert f"! 注意  数据目录：{tmp_path / 'new' / 'folder'} 还没有；{tmp_path} 可以写入" in said
    assert "办法：目录写错了的，请用 --data 改正；第一次使用的，请先运行 pingqian branch add" in said
    assert not (tmp_path / "new").exists()
    main(["doctor", "--data", str(tmp_path)])
    assert f"! 注意  数据目录：{tmp_path} 里没有服务的数据" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


def test_doctor_finds_a_missing_tool_and_its_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["doctor", "--data", str(tmp_path)]) == 1
    assert "apt-get install openssl" in capsys.readouterr().out
