"""The ``PageImages`` port: pages drawn by PDFium in one worker process."""

import asyncio

from signing.adapters.pages import worker
from signing.adapters.worker_process import WorkerBusy, WorkerDied, WorkerProcess
from signing.domain.errors import InputError, NotFound, OutsideError
from signing.service.ports import FieldPlace

PATIENCE = 60.0
"""Seconds for one page; on a quiet machine some 0.05."""


class PdfiumPages:
    """Implements ``signing.service.ports.PageImages``. Owns a process from the first page until ``close``."""

    media_type = "image/webp"

    def __init__(self) -> None:
        self._worker = WorkerProcess("pages", worker.prepare, PATIENCE)

    async def render(self, pdf: bytes, page: int, width: int) -> bytes:
        """WebP, ``width`` pixels wide (1–4096).

        Raises ``NotFound`` for a page there is not, ``InputError`` for a broken PDF or a width out of bounds,
        ``OutsideError`` where the worker died twice, or had too much to do.
        """
        for last in (False, True):
            try:
                return await asyncio.to_thread(self._render, pdf, page, width)
            except WorkerDied as died:
                if last or isinstance(died, WorkerBusy):
                    raise OutsideError("页面图像暂时无法生成", "请稍后重试") from died
        raise AssertionError("unreachable")

    async def find(self, pdf: bytes, field: str) -> FieldPlace | None:
        """Where the field of this name stands. Raises ``InputError`` for a broken PDF, ``OutsideError``."""
        try:
            found = await asyncio.to_thread(self._worker.ask, pdf, field)
        except WorkerDied as died:
            raise OutsideError("签名的位置暂时找不到", "请稍后重试") from died
        except ValueError as error:
            raise InputError("文书不是 PDF") from error
        return FieldPlace(*found) if isinstance(found, tuple) else None

    def _render(self, pdf: bytes, page: int, width: int) -> bytes:
        try:
            drawn = self._worker.ask(pdf, page, width)
        except IndexError as error:
            raise NotFound("没有这一页") from error
        except ValueError as error:
            raise InputError("页面图像的参数有误，或文书不是 PDF") from error
        assert isinstance(drawn, bytes)
        return drawn

    def close(self) -> None:
        """Ends the worker. May be called twice; rendering again starts a new one."""
        self._worker.close()


__all__ = ["PdfiumPages"]
