"""A progress bar that remembers what it was told."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Bars:
    """`with bars(label, length) as step:` notes label, length and the steps taken; `each` is called at every step."""

    each: Callable[[], None] = lambda: None
    told: list[tuple[str, int, int]] = field(default_factory=list)

    @contextmanager
    def __call__(self, label: str, length: int) -> Iterator[Callable[[int], None]]:
        steps: list[int] = []

        def step(n: int) -> None:
            steps.append(n)
            self.each()

        yield step
        self.told.append((label, length, sum(steps)))


SILENT = Bars()
