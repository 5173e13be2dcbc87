"""A case of any product of the catalogue, as the service's own command works it out, and the lists that it rests on."""

import subprocess
import sys
import tomllib
from datetime import datetime
from functools import cache
from importlib.resources import files

from desktop.demo.service import ADMINISTRATOR, DemoError, ServiceProcess, StaffClient
from desktop.model.wording import BEIJING
from signing.wire.staff import NewCase

LIST_KINDS = ("乡村振兴名单", "上游企业名单")
"""The lists that products of the catalogue ask for."""


@cache
def example(product: str, count: int | None = None) -> NewCase:
    """With ``count`` parties, or as few as it needs. Raises ``DemoError`` in the command's own words."""
    command = [sys.executable, "-m", "signing.cli", "products", product, "--example"]
    command += [] if count is None else ["--parties", str(count)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise DemoError((done.stderr or done.stdout).strip())
    return NewCase.model_validate_json(done.stdout)


def bring_in(service: ServiceProcess, case: NewCase) -> None:
    """The borrower on every list, and a loan prime rate for today: the newest that ships, as if published today."""
    today = datetime.now(BEIJING).date()
    shipped = tomllib.loads((files("pdf_templates") / "reference/lpr.toml").read_text(encoding="utf-8"))
    _, one, five, *_ = shipped["quotes"][-1]
    borrower = case.parties[0]
    row = f"{borrower.id_number},{borrower.name},2099-12-31\n"
    client = StaffClient(service.url, ADMINISTRATOR, service.ca_file)
    try:
        client.import_table("lpr", f"date,one_year,five_year\n{today},{one},{five}\n")
        for kind in LIST_KINDS:
            names = {"name": f"演示{kind}", "list_kind": kind}
            client.import_table("list", f"number,member,valid_until\n{row}", names)
    finally:
        client.close()
