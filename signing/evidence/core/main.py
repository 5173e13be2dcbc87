"""``verify.py`` as a program: ``python3 -I verify.py PACKAGE [--json] [--trust PEM]``."""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from signing.evidence.core.book import Means
from signing.evidence.core.container import opened_package, why_not_opened
from signing.evidence.core.judge import judge
from signing.evidence.core.openssl import NoOpenssl, OpensslCrypto, judge_again
from signing.evidence.core.report import as_record, as_table, exit_code
from signing.evidence.core.trust import UnusableTrust


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="核对屏签证据包；只需要 Python 和 openssl，不联网")
    parser.add_argument("package", type=Path, help="证据包（*.asice）")
    parser.add_argument("--json", action="store_true", help="以 JSON 输出")
    parser.add_argument("--trust", type=Path, help="您信任的根证书（PEM）")
    options = parser.parse_args(arguments)
    try:
        return _verify(options.package, options.trust, as_json=options.json)
    except OSError as error:
        print(why_not_opened(error), file=sys.stderr)
    except (NoOpenssl, UnusableTrust) as error:
        print(f"无法核对：{error}", file=sys.stderr)
    return 2


def _verify(package: Path, trust: Path | None, *, as_json: bool) -> int:
    means = Means(OpensslCrypto(), trust.read_bytes() if trust else None)
    with opened_package(package) as data:
        judgement = judge_again(data, means, judge(data, means))
    now = datetime.now(UTC)
    if as_json:
        print(json.dumps(as_record(judgement, now), ensure_ascii=False, indent=2))
    else:
        print("\n".join(as_table(judgement, package.name, now)))
    return exit_code(judgement)
