"""``pingqian templates preview`` and ``list``: a template as it looks on paper, without a case."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from signing.adapters.documents import generate, samples, templates
from signing.adapters.documents.samples import Sample
from signing.adapters.documents.template import Template
from signing.domain.errors import InputError, NotFound

_PATIENCE = 30
"""Seconds until the desktop has taken the file."""


def preview(kind: str, folder: Path | None) -> int:
    """Opens the fullest sample of a template, or writes every one to ``folder``. 1 where it cannot be drawn.

    Raises ``NotFound`` for an unknown one.
    """
    if kind not in templates.kinds():
        raise NotFound(f"没有这份文书模板：{kind}", "列出全部模板：pingqian templates list")
    try:
        template = templates.load(kind)
        if folder is not None:
            return _write(template, folder)
        path = Path(tempfile.mkdtemp(prefix="pingqian-")) / f"{kind}.pdf"
        path.write_bytes(drawn(template, _fullest(template)))
    except InputError as error:
        print(f"✗ {error.message}。{error.hint}")
        return 1
    print(f"{template.title}（{template.version} 版）：{path}")
    if not _open(path):
        print("没有找到可以打开 PDF 的程序，请自行打开上面的文件")
    return 0


def write_all(folder: Path) -> None:
    """The fullest sample of every template."""
    folder.mkdir(parents=True, exist_ok=True)
    for template in map(templates.load, templates.kinds()):
        path = folder / f"{template.template_id}.pdf"
        path.write_bytes(drawn(template, _fullest(template)))
        print(f"  {path}")


def listing() -> int:
    """One line a template. 1 where one of them cannot be read."""
    for kind in templates.kinds():
        try:
            one = templates.load(kind)
        except InputError as error:
            print(f"✗ {error.message}")
            return 1
        each = "，每位签署人一份" if one.each_signer else ""
        print(f"{kind}  《{one.title}》  {one.version} 版  {one.effective:%Y-%m-%d} 起施行{each}")
    return 0


def drawn(template: Template, sample: Sample) -> bytes:
    """A sample as PDF, whole: with its numbers of pages."""
    return generate.frozen(template, sample.signers, samples.filled(template, sample), samples.INSTITUTION).pdf


def _fullest(template: Template) -> Sample:
    return next(sample for sample in samples.samples(template) if sample.title.startswith("最多"))


def _write(template: Template, folder: Path) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    for number, sample in enumerate(samples.samples(template), 1):
        path = folder / f"{template.template_id}-{number:02d}-{sample.title}.pdf"
        path.write_bytes(drawn(template, sample))
        print(path)
    return 0


def _open(path: Path) -> bool:
    """Whether a program was found for it; the program goes on by itself, as xdg-open does."""
    if sys.platform == "win32":
        os.startfile(path)  # noqa: S606 - a file of our own making, in the program that the person chose for it
        return True
    program = shutil.which("xdg-open")
    if program:
        subprocess.run([program, str(path)], check=False, stdout=subprocess.DEVNULL, timeout=_PATIENCE)
    return program is not None
