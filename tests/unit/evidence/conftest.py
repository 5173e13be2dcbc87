import asyncio
from datetime import UTC, datetime

import pytest

from signing.domain.readable import whole_of
from signing.evidence.package import AsicPackageBuilder
from tests.fakes.notary import Notary
from tests.unit.evidence.samples import parts_of


@pytest.fixture(scope="package")
def notary(tmp_path_factory: pytest.TempPathFactory) -> Notary:
    return Notary.found(tmp_path_factory.mktemp("notary"))


@pytest.fixture(scope="package")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Notary:
    """Another authority under the same names."""
    return Notary.found(tmp_path_factory.mktemp("stranger"), elliptic=True)


@pytest.fixture(scope="package")
def package(notary: Notary) -> bytes:
    return whole_of(asyncio.run(AsicPackageBuilder(notary).build(parts_of(), datetime.now(UTC))))
