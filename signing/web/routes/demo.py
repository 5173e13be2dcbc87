"""Demonstration only: what the stand-in for the text message gateway would have sent, and the root certificate."""

import base64
import hashlib
import re
from datetime import datetime, timedelta, timezone
from html import escape

from fastapi import APIRouter
from starlette.responses import HTMLResponse, JSONResponse, Response

from signing.domain.masking import mask_phone
from signing.web.context import StandInMessage, WebHere

router = APIRouter(prefix="/demo", include_in_schema=False)

_STYLE = """
body{font:16px/1.6 "Noto Sans CJK SC","Microsoft YaHei","PingFang SC",sans-serif;background:#F6F7F5;color:#16211D;
margin:0;padding:24px 16px}
main{max-width:720px;margin:0 auto}h1{font-size:22px;margin:0 0 8px}
.mark{background:#FFF6E5;color:#8A5200;border-radius:8px;padding:8px 12px;margin:0 0 16px}
article{background:#fff;border:1px solid #DDE3DF;border-radius:8px;padding:12px 16px;margin:0 0 12px}
.meta{color:#55625C;font-size:13px;margin:0;font-variant-numeric:tabular-nums}p{margin:4px 0}
.code{font-size:28px;letter-spacing:.12em;font-variant-numeric:tabular-nums;color:#0A6A4A;margin:0}
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; frame-ancestors 'none'; base-uri 'none'"
_CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")
BEIJING = timezone(timedelta(hours=8), "北京时间")


ROOT_PATH = "/demo/root.pem"


def root_router(certificate: bytes) -> APIRouter:
    """The demonstration's root certificate (PEM), so that a phone can be told to trust this service."""
    root = APIRouter(include_in_schema=False)

    @root.get(ROOT_PATH)
    async def as_file() -> Response:
        named = {"Content-Disposition": 'attachment; filename="pingqian-demo-root.pem"'}
        return Response(certificate, media_type="application/x-x509-ca-cert", headers=named)

    return root


@router.get("/messages.json")
async def as_data(web: WebHere) -> JSONResponse:
    return JSONResponse([shown(message) for message in await web.ask(web.stand_in_messages)])


@router.get("/messages")
async def as_page(web: WebHere) -> HTMLResponse:
    """For the operator of a demonstration, who plays the customer's phone."""
    articles = [_article(shown(message)) for message in await web.ask(web.stand_in_messages)]
    body = "".join(articles) or "<p>还没有短信。客户在手机上点“获取验证码”后，刷新本页。</p>"
    html = (
        '<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta http-equiv="refresh" content="5">'
        f"<title>演示短信</title><style>{_STYLE}</style></head><body><main><h1>演示短信</h1>"
        '<p class="mark">演示：没有接入真实的短信网关，本页代替客户手机上的短信。每 5 秒自动刷新。</p>'
        f"{body}</main></body></html>"
    )
    return HTMLResponse(html, headers={"Content-Security-Policy": _POLICY})


def shown(message: StandInMessage) -> dict[str, str]:
    code = _CODE.search(message.text)
    return {
        "at": message.at.isoformat(),
        "phone_masked": mask_phone(message.phone),
        "phone_tail": message.phone[-4:],
        "text": message.text,
        "code": code.group() if code else "",
    }


def _article(row: dict[str, str]) -> str:
    at = datetime.fromisoformat(row["at"]).astimezone(BEIJING)
    code = f'<p class="code">{escape(row["code"])}</p>' if row["code"] else ""
    meta = f"{at:%m-%d %H:%M:%S} · 发给 {row['phone_masked']}"
    return f'<article><p class="meta">{escape(meta)}</p>{code}<p>{escape(row["text"])}</p></article>'
