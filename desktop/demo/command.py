"""``pingqian demo``: the demonstration from the command line."""

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from desktop.demo.service import DemoError

if TYPE_CHECKING:
    from desktop.demo.stopping import Stopping


def has_display() -> bool:
    if sys.platform != "linux":
        return True
    if os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


class DemoCommand:
    """Registered as an entry point, so that a service without the desktop extra starts without it."""

    name = "demo"
    help = "演示：启动服务、坐席窗口，给出客户链接；或无人值守走完全程"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--unattended", action="store_true", help="无人值守，走完全程")
        parser.add_argument("--parties", type=int, metavar="人数", help="签署人数（默认为产品所需的最少人数）")
        parser.add_argument(
            "--product", metavar="产品编号", help="产品编号（默认为信用村授信贷款；四人以上为多人担保贷款）"
        )
        parser.add_argument("--out", type=Path, metavar="目录", help="结果文件夹（无人值守时必填）")
        parser.add_argument("--camera", type=Path, action="append", default=[], metavar="文件", help="客户的画面")
        parser.add_argument("--lan", action="store_true", help="在局域网内以 HTTPS 提供，可用真手机当客户")
        parser.add_argument("--data", type=Path, metavar="目录", help="保留数据的文件夹（默认用完即删）")
        parser.add_argument("--port", type=int, default=0, metavar="端口", help="服务端口（默认自动选择）")

    def run(self, args: argparse.Namespace) -> int:
        from desktop.demo.stopping import Stopping

        with Stopping().handling() as stopping:  # service, phones and media process end with us
            try:
                return self._unattended(args, stopping) if args.unattended else self._attended(args)
            except DemoError as error:
                print(f"演示不能继续：{error}", file=sys.stderr)
                return 1
            except SystemExit:
                print("演示已停止", file=sys.stderr)
                raise

    def _unattended(self, args: argparse.Namespace, stopping: "Stopping") -> int:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        os.environ.setdefault("QT_LOGGING_RULES", "qt.multimedia*=false")  # it tells of every device that is not here
        from desktop.demo import people, unattended

        if args.out is None:
            raise DemoError("无人值守需要 --out 目录，指明结果放在哪里")
        product = args.product or people.usual_product(args.parties)
        parties = people.least(product) if args.parties is None else args.parties
        people.demonstration_case(product, parties)  # says at once what cannot be
        for camera in args.camera:
            if not camera.is_file():
                raise DemoError(f"找不到画面文件 {camera}")
        plan = unattended.Plan(args.out.resolve(), product, parties, tuple(args.camera))
        return unattended.run(plan, stopping)

    def _attended(self, args: argparse.Namespace) -> int:
        if not has_display():
            print(
                "这里没有显示器，不能打开坐席窗口。\n"
                "无人值守地走完全程：pingqian demo --unattended --parties 1 --out build/demo",
                file=sys.stderr,
            )
            return 2
        from desktop.demo import attended, people

        product = args.product or people.usual_product(args.parties)
        parties = people.least(product) if args.parties is None else args.parties
        if args.data is not None:
            return attended.run(args.data.resolve(), product, parties, args.port, args.lan)
        with tempfile.TemporaryDirectory(prefix="pingqian-demo-") as folder:
            return attended.run(Path(folder), product, parties, args.port, args.lan)


COMMAND = DemoCommand()
