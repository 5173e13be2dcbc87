"""Pages for a browser: the customer's page behind a personal link, and a short word for everybody else."""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi import Path as InPath
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from signing.web.static import ASK_AGAIN, FOR_GOOD, Asset, answer, asset_of, load, version_of
from signing.web.voices import Voices

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


ScreenName = Annotated[str, InPath(pattern=r"^[a-z_]{1,32}(\.[a-z_]{1,32})?$")]


def router(voices: Voices | None = None) -> APIRouter:
    """Reads the page's files once, when the service starts. Without ``voices`` the page offers no reading aloud."""
    routes = APIRouter(include_in_schema=False)
    assets = load(FOLDER)
    version = version_of(assets)
    index = asset_of(_index(assets["index.html"], version, voices), assets["index.html"].kind)

    @routes.api_route("/", methods=READ)
    async def home() -> HTMLResponse:
        return HTMLResponse(_in(version, _HOME), headers={"Cache-Control": ASK_AGAIN})

    @routes.api_route("/s", methods=READ)
    async def personal_link(request: Request) -> Response:
        """The same page for everybody: who it is for stands in the fragment, which only the browser sees."""
        return answer(index, request)

    @routes.api_route("/phone/voice/{key}", methods=READ)
    async def voice(key: ScreenName, request: Request) -> Response:
        spoken = await voices.aside(voices.of, key) if voices else None
        if spoken is None:
            raise HTTPException(404)
        return answer(asset_of(spoken.data, spoken.kind), request, keep="public, max-age=3600")

    @routes.api_route("/phone/{path:path}", methods=READ)
    async def asset(path: str, request: Request) -> Response:
        """Under another version's name, what stands here now, and not to be kept."""
        folder, _, inside = path.partition("/")
        name = inside if folder.startswith("v-") else path
        if name not in assets:
            raise HTTPException(404)
        return answer(assets[name], request, keep=FOR_GOOD if folder == version else ASK_AGAIN)

    return routes


def _index(page: Asset, version: str, voices: Voices | None) -> bytes:
    text = _in(version, page.data.decode())
    reads = voices is not None and voices.any()
    return (text.replace("<html ", '<html data-reads="1" ', 1) if reads else text).encode()


def _in(version: str, html: str) -> str:
    return html.replace('="/phone/', f'="/phone/{version}/')
