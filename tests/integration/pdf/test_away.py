"""What seals are made with is away, renewed, or not where it was said; each is told apart from a wrong setting."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from signing.adapters.signer.outside import read_outside
from signing.domain.errors import InputError
from signing.service.pdf_report import PaperVerdict
from tests.fakes.outside_ca import OutsideCa, identity
from tests.integration.pdf.conftest import Loan
from tests.integration.pdf.test_holders import PIN, SOFTHSM, names, office, sealed


@pytest.fixture
def ca() -> Iterator[OutsideCa]:
    with OutsideCa().serving() as serving:
        yield serving


_OPENED = """
import sys
from pathlib import Path
from signing.adapters.signer.hsm import HsmKey
try:
    HsmKey(Path(sys.argv[1]), "pingqian", "seal", sys.argv[2], ())
except Exception as error:
    print(type(error).__name__, error.message)
"""


def opened(conf: Path, pin: str = PIN) -> str:
    """In a process of its own, as the module reads its configuration once: the error that opening the key gives."""
    command = [sys.executable, "-c", _OPENED, str(SOFTHSM), pin]
    env = {**os.environ, "SOFTHSM2_CONF": str(conf)}
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True, env=env).stdout


def test_an_hsm_that_is_off_is_waited_for_and_a_wrong_pin_is_not(tmp_path: Path) -> None:
    (tmp_path / "tokens").mkdir()
    conf = tmp_path / "softhsm2.conf"
    conf.write_text(f"directories.tokendir = {tmp_path / 'tokens'}\nlog.level = ERROR\n")
    assert opened(conf).startswith("OutsideError 密码机没有应答"), "there is no token: its seal is tried again"
    making = ["softhsm2-util", "--init-token", "--free", "--label", "pingqian", "--so-pin", "654321", "--pin", PIN]
    env = {**os.environ, "SOFTHSM2_CONF": str(conf)}
    subprocess.run(making, check=True, capture_output=True, env=env, timeout=60)
    assert opened(conf, "999999").startswith("InputError 不能打开密码机里的印章密钥（PinIncorrect）"), "to be corrected"
    assert opened(conf).startswith("InputError 密码机里没有标签为 seal 的证书"), "somebody has to correct it"


async def test_a_certificate_that_the_ca_has_renewed_is_used_without_a_restart(
    tmp_path: Path, loan: Loan, ca: OutsideCa
) -> None:
    signer = office(tmp_path, loan, ca, f'[seal]\nkind = "remote"\nurl = "{ca.url}"')
    before = await sealed(signer, loan)
    ca.seal = identity("换发后的机构印章", ca.issuing)
    after = await sealed(signer, loan)
    assert names(signer, before)[-1] == "外部机构印章（替身）"
    assert names(signer, after)[-1] == "换发后的机构印章（替身）"
    for pdf in (before, after):
        assert signer.examine(pdf).verdict is PaperVerdict.VALID, "what was sealed with the old one stays good"


@pytest.mark.parametrize("host", ["127.0.0.1.example.cn", "localhost.example.cn", "127.0.0.1@example.cn"])
def test_digests_go_in_the_clear_to_this_machine_alone(host: str, tmp_path: Path) -> None:
    path = tmp_path / "signing.toml"
    path.write_text(f'[tsa]\nurl = "http://{host}/tsa"\n')
    with pytest.raises(InputError, match="https://"):
        read_outside(path, tmp_path)
