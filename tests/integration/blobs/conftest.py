"""The S3 server lives as long as the tests of this folder; what a test puts has a prefix of its own."""

from collections.abc import Iterator

import pytest

from tests.integration.blobs.bucket import Proxy, Server, proxy_to, s3_server


@pytest.fixture(scope="session")
def s3() -> Iterator[Server]:
    with s3_server() as server:
        yield server


@pytest.fixture
def proxy(s3: Server) -> Iterator[Proxy]:
    with proxy_to(s3) as proxy:
        yield proxy
