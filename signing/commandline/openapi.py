"""``pingqian openapi``: what can be asked over HTTP. The service itself shows it nobody."""

import argparse
import json
import sys
from pathlib import Path

from signing.domain.errors import InputError
from signing.domain.whynot import why


class OpenApiCommand:
    name = "openapi"
    help = "写出全部 HTTP 接口的 OpenAPI 说明"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--out", type=Path, metavar="文件", help="写到哪个 JSON 文件（默认写到标准输出）")

    def run(self, arguments: argparse.Namespace) -> int:
        """Raises ``InputError`` where it cannot be written."""
        from signing.web.openapi import document

        text = json.dumps(document(), ensure_ascii=False, indent=1) + "\n"
        if arguments.out is None:
            sys.stdout.write(text)
            return 0
        try:
            with arguments.out.open("x", encoding="utf-8") as file:
                file.write(text)
        except OSError as error:
            raise InputError(f"不能写出 {arguments.out}（{why(error)}）", "请检查路径") from None
        print(f"已写出 {arguments.out}")
        return 0


OPENAPI = OpenApiCommand()
