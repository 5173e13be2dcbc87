"""What media.vision raises on purpose.

::

    VisionError
    ├── NotAPicture      the bytes are no picture this package opens, or one too large to open safely
    └── ModelMissing     a model file is not where its wheel puts it: the installation is broken
"""


class VisionError(Exception):
    """Base of all; never raised itself."""


class NotAPicture(VisionError):
    """Raised for bytes that do not decode. The message is Chinese and says what to send instead."""


class ModelMissing(VisionError):
    """Raised at loading. The message names the file and the package it belongs to."""
