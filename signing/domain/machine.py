"""State machines as data: one ``(state, event type) -> state`` table each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from signing.domain.errors import IllegalEvent

S = TypeVar("S", bound=StrEnum)
E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True)
class Machine(Generic[S, E]):
    """A named table. ``titles`` are the states in Chinese, for messages and diagrams."""

    name: str
    initial: S
    table: Mapping[tuple[S, E], S]
    titles: Mapping[S, str]

    def next(self, state: S, event: E) -> S:
        """The state after ``event``; raises ``IllegalEvent`` and changes nothing where there is none."""
        try:
            return self.table[state, event]
        except KeyError:
            message = f"当前状态为“{self.titles[state]}”，不能进行此操作"
            raise IllegalEvent(message, "请刷新后按页面提示的步骤继续") from None

    def allows(self, state: S, event: E) -> bool:
        return (state, event) in self.table

    def diagram(self) -> str:
        """The table as a Mermaid state diagram."""
        return "\n".join(self._diagram_lines())

    def _diagram_lines(self) -> Iterator[str]:
        yield "stateDiagram-v2"
        yield f"    [*] --> {self.initial}"
        for (state, event), after in self.table.items():
            yield f"    {state} --> {after}: {event}"
