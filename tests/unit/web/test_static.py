"""The page's files: compressed, kept for good under a name of their own, and asked for anew where they are not."""

import gzip
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from signing.domain.errors import OutsideError
from signing.web.routes import page
from signing.web.static import load, version_of
from signing.web.voices import Voices


class Mute:
    def available(self) -> bool:
        return False

    def speak(self, text: str) -> bytes:
        raise OutsideError("朗读没有准备好", text)


@pytest.fixture
def client(tmp_path: Path) -> httpx.AsyncClient:
    return client_of(tmp_path)


def client_of(folder: Path) -> httpx.AsyncClient:
    app = FastAPI()
    app.include_router(page.router(Voices(folder, Mute())))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://page.example")


async def folder_of(client: httpx.AsyncClient) -> str:
    html = (await client.get("/s")).text
    return html.partition('src="')[2].partition("/app.js")[0]


async def test_the_page_names_files_that_a_phone_keeps_for_good(client: httpx.AsyncClient) -> None:
    page_itself = await client.get("/s")
    assert page_itself.headers["cache-control"] == "no-cache"
    assert '="/phone/app.js"' not in page_itself.text
    app = await client.get(f"{await folder_of(client)}/app.js")
    assert app.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert app.headers["content-encoding"] == "gzip"
    assert (await client.get(f"{await folder_of(client)}/screens/code.js")).status_code == 200


async def test_a_page_of_before_an_upgrade_still_finds_its_files(client: httpx.AsyncClient) -> None:
    old = await client.get("/phone/v-000000000000/screens/queue.js")
    assert old.status_code == 200
    assert old.headers["cache-control"] == "no-cache", "what stands there now must not be kept under the old name"
    assert (await client.get("/phone/screens/queue.js")).headers["cache-control"] == "no-cache"
    assert (await client.get("/phone/v-000000000000/nothing.js")).status_code == 404


async def test_what_has_not_changed_is_not_sent_again(client: httpx.AsyncClient) -> None:
    first = await client.get("/s")
    again = await client.get("/s", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert not again.content


def test_the_folder_is_another_as_soon_as_one_file_is(tmp_path: Path) -> None:
    (tmp_path / "app.js").write_text("1")
    before = version_of(load(tmp_path))
    (tmp_path / "app.js").write_text("2")
    after = version_of(load(tmp_path))
    (tmp_path / "app.js").rename(tmp_path / "other.js")
    assert len({before, after, version_of(load(tmp_path))}) == 3


async def test_without_a_voice_the_page_offers_none(client: httpx.AsyncClient, tmp_path: Path) -> None:
    assert "data-reads" not in (await client.get("/s")).text
    assert (await client.get("/phone/voice/queue")).status_code == 404
    (tmp_path / "recorded").mkdir()
    (tmp_path / "recorded" / "queue.mp3").write_bytes(b"our own")
    speaking = client_of(tmp_path)
    assert '<html data-reads="1" lang="zh-CN">' in (await speaking.get("/s")).text
    said = await speaking.get("/phone/voice/queue.waiting")
    assert (said.content, said.headers["content-type"]) == (b"our own", "audio/mpeg")
    for name in ("../app", "queue.mp3x1", "QUEUE"):
        assert (await speaking.get(f"/phone/voice/{name}")).status_code in (404, 422)


def test_gzip_is_smaller_and_the_same() -> None:
    for path, asset in load(page.FOLDER).items():
        assert gzip.decompress(asset.packed) == asset.data, path
