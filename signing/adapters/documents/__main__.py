"""Prepares the fonts of the paper: ``python -m signing.adapters.documents``."""

import sys

from signing.adapters.documents.fonts import main

if __name__ == "__main__":
    sys.exit(main())
