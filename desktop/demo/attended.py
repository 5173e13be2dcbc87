"""The demonstration with somebody at the keyboard: service, a case, the seat's window, the customer's link."""

from pathlib import Path

import segno

from desktop import app
from desktop.demo.service import AGENT, AUDITOR, ServiceProcess, StaffClient, demonstration_case, free_port


def run(folder: Path, product: str, port: int, lan: bool) -> int:
    """Returns when the window is closed; the service ends with it."""
    data = folder / "service"
    data.mkdir(parents=True, exist_ok=True)
    host = "0.0.0.0" if lan else "127.0.0.1"  # noqa: S104 - asked for by --lan
    with ServiceProcess(data, port or free_port(), host, tls=lan) as service:
        client = StaffClient(service.url, AGENT, service.ca_file)
        opened = client.open_case(demonstration_case(product))
        client.close()
        _explain(service, opened.invitations[0].url)
        arguments = ["--server", service.url, "--data", str(folder / "seat")]
        if service.ca_file is not None:
            arguments += ["--ca", str(service.ca_file)]
        return app.main(arguments)


def _explain(service: ServiceProcess, link: str) -> None:
    print(f"\n服务:{service.url}")
    print(f"验证码(演示短信):{service.url}/demo/messages")
    print(f"坐席登录:{AGENT.username} / {AGENT.password}    审计登录:{AUDITOR.username} / {AUDITOR.password}")
    if service.ca_file is not None:
        print(f"手机须先信任演示根证书:{service.ca_file}(或在浏览器提示时选择继续访问)")
    print(f"\n客户链接:{link}\n")
    segno.make(link, error="m").terminal(compact=True)
    print("\n登录后点“空闲”,客户排到后会响铃。关闭窗口即结束演示。\n", flush=True)
