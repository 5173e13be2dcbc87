"""Strokes of the demonstration's names, so that what is signed looks like a signature."""

Point = tuple[float, float]
Stroke = tuple[Point, ...]

# Each character in a unit square, stroke by stroke in the order of writing.
_CHARACTERS: dict[str, tuple[Stroke, ...]] = {
    "王": (
        ((0.2, 0.2), (0.5, 0.18), (0.8, 0.2)),
        ((0.25, 0.5), (0.5, 0.48), (0.75, 0.49)),
        ((0.5, 0.2), (0.49, 0.5), (0.5, 0.8)),
        ((0.1, 0.82), (0.5, 0.79), (0.9, 0.8)),
    ),
    "秀": (
        ((0.64, 0.05), (0.5, 0.11), (0.32, 0.16)),
        ((0.14, 0.28), (0.5, 0.26), (0.86, 0.27)),
        ((0.5, 0.12), (0.5, 0.3), (0.5, 0.52)),
        ((0.48, 0.3), (0.36, 0.41), (0.16, 0.5)),
        ((0.52, 0.3), (0.66, 0.41), (0.86, 0.49)),
        ((0.28, 0.6), (0.5, 0.59), (0.68, 0.6), (0.62, 0.74), (0.8, 0.74), (0.76, 0.92), (0.63, 0.87)),
        ((0.43, 0.6), (0.38, 0.78), (0.17, 0.95)),
    ),
    "兰": (
        ((0.32, 0.1), (0.37, 0.16), (0.42, 0.24)),
        ((0.68, 0.08), (0.63, 0.16), (0.56, 0.24)),
        ((0.25, 0.36), (0.5, 0.34), (0.76, 0.35)),
        ((0.3, 0.6), (0.5, 0.58), (0.7, 0.59)),
        ((0.1, 0.88), (0.5, 0.85), (0.9, 0.86)),
    ),
}
_UNKNOWN: tuple[Stroke, ...] = (((0.15, 0.2), (0.85, 0.25), (0.3, 0.6), (0.85, 0.85)),)


def write(name: str, width: float, height: float) -> list[list[Point]]:
    """The strokes of ``name`` laid out in a pad of ``width`` × ``height`` pixels."""
    side = min(width * 0.9 / max(len(name), 1), height * 0.7)
    left = (width - side * len(name)) / 2
    top = (height - side) / 2
    strokes = []
    for index, character in enumerate(name):
        for stroke in _CHARACTERS.get(character, _UNKNOWN):
            strokes.append([(left + (index + 0.06 + x * 0.88) * side, top + y * side) for x, y in stroke])
    return strokes
