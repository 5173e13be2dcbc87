"""Stills from what was received."""

import io

from PIL import Image

from media.pictures import to_rgb
from media.ports import Picture

QUALITY = 92


def jpeg(picture: Picture) -> bytes:
    """The picture at its full size as JPEG, quality 92, without metadata."""
    out = io.BytesIO()
    Image.fromarray(to_rgb(picture)).save(out, "JPEG", quality=QUALITY)
    return out.getvalue()
