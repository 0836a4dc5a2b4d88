"""A scene: what is there, apart from how it is said (captions.py) and how it is drawn (draw.py)."""

from dataclasses import dataclass, field

from ..world.drawings import world
from . import row as R
from .colour import rgb
from .words import (
    COLOUR_NAMES,
    DIRECTIONS,
    GROUNDS,
    LIGHTS,
    POSITION_NAMES,
    RELATIONS,
    SHAPE_NAMES,
    SIZE_NAMES,
)

TOKEN = 1 / 16
"""Side of a token: places and radii are whole ones of 16 pixels."""


@dataclass
class Thing:
    shape: str
    colour: str
    x: float
    y: float
    radius: float
    angle: float = 0.0
    coloured: bool = True  # whether the caption names its colour


@dataclass
class Scene:
    ground: str
    colours: list[str] = field(default_factory=list)  # names that the ground shows, the most important first
    fills: list[tuple] = field(default_factory=list)  # up to five rgb triples for draw.py
    knobs: list[float] = field(default_factory=list)
    light: str | None = None
    direction: str = "none"
    things: list[Thing] = field(default_factory=list)  # left to right, top to bottom, outside to inside
    relation: str = "none"
    size: str | None = None  # of a single thing
    position: str | None = None
    style: int = 0  # decides what is not told (compose.py)
    told: set[str] = field(default_factory=set)  # what the caption has to say; whatever else it says follows from the rest

    def row(self) -> list[float]:
        values = [0.0] * R.LENGTH
        values[R.GROUND] = GROUNDS.index(self.ground)
        fills = (self.fills + [self.fills[-1]] * 5)[:5]
        values[R.COLOURS] = [channel for fill in fills for channel in fill]
        values[R.KNOBS] = (self.knobs + [0.0] * 12)[:12]
        values[R.LIGHT] = LIGHTS.index(self.light) if self.light else 0
        values[R.COUNT] = len(self.things)
        for i, thing in enumerate(self.things):
            first = R.OBJECTS.start + i * R.OBJECT
            head = [world().number(thing.shape), thing.x, thing.y, thing.radius, thing.angle]
            values[first : first + R.OBJECT] = head + list(rgb(thing.colour))
        return values

    def labels(self) -> dict[str, int]:
        """Everything that is true of the picture, for the attribute checker. 0 is "none" except for ground and count."""
        values = {
            "ground": GROUNDS.index(self.ground),
            "light": LIGHTS.index(self.light) + 1 if self.light else 0,
            "direction": DIRECTIONS.index(self.direction),
            "relation": RELATIONS.index(self.relation),
            "count": min(3, len(self.things)),
            "size": SIZE_NAMES.index(self.size) + 1 if self.size else 0,
            "position": POSITION_NAMES.index(self.position) + 1 if self.position else 0,
        }
        for i in range(3):
            thing = self.things[i] if i < len(self.things) else None
            values[f"shape{i}"] = SHAPE_NAMES.index(thing.shape) + 1 if thing and thing.shape in SHAPE_NAMES else 0
            values[f"colour{i}"] = COLOUR_NAMES.index(thing.colour) + 1 if thing else 0
        for i, name in enumerate(COLOUR_NAMES):
            values[f"has {name}"] = int(name in self.colours)
        return values

    def held_out(self) -> bool:
        """Whether the scene shows a pair that is never trained on: colour with shape, colour with pattern."""
        pairs = [(COLOUR_NAMES.index(t.colour), SHAPE_NAMES.index(t.shape)) for t in self.things if t.shape in SHAPE_NAMES]
        if 1 <= GROUNDS.index(self.ground) <= 11:
            pairs += [(COLOUR_NAMES.index(c), 40 + GROUNDS.index(self.ground)) for c in self.colours]
        return any((a * 5 + b * 3 + 4) % 22 == 11 for a, b in pairs)


HEADS = {
    "ground": len(GROUNDS), "light": 4, "direction": len(DIRECTIONS), "relation": len(RELATIONS), "count": 4,
    "size": 4, "position": 10, **{f"shape{i}": len(SHAPE_NAMES) + 1 for i in range(3)},
    **{f"colour{i}": len(COLOUR_NAMES) + 1 for i in range(3)}, **{f"has {name}": 2 for name in COLOUR_NAMES},
}  # fmt: skip
