"""For whoever watches the service: alive, and able to work."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse, PlainTextResponse

from signing.domain.errors import OutsideError
from signing.web.context import Web, WebHere
from signing.web.errors import body_of, respond

router = APIRouter()


@router.get("/healthz")
@router.get("/livez")
async def alive() -> PlainTextResponse:
    return PlainTextResponse("ok")


@router.get("/readyz", response_model=None)
async def ready(web: WebHere) -> PlainTextResponse | JSONResponse:
    """200 where the database can be written."""
    try:
        await web.ask(_can_write, web)
    except OutsideError as error:
        return respond(503, body_of(error))
    return PlainTextResponse("ok")


def _can_write(web: Web) -> None:
    """Takes the write lock and lets it go."""
    with web.services.db.write():
        pass
