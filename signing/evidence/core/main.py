"""``verify.py`` as a program: ``python3 -I verify.py PACKAGE [--json] [--trust PEM] [--record FILE] [--at DAY]``."""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from signing.evidence.core.book import Means
from signing.evidence.core.container import opened_package, why_not_opened
from signing.evidence.core.judge import judge
from signing.evidence.core.openssl import NoOpenssl, OpensslCrypto, judge_again
from signing.evidence.core.renewal import RECORD_ENDING
from signing.evidence.core.report import as_record, as_table, exit_code
from signing.evidence.core.trust import UnusableTrust


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="核对屏签证据包；只需要 Python 和 openssl，不联网")
    parser.add_argument("package", type=Path, help="证据包（*.asice）")
    parser.add_argument("--json", action="store_true", help="以 JSON 输出")
    parser.add_argument("--trust", type=Path, help="您信任的根证书（PEM）")
    parser.add_argument("--record", type=Path, help="归档续期记录（默认用证据包旁边同名的 .ers）")
    parser.add_argument("--at", type=day_of, default=None, help="按这一天核对，如 2046-01-31（默认为现在）")
    options = parser.parse_args(arguments)
    try:
        return _verify(options)
    except OSError as error:
        print(why_not_opened(error), file=sys.stderr)
    except (NoOpenssl, UnusableTrust) as error:
        print(f"无法核对：{error}", file=sys.stderr)
    return 2


def day_of(text: str) -> datetime:
    """The end of a day in Beijing. Raises ``ValueError``."""
    return datetime.fromisoformat(f"{date.fromisoformat(text)}T23:59:59+08:00").astimezone(UTC)


def record_beside(package: Path, named: Path | None = None) -> bytes | None:
    """The renewals kept beside a package. Raises ``OSError`` where a named one cannot be read."""
    path = named or package.with_name(package.name + RECORD_ENDING)
    return path.read_bytes() if named or path.exists() else None


def _verify(options: argparse.Namespace) -> int:
    package, trust = options.package, options.trust
    record = record_beside(package, options.record)
    means = Means(OpensslCrypto(), trust.read_bytes() if trust else None, None, options.at, record)
    with opened_package(package) as data:
        judgement = judge_again(data, means, judge(data, means))
    now = options.at or datetime.now(UTC)
    if options.json:
        print(json.dumps(as_record(judgement, now), ensure_ascii=False, indent=2))
    else:
        print("\n".join(as_table(judgement, package.name, now)))
    return exit_code(judgement)
