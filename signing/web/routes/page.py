"""Pages for a browser: the customer's page behind a personal link, and a short word for everybody else."""

from pathlib import Path

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from signing.web.static import answer, load

READ = ["GET", "HEAD"]
"""Robots that preview links ask by either; neither changes anything."""

FOLDER = Path(__file__).parent.parent / "phone"

_HOME = """<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">
<title>屏签</title><link rel="icon" href="/phone/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/phone/theme.css"><link rel="stylesheet" href="/phone/page.css"></head>
<body><div id="shell"><main id="main"><h1>屏签 · 视频面签</h1>
<p>请打开客户经理用短信发给您的专属链接办理业务。</p>
<p>没有收到链接？请联系您的客户经理重新发送。我们不会通过电话向您索要验证码。</p></main></div></body></html>
"""


def router() -> APIRouter:
    """Reads the page's files once, when the service starts."""
    routes = APIRouter(include_in_schema=False)
    assets = load(FOLDER)

    @routes.api_route("/", methods=READ)
    async def home() -> HTMLResponse:
        return HTMLResponse(_HOME, headers={"Cache-Control": "no-cache"})

    @routes.api_route("/s", methods=READ)
    async def personal_link(request: Request) -> Response:
        """The same page for everybody: who it is for stands in the fragment, which only the browser sees."""
        return answer(assets["index.html"], request)

    @routes.api_route("/phone/{path:path}", methods=READ)
    async def asset(path: str, request: Request) -> Response:
        if path not in assets:
            raise HTTPException(404)
        return answer(assets[path], request)

    return routes
