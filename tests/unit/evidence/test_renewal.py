"""Renewals beside a closed package: good years after its own time-stamp ran out, and refused in every forged form."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from asn1crypto import cms as asn1_cms

from signing.adapters.signer import open_signer
from signing.adapters.signer.local import LocalSigner
from signing.domain.errors import OutsideError, TamperError
from signing.domain.readable import whole_of
from signing.evidence.core.book import Judgement
from signing.evidence.core.container import pack, unpack
from signing.evidence.core.manifest import TIMESTAMP
from signing.evidence.core.renewal import read_record, root_of, write_chain, write_record
from signing.evidence.core.report import exit_code
from signing.evidence.package import AsicPackageBuilder
from signing.evidence.renewing import RenewalRecords, hash_tree
from signing.evidence.verify import judge_package
from signing.service.ports import RenewalStamp
from tests.unit.evidence.samples import parts_of

YEAR = timedelta(days=365)


@cache
def closed() -> datetime:
    """When the package is, at its first use: a long run imports this an hour earlier."""
    return datetime.now(UTC).replace(microsecond=0)


class Clock:
    """Stands at whatever moment a test sets."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


@dataclass
class Archive:
    """A package of this year with all that keeps it."""

    clock: Clock
    signer: LocalSigner
    package: bytes

    @property
    def records(self) -> RenewalRecords:
        return RenewalRecords(self.signer)

    def renew(self, record: bytes, years: float, *others: bytes) -> bytes:
        """Years after the package was closed, together with other packages that have no record yet."""
        self.clock.at = closed() + years * YEAR
        batch = [(self.package, record), *((one, b"") for one in others)]
        return next(iter(asyncio.run(self.records.renewed(batch))))

    def judged(self, record: bytes, years: float, package: bytes | None = None) -> Judgement:
        at = closed() + years * YEAR
        return judge_package(package or self.package, self.signer.trust_pem(), None, at, record or None)


def package_of(signer: LocalSigner, video: bytes = b"video " * 500) -> bytes:
    return whole_of(asyncio.run(AsicPackageBuilder(signer).build(parts_of(video), closed())))


@pytest.fixture(autouse=True)
def _on_the_day_it_was_closed(archive: "Archive") -> None:
    archive.clock.at = closed()


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    clock = Clock(closed())
    signer = open_signer(tmp_path_factory.mktemp("pki"), clock)
    return Archive(clock, signer, package_of(signer))


@pytest.fixture(scope="module")
def twice(archive: Archive) -> bytes:
    """Renewed after nine years and again after fourteen."""
    return archive.renew(archive.renew(b"", 9), 14)


def test_it_holds_by_itself_for_ten_years_and_then_says_plainly_what_it_rests_on(archive: Archive) -> None:
    assert archive.judged(b"", 8).verdict == "valid"
    late = archive.judged(b"", 11)
    assert (late.verdict, exit_code(late), late.first_bad_item) == ("incomplete", 1, "META-INF/timestamp001.tst")
    assert "证明已过期" in late.headline
    assert "之后没有续期" in late.headline
    assert "改动" not in late.headline, "nobody changed anything"


def test_renewed_in_time_it_holds_at_eleven_and_at_twenty_years(archive: Archive, twice: bytes) -> None:
    first = archive.renew(b"", 9)
    good = archive.judged(first, 11)
    assert good.verdict == "valid", good.headline
    assert "归档时间戳续期 1 次，至 " in good.headline
    third = archive.renew(twice, 19)
    for record, years in ((twice, 15), (third, 20), (third, 27)):
        held = archive.judged(record, years)
        assert held.verdict == "valid", (years, held.headline)
    assert "续期 3 次" in archive.judged(third, 20).headline
    assert len(read_record(third)) == 3


def test_the_last_renewal_has_to_hold_too(archive: Archive, twice: bytes) -> None:
    late = archive.judged(twice, 21)
    assert late.verdict == "incomplete"
    assert "之后没有再续期" in late.headline


def test_several_packages_share_one_time_stamp_and_each_is_proved_alone(archive: Archive) -> None:
    others = [package_of(archive.signer, bytes([number]) * 3000) for number in range(4)]
    archive.clock.at = closed() + 9 * YEAR
    batch = [(archive.package, b""), *((one, b"") for one in others)]
    records = list(asyncio.run(archive.records.renewed(batch)))
    tokens = {read_record(record)[0].token.data.signature for record in records}
    assert len(tokens) == 1
    for package, record in zip([archive.package, *others], records, strict=True):
        assert archive.judged(record, 12, package).verdict == "valid"
    swapped = archive.judged(records[3], 12)
    assert (swapped.verdict, swapped.first_bad_item) == ("altered", "归档续期记录（第 1 次）")


@pytest.mark.parametrize("count", range(1, 10))
def test_every_leaf_of_a_tree_leads_to_its_root(count: int) -> None:
    leaves = [bytes([number]) * 64 for number in range(count)]
    root, trees = hash_tree(leaves)
    assert [root_of(leaf, tree, "sha512") for leaf, tree in zip(leaves, trees, strict=True)] == [root] * count
    if count > 1:
        assert root_of(leaves[0], [[leaves[0], *trees[0][0][1:], b"x" * 64], *trees[0][1:]], "sha512") != root


def _chains(record: bytes) -> list[bytes]:
    return [one.raw for one in read_record(record)]


def _record(chains: Sequence[bytes]) -> bytes:
    return write_record(chains, ["sha512"] * len(chains))


FORGERIES: dict[str, Callable[[bytes], bytes]] = {
    "first renewal removed": lambda record: _record(_chains(record)[1:]),
    "renewals swapped": lambda record: _record(_chains(record)[::-1]),
    "one renewal twice": lambda record: _record([*_chains(record), _chains(record)[-1]]),
    "bytes behind it": lambda record: record + b"\0",
    "cut short": lambda record: record[:-40],
    "empty": lambda record: write_record([], []),
    "another digest named": lambda record: write_record(_chains(record), ["sha256"]),
    "not a record": lambda record: b"-----BEGIN",
}


@pytest.mark.parametrize("how", FORGERIES)
def test_a_forged_record_is_refused(archive: Archive, twice: bytes, how: str) -> None:
    judgement = archive.judged(FORGERIES[how](twice), 15)
    assert exit_code(judgement) == 1, judgement.headline
    assert judgement.verdict != "valid"


def test_the_last_renewal_removed_leaves_what_has_run_out(archive: Archive, twice: bytes) -> None:
    cut = _record(_chains(twice)[:-1])
    assert archive.judged(cut, 14).verdict == "valid", "the first renewal still holds"
    assert archive.judged(cut, 16).verdict == "incomplete"


def test_a_renewal_made_over_other_bytes_is_refused(archive: Archive) -> None:
    other = package_of(archive.signer, b"another " * 400)
    record = archive.renew(b"", 9)
    judgement = archive.judged(record, 11, other)
    assert (judgement.verdict, judgement.first_bad_item) == ("altered", "归档续期记录（第 1 次）")
    changed = bytearray(archive.package)
    changed[200] ^= 1
    assert archive.judged(record, 11, bytes(changed)).verdict == "altered"


def test_a_renewal_that_came_after_the_end_takes_nothing_over(archive: Archive) -> None:
    """The package's own certificate had ended: nobody knows whether the package is older than that."""
    late = archive.judged(archive.renew(b"", 11), 12)
    assert exit_code(late) == 1
    assert "第 1 次续期" in late.headline
    assert "太晚" in late.headline
    between = archive.judged(archive.renew(archive.renew(b"", 9), 16), 17)
    assert exit_code(between) == 1
    assert "太晚" in between.headline


def test_a_renewal_by_somebody_whom_nobody_trusts_is_refused(archive: Archive, tmp_path: Path) -> None:
    stranger = Archive(archive.clock, open_signer(tmp_path, archive.clock), archive.package)
    judgement = archive.judged(stranger.renew(b"", 9), 11)
    assert judgement.first_bad_item is not None
    assert exit_code(judgement) == 1


def test_as_of_a_day_before_a_renewal_it_is_left_out_and_said_so(archive: Archive, twice: bytes) -> None:
    before = archive.judged(archive.renew(b"", 9), 8)
    assert before.verdict == "valid", before.headline
    assert [said for said in before.not_checked if "第 1 次" in said and "晚于核对的时间" in said]
    assert "归档时间戳续期" not in before.headline
    between = archive.judged(twice, 12)
    assert between.verdict == "valid", between.headline
    assert "归档时间戳续期 1 次" in between.headline
    told = [said for said in between.not_checked if "晚于核对的时间" in said]
    assert [said.partition("于")[0] for said in told] == ["归档续期记录（第 2 次）"]


def test_what_was_not_yet_renewed_on_a_day_after_its_end_had_run_out_then(archive: Archive) -> None:
    late = archive.judged(archive.renew(b"", 11), 10.5)
    assert (late.verdict, late.first_bad_item) == ("incomplete", "META-INF/timestamp001.tst")


def test_by_a_clock_that_is_late_a_renewal_is_not_yet_and_nobodys_alteration(archive: Archive) -> None:
    record = archive.renew(b"", 2)
    judgement = judge_package(archive.package, archive.signer.trust_pem(), record=record)
    assert (judgement.verdict, judgement.first_bad_item) == ("incomplete", "归档续期记录（第 1 次）")
    assert "校准时间" in judgement.headline
    assert "改动" not in judgement.headline
    assert "晚于" in archive.records.standing(archive.package, record, closed() + YEAR).fault, (
        "renewed on top of nothing"
    )


def test_a_later_renewal_has_to_cover_the_package_all_the_same(archive: Archive, twice: bytes) -> None:
    other = archive.judged(archive.renew(b"", 9), 8, package_of(archive.signer, b"another " * 400))
    assert (other.verdict, other.first_bad_item) == ("altered", "归档续期记录（第 1 次）")
    swapped = archive.judged(_record(_chains(twice)[::-1]), 8)
    assert swapped.verdict == "altered"


def test_a_package_whose_token_names_no_certificate_is_told_as_damaged(archive: Archive) -> None:
    entries = unpack(archive.package).entries
    token = asn1_cms.ContentInfo.load(whole_of(entries[TIMESTAMP]))
    token["content"]["certificates"] = []
    bare = {name: whole_of(data) for name, data in entries.items()} | {TIMESTAMP: bytes(token.dump(force=True))}
    with pytest.raises(TamperError, match="归档时间戳读不出来"):
        archive.records.until(whole_of(pack(bare)))


def test_no_byte_of_a_record_can_be_changed_unseen(archive: Archive, twice: bytes) -> None:
    """Every thirteenth byte, one bit each: the tokens are covered by the next ones, the last by its own signatures."""
    for place in range(0, len(twice), 13):
        forged = bytearray(twice)
        forged[place] ^= 1 << place % 8
        judgement = archive.judged(bytes(forged), 15)
        assert judgement.verdict != "valid", place


def test_without_roots_of_ones_own_those_it_carries_are_said_to_be_its_own(archive: Archive, twice: bytes) -> None:
    at = closed() + 15 * YEAR
    judgement = judge_package(archive.package, None, None, at, twice)
    assert judgement.verdict == "valid", judgement.headline
    assert any("根证书取自包内" in what for what in judgement.not_checked)


def test_the_standing_says_until_when_and_what_is_wrong(archive: Archive, twice: bytes) -> None:
    at = closed() + YEAR
    own = archive.records.standing(archive.package, b"", at)
    assert (own.stamped_at, own.renewals, own.fault) == (closed(), 0, "")
    assert own.until == closed() + 10 * YEAR
    held = archive.records.standing(archive.package, twice, closed() + 14.5 * YEAR)
    assert (held.renewals, held.fault) == (2, "")
    assert held.until > closed() + 19 * YEAR
    assert archive.records.standing(archive.package, b"", closed() + 12 * YEAR).fault
    with pytest.raises(TamperError):
        archive.records.standing(b"no package", b"", at)


class Elsewhere:
    """A signer whose renewals come from an authority that it does not believe itself."""

    def __init__(self, signer: LocalSigner, other: LocalSigner) -> None:
        self._signer, self._other = signer, other

    def trust_pem(self) -> bytes:
        return self._signer.trust_pem()

    async def renewal(self, sha512: bytes) -> RenewalStamp:
        return await self._other.renewal(sha512)


def test_nothing_is_kept_that_would_prove_nothing(archive: Archive, tmp_path: Path) -> None:
    elsewhere = Elsewhere(archive.signer, open_signer(tmp_path, archive.clock))
    with pytest.raises(OutsideError, match="没有通过核验"):
        asyncio.run(RenewalRecords(elsewhere).renewed([(archive.package, b"")]))  # type: ignore[arg-type]


def test_a_chain_is_read_only_as_it_is_written(twice: bytes) -> None:
    first = read_record(twice)[0]
    digests = [[b"b" * 64, b"a" * 64]]
    assert write_chain(b"", digests) == write_chain(b"", [sorted(digests[0])])
    assert first.tree == ()
