"""Files that are replaced or removed while another process reads them, which Windows refuses."""

from collections.abc import Callable
from pathlib import Path

import pytest

from media.moving import TRIES, remove, replace


@pytest.fixture
def read_for(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """So many attempts long somebody reads the file."""
    monkeypatch.setattr("time.sleep", lambda _: None)

    def until(attempts: int) -> None:
        left = [attempts]

        def refusing(usual: Callable[..., object]) -> Callable[..., object]:
            def attempt(*given: object, **named: object) -> object:
                left[0] -= 1
                if left[0] >= 0:
                    raise PermissionError(13, "in use")
                return usual(*given, **named)

            return attempt

        for name in ("replace", "unlink"):
            monkeypatch.setattr(Path, name, refusing(getattr(Path, name)))

    return until


def test_a_reader_is_waited_for(tmp_path: Path, read_for: Callable[[int], None]) -> None:
    fresh, target = tmp_path / "item.new", tmp_path / "item.json"
    fresh.write_text("new")
    target.write_text("old")
    read_for(3)
    replace(fresh, target)
    assert target.read_text() == "new"
    read_for(3)
    remove(target)
    assert not target.exists()
    remove(target)


def test_one_who_never_ends_is_told(tmp_path: Path, read_for: Callable[[int], None]) -> None:
    (tmp_path / "a").write_text("kept")
    read_for(TRIES + 1)
    with pytest.raises(PermissionError):
        remove(tmp_path / "a")
    assert (tmp_path / "a").read_text() == "kept"
