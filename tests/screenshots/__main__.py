"""``python -m tests.screenshots``: draws all scenes, or some of them, and writes the index page."""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from dataclasses import asdict
from pathlib import Path

from PIL import Image

from tests.screenshots import gallery, registry, workers
from tests.screenshots.course import Course
from tests.screenshots.gallery import Shown
from tests.screenshots.journey import title_of

JOBS = max(1, min(4, os.cpu_count() or 1))


def main() -> int:
    """0 where every scene could be drawn, 1 where one failed, 2 where nothing has the name that was asked for."""
    options = _parser().parse_args()
    if options.look and options.names:
        return _worker(options)
    if options.list:
        return _list(options.only)
    if options.only and not registry.scenes(options.only) and gallery.JOURNEY not in options.only:
        print(f"no room and no scene is named {' or '.join(options.only)}; --list names them", file=sys.stderr)
        return 2
    looks = sorted({look.name for look in registry.LOOKS})
    if options.look and options.look not in looks:
        print(f"no look is named {options.look}; there are {', '.join(looks)}", file=sys.stderr)
        return 2
    began = time.monotonic()
    out: Path = options.out.resolve()
    shown = _draw(options, out)
    page = gallery.write(out, _with_earlier(out, shown))
    failed = [one for one in shown if one.trouble]
    print(f"{len(shown) - len(failed)} pictures in {time.monotonic() - began:.0f} s, {len(failed)} failed: {page}")
    _tell_failed(failed)
    return 1 if failed else 0


def _tell_failed(failed: list[Shown]) -> None:
    """What went wrong once, under all that it went wrong for."""
    for trouble in dict.fromkeys(one.trouble for one in failed):
        names = ", ".join(f"{one.room}/{one.name}-{one.look}" for one in failed if one.trouble == trouble)
        print(f"✗ {names}\n{trouble.strip()}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.screenshots")
    parser.add_argument("--out", type=Path, default=Path("build/screenshots"))
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="rooms, or names of scenes; see --list")
    parser.add_argument("--look", default="", help="only this look, such as dark, 320, 200")
    parser.add_argument("--list", action="store_true", help="the scenes by room and chapter, and nothing drawn")
    parser.add_argument("--quick", action="store_true", help="without the journey of a real case")
    parser.add_argument("--jobs", type=int, default=JOBS, help="processes at once (%(default)s)")
    parser.add_argument("--course", type=Path, help="keeps what the service showed, for the next time")
    parser.add_argument("--names", default="", help=argparse.SUPPRESS)
    return parser


def _list(only: list[str]) -> int:
    for scene in registry.scenes(only):
        print(f"{scene.room:13} {scene.chapter:12} {scene.name:24} {scene.title}")
    return 0


def _worker(options: argparse.Namespace) -> int:
    """One look's scenes in this process; a line of JSON for each."""
    from tests.screenshots.drawing import draw

    look = next(one for one in registry.LOOKS if f"{one.kind}:{one.name}" == options.look)
    kept: Path = options.course
    course = Course.model_validate_json(kept.read_text(encoding="utf-8")) if kept.exists() else Course()
    for one in draw(options.out, look, options.names.split(","), course):
        print(json.dumps(asdict(one)), flush=True)
    return 0


def _draw(options: argparse.Namespace, out: Path) -> list[Shown]:
    if not options.only and not options.look:
        shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="screenshots-") as folder:
        file = options.course or Path(folder) / "course.json"
        wanted = workers.tasks(out, file, options.only, [options.look] if options.look else [])
        trouble = _run_course(file, Path(folder), wanted)
        if trouble:
            wanted = [task for task in wanted if task.look.kind == "phone"]
        shown = workers.again(wanted, workers.run(wanted, options.jobs, _tell), _tell)
        if trouble:
            shown += _without_course(trouble, workers.tasks(out, file, options.only, []))
    if gallery.JOURNEY in options.only or not (options.only or options.look or options.quick):
        shown += _journey(out)
    return shown


def _run_course(file: Path, folder: Path, wanted: list[workers.Task]) -> str:
    """What the real service shows, kept in ``file``; → why there is nothing. Phones do without."""
    if file.exists() or all(task.look.kind == "phone" for task in wanted):
        return ""
    from tests.screenshots.course import run

    try:
        file.write_text(run(folder / "data").model_dump_json(), encoding="utf-8")
    except Exception:
        return traceback.format_exc(limit=-3)
    return ""


def _without_course(trouble: str, tasks: list[workers.Task]) -> list[Shown]:
    needing = [task for task in tasks if task.look.kind != "phone"]
    return [Shown.failed(scene, task.look, trouble) for task in needing for scene in task.scenes]


def _tell(one: Shown) -> None:
    print(f"{'✗' if one.trouble else '✓'} {one.room}/{one.name}-{one.look}  {one.seconds:.1f} s", flush=True)


def _with_earlier(out: Path, shown: list[Shown]) -> list[Shown]:
    """Together with the pictures that this run did not draw."""
    new = {(one.room, one.name, one.look) for one in shown}
    rooms = {one.room for one in shown if one.room == gallery.JOURNEY}
    earlier = [one for one in gallery.kept(out) if one.room not in rooms]
    return [*[one for one in earlier if (one.room, one.name, one.look) not in new], *shown]


def _journey(out: Path) -> list[Shown]:
    """The unattended demonstration's own pictures."""
    folder = out / gallery.JOURNEY
    shutil.rmtree(folder, ignore_errors=True)
    command = [sys.executable, "-m", "signing.cli", "demo", "--unattended", "--parties", "1", "--out", str(folder)]
    began = time.monotonic()
    ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    shown = []
    for file in sorted((folder / "screens").glob("*.png"), key=lambda path: path.stat().st_mtime):
        with Image.open(file) as picture:
            shown.append(
                Shown(
                    gallery.JOURNEY,
                    "",
                    file.stem,
                    title_of(file.stem),
                    "",
                    "",
                    str(file.relative_to(out)),
                    *picture.size,
                )
            )
    if ran.returncode or not shown:
        took = time.monotonic() - began
        trouble = ran.stdout[-1200:] or "no pictures"
        shown.append(Shown(gallery.JOURNEY, "", "whole", "没有走完", "", "", seconds=took, trouble=trouble))
    return shown


if __name__ == "__main__":
    sys.exit(main())
