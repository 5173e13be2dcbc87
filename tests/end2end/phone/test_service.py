"""The page with the real service behind it: from the link to the queue, and back after a reload."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx
import pytest

from signing.adapters import demo_data
from signing.commandline.serve import LISTENING
from tests.end2end.phone.conftest import Phone
from tests.end2end.phone.test_screens import fits

pytestmark = pytest.mark.end2end

CONSENTS = ("consent_recording", "consent_face", "consent_personal", "consent_credit")
BORROWER = demo_data.BORROWER


@dataclass
class Service:
    url: str
    link: str

    def code(self) -> str:
        return str(httpx.get(f"{self.url}/demo/messages.json").json()[0]["code"])


def open_case(url: str) -> str:
    """The borrower's personal link of a fresh case, opened by the demonstration's agent."""
    with httpx.Client(base_url=url, timeout=60) as http:
        login = {"username": "zhang", "password": "demo-agent-2026"}
        token = http.post("/api/staff/login", json=login).json()["token"]
        party = {"role": BORROWER.role.value, "name": BORROWER.name, "id_number": BORROWER.id_number}
        case = {
            "product_id": demo_data.PRODUCT_ID,
            "amount": "180000.00",
            "annual_rate_percent": "3.85",
            "term_months": 12,
            "repayment_method": "interest_first",
            "purpose": "购买茶苗与肥料",
            "parties": [party | {"phone": BORROWER.phone, "address": BORROWER.address}],
            "account": "6217000000000000000",
        }
        answer = http.post("/api/cases", json=case, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["invitations"][0]["url"])


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """``pingqian serve --demo`` as a process of its own."""
    folder = tmp_path_factory.mktemp("service")
    command = [sys.executable, "-m", "signing.cli", "serve", "--demo", "--port", "0", "--data", str(folder / "data")]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
    assert process.stdout is not None
    with process.stdout:
        line = process.stdout.readline()
        assert line.startswith(LISTENING), (folder / "log").read_text()
        url = line.removeprefix(LISTENING).strip()
        yield Service(url, open_case(url))
        process.terminate()
        assert process.wait(20) == 0


def test_customer_gets_from_the_link_into_the_queue(service: Service, new_phone: Callable[..., Phone]) -> None:
    phone = new_phone()
    page = phone.page
    page.goto(service.link)
    phone.at("code", "send")
    fits(phone, "code")
    page.click("#primary")
    phone.at("code", "enter")
    page.fill("#code-input", "000000" if service.code() != "000000" else "111111")
    page.click("#primary")
    assert "验证码" in phone.error()
    page.fill("#code-input", service.code())
    page.click("#primary")
    for step in CONSENTS:
        phone.at(step)
        fits(phone, step)
        if step == "consent_face":
            page.reload()
            phone.at(step)
            page.click("#secondary")
        else:
            phone.agree()
    phone.at("precheck", "start")
    page.click("#primary")
    phone.at("precheck", "look")
    page.click("#primary", timeout=20_000)
    phone.at("precheck", "listen")
    page.click("#primary")
    phone.at("queue", "waiting")
    phone.until("document.getElementById('queue-place').textContent === '下一位就是您'")
    fits(phone, "queue")
    page.click("#secondary")
    phone.at("queue", "left")
    page.click("#primary")
    phone.at("queue", "waiting")
    assert page.locator("#stand-ins").is_visible()
    assert not [text for text in phone.complaints if "401" not in text and "422" not in text]


def enter(phone: Phone, service: Service, link: str) -> None:
    phone.page.goto(link)
    phone.at("code", "send")
    phone.page.click("#primary")
    phone.at("code", "enter")
    phone.page.fill("#code-input", service.code())
    phone.page.click("#primary")


def test_a_second_browser_takes_over_at_the_same_step(service: Service, new_phone: Callable[..., Phone]) -> None:
    link = open_case(service.url)
    first, second = new_phone(), new_phone()
    enter(first, service, link)
    first.at("consent_recording")
    first.agree()
    first.at("consent_face")
    enter(second, service, link)
    second.at("consent_face")
    first.at("moved")
    assert first.sentence() == "您已换到另一部手机上办理"
    first.page.reload()
    first.at("code", "send")  # the session is gone from it; the link still is its own
    second.agree()
    second.at("consent_personal")


def test_made_up_link_is_refused_in_words(service: Service, phone: Phone) -> None:
    phone.page.goto(f"{service.url}/s#made_up_capability_0123456789")
    phone.at("code", "broken")
    assert "链接" in phone.sentence()
    phone.until("!document.getElementById('primary').disabled")


def test_a_look_at_the_link_uses_nothing_up(service: Service) -> None:
    """A preview robot of a messenger opens links before people do."""
    for _ in range(3):
        assert httpx.get(service.link.partition("#")[0]).status_code == 200
    capability = {"capability": service.link.partition("#")[2]}
    opened = httpx.post(f"{service.url}/api/phone/open", json=capability)
    assert opened.status_code == 200
