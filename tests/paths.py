"""Reading drawing operators of a content stream: where their points come to lie."""

import re

Matrix = tuple[float, float, float, float, float, float]
IDENTITY: Matrix = (1, 0, 0, 1, 0, 0)


def spots(operators: str) -> list[tuple[float, float]]:
    """Every point of every path, control points too, on the page: each ``cm`` is applied until its ``Q``."""
    assert not re.search(r"nan|inf|e[-+]\d", operators)
    found: list[tuple[float, float]] = []
    stack, matrix = [], IDENTITY
    numbers: list[float] = []
    for token in operators.split():
        if re.fullmatch(r"-?[\d.]+", token):
            numbers.append(float(token))
            continue
        if token == "q":
            stack.append(matrix)
        elif token == "Q":
            matrix = stack.pop()
        elif token == "cm":
            matrix = (numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5])
            assert stack[-1] == IDENTITY, "one within another is not drawn here"
        elif token in ("m", "l", "c", "v"):
            found += [_at(matrix, numbers[i], numbers[i + 1]) for i in range(0, len(numbers), 2)]
        numbers = []
    return found


def _at(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f
