"""The same promises of every place that blobs can lie in; and what an object store's faults come to."""

import logging
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from signing.adapters.blobs import FolderObjects, Objects, SealedBlobs, place_of
from signing.adapters.object_store import Patience, S3Objects, access_from, split_url
from signing.domain.errors import InputError, NotFound, OutsideError, TamperError
from tests.integration.blobs.bucket import BUCKET, KEY_ID, SECRET, Proxy, Server, proxy_to, s3_server, values

KEYS = {name: secrets.token_bytes(32) for name in ("case_1", "case_2")}
QUICK = Patience(timedelta(seconds=20), timedelta(seconds=2), 4, timedelta(seconds=10))
HASTY = Patience(timedelta(seconds=0.5), timedelta(seconds=0.5), 2, timedelta(seconds=2))


def fresh_url() -> str:
    return f"s3://{BUCKET}/{secrets.token_hex(6)}"


def store_at(endpoint: str, url: str, patience: Patience = QUICK) -> S3Objects:
    return S3Objects(url, access_from(values(endpoint)), patience, patience)


@pytest.fixture(params=["folder", "s3"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> Objects:
    if request.param == "folder":
        return FolderObjects(tmp_path / "blobs")
    server: Server = request.getfixturevalue("s3")
    return store_at(server.url, fresh_url())


@pytest.fixture
def blobs(objects: Objects) -> SealedBlobs:
    return SealedBlobs(objects, KEYS.__getitem__)


class TestEveryPlace:
    def test_what_was_put_comes_back(self, blobs: SealedBlobs) -> None:
        for data in (b"", b"contract", secrets.token_bytes(3_000_000)):
            assert blobs.get("case_1", blobs.put("case_1", data)) == data

    def test_nothing_plain_leaves(self, blobs: SealedBlobs, objects: Objects) -> None:
        digest = blobs.put("case_1", "王秀兰 11010519491231002X".encode())
        (name,) = objects.names()
        assert place_of(name) == ("case_1", digest)
        assert "王秀兰".encode() not in bytes(objects.get(name))

    def test_a_second_put_changes_nothing(self, blobs: SealedBlobs, objects: Objects) -> None:
        blobs.put("case_1", b"contract")
        (name,) = objects.names()
        before = bytes(objects.get(name))
        blobs.put("case_1", b"contract")
        assert bytes(objects.get(name)) == before

    def test_the_place_itself_refuses_to_overwrite(self, objects: Objects) -> None:
        objects.put("case_1/aa/aabb", b"first")
        objects.put("case_1/aa/aabb", b"other")
        assert bytes(objects.get("case_1/aa/aabb")) == b"first"

    def test_many_at_once_leave_one(self, blobs: SealedBlobs, objects: Objects) -> None:
        with ThreadPoolExecutor(12) as workers:
            found = set(workers.map(lambda _: blobs.put("case_1", b"contract" * 1000), range(24)))
        (digest,) = found
        assert len(list(objects.names())) == 1
        assert blobs.get("case_1", digest) == b"contract" * 1000

    @pytest.mark.parametrize(
        ("case_id", "wanted"),
        [("case_1", "0" * 64), ("../case_1", "0" * 64), ("case_1", "../" + "0" * 64), ("case_1", "a/b")],
    )
    def test_what_is_not_there_is_not_found(self, blobs: SealedBlobs, case_id: str, wanted: str) -> None:
        with pytest.raises(NotFound):
            blobs.get(case_id, wanted)

    def test_another_cases_key_opens_nothing(self, blobs: SealedBlobs, objects: Objects) -> None:
        digest = blobs.put("case_1", b"contract")
        (name,) = objects.names()
        objects.put(f"case_2/{digest[:2]}/{digest}", objects.get(name))
        with pytest.raises(TamperError):
            blobs.get("case_2", digest)

    @pytest.mark.parametrize("damage", ["changed", "shortened", "empty"])
    def test_damage_is_noticed(self, blobs: SealedBlobs, objects: Objects, damage: str) -> None:
        blobs.put("case_1", b"contract")
        (name,) = objects.names()
        sealed = bytearray(objects.get(name))
        sealed[20] ^= 1
        other = {"changed": bytes(sealed), "shortened": bytes(objects.get(name))[:-5], "empty": b""}[damage]
        digest = "ab" + place_of(name)[1][2:]
        objects.put(f"case_1/ab/{digest}", other)
        with pytest.raises(TamperError):
            blobs.get("case_1", digest)


# --- an object store's faults -------------------------------------------------------------------------------------


@pytest.fixture
def url() -> str:
    return fresh_url()


def test_a_store_that_is_busy_for_a_while_is_waited_for(proxy: Proxy, url: str) -> None:
    objects = store_at(proxy.url, url)
    proxy.faults = ["503", "503"]
    objects.put("case_1/aa/aa1", b"sealed")
    proxy.faults = ["503", "503"]
    assert bytes(objects.get("case_1/aa/aa1")) == b"sealed"


def test_trying_again_has_an_end(proxy: Proxy, url: str) -> None:
    proxy.always = "503"
    with pytest.raises(OutsideError, match="没有回应"):
        store_at(proxy.url, url).put("case_1/aa/aa1", b"sealed")
    assert len(proxy.seen) == QUICK.tries


def test_an_answer_lost_on_the_way_is_no_failure(proxy: Proxy, url: str) -> None:
    """The store has it; the next try finds the name taken, and what is there is whole."""
    objects = store_at(proxy.url, url)
    proxy.faults = ["lost answer"]
    objects.put("case_1/aa/aa1", b"sealed")
    assert [method for method, _ in proxy.seen] == ["PUT", "PUT", "HEAD"]
    assert bytes(objects.get("case_1/aa/aa1")) == b"sealed"


def test_something_else_under_the_name_is_said(proxy: Proxy, url: str) -> None:
    objects = store_at(proxy.url, url)
    objects.put("case_1/aa/aa1", b"sealed")
    with pytest.raises(TamperError):
        objects.put("case_1/aa/aa1", b"longer than that")


@pytest.mark.parametrize("size", [1000, 9_000_000])
def test_a_body_that_ends_early_is_asked_for_again_and_never_taken(proxy: Proxy, url: str, size: int) -> None:
    blobs = SealedBlobs(store_at(proxy.url, url), KEYS.__getitem__)
    data = secrets.token_bytes(size)
    digest = blobs.put("case_1", data)
    proxy.always = "truncate"
    with pytest.raises(OutsideError, match="不完整"):
        blobs.get("case_1", digest)
    proxy.always = ""
    assert blobs.get("case_1", digest) == data


def test_a_store_that_hangs_is_given_up(proxy: Proxy, url: str) -> None:
    proxy.always = "slow"
    with pytest.raises(OutsideError):
        store_at(proxy.url, url, HASTY).get("case_1/aa/aa1")


def test_a_store_that_dies_is_said_and_loses_nothing() -> None:
    with s3_server() as server:
        blobs = SealedBlobs(store_at(server.url, fresh_url(), HASTY), KEYS.__getitem__)
        digest = blobs.put("case_1", b"contract")
        server.kill()
        for act in (lambda: blobs.put("case_1", b"other"), lambda: blobs.get("case_1", digest)):
            with pytest.raises(OutsideError):
                act()


def test_a_refusal_says_what_to_check_and_tells_no_secret(
    proxy: Proxy, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    objects, proxy.always = store_at(proxy.url, url), "403"
    with caplog.at_level(logging.DEBUG):
        for act in (lambda: objects.get("case_1/aa/aa1"), lambda: objects.put("case_1/aa/aa1", b"x")):
            with pytest.raises(OutsideError, match="拒绝") as said:
                act()
            assert SECRET not in said.value.message + said.value.hint + repr(said.value)
    assert "object store" in caplog.text
    assert SECRET not in caplog.text
    assert KEY_ID not in caplog.text
    assert SECRET not in repr(access_from(values(proxy.url)))


def test_a_bucket_that_is_not_there_is_not_a_file_that_is_not_there(s3: Server) -> None:
    objects = store_at(s3.url, "s3://no-such-bucket")
    with pytest.raises(OutsideError, match="存储桶"):
        objects.get("case_1/aa/aa1")
    with pytest.raises(OutsideError, match="存储桶"):
        objects.put("case_1/aa/aa1", b"x")


@pytest.mark.parametrize("kind", ["ignores_conditions", "refuses_conditions"])
def test_a_store_without_conditional_writes_is_asked_first(proxy: Proxy, url: str, kind: str) -> None:
    setattr(proxy, kind, True)
    objects = store_at(proxy.url, url)
    blobs = SealedBlobs(objects, KEYS.__getitem__)
    digest = blobs.put("case_1", b"contract")
    (name,) = objects.names()
    before = bytes(objects.get(name))
    blobs.put("case_1", b"contract")
    assert bytes(objects.get(name)) == before
    assert blobs.get("case_1", digest) == b"contract"


def test_the_probe_tells_stores_apart_and_leaves_nothing(s3: Server, url: str) -> None:
    objects = store_at(s3.url, url)
    assert objects.refuses_overwriting("probe/1")
    with proxy_to(s3) as old:
        old.ignores_conditions = True
        assert not store_at(old.url, url).refuses_overwriting("probe/2")
    assert list(objects.names()) == []


def test_more_names_than_a_page_holds(s3: Server, url: str) -> None:
    objects = store_at(s3.url, url)
    wanted = {f"case_1/aa/aa{number:04}" for number in range(1050)}
    with ThreadPoolExecutor(8) as workers:
        list(workers.map(lambda name: objects.put(name, b"x"), wanted))
    assert set(objects.names()) == wanted


@pytest.mark.parametrize("url", ["https://bucket/x", "s3://", "bucket", "s3://user:word@bucket", "s3://b/x?y=1"])
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(InputError) as said:
        split_url(url)
    assert "word" not in said.value.message


@pytest.mark.parametrize("missing", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
def test_credentials_are_never_guessed(missing: str) -> None:
    with pytest.raises(InputError, match="访问密钥"):
        access_from({name: value for name, value in values("http://x").items() if name != missing})


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    assert SECRET not in caplog.text
