"""``pingqian bench seal``: the journey it measures is a whole one, and its rows say what they aim at."""

import asyncio
from itertools import pairwise
from pathlib import Path

from signing.adapters.signer import open_signer
from signing.commandline.bench.seal import PAGES, SIGNERS, _journey, _measured
from signing.service.pdf_report import PaperVerdict


def test_the_measured_paper_is_valid_and_keeps_to_its_bytes(tmp_path: Path) -> None:
    signer = open_signer(tmp_path)
    chain = asyncio.run(_journey(signer))
    assert len(chain) == SIGNERS + 2
    report = signer.examine(chain[-1])
    assert report.verdict is PaperVerdict.VALID, report
    assert f"加盖骑缝章 {PAGES} 处" in report.revisions[0].since
    grown = [len(after) - len(before) for before, after in pairwise(chain)]
    assert max(grown[:-1]) < 24 * 1024, "20 KB are aimed at; no signature may grow beyond what it is"
    assert grown[-1] < 48 * 1024, "40 KB are aimed at"


def test_every_goal_of_the_figures_has_its_row(tmp_path: Path) -> None:
    rows = asyncio.run(_measured(tmp_path, 1))
    assert [row.unit for row in rows] == ["毫秒", "毫秒", "KB", "KB"]
    assert [row.target for row in rows] == ["≤ 80 倍", "≤ 30 倍", "≤ 20 KB", "≤ 40 KB"]
    assert all(row.anchor for row in rows[:2])
