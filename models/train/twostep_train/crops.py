"""What the stages that train a tokenizer look at: crops around edges first, whole pictures at the end."""

from collections.abc import Callable

import torch

from .config import Optimizer
from .draws import Draws
from .job import Job
from .scenes.scene import Scene


def crop_window(draws: Draws, scene, crop: int, size: int, token: int) -> list[float]:
    """A square around the edge of something, or anywhere; whole tokens from the corner, as scenes are (compose.py)."""
    free = size - crop
    left, top = draws.below(free + 1), draws.below(free + 1)
    if scene.things:
        thing = draws.choice(scene.things)
        left = round((thing.x + draws.between(-1, 1) * thing.radius) * size - crop / 2)
        top = round((thing.y + draws.between(-1, 1) * thing.radius) * size - crop / 2)
    left, top = (min(max(round(x / token) * token, 0), free) for x in (left, top))
    return [left / size, top / size, crop / size]


def batch_maker(job: Job, optimizer: Optimizer, scene_of: Callable[[int], Scene], seed: int):
    """The function that makes the batch of a step: crops around edges, then whole pictures. seed: of the crops."""
    config, settings = job.config, job.config.vq
    whole_from = int((1 - settings.whole_share) * optimizer.steps)

    def make(step: int) -> dict:
        whole = step >= whole_from or settings.crop >= config.size
        count = settings.whole_batch if step >= whole_from else optimizer.batch
        part = job.machine.part(count)
        rows, windows = [], []
        for index in range(step * 1024 + part.start, step * 1024 + part.stop):
            scene = scene_of(index)
            rows.append(scene.row())
            windows.append([0.0, 0.0, 1.0] if whole else crop_window(Draws(seed, index), scene, settings.crop, config.size, config.size // config.grid))
        return {"rows": torch.tensor(rows), "windows": torch.tensor(windows), "size": config.size if whole else settings.crop}

    return make
