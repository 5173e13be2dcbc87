"""``pingqian doctor``: what this machine has and what it lacks, each lack with its remedy; and whether the records that
are there already still hold together."""

import argparse
import os
import platform
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from signing.commandline.serve import EMPTY
from signing.domain.whynot import why

if TYPE_CHECKING:
    from signing.adapters.keyfile import Kek
    from signing.service.store import Unit

NEEDED_BYTES = 2 << 30
KEY_LIFE = timedelta(days=366)
"""After it a new key-encryption key is due."""


@dataclass(frozen=True)
class Finding:
    """``ok`` None: not needed by the service itself, but something will be missing."""

    what: str
    ok: bool | None
    detail: str
    remedy: str = ""


def _tool(what: str, names: Sequence[str], version: Sequence[str], package: str, *, needed: bool) -> Finding:
    path = next((found for name in names if (found := shutil.which(name))), None)
    if path is None:
        return Finding(what, False if needed else None, "没有找到", f"apt-get install {package}")
    try:
        ran = subprocess.run([path, *version], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return Finding(what, False if needed else None, f"{path} 不能运行", f"apt-get install --reinstall {package}")
    lines = (ran.stdout + ran.stderr).strip().splitlines()
    return Finding(what, True, lines[0][:70] if lines else path)


def _fonts() -> Finding:
    finder = shutil.which("fc-list")
    if finder is None:
        return Finding("中文字体", None, "没有 fc-list，无法查看", "apt-get install fontconfig fonts-noto-cjk")
    ran = subprocess.run([finder, ":lang=zh-cn", "family"], capture_output=True, text=True, timeout=20, check=False)
    families = sorted({line.split(",")[0] for line in ran.stdout.splitlines() if line})
    if not families:
        return Finding("中文字体", False, "没有中文字体", "apt-get install fonts-noto-cjk")
    return Finding("中文字体", True, f"{len(families)} 种，如 {families[0]}")


def _module(what: str, module: str, extra: str, *, needed: bool) -> Finding:
    try:
        import_module(module)
    except ImportError as error:
        wanted = f"pingqian[{extra}]" if extra else "pingqian"
        return Finding(what, False if needed else None, f"{error}"[:90], f'pip install "{wanted}"')
    return Finding(what, True, module)


def _shut(folder: Path) -> Finding | None:
    """Where the data folder may not be looked into; nothing that lies in it can be checked then."""
    from signing.domain.errors import InputError

    try:
        _has_data(folder)
    except InputError as error:
        return Finding("数据目录", False, error.message.removeprefix("数据目录 "), error.hint)
    return None


def _disk(folder: Path) -> Finding:
    there = next(path for path in (folder, *folder.resolve().parents) if path.exists())
    free = shutil.disk_usage(there).free
    detail = f"{there} 剩余 {free / (1 << 30):.1f} GB"
    return Finding("磁盘空间", free >= NEEDED_BYTES, detail, "至少留出 2 GB(录像每小时约 0.5 GB)")


def _writable(folder: Path) -> Finding:
    there = next(path for path in (folder, *folder.resolve().parents) if path.exists())
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        return Finding("数据目录", False, f"{there} 不能写入（{why(error)}）", "换一个目录，或调整目录权限")
    if _has_data(folder):
        return Finding("数据目录", True, f"{folder} 里有服务的数据，可以写入")
    state = "里没有服务的数据" if folder.exists() else "还没有"
    return Finding("数据目录", None, f"{folder} {state}；{there} 可以写入", EMPTY)


def _clock() -> Finding:
    now = datetime.now(UTC)
    if now.year < 2026:
        return Finding("系统时钟", False, f"{now:%Y-%m-%d %H:%M} UTC，早于本软件", "timedatectl set-ntp true")
    try:
        ran = subprocess.run(
            ["timedatectl", "show", "-p", "NTPSynchronized", "--value"],
            capture_output=True, text=True, timeout=10, check=False,
        )  # fmt: skip
        synchronized = {"yes": True, "no": False}.get(ran.stdout.strip())
    except (OSError, subprocess.TimeoutExpired):
        synchronized = None
    if synchronized is None:
        return Finding("系统时钟", None, "无法得知是否已与时间服务器同步", "timedatectl set-ntp true")
    detail = "已同步" if synchronized else "没有与时间服务器同步"
    return Finding("系统时钟", synchronized, detail, "timedatectl set-ntp true")


def _records(folder: Path) -> Finding:
    """The access log's chain and every case's, read whole."""
    if not _has_data(folder):
        return Finding("记录链", True, "还没有数据")
    try:
        from signing.commandline.user import opened
        from signing.domain.errors import SigningError
        from signing.domain.ledger import verify_chain
    except ImportError as error:
        return Finding("记录链", None, f"不能核对（{error}）"[:90], 'pip install "pingqian"')
    try:
        with opened(folder) as app, app.services.db.read() as unit:
            views = unit.logs.views()
            verify_chain(views)
            cases, events = _chains(unit)
    except SigningError as error:
        return Finding("记录链", False, error.message, error.hint)
    return Finding("记录链", True, f"{len(views)} 次查阅、{cases} 笔业务的 {events} 个事件首尾相接")


def _chains(unit: "Unit") -> tuple[int, int]:
    """How many cases there are, and how many events, each case opened and each chain verified."""
    from signing.service.case_list import CaseQuery, ListPlace

    cases, events, place = 0, 0, None
    while page := unit.cases.find(CaseQuery(), 200, place):
        cases += len(page)
        events += sum(len(unit.cases.events(case.case_id)) for case in page)
        place = ListPlace(page[-1].opened_at, page[-1].case_id)
    return cases, events


def _database(folder: Path, given: str) -> Finding:
    """Whether it answers, keeps what it has acknowledged, and can tell every Chinese name."""
    from signing.adapters.database.engine import facts_of, open_engine
    from signing.adapters.database.place import address_of
    from signing.domain.errors import SigningError

    what = "数据库"
    try:
        address = address_of(folder, given)
        if address.startswith("sqlite") and not (folder / "pingqian.db").exists():
            return Finding(what, True, "还没有建立，将使用数据目录里的 SQLite")
        engine = open_engine(address)
        facts = facts_of(engine)
        engine.dispose()
    except SigningError as error:
        return Finding(what, False, error.message, f"请核对数据库地址和网络；{error.hint}")
    if facts.remedy:
        return Finding(what, False, facts.words, facts.remedy)
    return Finding(what, True, facts.words)


def _has_data(folder: Path) -> bool:
    from signing.adapters import keyfile

    return keyfile.has_data(folder)


def _keys(folder: Path) -> Finding:
    """Whether every data key's own key is in the file, and whether a rotation was left unfinished."""
    if not _has_data(folder):
        return Finding("主密钥", True, "还没有数据")
    from signing.adapters.database.rotation import in_use
    from signing.adapters.keys import Keyring
    from signing.commandline.user import opened
    from signing.domain.errors import SigningError

    try:
        with opened(folder) as app:
            used, keyring = in_use(app.engine), Keyring(folder / "keyring.json")
    except SigningError as error:
        return Finding("主密钥", False, error.message, error.hint)
    return _keys_found(folder / "keyring.json", used, {kek.key_id for kek in keyring.keks}, keyring.current)


def _keys_found(file: Path, used: Mapping[str, int], there: set[str], current: "Kek") -> Finding:
    if missing := used.keys() - there:
        detail = f"缺 {'、'.join(sorted(missing))}，其保护的业务打不开"
        return Finding("主密钥", False, detail, "请从备份恢复 keyring.json")
    if file.stat().st_mode & 0o077:
        return Finding("主密钥", False, "其他用户也能读密钥文件", f"chmod 600 {file}")
    if used.keys() - {current.key_id}:
        return Finding("主密钥", None, "上次轮换没有完成", "再运行一次 pingqian keys rotate")
    made = f"{current.made_at:%Y-%m-%d}"
    if datetime.now(UTC) - current.made_at > KEY_LIFE:
        return Finding("主密钥", None, f"{made} 起未轮换", "pingqian keys rotate，然后备份 keyring.json")
    return Finding("主密钥", True, f"{made} 起使用；keyring.json 须与数据库分开备份")


def _signing(folder: Path) -> Finding:
    """``signing.toml``, with the files and institutions that it names; no key is opened."""
    what = "签章配置"
    if not _has_data(folder) or not (folder / "signing.toml").exists():
        return Finding(what, True, "没有 signing.toml，用内置的演示机构" if _has_data(folder) else "还没有数据")
    from signing.commandline.serve import require_signing_for_ours
    from signing.commandline.user import opened
    from signing.domain.errors import SigningError

    try:
        with opened(folder) as app:
            require_signing_for_ours(app)
    except SigningError as error:
        return Finding(what, False, error.message, error.hint)
    return Finding(what, True, f"{folder / 'signing.toml'} 可用")


def _objects(folder: Path) -> Finding:
    """Puts a file, reads it back, and tries to put another one over it."""
    from signing.adapters.blob_place import open_s3, recorded
    from signing.domain.errors import SigningError

    url = recorded(folder)
    if not url:
        return Finding("文件存放处", True, "数据目录")
    try:
        kept = open_s3(url, folder).refuses_overwriting(f"probe/{secrets.token_hex(8)}")
    except SigningError as error:
        return Finding("文件存放处", False, f"{url}：{error.message}", error.hint)
    if not kept:
        detail = f"{url} 能写入、能读回，但不支持条件写入，只能先查后写"
        return Finding("文件存放处", None, detail, "请升级对象存储，使其支持 If-None-Match")
    return Finding("文件存放处", True, f"{url} 能写入、能读回、不会覆盖")


def _python() -> Finding:
    right = sys.version_info[:2] == (3, 11)
    return Finding("Python", right, f"{platform.python_version()} {platform.machine()}", "请使用 Python 3.11")


def examine(folder: Path, database: str = "") -> Iterator[Finding]:
    """``folder`` is the data folder that is going to be used, ``database`` an address that was given."""
    yield _python()
    if shut := _shut(folder):
        yield shut
    else:
        yield from _folder_findings(folder, database)
    for check in _MACHINE:
        yield check()


def _folder_findings(folder: Path, database: str) -> Iterator[Finding]:
    checks: Sequence[Callable[[], Finding]] = (
        lambda: _writable(folder),
        lambda: _disk(folder),
        lambda: _database(folder, database),
        lambda: _records(folder),
        lambda: _keys(folder),
        lambda: _objects(folder),
        lambda: _signing(folder),
    )
    for check in checks:
        yield check()


_MACHINE: Sequence[Callable[[], Finding]] = (
    _clock,
    _fonts,
    lambda: _tool("openssl", ["openssl"], ["version"], "openssl", needed=True),
    lambda: _tool("ffprobe", ["ffprobe"], ["-version"], "ffmpeg", needed=False),
    lambda: _tool("pdfsig", ["pdfsig"], ["-v"], "poppler-utils", needed=False),
    lambda: _tool("Chromium（演示用）", ["chromium", "chromium-browser"], ["--version"], "chromium", needed=False),
    lambda: _module("身份证识别", "rapidocr", "", needed=True),
    lambda: _module("人脸比对", "dlib", "", needed=True),
    lambda: _module("PDF 签名", "pyhanko", "", needed=True),
    lambda: _module("窗口（坐席端用）", "PySide6.QtWidgets", "desktop", needed=False),
    lambda: _module("通话（坐席端用）", "aiortc", "desktop", needed=False),
    lambda: _module("声卡（坐席端用）", "sounddevice", "desktop", needed=False),
)


_MARKS = {True: "✓ 正常", False: "✗ 不行", None: "! 注意"}


class Doctor:
    name = "doctor"
    help = "检查本机环境和已有的记录，有问题就说怎么办"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--data", type=Path, default=Path("pingqian-data"), metavar="目录", help="要用的数据目录")
        parser.add_argument("--database", default="", metavar="URL", help="数据库地址（默认同 pingqian serve）")

    def run(self, arguments: argparse.Namespace) -> int:
        """Exit 1 where something that the service needs is missing."""
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        findings = []
        for finding in examine(arguments.data, arguments.database):
            findings.append(finding)
            print(f"{_MARKS[finding.ok]}  {finding.what}：{finding.detail}", flush=True)
            if finding.ok is not True:
                print(f"        办法：{finding.remedy}")
        lacking = sum(finding.ok is False for finding in findings)
        print(f"有 {lacking} 项必须先解决" if lacking else "可以运行服务")
        return 1 if lacking else 0


DOCTOR = Doctor()
