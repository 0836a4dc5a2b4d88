"""Which image rows of a picture a training step looks at.

Most of a flat picture is ground, and a row that is told its place and the caption does not need all the others. So most steps
run a quarter of the rows, mainly where something stands, at a quarter of the cost. The choice follows from the scene alone,
never from the codes, so that what a row learns to predict is not biased; the last steps see every row, as a picture is drawn.
"""

import torch

from .draws import Draws
from .scenes.scene import Scene

ON_THINGS = 0.7
"""Share of the rows that are taken from around the things of a scene, where there are any."""


def choose(scene: Scene, count: int, grid: int, draws: Draws) -> list[int]:
    """Positions of `count` image rows, rising. Row 0 is always among them, the last position never: nothing comes after it."""
    last = grid * grid - 1
    near = set()
    for thing in scene.things:
        reach = thing.radius * grid + 1
        for row in range(max(0, int(thing.y * grid - reach)), min(grid, int(thing.y * grid + reach + 0.999))):
            for column in range(max(0, int(thing.x * grid - reach)), min(grid, int(thing.x * grid + reach + 0.999))):
                # The row before a position predicts its code.
                if 0 < (position := row * grid + column) <= last:
                    near.add(position - 1)
    near.discard(0)
    chosen = {0, *draws.shuffled(sorted(near))[: int(ON_THINGS * count)]}
    rest = [position for position in range(last) if position not in chosen]
    return sorted([*chosen, *draws.shuffled(rest)[: count - len(chosen)]])


def batch_of(settings, step: int) -> tuple[int, bool]:
    """Pictures of a step and whether it runs all rows; settings is a Teacher or Student of config.py."""
    whole = not settings.rows or step >= int((1 - settings.whole_share) * settings.optimizer.steps)
    return (settings.whole_batch if settings.rows and whole else settings.optimizer.batch), whole


def first_place(settings, step: int) -> int:
    """How many pictures the steps before this one have seen."""
    if not settings.rows:
        return step * settings.optimizer.batch
    turn = int((1 - settings.whole_share) * settings.optimizer.steps)
    return min(step, turn) * settings.optimizer.batch + max(0, step - turn) * settings.whole_batch


def targets(codes: torch.Tensor, rows: torch.Tensor | None) -> torch.Tensor:
    """The codes that the logits are about: all [B, S], or code 0 and the one after each of rows [B, R]."""
    return codes if rows is None else torch.cat([codes[:, :1], codes.gather(1, rows + 1)], 1)
