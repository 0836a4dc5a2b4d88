"""Codes of scenes that are put together from the codes of their things, each encoded by itself.

An encoder's norms and attention let the whole picture into every latent, so the same drawing would get other codes in every picture, and a network would have to
remember all of them. Encoded alone, on its ground, with a token of room around it, a drawing of one size has one set of codes wherever it lies.
"""

from functools import lru_cache

import torch

from ..scenes.draw import draw
from ..scenes.language import GRID, box
from ..scenes.scene import Scene, Thing
from ..vq import Vq

LEAST_CANVAS = 8
"""Tokens; what the tokenizer's crops show."""
BATCH = 8


def apart(scene: Scene) -> bool:
    """Whether a scene is things beside each other on a ground of one colour."""
    if scene.ground != "plain":
        return False
    boxes = [box(thing) for thing in scene.things]
    return all(abs(a[0] - b[0]) >= min(a[2], b[2]) or abs(a[1] - b[1]) >= min(a[2], b[2]) for i, a in enumerate(boxes) for b in boxes[:i])


def key_of(thing: Thing, ground: str, coloured: bool) -> tuple:
    return (thing.shape, "" if coloured else thing.colour, box(thing)[2], ground)


def standard(key: tuple) -> tuple:
    """The key of the same thing on the ground whose codes it keeps wherever the ground does not show."""
    shape, colour, side, _ = key
    return (shape, colour, side, "white" if colour not in ("white", "beige") else "navy")


def alone(key: tuple, rgb) -> tuple[Scene, int, int]:
    """The scene of one thing in the middle of a canvas, the canvas's side and where the thing's box begins, in tokens."""
    shape, colour, side, ground = key
    canvas = max(LEAST_CANVAS, side + 2)
    first = (canvas - side) // 2
    middle = (first + side / 2) / canvas
    thing = Thing(shape, colour or "black", middle, middle, side / 2 / canvas)
    return Scene("plain", [ground], [rgb(ground)], things=[thing]), canvas, first


class Assets:
    """Codes of things by key, [side, side] each, and of grounds; what is missing is encoded when it is asked for."""

    def __init__(self, vq: Vq, machine, coloured, rgb):
        """coloured: whether a shape has colours of its own. rgb: of a colour's name."""
        self.vq, self.machine, self.coloured, self.rgb = vq, machine, coloured, rgb
        self.things: dict[tuple, torch.Tensor] = {}
        self.grounds: dict[str, int] = {}

    @torch.no_grad()
    def encoded(self, rows: list, side: int) -> torch.Tensor:
        with self.machine.autocast():
            image = draw(torch.tensor(rows).to(self.machine.device), side * 16).contiguous(memory_format=self.machine.image_format)
            return self.vq.encode(image).reshape(len(rows), side, side).to(torch.int16).cpu()

    def prepare(self, scenes: list[Scene]) -> int:
        """Encodes what these scenes need and is not there yet; returns how many things that were."""
        missing, grounds = {}, {}
        for scene in filter(apart, scenes):
            grounds.setdefault(scene.colours[0])
            for thing in scene.things:
                key = key_of(thing, scene.colours[0], self.coloured(thing.shape))
                if key not in self.things:
                    if standard(key) not in self.things:
                        missing.setdefault(standard(key))
                    missing.setdefault(key)
        for name in grounds.keys() - self.grounds.keys():
            found = self.encoded([Scene("plain", [name], [self.rgb(name)]).row()], LEAST_CANVAS)
            self.grounds[name] = int(found.flatten().mode().values)
        by_canvas: dict[int, list] = {}
        for key in missing:
            scene, canvas, first = alone(key, self.rgb)
            by_canvas.setdefault(canvas, []).append((key, scene.row(), first))
        for canvas, some in by_canvas.items():
            for at in range(0, len(some), BATCH):
                part = some[at : at + BATCH]
                codes = self.encoded([row for _, row, _ in part], canvas)
                for (key, _, first), one in zip(part, codes, strict=True):
                    self.things[key] = one[first : first + key[2], first : first + key[2]].clone()
        for key in missing:
            if key != (first := standard(key)):
                self.things[key] = torch.where(self.covered(key), self.things[first], self.things[key])
        return len(missing)

    @lru_cache(maxsize=1 << 16)
    def _covered(self, shape: str, colour: str, side: int) -> torch.Tensor:
        """bool [side, side]: tokens of which the ground shows nothing, so that their codes need not depend on it."""
        found = [alone((shape, colour, side, ground), self.rgb) for ground in ("white", "black")]
        (one, canvas, first), (other, _, _) = found
        pictures = draw(torch.tensor([one.row(), other.row()]), canvas * 16)
        same = (pictures[0] - pictures[1]).abs().amax(0).unflatten(0, (canvas, 16)).unflatten(2, (canvas, 16)).amax((1, 3)) < 1e-3
        return same[first : first + side, first : first + side]

    def covered(self, key: tuple) -> torch.Tensor:
        return self._covered(*key[:3])

    def codes(self, scene: Scene) -> torch.Tensor:
        """int16 [GRID * GRID] of a scene whose things lie apart."""
        made = torch.full((GRID, GRID), self.grounds[scene.colours[0]], dtype=torch.int16)
        for thing in scene.things:
            left, top, side = box(thing)
            made[top : top + side, left : left + side] = self.things[key_of(thing, scene.colours[0], self.coloured(thing.shape))]
        return made.flatten()
