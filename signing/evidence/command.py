"""``pingqian verify`` and ``pingqian export``."""

import argparse
import json
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import IO

from signing.domain.whynot import why
from signing.evidence.core.book import Judgement
from signing.evidence.core.container import opened_package, why_not_opened
from signing.evidence.core.main import day_of, record_beside
from signing.evidence.core.renewal import RECORD_ENDING
from signing.evidence.core.report import as_record, as_table, exit_code
from signing.evidence.core.trust import UnusableTrust, only_roots
from signing.evidence.core.x509 import read_revocation_list
from signing.evidence.papers import EXIT, in_words, is_paper, paper_judge
from signing.evidence.verify import InspectSignatures, closed_with, judge_package, roots_of
from signing.service.ports import PdfVerdict

NOT_TRIED = 2


class VerifyCommand:
    """Offline. ``inspector`` makes a PDF library's view of signatures from the roots to believe (PEM)."""

    name = "verify"
    help = "离线核对一个证据包或一份 PDF 文书：有效为 0，无效为 1（指出不符之处），无法读取为 2"

    def __init__(self, inspector: Callable[[bytes], InspectSignatures | None]) -> None:
        self._inspector = inspector

    def configure(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("package", type=Path, metavar="文件", help="证据包（*.asice）或文书（*.pdf）")
        parser.add_argument("--json", action="store_true", help="以 JSON 输出，供程序读取")
        parser.add_argument(
            "--trust", type=Path, metavar="PEM", help="您信任的根证书；不给出则用包内的，并在结果中说明"
        )

        parser.add_argument(
            "--record", type=Path, metavar="ERS", help="归档续期记录；不给出则用证据包旁边同名的 .ers（只用于证据包）"
        )
        parser.add_argument("--at", type=_day, default=None, metavar="日期", help="按这一天核对（默认为现在）")
        parser.add_argument(
            "--package",
            dest="inside",
            type=Path,
            metavar="证据包",
            help="收有这份文书的证据包：连同它旁边的续期记录一起作证（只用于 PDF）",
        )
        parser.add_argument("--known", default="", metavar="摘要", help="机构留存的这份文书的摘要（只用于 PDF）")
        words = "新近签发的吊销列表，DER 格式；可重复（只用于 PDF）"
        parser.add_argument("--crl", type=Path, action="append", default=[], metavar="文件", help=words)

    def run(self, args: argparse.Namespace) -> int:
        try:
            if is_paper(args.package):
                return self._paper(args)
            judgement = self._judged(args, args.package)
        except OSError as error:
            return _refuse(why_not_opened(error))
        except UnusableTrust as error:
            return _refuse(str(error))
        now = args.at or datetime.now(UTC)
        if args.json:
            print(json.dumps(as_record(judgement, now), ensure_ascii=False, indent=2))
        else:
            print("\n".join(as_table(judgement, args.package.name, now)))
        return exit_code(judgement)

    def _judged(self, args: argparse.Namespace, package: Path) -> Judgement:
        """Raises ``OSError``, ``UnusableTrust``."""
        trust = only_roots(args.trust.read_bytes()) if args.trust else None
        record = record_beside(package, args.record)
        with opened_package(package) as data:
            return judge_package(data, trust, self._inspector(trust or roots_of(data)), args.at, record)

    def _paper(self, args: argparse.Namespace) -> int:
        """Raises ``OSError``, ``UnusableTrust``, ``InputError``."""
        judge = paper_judge()
        if judge is None:
            return _refuse("核验 PDF 文书需要的组件没有安装，请重新安装 pingqian")
        if args.known and not re.fullmatch(r"[0-9a-fA-F]{64}", args.known):
            return _refuse("--known 应为 64 位十六进制的 SHA-256 摘要")
        trust = only_roots(args.trust.read_bytes()) if args.trust else b""
        lists = [_revocation_list(path) for path in args.crl]
        pdf, at, words = args.package.read_bytes(), args.at or datetime.now(UTC), ""
        if args.inside is not None:
            judgement = self._judged(args, args.inside)
            words = f"证据包 {args.inside.name}：{judgement.headline}"
            with opened_package(args.inside) as data:
                held_at = closed_with(data, pdf)
            if exit_code(judgement) or held_at is None:
                return _refuse_package(words, args.package.name, held=held_at is not None)
            at = held_at
        report = judge(pdf, trust, at, lists, args.known.lower())
        if words:
            report = replace(report, notes=(*report.notes, f"{words}。文书逐字节收在其中，按证据包封存之时核验"))
        print(in_words(report, args.package.name, as_json=args.json))
        return EXIT[report.verdict]


class ExportCommand:
    """Writes a closed case's package to a file; ``fetch`` brings it there from the service's own store. → its size, and
    the record of its renewals, which is written beside it.

    ``film`` joins the case's recordings into the file ``args.film`` and says in lines what it holds.
    """

    name = "export"
    help = "把一笔已办结业务的证据包导出为文件；或把一笔业务的全部录像拼成一个文件"

    def __init__(
        self,
        fetch: Callable[[argparse.Namespace, IO[bytes]], tuple[int, bytes]],
        film: Callable[[argparse.Namespace], list[str]],
    ) -> None:
        self._fetch = fetch
        self._film = film

    def configure(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("case", metavar="业务编号", help="业务编号")
        wanted = parser.add_mutually_exclusive_group(required=True)
        wanted.add_argument("--out", type=Path, metavar="文件", help="证据包写到哪个文件（*.asice）")
        wanted.add_argument(
            "--film", type=Path, metavar="文件", help="各段录像不重新编码拼成一个文件（*.mp4），中断处照实留空并标明"
        )
        parser.add_argument(
            "--party",
            default="",
            metavar="角色",
            help="与 --film 合用：只要某一位当事人单独的音视频（*.mkv），按角色称呼，如 borrower、guarantor2",
        )
        parser.add_argument("--data", type=Path, default=None, metavar="目录", help="服务的数据目录")

    def run(self, args: argparse.Namespace) -> int:
        """Never overwrites. Raises ``SigningError``."""
        if args.film is not None:
            return self._make_film(args)
        try:
            with args.out.open("xb") as file:
                size, record = self._fetched(args, file)
            if record:
                beside = args.out.with_name(args.out.name + RECORD_ENDING)
                beside.write_bytes(record)
        except OSError as error:
            return _refuse(f"无法写入 {args.out}：{why(error)}")
        print(f"已导出 {args.out}（{size:,} 字节）")
        if record:
            print(f"归档续期记录 {beside}：请与证据包放在一起，核验时会自动用上")
        return 0

    def _fetched(self, args: argparse.Namespace, file: IO[bytes]) -> tuple[int, bytes]:
        """What cannot be had whole leaves no file behind."""
        try:
            return self._fetch(args, file)
        except BaseException:
            file.close()
            args.out.unlink(missing_ok=True)
            raise

    def _make_film(self, args: argparse.Namespace) -> int:
        if args.film.exists():
            return _refuse(f"{args.film} 已经存在，不会覆盖")
        try:
            print("\n".join(self._film(args)))
        except OSError as error:
            return _refuse(f"无法写入 {args.film}：{why(error)}")
        return 0


def _refuse_package(words: str, paper: str, *, held: bool) -> int:
    print(words)
    print(f"结论：不能为 {paper} 作证：" + ("证据包没有通过核验" if held else "证据包里没有与它逐字节相同的文书"))
    return 1


def _revocation_list(path: Path) -> bytes:
    """Raises ``OSError``, ``UnusableTrust`` for what is no CRL in DER."""
    data = path.read_bytes()
    try:
        read_revocation_list(data)
    except (ValueError, LookupError):
        raise UnusableTrust(f"吊销列表 {path.name} 不能读取（需要 DER 格式的 CRL）") from None
    return data


def _day(text: str) -> datetime:
    try:
        return day_of(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}”不是日期，请写成 2046-01-31 这样") from None


def _refuse(message: str) -> int:
    print(message, file=sys.stderr)
    return NOT_TRIED


def _inspector(roots: bytes) -> InspectSignatures | None:
    """pyHanko's view, where the service's signer is installed; without it the report says what was not checked."""
    try:
        judge_pdf = import_module("signing.adapters.signer").judge_pdf
    except (ImportError, AttributeError):
        return None

    def inspect(pdf: bytes, at: datetime) -> PdfVerdict:
        verdict: PdfVerdict = judge_pdf(pdf, roots, at)
        return verdict

    return inspect


VERIFY = VerifyCommand(_inspector)
