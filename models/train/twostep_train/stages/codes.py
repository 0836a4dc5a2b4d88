"""The codes of the training scenes, which teacher, decoder and student learn from."""

import math
from functools import lru_cache

import torch

from .. import shards
from ..feed import feed
from ..job import Job
from ..loop import OutOfTime
from ..scenes.colour import rgb
from ..scenes.draw import draw
from ..scenes.sample import lesson
from ..scenes.words import SHAPE_NAMES
from ..world.drawings import world
from .assets import Assets, apart
from .tokenizer import load_vq


def make_codes(job: Job) -> torch.Tensor:
    """Codes of the training scenes, int16 [scenes, length]; encoded once, in shards that may be made again at any time."""
    config, machine = job.config, job.machine
    each = min(config.teacher.shard, config.teacher.scenes)
    count = math.ceil(config.teacher.scenes / each)
    folder = job.run / "teacher" / "codes"
    facts = {"seed": config.seed, "size": config.size}
    todo = [n for n in shards.missing(folder, count) if n % machine.world == machine.rank]
    vq = load_vq(job).to(memory_format=machine.image_format) if todo else None
    assets = Assets(vq, machine, lambda shape: shape not in SHAPE_NAMES and world()[shape].coloured, rgb) if todo and world().drawings else None
    for done, number in enumerate(todo):
        if assets is not None:
            shards.write(folder, number, {"codes": composed(config, assets, range(number * each, (number + 1) * each))}, **facts, first=number * each)
            machine.tell(f"codes: shard {done + 1} of {len(todo)}, {len(assets.things)} things encoded so far")
            if job.clock.left() < 30:
                raise OutOfTime
            continue
        # On a CPU the feature maps of a few pictures fit into its cache, those of many do not.
        found, batch = [], 512 if machine.device.type == "cuda" else 4

        def rows_of(part: int, number=number, batch=batch) -> dict:
            first, end = number * each + part * batch, (number + 1) * each
            return {"rows": torch.tensor([lesson(config.seed, i).row() for i in range(first, min(first + batch, end))])}

        for part in feed(rows_of, 0, math.ceil(each / batch), config.workers, machine.device):
            with torch.no_grad(), machine.autocast():
                image = draw(part["rows"], config.size).contiguous(memory_format=machine.image_format)
                found.append(vq.encode(image).to(torch.int16).cpu())
        shards.write(folder, number, {"codes": torch.cat(found)}, **facts, first=number * each)
        machine.tell(f"codes: shard {done + 1} of {len(todo)}")
        if job.clock.left() < 30:
            raise OutOfTime
    machine.wait()
    return torch.cat([shards.read(folder, n, **facts)["codes"] for n in range(count)])[: config.teacher.scenes]


def composed(config, assets: Assets, indices: range) -> torch.Tensor:
    """Codes [scenes, length] of scenes made of drawings: put together from those of their things where these lie apart, encoded whole elsewhere."""
    scenes = [lesson(config.seed, index) for index in indices]
    assets.prepare(scenes)
    made = [assets.codes(scene) if apart(scene) else None for scene in scenes]
    rows: dict[tuple, list[int]] = {}
    for place, scene in enumerate(scenes):
        if made[place] is None:
            rows.setdefault(tuple(scene.row()), []).append(place)
    distinct = list(rows)
    for first in range(0, len(distinct), 4):
        part = distinct[first : first + 4]
        for row, codes in zip(part, assets.encoded([list(one) for one in part], config.grid), strict=True):
            for place in rows[row]:
                made[place] = codes.flatten()
    return torch.stack(made)


def codes_in_use(job: Job) -> tuple[float, int] | None:
    """The share of the book that the scenes at hand are written with, and how many scenes those are; None where none were encoded."""
    shards_here = sorted((job.run / "teacher" / "codes").glob("shard-*.safetensors"))
    if not shards_here:
        return None
    used, scenes = torch.zeros(job.config.vq.vocabulary, dtype=torch.bool), 0
    for path in shards_here:
        codes = shards.read(path.parent, int(path.stem.split("-")[1]))["codes"]
        used[codes.flatten().long()] = True
        scenes += len(codes)
    return float(used.float().mean()), scenes


@lru_cache(maxsize=4)
def order(seed: int, epoch: int, count: int) -> torch.Tensor:
    """The places 0..count-1 as epoch number `epoch` visits them."""
    return torch.randperm(count, generator=torch.Generator().manual_seed(seed * 7919 + epoch))
