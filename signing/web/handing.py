"""A closed case's evidence package and its renewals, as the auditor's desk and the credit system get them."""

from starlette.responses import Response

from signing.domain.errors import NotFound
from signing.service import commands
from signing.service.commands import Actor
from signing.web.context import Web
from signing.web.files import disposition
from signing.web.ranges import ranged


async def package_answer(web: Web, actor: Actor, case_id: str, wanted: str | None) -> Response:
    """Whole, or the part that the header ``Range`` asks for; on the access log."""
    data = await web.fetch(web.queries.package, actor, case_id)
    await web.execute(commands.RecordView(actor, "package", case_id))
    headers = {"Content-Disposition": disposition(f"{case_id}.asice", download=True)}
    return await web.fetch(ranged, len(data), data.part, wanted, "application/vnd.etsi.asic-e+zip", headers)


async def record_answer(web: Web, actor: Actor, case_id: str) -> Response:
    """The renewals of its time-stamp; on the access log. Raises ``NotFound`` before the first."""
    data = await web.fetch(web.queries.package_record, actor, case_id)
    if not data:
        raise NotFound("证据包的归档时间戳还没有续期过", "到期前一年起由服务自动续期，现在不需要")
    await web.execute(commands.RecordView(actor, "package", case_id, "归档续期记录"))
    headers = {"Content-Disposition": disposition(f"{case_id}.asice.ers", download=True)}
    return Response(data, media_type="application/octet-stream", headers=headers)
