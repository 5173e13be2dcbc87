"""The whole journey with nobody at the keyboard: real Chromium, real WebRTC, the real window, real signatures."""

import shutil
import subprocess
import sys
import time
import zipfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from desktop.demo import products
from desktop.demo.people import demonstration_case
from desktop.demo.phone import CustomerProcess
from desktop.demo.props import CROWD, Props, make_props
from desktop.demo.service import AGENT, AUDITOR, DemoError, ServiceProcess, StaffClient, free_port
from desktop.demo.steps import Steps
from desktop.demo.stopping import Stopping
from signing.wire.case import PartyState
from signing.wire.staff import CaseOpened, NewCase

if TYPE_CHECKING:
    from desktop.demo.shift import Seat

CROWD_RATE = 8
"""Pictures a second of the stage with many phones on one machine."""
PATIENCE = 120.0
"""Seconds for each party that anything may take. A quiet machine needs a few; nothing waits longer than it must."""


@dataclass(frozen=True)
class Plan:
    """What was asked for on the command line."""

    out: Path
    product: str
    parties: int = 1
    cameras: tuple[Path, ...] = ()


def run(plan: Plan, stopping: Stopping) -> int:
    """0 only if the package verifies; a failure has already been said in words."""
    prepare(plan.out)
    steps = Steps()
    if plan.parties >= CROWD:
        words = f"{plan.parties} 部手机同在这台机器上：画面改用 320×240、每秒 {CROWD_RATE} 幅，手机不另存自己的一份"
        steps.figure("pictures_per_second", CROWD_RATE, words)
    try:
        _run(plan, steps, stopping)
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


def _run(plan: Plan, steps: Steps, stopping: Stopping) -> None:
    with steps.step("准备样本身份证、人脸画面与声音"):
        case = demonstration_case(plan.product, plan.parties)
        props = make_props(plan.out / "props", case.parties, plan.cameras)
    with stopping.noting():
        _play(plan, steps, case, props, stopping)


def _play(plan: Plan, steps: Steps, case: NewCase, props: list[Props], stopping: Stopping) -> None:
    """All that has processes of its own."""
    from desktop.demo.shift import Seat  # Qt only where it is needed

    state = plan.out / "state"
    service = ServiceProcess(state / "service", free_port())
    (state / "service").mkdir(parents=True)
    with steps.step("启动服务"):
        service.__enter__()
    try:
        stopping.check()
        with steps.step("录入业务、生成并冻结文书、发出邀请"):
            opened = _open_case(service, case)
        rate = CROWD_RATE if plan.parties >= CROWD else 15
        seat = Seat(service.url, state / "seat", plan.out / "screens", steps, frame_rate=rate)
        seat.hands.patience, seat.hands.stop = PATIENCE * plan.parties, stopping.check
        try:
            _journey(Play(seat, service, case, opened, props, plan, steps))
        finally:
            seat.close()
        with steps.step("取回证据包并离线验证"):
            collect(service, opened, plan.out, steps, stopping)
    finally:
        service.close()


def _open_case(service: ServiceProcess, case: NewCase) -> CaseOpened:
    if case.particulars is not None:
        products.bring_in(service, case)
    client = StaffClient(service.url, AGENT)
    try:
        return client.open_case(case)
    finally:
        client.close()


@dataclass
class Play:
    """All that the journey needs; ``phone`` starts one customer's browser."""

    seat: "Seat"
    service: ServiceProcess
    case: NewCase
    opened: CaseOpened
    props: list[Props]
    plan: Plan
    steps: Steps

    def phone(self, number: int) -> CustomerProcess:
        """The customers beside the first keep their screens in folders of their own."""
        screens = self.plan.out / "screens"
        return CustomerProcess(
            self.case.parties[number - 1],
            self.opened.invitations[number - 1].url,
            f"{self.service.url}/demo/messages.json",
            self.props[number - 1],
            screens if number == 1 else screens / f"party-{number}",
            patience=2 * PATIENCE * self.plan.parties,
            sharp=number == 1,
            keeps=self.plan.parties < CROWD,
        )

    @property
    def others(self) -> range:
        return range(2, self.plan.parties + 1)


def _journey(play: Play) -> None:
    seat, steps = play.seat, play.steps
    with steps.step("坐席登录、置为空闲"):
        seat.log_in(AGENT)
        seat.available()
    with ExitStack() as phones:
        customers = [phones.enter_context(play.phone(1))]

        def watch() -> None:
            for customer in customers:
                customer.check()

        seat.hands.watch = watch
        with steps.step("客户打开链接、验证、同意、设备检测、排队"):
            seat.await_ring()
            seat.hands.until(lambda: "queue" in customers[0].shots, "手机上的排队画面")
        with steps.step("接通，双方见到首帧画面"):
            seat.accept()
        customers += [phones.enter_context(play.phone(number)) for number in play.others]
        for number in play.others:
            with steps.step(f"第 {number} 位当事人排队，坐席请入同一通话"):
                seat.admit(number)
        _steps_of_each(play, customers)
        _figures(seat, customers[0], steps)
        with steps.step("挂断前核对、挂断、录像上传与回读"):
            seat.prove_and_hang_up()
        if play.plan.parties == 1:
            with steps.step("客户的手机补传断网时保存的画面和声音"):
                seat.hands.until(lambda: "brought" in customers[0].figures, "手机补传")
        with steps.step("用印、时间戳、证据包封存"):
            seat.seal()
        with steps.step("每位客户领取已用印文书"):
            seat.hands.until(lambda: all(one.finished.is_set() for one in customers), "客户领取文书")
        seat.hands.stop_watching()
    with steps.step("审计员回放、点击事件定位、验证"):
        seat.audit(play.opened.case.case_no, AUDITOR)


DROPS = 2
"""Who drops from a call of many."""


def _steps_of_each(play: Play, customers: list[CustomerProcess]) -> None:
    """Each is identified and told in turn; then all read and sign at the same time.

    In a call of many one of them drops while they read, and comes back; who is alone loses their line for a while.
    """
    seat, steps, several = play.seat, play.steps, play.plan.parties > 1
    for number, customer in enumerate(customers, 1):
        who = f"（{customer.who.name}）" if several else ""
        with steps.step(f"身份核验{who}：身份证两面、人脸快照、坐席决定"):
            seat.identify(number)
        with steps.step(f"风险告知{who}：逐条宣读与应答"):
            seat.hands.until(lambda c=customer: "disclosure" in c.shots, "手机上的告知画面")  # type: ignore[misc]
            seat.disclose(number)
        if number == DROPS and play.plan.parties >= CROWD:
            _drop_and_return(play, customer, number)
        if play.plan.parties == 1:
            _lose_line_and_find_it(play, customer)
    with steps.step(f"阅读并签署 {len(play.opened.case.documents)} 份文书"):
        seat.hands.until(
            lambda: all("call" in customer.figures for customer in customers),
            "每位客户签完",
            4 * PATIENCE * len(customers),
        )


def _drop_and_return(play: Play, customer: CustomerProcess, number: int) -> None:
    """Their browser is killed in the middle of a paper. It must find the same call and the same step again."""
    seat, steps, name = play.seat, play.steps, customer.who.name
    seat.hands.until(lambda: "reading" in customer.shots, "手机上的阅读画面")
    before = _standing(seat, number)
    with steps.step(f"{name}的手机突然断电，通话继续"):
        customer.vanish()
        seat.await_drop(number)
    began = time.monotonic()
    with steps.step(f"{name}重新打开链接，回到同一通话、同一步骤"):
        customer.come_back()
        seat.await_return(number)
        seconds = round(time.monotonic() - began, 2)
        seat.hands.until(lambda: customer.step in ("reading", "signing"), "手机回到阅读的步骤")
    after = _standing(seat, number)
    if before[0] != after[0] or after[1] < before[1]:
        raise DemoError(f"{name}没有回到原来的通话和步骤：{before} → {after}")
    steps.figure("back_after_a_drop_seconds", seconds, f"重新打开链接到坐席再见到画面：{seconds:.1f} 秒")


def _lose_line_and_find_it(play: Play, customer: CustomerProcess) -> None:
    """The phone keeps picture and sound meanwhile, and brings them as soon as the line carries again."""
    seat = play.seat
    seat.hands.until(lambda: "reading" in customer.shots, "手机上的阅读画面")
    with play.steps.step("客户的手机断网，自己保存画面和声音；接上后自动回到通话"):
        customer.lose_line()
        try:
            seat.await_silence()
        finally:
            customer.find_line()
        seat.await_word()


def _standing(seat: "Seat", number: int) -> tuple[str, int]:
    """The call, and how far that party is: whoever is back may have read on by the time their picture comes."""
    state = seat.state
    return state.call.call_id if state.call else "", list(PartyState).index(state.people[number - 1].state)


def _figures(seat: "Seat", customer: CustomerProcess, steps: Steps) -> None:
    first = customer.figures.get("first_load", {})
    steps.figure("phone_first_load", first, f"手机首屏载入 {int(str(first.get('bytes', 0))) / 1024:.1f} KB")
    stats = customer.figures.get("call", {}).get("stats")
    if not isinstance(stats, dict) or not stats.get("firstPictureAt"):
        raise DemoError("手机端没有报告首帧画面的时间")
    since_accept = round(float(stats["firstPictureAt"]) / 1000 - seat.accepted_at, 3)
    steps.figure("accept_to_first_picture_at_phone_seconds", since_accept, f"接听到客户见到坐席：{since_accept:.2f} 秒")
    steps.figure("phone_call", stats, f"手机端连接：{stats.get('connectionState')}")


def collect(service: ServiceProcess, opened: CaseOpened, out: Path, steps: Steps, stopping: Stopping) -> None:
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
    stopping.check()
    verdict = subprocess.run(command, capture_output=True, text=True)
    stopping.check()
    (out / "verify.txt").write_text(verdict.stdout + verdict.stderr, encoding="utf-8")
    steps.figure("verify_seconds", round(time.monotonic() - began, 2), verdict.stdout.strip().splitlines()[-1])
    if verdict.returncode != 0:
        raise DemoError("证据包未通过验证：\n" + verdict.stdout[-2000:] + verdict.stderr[-2000:])
