"""The ``PageImages`` port: pages drawn by PDFium in one worker process."""

import asyncio
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from threading import Lock

from signing.adapters.pages import worker
from signing.domain.errors import InputError, NotFound, OutsideError


class PdfiumPages:
    """Implements ``signing.service.ports.PageImages``. Owns a process from the first page until ``close``."""

    media_type = "image/webp"

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None
        self._lock = Lock()

    async def render(self, pdf: bytes, page: int, width: int) -> bytes:
        """WebP, ``width`` pixels wide (1–4096).

        Raises ``NotFound`` for a page there is not, ``InputError`` for a broken PDF or a width out of bounds,
        ``OutsideError`` where the worker died twice.
        """
        try:
            return await self._call(pdf, page, width)
        except BrokenProcessPool:
            self.close()
        try:
            return await self._call(pdf, page, width)
        except BrokenProcessPool as error:
            raise OutsideError("页面图像暂时无法生成", "请稍后重试") from error

    async def _call(self, pdf: bytes, page: int, width: int) -> bytes:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._started(), worker.render, pdf, page, width)
        except IndexError as error:
            raise NotFound("没有这一页") from error
        except ValueError as error:
            raise InputError("页面图像的参数有误，或文书不是 PDF") from error

    def _started(self) -> ProcessPoolExecutor:
        with self._lock:
            if self._pool is None:
                # spawn: a fork would copy the service's threads in the middle of whatever they hold.
                self._pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=worker.start)
            return self._pool

    def close(self) -> None:
        """Ends the worker and waits for it. May be called twice; rendering again starts a new one."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool:
            pool.shutdown(wait=True, cancel_futures=True)


__all__ = ["PdfiumPages"]
