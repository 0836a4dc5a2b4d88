"""Which of a world's drawings the finished student draws so that they are recognised, and a sheet of all of them.

Each drawing is asked for alone, large and in pairs, on a ground that it stands out from, and drawn in the student's steps. It counts as recognised if no true render of
another drawing of its kind, at the same place and on the same ground, is nearer to what was drawn. The vocabulary of a pack (world/concepts.py) names only those.
"""

import json

import torch
import torch.nn.functional as F

from ..job import Job
from ..pieces import write_text
from ..scenes.colour import CONTRAST, rgb
from ..scenes.draw import draw
from ..scenes.drawn import GRID, INK, PAPER, places, thing
from ..scenes.language import spoken
from ..scenes.scene import Scene, Thing
from ..scenes.words import SHAPE_NAMES
from ..source import load_source
from ..world.concepts import faint_on
from ..world.drawings import world
from .student import load_student

SHOWN = 48
"""Pixels at which a drawing is compared, blurred."""
BATCH = 16
GROUNDS = ("white", "navy", "mint", "yellow")
COLOUR = "blue"
"""Of shapes, which can have any."""


def run(job: Job) -> None:
    if not world().drawings or not job.machine.main or (job.run / "concepts" / "results.json").exists():
        return
    job.machine.tell(f"concepts: {len(world().drawings)} drawings")
    results = {}
    for kind, names in {"thing": world().things, "icon": world().icons, "shape": list(SHAPE_NAMES)}.items():
        if names:
            large, pictures = recognised(job, kind, names, lambda name: [thing(name, colour_for(name), 2, 2, 12)])
            # Beside something else an icon is the same drawing: it is laid over the rest.
            pairs = large if kind == "icon" else recognised(job, kind, names, lambda name, names=names: pair(name, names))[0]
            results[kind] = {"alone": share(large), "in pairs": share(pairs), "names": {name: [bool(large[name]), bool(pairs[name])] for name in names}}
            sheet(job, kind, pictures)
            job.machine.tell(f"concepts: {kind}s recognised alone {share(large):.3f}, in pairs {share(pairs):.3f}")
    write_text(job.run / "concepts" / "results.json", json.dumps(results, indent=1) + "\n")


def share(found: dict[str, bool]) -> float:
    return sum(found.values()) / len(found)


def pair(name: str, names: list[str]) -> list[Thing]:
    """The drawing and one far from it in the list: they were hardly ever practised together."""
    other = names[(names.index(name) + len(names) // 2 + 1) % len(names)]
    return [thing(one, colour_for(one), *place, 6) for one, place in zip((name, other), places(6, 2, "row"), strict=True)]


def is_icon(name: str) -> bool:
    return name not in SHAPE_NAMES and world()[name].kind == "icon"


def colour_for(name: str) -> str:
    return INK if is_icon(name) else COLOUR


def ground_for(name: str) -> str:
    """A ground that does not hide it; icons are drawn on paper."""
    if is_icon(name):
        return PAPER
    hidden = set() if name in SHAPE_NAMES or not world()[name].coloured else set(faint_on(world(), world()[name]))
    fitting = [ground for ground in GROUNDS if ground not in hidden and (name not in SHAPE_NAMES or ground in CONTRAST[COLOUR])]
    return (fitting or list(GROUNDS))[0]


@torch.no_grad()
def recognised(job: Job, kind: str, names: list[str], things_of) -> tuple[dict[str, bool], torch.Tensor]:
    """Whether the first thing of each scene is the nearest of all that it could be; and the pictures [N, 3, size, size]."""
    config, source = job.config, load_source(job)
    student, device = load_student(job, source), job.machine.device
    scenes = []
    for name in names:
        ground = ground_for(name)
        scenes.append(Scene("plain", [ground], [rgb(ground)], things=things_of(name)))
    noise = torch.stack([source.noise(i, 43) for i in range(len(names))])
    found, pictures, truths = {}, [], {}
    for first in range(0, len(scenes), BATCH):
        part = scenes[first : first + BATCH]
        batch = {k: v.to(device) for k, v in source.tokens([spoken(scene) for scene in part]).items()}
        states, valid = source.condition(batch)
        codes = student.draw(states, valid, noise[first : first + len(part)].to(device), source.book, config.student.times, layout=batch.get("layout"))
        images = source.vq.decode_codes(codes, config.grid).clamp(-1, 1)
        pictures.append(images.cpu())
        for scene, image, name in zip(part, images, names[first : first + len(part)], strict=True):
            ground, one = scene.colours[0], scene.things[0]
            if ground not in truths:
                truths[ground] = torch.cat([of_box(draw(torch.tensor([Scene("plain", [ground], [rgb(ground)], things=[_as(one, other)]).row()]), config.size), one) for other in names])
            away = (truths[ground] - of_box(image[None].cpu(), one)).abs().flatten(1).mean(1)
            found[name] = int(away.argmin()) == names.index(name)
    return found, torch.cat(pictures)


def _as(one: Thing, name: str) -> Thing:
    return Thing(name, one.colour, one.x, one.y, one.radius)


def of_box(images: torch.Tensor, one: Thing) -> torch.Tensor:
    """[B, 3, size, size] -> the box of a thing, small and blurred [B, 3, SHOWN, SHOWN]."""
    size = images.shape[-1]
    left, top, side = (round(value * GRID) * size // GRID for value in (one.x - one.radius, one.y - one.radius, 2 * one.radius))
    box = F.interpolate(images[:, :, top : top + side, left : left + side], SHOWN, mode="bilinear", antialias=True, align_corners=False)
    return F.avg_pool2d(F.pad(box, (1, 1, 1, 1), mode="replicate"), 3, 1)


def sheet(job: Job, kind: str, pictures: torch.Tensor, side: int = 72) -> None:
    """Everything that it draws of a kind, in the order of the world's index."""
    from PIL import Image

    small = F.interpolate(pictures, side, mode="bilinear", antialias=True, align_corners=False).clamp(-1, 1)
    columns = 28
    rows = -(-len(small) // columns)
    page = Image.new("RGB", (columns * side, rows * side), "white")
    for index, one in enumerate(small):
        values = ((one.permute(1, 2, 0) + 1) * 127.5).round().byte().numpy()
        page.paste(Image.fromarray(values), (index % columns * side, index // columns * side))
    path = job.run / "concepts" / f"{kind}s.webp"
    path.parent.mkdir(exist_ok=True)
    page.save(path, quality=82, method=6)
