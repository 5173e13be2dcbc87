"""``pingqian verify`` and ``pingqian export``."""

import argparse
import json
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import IO

from signing.evidence.core.container import opened_package, why_not_opened
from signing.evidence.core.report import as_record, as_table, exit_code
from signing.evidence.core.trust import UnusableTrust, only_roots
from signing.evidence.papers import EXIT, in_words, is_paper, paper_judge
from signing.evidence.verify import InspectSignatures, judge_package, roots_of
from signing.service.ports import PdfVerdict

NOT_TRIED = 2


class VerifyCommand:
    """Offline. ``inspector`` makes a PDF library's view of signatures from the roots to believe (PEM)."""

    name = "verify"
    help = "离线核对一个证据包或一份 PDF 文书：有效为 0，无效为 1（指出不符之处），无法读取为 2"

    def __init__(self, inspector: Callable[[bytes], InspectSignatures | None]) -> None:
        self._inspector = inspector

    def configure(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("package", type=Path, help="证据包（*.asice）或文书（*.pdf）")
        parser.add_argument("--json", action="store_true", help="以 JSON 输出，供程序读取")
        parser.add_argument(
            "--trust", type=Path, metavar="PEM", help="您信任的根证书；不给出则用包内的，并在结果中说明"
        )

        parser.add_argument("--known", default="", metavar="SHA256", help="机构留存的这份文书的摘要（只用于 PDF）")
        words = "新近签发的吊销列表，DER 格式；可重复（只用于 PDF）"
        parser.add_argument("--crl", type=Path, action="append", default=[], metavar="文件", help=words)

    def run(self, args: argparse.Namespace) -> int:
        try:
            if is_paper(args.package):
                return _paper(args)
            trust = only_roots(args.trust.read_bytes()) if args.trust else None
            with opened_package(args.package) as data:
                judgement = judge_package(data, trust, self._inspector(trust or roots_of(data)))
        except OSError as error:
            return _refuse(why_not_opened(error))
        except UnusableTrust as error:
            return _refuse(str(error))
        now = datetime.now(UTC)
        if args.json:
            print(json.dumps(as_record(judgement, now), ensure_ascii=False, indent=2))
        else:
            print("\n".join(as_table(judgement, args.package.name, now)))
        return exit_code(judgement)


class ExportCommand:
    """Writes a closed case's package to a file; ``fetch`` brings it there from the service's own store. → its size.

    ``film`` joins the case's recordings into the file ``args.film`` and says in lines what it holds.
    """

    name = "export"
    help = "把一笔已办结业务的证据包导出为文件；或把一笔业务的全部录像拼成一个文件"

    def __init__(
        self, fetch: Callable[[argparse.Namespace, IO[bytes]], int], film: Callable[[argparse.Namespace], list[str]]
    ) -> None:
        self._fetch = fetch
        self._film = film

    def configure(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("case", help="业务编号")
        wanted = parser.add_mutually_exclusive_group(required=True)
        wanted.add_argument("--out", type=Path, metavar="FILE", help="证据包写到哪个文件（*.asice）")
        wanted.add_argument(
            "--film", type=Path, metavar="FILE", help="各段录像不重新编码拼成一个文件（*.mp4），中断处照实留空并标明"
        )
        parser.add_argument(
            "--party",
            default="",
            metavar="ROLE",
            help="与 --film 合用：只要某一位当事人单独的音视频（*.mkv），按角色称呼，如 borrower、guarantor2",
        )
        parser.add_argument("--data", type=Path, default=None, metavar="DIR", help="服务的数据目录")

    def run(self, args: argparse.Namespace) -> int:
        """Never overwrites. Raises ``SigningError``."""
        if args.film is not None:
            return self._make_film(args)
        try:
            with args.out.open("xb") as file:
                size = self._fetched(args, file)
        except OSError as error:
            return _refuse(f"无法写入 {args.out}：{error.strerror}")
        print(f"已导出 {args.out}（{size:,} 字节）")
        return 0

    def _fetched(self, args: argparse.Namespace, file: IO[bytes]) -> int:
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
            return _refuse(f"无法写入 {args.film}：{error.strerror}")
        return 0


def _refuse(message: str) -> int:
    print(message, file=sys.stderr)
    return NOT_TRIED


def _paper(args: argparse.Namespace) -> int:
    """Raises ``OSError``, ``UnusableTrust``, ``InputError``."""
    judge = paper_judge()
    if judge is None:
        return _refuse("核验 PDF 文书需要的组件没有安装，请重新安装 pingqian")
    if args.known and not re.fullmatch(r"[0-9a-fA-F]{64}", args.known):
        return _refuse("--known 应为 64 位十六进制的 SHA-256 摘要")
    trust = only_roots(args.trust.read_bytes()) if args.trust else b""
    lists = [path.read_bytes() for path in args.crl]
    report = judge(args.package.read_bytes(), trust, datetime.now(UTC), lists, args.known.lower())
    print(in_words(report, args.package.name, as_json=args.json))
    return EXIT[report.verdict]


def _inspector(roots: bytes) -> InspectSignatures | None:
    """pyHanko's view, where the service's signer is installed; without it the report says what was not checked."""
    try:
        judge_pdf = import_module("signing.adapters.signer").judge_pdf
    except (ImportError, AttributeError):
        return None

    def inspect(pdf: bytes) -> PdfVerdict:
        verdict: PdfVerdict = judge_pdf(pdf, roots, datetime.now(UTC))
        return verdict

    return inspect


VERIFY = VerifyCommand(_inspector)
