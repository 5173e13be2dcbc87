"""``python -m media.process FOLDER NAME LINGER OPTIONS``: started by ``launch.start``, not by people."""

import logging
import sys

from media.process import launch
from media.process.places import Running
from media.process.server import Server

TAKEN = 3
"""Exit status where another process holds the place."""


def main(arguments: list[str]) -> int:
    """Returns when no window and no call needs it any more."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("media.process").setLevel(logging.INFO)  # libraries tell addresses of customers there
    try:
        Server(launch.parsed(arguments)).run()
    except Running:
        return TAKEN
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
