"""The whole journey with nobody at the keyboard: real Chromium, real WebRTC, the real window, real signatures."""

import json
import shutil
import subprocess
import sys
import threading
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from desktop.demo.props import Props, make_props
from desktop.demo.service import (
    AGENT,
    AUDITOR,
    BORROWER,
    DemoError,
    ServiceProcess,
    StaffClient,
    demonstration_case,
    free_port,
)
from desktop.demo.steps import Steps
from signing.wire.staff import CaseOpened

if TYPE_CHECKING:
    from desktop.demo.shift import Seat


@dataclass(frozen=True)
class Plan:
    """What was asked for on the command line."""

    out: Path
    product: str
    parties: int = 1
    cameras: tuple[Path, ...] = ()


class CustomerProcess:
    """The customer's browser as a process; ``check`` raises when it has failed."""

    def __init__(self, link: str, service: ServiceProcess, props: Props, out: Path) -> None:
        self.figures: dict[str, dict[str, object]] = {}
        self.finished = threading.Event()
        self.shots: set[str] = set()
        self._failed = ""
        self._process = subprocess.Popen(
            [
                sys.executable, "-m", "desktop.demo.customer",
                "--link", link, "--messages", f"{service.url}/demo/messages.json",
                "--name", BORROWER.name, "--phone-tail", BORROWER.phone[-4:],
                "--camera", str(props.camera), "--voice", str(props.voice), "--cards", str(props.cards),
                "--out", str(out),
            ],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        self._log = out / "phone.log"
        self._thread = threading.Thread(target=self._read, name="customer-log", daemon=True)
        self._thread.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._log.open("w", encoding="utf-8") as log:
            for line in self._process.stdout:
                log.write(line)
                log.flush()
                self._take(line)
        if self._process.wait() != 0 and not self._failed:
            self._failed = "手机端进程意外结束"

    def _take(self, line: str) -> None:
        try:
            said = json.loads(line)
        except ValueError:
            return
        if not isinstance(said, dict):
            return
        if "shot" in said:
            self.shots.add(str(said["shot"]))
        if "failed" in said:
            self._failed = str(said["failed"])
        if "figure" in said:
            self.figures[str(said["figure"])] = said
        if said.get("done"):
            self.finished.set()

    def check(self) -> None:
        if self._failed:
            raise DemoError(f"手机端没有走完：{self._failed}（详见 {self._log}）")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._thread.join(5)


def run(plan: Plan) -> int:
    """0 only if the package verifies; a failure has already been said in words."""
    prepare(plan.out)
    steps = Steps()
    try:
        _run(plan, steps)
    except (DemoError, TimeoutError, subprocess.SubprocessError) as error:
        print(f"✗ 演示没有完成：{error}", file=sys.stderr)
        steps.write(plan.out / "report.json")
        return 1
    steps.write(plan.out / "report.json")
    print(f"✓ 全程 {steps.total:.1f} 秒。结果在 {plan.out}")
    return 0


def prepare(out: Path) -> None:
    """An empty folder, or one that an earlier demonstration left; anything else is not ours to clear."""
    if out.exists() and any(out.iterdir()) and not (out / "report.json").exists():
        raise DemoError(f"{out} 不是空文件夹，也不是以前演示留下的；请换一个 --out，以免覆盖别的文件")
    if out.exists():
        shutil.rmtree(out)
    (out / "screens").mkdir(parents=True)


def _run(plan: Plan, steps: Steps) -> None:
    from desktop.demo.shift import Seat  # Qt only where it is needed

    state = plan.out / "state"
    with steps.step("准备样本身份证、人脸画面与声音"):
        props = make_props(plan.out / "props", plan.cameras[0] if plan.cameras else None)
    service = ServiceProcess(state / "service", free_port())
    (state / "service").mkdir(parents=True)
    with steps.step("启动服务"):
        service.__enter__()
    try:
        with steps.step("录入业务、生成并冻结文书、发出邀请"):
            opened = _open_case(service, plan.product)
        seat = Seat(service.url, state / "seat", plan.out / "screens", steps)
        try:
            _journey(seat, service, opened, props, plan, steps)
        finally:
            seat.close()
        with steps.step("取回证据包并离线验证"):
            collect(service, opened, plan.out, steps)
    finally:
        service.close()


def _open_case(service: ServiceProcess, product: str) -> CaseOpened:
    client = StaffClient(service.url, AGENT)
    try:
        return client.open_case(demonstration_case(product))
    finally:
        client.close()


def _journey(
    seat: "Seat",
    service: ServiceProcess,
    opened: CaseOpened,
    props: Props,
    plan: Plan,
    steps: Steps,
) -> None:
    with steps.step("坐席登录、置为空闲"):
        seat.log_in(AGENT)
        seat.available()
    screens = plan.out / "screens"
    with CustomerProcess(opened.invitations[0].url, service, props, screens) as customer:
        seat.hands.watch = customer.check
        with steps.step("客户打开链接、验证、同意、设备检测、排队"):
            seat.await_ring()
            seat.hands.until(lambda: "queue" in customer.shots, "手机上的排队画面", 20)
        with steps.step("接通，双方见到首帧画面"):
            seat.accept()
        with steps.step("身份核验：身份证两面、人脸快照、坐席决定"):
            seat.identify()
        with steps.step("风险告知：逐条宣读与应答"):
            seat.disclose()
        with steps.step("阅读并签署三份文书"):
            seat.hands.until(lambda: "call" in customer.figures, "客户签完三份文书", 120)
            _figures(seat, customer, steps)
        with steps.step("挂断前核对、挂断、录像上传与回读"):
            seat.prove_and_hang_up()
        with steps.step("用印、时间戳、证据包封存"):
            seat.seal()
        with steps.step("客户领取已用印文书"):
            seat.hands.until(customer.finished.is_set, "客户领取文书", 60)
        seat.hands.stop_watching()
    with steps.step("审计员回放、点击事件定位、验证"):
        seat.audit(opened.case.case_no, AUDITOR)


def _figures(seat: "Seat", customer: CustomerProcess, steps: Steps) -> None:
    first = customer.figures.get("first_load", {})
    steps.figure("phone_first_load", first, f"手机首屏载入 {int(str(first.get('bytes', 0))) / 1024:.1f} KB")
    stats = customer.figures.get("call", {}).get("stats")
    if not isinstance(stats, dict) or not stats.get("firstPictureAt"):
        raise DemoError("手机端没有报告首帧画面的时间")
    since_accept = round(float(stats["firstPictureAt"]) / 1000 - seat.accepted_at, 3)
    steps.figure("accept_to_first_picture_at_phone_seconds", since_accept, f"接听到客户见到坐席：{since_accept:.2f} 秒")
    steps.figure("phone_call", stats, f"手机端连接：{stats.get('connectionState')}")


def collect(service: ServiceProcess, opened: CaseOpened, out: Path, steps: Steps) -> None:
    """Fetches the package, unpacks what people want to look at, and lets the offline verifier judge."""
    auditor = StaffClient(service.url, AUDITOR)
    try:
        package = auditor.fetch(f"/api/audit/cases/{opened.case.case_id}/package", out / f"{opened.case.case_no}.asice")
    finally:
        auditor.close()
    with zipfile.ZipFile(package) as archive:
        for name in archive.namelist():
            if name.startswith(("documents/", "recordings/", "snapshots/")):
                archive.extract(name, out)
    steps.figure("package_bytes", package.stat().st_size, f"证据包 {package.stat().st_size / 1e6:.1f} MB")
    began = time.monotonic()
    command = [sys.executable, "-m", "signing.cli", "verify", str(package), "--trust", str(service.write_root(out))]
    verdict = subprocess.run(command, capture_output=True, text=True)
    (out / "verify.txt").write_text(verdict.stdout + verdict.stderr, encoding="utf-8")
    steps.figure("verify_seconds", round(time.monotonic() - began, 2), verdict.stdout.strip().splitlines()[-1])
    if verdict.returncode != 0:
        raise DemoError("证据包未通过验证：\n" + verdict.stdout[-2000:] + verdict.stderr[-2000:])
