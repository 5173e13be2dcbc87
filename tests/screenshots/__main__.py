"""``python -m tests.screenshots``: draws all scenes, or those of one room, and writes the index page."""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from tests.screenshots import gallery, registry
from tests.screenshots.course import Course
from tests.screenshots.gallery import Shown


def main() -> int:
    """0 where every scene could be drawn."""
    options = _parser().parse_args()
    if options.look:
        return _one_look(options)
    out: Path = options.out.resolve()
    if not options.only:
        shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True, exist_ok=True)
    shown = [*_windows(out, options.only, options.course), *_phones(out, options.only)]
    if not options.only and not options.quick:
        shown += _journey(out)
    print(f"{len(shown)} pictures: {gallery.write(out, shown)}")
    failed = [one for one in shown if one.trouble]
    for one in failed:
        print(f"{one.room}/{one.name} ({one.look}): {one.trouble}", file=sys.stderr)
    return 1 if failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.screenshots")
    parser.add_argument("--out", type=Path, default=Path("build/screenshots"))
    parser.add_argument("--only", default="", help="a room, or the name of a scene")
    parser.add_argument("--quick", action="store_true", help="without the journey of a real case")
    parser.add_argument("--course", type=Path, help="keeps what the service showed, for the next time")
    parser.add_argument("--look", default="", help=argparse.SUPPRESS)
    return parser


def _windows(out: Path, only: str, kept: Path | None) -> list[Shown]:
    if not registry.windows(only):
        return []
    with tempfile.TemporaryDirectory(prefix="screenshots-") as folder:
        file = kept or Path(folder) / "course.json"
        if not file.exists():
            from tests.screenshots.course import run

            file.write_text(run(Path(folder) / "data").model_dump_json(), encoding="utf-8")
        return [one for look in registry.LOOKS for one in _in_a_process(out, only, file, look.name)]


def _in_a_process(out: Path, only: str, course: Path, look: str) -> list[Shown]:
    command = [sys.executable, "-m", "tests.screenshots", "--look", look, "--out", out, "--only", only]
    ran = subprocess.run([*map(str, command), "--course", str(course)], stdout=subprocess.PIPE, text=True)
    if ran.returncode != 0:
        raise SystemExit(f"the scenes in the look {look} could not be drawn")
    return [Shown(**one) for one in json.loads(ran.stdout.splitlines()[-1])]


def _one_look(options: argparse.Namespace) -> int:
    from tests.screenshots.drawing import draw_windows

    look = next(one for one in registry.LOOKS if one.name == options.look)
    course = Course.model_validate_json(options.course.read_text(encoding="utf-8"))
    print(json.dumps([asdict(one) for one in draw_windows(options.out, course, look, options.only)]))
    return 0


def _phones(out: Path, only: str) -> list[Shown]:
    from tests.screenshots.drawing import draw_phones

    return draw_phones(out, only)


def _journey(out: Path) -> list[Shown]:
    """The unattended demonstration's own pictures."""
    folder = out / "journey"
    command = [sys.executable, "-m", "signing.cli", "demo", "--unattended", "--parties", "1", "--out", str(folder)]
    ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    trouble = "" if ran.returncode == 0 else ran.stdout[-600:]
    pictures = sorted((folder / "screens").glob("*.png"), key=lambda path: path.stat().st_mtime)
    shown = [Shown("journey", one.stem, one.stem, "", str(one.relative_to(out))) for one in pictures]
    return [*shown, *([Shown("journey", "journey", "没有走完", "", "", trouble)] if trouble else [])]


if __name__ == "__main__":
    sys.exit(main())
