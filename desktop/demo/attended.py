"""The demonstration with somebody at the keyboard: service, a case, the seat's window, the customer's link."""

from pathlib import Path

import segno

from desktop import app
from desktop.demo import products
from desktop.demo.people import demonstration_case
from desktop.demo.props import write_cards
from desktop.demo.service import AGENT, AUDITOR, SUPERVISOR, ServiceProcess, StaffClient, free_port
from signing.wire.staff import NewParty


def run(folder: Path, product: str, parties: int, port: int, lan: bool) -> int:
    """Returns when the window is closed; the service ends with it."""
    data = folder / "service"
    data.mkdir(parents=True, exist_ok=True)
    host = "0.0.0.0" if lan else "127.0.0.1"  # noqa: S104 - asked for by --lan
    with ServiceProcess(data, port or free_port(), host, tls=lan) as service:
        client = StaffClient(service.url, AGENT, service.ca_file)
        case = demonstration_case(product, parties)
        if case.particulars is not None:
            products.bring_in(service, case)
        opened = client.open_case(case)
        client.close()
        _explain(service)
        for number, (party, invitation) in enumerate(zip(case.parties, opened.invitations, strict=True), 1):
            front, back = write_cards(folder / f"specimens-{number}", party, number - 1)
            _invite(party, invitation.url, front, back)
        print("登录后点“开始接待”，客户排到后会响铃。关闭窗口即结束演示。\n", flush=True)
        application = app.build(app.Options(service.url, folder / "seat", service.ca_file))
        return application.run()


def _explain(service: ServiceProcess) -> None:
    print(f"\n服务：{service.url}")
    print(f"验证码（演示短信）：{service.url}/demo/messages")
    for title, who in (("坐席", AGENT), ("主管", SUPERVISOR), ("审计", AUDITOR)):
        print(f"{title}登录：{who.username} / {who.password}")
    if service.ca_file is not None:
        print(f"手机须先信任演示根证书：{service.url}/demo/root.pem（或在浏览器提示时选择继续访问）")
        print(f"同一证书在本机：{service.ca_file}")


def _invite(party: NewParty, link: str, front: Path, back: Path) -> None:
    print(f"\n{party.name} 的链接：{link}\n")
    segno.make(link, error="m").terminal(compact=True)
    print(f"要拍的身份证样本：{front}（人像面）、{back}（国徽面）\n", flush=True)
