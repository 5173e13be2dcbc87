"""What the routes do not say of themselves: groups, parameters, bodies and answers that are files."""

from collections.abc import Mapping

ABOUT = """屏签服务的全部 HTTP 接口。

- `core`：信贷系统用，见 README“信贷系统对接”。请求头 `Authorization: Bearer 密钥`。
- 其余供坐席窗口和客户手机页面使用：`Authorization: Bearer 凭证`，凭证来自登录或 `/api/phone/redeem`。
- 金额、利率是十进制小数的字符串；时间是带时区的 ISO 8601；个人信息只以打码形式返回。
- 每个拒绝都是同一种内容：`code` 供程序判断，`message` 和 `hint` 给人看：发生了什么、下一步怎么做。
- 实时推送走 WebSocket（`/api/seat/ws`、`/api/phone/ws`、`/api/board/ws`），不在本文件之内。
"""

TAGS: Mapping[str, str] = {
    "core": "信贷系统：开立、查询、撤销业务，取用印文件、证据包和验证结论",
    "imports": "管理员导入名册、名单、LPR",
    "accounts": "管理员管理工作人员账号",
    "staff": "登录、退出",
    "seat": "席位：状态、来电、整理",
    "board": "主管看板",
    "cases": "业务：开立、核身、告知、用印",
    "opening": "建立业务：产品、查验草稿、预览文书、名册",
    "calls": "通话",
    "transfers": "转接",
    "recordings": "录像",
    "seals": "印章登记与用印记录",
    "check": "公开查验：不登录，不保存",
    "audit": "审计：检索、回放、核验",
    "phone": "客户手机页面",
    "appointments": "预约",
    "queue": "排队设置",
    "health": "存活与就绪",
}

PARAMETERS: Mapping[str, tuple[str, object]] = {
    "account": ("收款账号", None),
    "after": ("从哪一页接着看，见上一页", None),
    "appointment_id": ("预约编号", "appt_01KB0Z4Q2M5T8W"),
    "call_id": ("通话编号", "call_01KB0Z4Q2M5T8W"),
    "case_id": ("业务编号", "case_01KB0Z4Q2M5T8W"),
    "changed_since": ("只要这一时刻之后有变化的业务", "2026-11-24T02:10:00Z"),
    "check": ("只核对并报告，不导入", False),
    "code": ("页脚的查验码", "G6N7-BL66"),
    "consent": ("同意书的种类", "face"),
    "cursor": ("上一页给出的 next_cursor，原样使用", ""),
    "document_id": ("文书编号", "doc_01KB0Z4Q2M5T8W"),
    "idempotency-key": ("幂等键：同一键加同样内容，只开立一笔业务", "LOAN-2026-0001"),
    "index": ("第几段，从 0 起；0 是文件头", 1),
    "kind": ("表格的种类", "lpr"),
    "limit": ("一页至多几条", 50),
    "list_kind": ("名单的种类", "上游企业名单"),
    "media_id": ("单独的音视频或手机补传的编号", "trk_01KB0Z4Q2M5T8W"),
    "name": ("名单的名称", "上杭粮油上游"),
    "number": ("页码，从 1 起", 1),
    "party_id": ("当事人编号", "party_01KB0Z4Q2M5T8W"),
    "q": ("要找的业务号、产品、姓名或坐席", "王秀兰"),
    "range": ("要哪一段字节，如 bytes=0-65535", "bytes=0-65535"),
    "recording_id": ("录像编号", "rec_01KB0Z4Q2M5T8W"),
    "reference": ("信贷系统自己的编号", "LOAN-2026-0001"),
    "replace": ("是否删去文件里没有的内容", None),
    "seal_id": ("印章编号，见印章登记", "seal_01KB0Z4Q2M5T8W"),
    "seat_id": ("席位编号", "shanghang_01"),
    "session_ref": ("登录的编号，见账号列表", "0123456789abcdef"),
    "sha256": ("图片的 SHA-256，十六进制小写", "a" * 64),
    "side": ("证件面", "front"),
    "staff_id": ("工作人员编号", "staff_01KB0Z4Q2M5T8W"),
    "state": ("只要这种状态的业务", "closed"),
    "ticket_id": ("排队号", "ticket_01KB0Z4Q2M5T8W"),
    "transfer_id": ("转接编号", "transfer_01KB0Z4Q2M5T8W"),
    "width": ("图片宽度，像素", 800),
    "x-captured-at": ("拍摄时间", "2026-11-24T02:10:00Z"),
    "x-kept-since": ("这一段从什么时候起", "2026-11-24T02:10:00Z"),
    "x-kept-until": ("到什么时候止", "2026-11-24T02:10:04Z"),
    "x-segment-chain": ("到这一段为止的链值，十六进制小写", "b" * 64),
    "x-segment-sha256": ("这一段的 SHA-256，十六进制小写", "a" * 64),
    "x-segment-start": ("这一段从第几秒开始", 12.0),
}
"""Name in lower case → what it is, and an example."""

_IMAGE = ("image/jpeg", "image/png", "image/webp")
_XLSX = ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",)
_MEDIA = ("video/x-matroska", "video/webm", "video/mp4", "audio/webm", "audio/mp4", "image/jpeg")
_PDF, _PACKAGE, _PLAIN = ("application/pdf",), ("application/vnd.etsi.asic-e+zip",), ("text/plain",)

RAW_BODIES: Mapping[str, tuple[str, ...]] = {
    "POST /api/cases/{case_id}/parties/{party_id}/snapshot": ("image/jpeg",),
    "PUT /api/phone/id-card/{side}": ("image/jpeg", "image/png"),
    "PUT /api/phone/backfill/{call_id}": ("video/webm", "video/mp4", "audio/webm", "audio/mp4", "image/jpeg"),
    "PUT /api/recordings/{recording_id}/segments/{index}": ("application/octet-stream",),
    "POST /api/check/paper": _PDF,
    "POST /api/imports/{kind}": (
        "text/csv",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/octet-stream",
    ),
}
"""Bodies that are the file itself."""

FILES: Mapping[str, Mapping[int, tuple[str, ...]]] = {
    "GET /livez": {200: _PLAIN},
    "GET /healthz": {200: _PLAIN},
    "GET /readyz": {200: _PLAIN},
    "GET /api/cases/{case_id}/images/{sha256}": {200: _IMAGE},
    "GET /api/cases/{case_id}/documents/{document_id}.pdf": {200: _PDF},
    "GET /api/audit/cases/{case_id}/documents/{document_id}.pdf": {200: _PDF},
    "GET /api/audit/cases/{case_id}/package": {200: _PACKAGE},
    "GET /api/board/figures.xlsx": {200: _XLSX},
    "GET /api/audit/cases/{case_id}/media/{media_id}": {200: _MEDIA, 206: _MEDIA},
    "GET /api/audit/recordings/{recording_id}": {200: ("video/mp4",), 206: ("video/mp4",)},
    "GET /api/core/v1/cases/{case_id}/documents/{document_id}.pdf": {200: _PDF},
    "GET /api/core/v1/cases/{case_id}/package": {200: _PACKAGE},
    "GET /api/phone/consents/{consent}/voice": {200: ("audio/mpeg", "audio/mp4", "audio/wav")},
    "GET /api/phone/documents/{document_id}/pages/{number}": {200: _IMAGE},
    "GET /api/phone/documents/{document_id}/copy": {200: _PDF},
}
"""Operation → status → media types, where the answer is no JSON."""
