"""Drafts on disk: encrypted, whole after a kill, nobody else's, gone after a month."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from desktop.opening.drafts import KEPT, Draft, Drafts
from desktop.opening.form import Typed
from tests.unit.desktop.opening.forms import NUMBER

NOW = datetime(2026, 11, 27, 4, tzinfo=UTC)
KEY, OTHER = b"k" * 32, b"o" * 32


def draft(draft_id: str = "aa", name: str = "王秀兰", at: datetime = NOW) -> Draft:
    values = {"parties.0.name": name, "parties.0.id_number": NUMBER, "amount": "180000"}
    return Draft(draft_id, "某种贷款", Typed("some_loan", values, {"parties": 1}), at)


def test_a_draft_comes_back_as_it_was(tmp_path: Path) -> None:
    Drafts(tmp_path, KEY).save(draft())
    assert Drafts(tmp_path, KEY).all(NOW) == [draft()]


def test_nothing_of_it_is_in_the_clear_and_only_its_owner_reads_the_file(tmp_path: Path) -> None:
    drafts = Drafts(tmp_path / "drafts", KEY)
    drafts.save(draft())
    (file,) = (tmp_path / "drafts").iterdir()
    content = file.read_bytes()
    assert not [word for word in ("王秀兰", NUMBER, "180000", "some_loan", "某种贷款") if word.encode() in content]
    assert file.stat().st_mode & 0o077 == 0
    assert (tmp_path / "drafts").stat().st_mode & 0o077 == 0


def test_another_agents_drafts_are_not_shown_and_not_touched(tmp_path: Path) -> None:
    Drafts(tmp_path, KEY).save(draft())
    assert Drafts(tmp_path, OTHER).all(NOW) == []
    assert Drafts(tmp_path, KEY).all(NOW) == [draft()]


def test_a_spoilt_or_renamed_file_is_no_draft(tmp_path: Path) -> None:
    drafts = Drafts(tmp_path, KEY)
    drafts.save(draft())
    file = tmp_path / "aa.draft"
    (tmp_path / "bb.draft").write_bytes(file.read_bytes())
    (tmp_path / "cc.draft").write_bytes(b"short")
    assert [one.draft_id for one in drafts.all(NOW)] == ["aa"]
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    assert drafts.all(NOW) == []


def test_what_a_kill_left_half_written_takes_nothing_away(tmp_path: Path) -> None:
    drafts = Drafts(tmp_path, KEY)
    drafts.save(draft())
    (tmp_path / "aa.new").write_bytes(b"half of the ne")
    assert drafts.all(NOW) == [draft()]
    drafts.save(draft(name="丁大山"))
    assert [one.label for one in drafts.all(NOW)] == ["丁大山"]


def test_the_newest_comes_first_and_old_ones_go(tmp_path: Path) -> None:
    drafts = Drafts(tmp_path, KEY)
    drafts.save(draft("old", at=NOW - KEPT - timedelta(minutes=1)))
    drafts.save(draft("mid", at=NOW - timedelta(days=2)))
    drafts.save(draft("new"))
    assert [one.draft_id for one in drafts.all(NOW)] == ["new", "mid"]
    assert not (tmp_path / "old.draft").exists()
    drafts.remove("new")
    drafts.remove("new")
    assert [one.draft_id for one in drafts.all(NOW)] == ["mid"]


def test_a_save_that_is_under_way_does_not_bring_back_what_was_dropped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafts = Drafts(tmp_path, KEY)
    to_disk = os.fsync

    def slow(file: int) -> None:
        to_disk(file)
        drafts.remove("aa")

    monkeypatch.setattr(os, "fsync", slow)
    drafts.save(draft())
    assert list(tmp_path.iterdir()) == [], "it was told that the draft is gone"


def test_of_two_saves_at_once_the_newest_stays_and_both_are_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafts, late = Drafts(tmp_path, KEY), draft(name="王秀", at=NOW)
    newest = draft(at=NOW + timedelta(seconds=1))
    to_disk = os.fsync

    def overtaken(file: int) -> None:
        monkeypatch.setattr(os, "fsync", to_disk)
        drafts.save(newest)

    monkeypatch.setattr(os, "fsync", overtaken)
    drafts.save(late)
    assert drafts.all(NOW) == [newest]
    assert len(list(tmp_path.iterdir())) == 1


def test_what_nobody_can_open_goes_after_a_month_as_well(tmp_path: Path) -> None:
    Drafts(tmp_path, KEY).save(draft("old"))
    Drafts(tmp_path, KEY).save(draft("new"))
    (tmp_path / "dead.0.new").write_bytes(b"left by a power failure")
    long_ago = (NOW - KEPT - timedelta(days=1)).timestamp()
    for name in ("old.draft", "dead.0.new"):
        os.utime(tmp_path / name, (long_ago, long_ago))
    os.utime(tmp_path / "new.draft", (NOW.timestamp(), NOW.timestamp()))
    assert Drafts(tmp_path, OTHER).all(NOW) == []
    assert [one.name for one in tmp_path.iterdir()] == ["new.draft"]


def test_a_save_that_was_under_way_does_not_bring_a_removed_draft_back(tmp_path: Path) -> None:
    drafts = Drafts(tmp_path, KEY)
    drafts.save(draft())
    drafts.remove("aa")
    drafts.save(draft())
    assert list(tmp_path.iterdir()) == []
