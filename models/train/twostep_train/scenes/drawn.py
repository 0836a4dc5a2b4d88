"""Drawings on a ground: one, two, three different ones, or one of them two to five times. Boxes are whole tokens and lie anywhere on the grid of tokens.

Icons stand alone, large and in ink on paper: a program gives them their colour and their size and lays them over whatever is behind them (models/run/ink.ts). A thin
line has other codes in every colour, size and on every ground, and a network that had to know them all knew none of them well (LOG.md).
"""

from ..draws import Draws
from ..world.drawings import world
from .colour import CONTRAST, rgb
from .scene import TOKEN, Scene, Thing
from .shapes import SOLID
from .surfaces import gradient_of
from .words import COLOUR_NAMES, SHAPE_NAMES

GRID = 16
SIZES = {"small": 4, "medium": 6, "large": 12}
"""Sides of a box, in tokens."""

ROOMY = ("circle", "square", "hexagon")
CORNERS = (0.1, 0.38)
"""Rounding of an app icon's tile, by variant."""

GROUND_SHARES = {"white": 4, "beige": 2, "light blue": 2, "mint": 2, "lavender": 2, "pink": 1.5, "yellow": 1.5, "navy": 1.5, "teal": 1}
OTHERS = 0.4
"""How often a colour is behind drawings: those by name, and any other."""

INK, PAPER = "black", "white"
"""The colours in which icons are drawn before they get their own."""


def pick(d: Draws) -> tuple[str, str]:
    """A shape or a thing and its colour; the colour of a drawing that has its own says nothing."""
    things = world().often["thing"] or SHAPE_NAMES
    return d.choice(things if d.chance(0.86) else SHAPE_NAMES), d.choice(COLOUR_NAMES)


def free(name: str) -> bool:
    """Whether it can have any colour."""
    return name in SHAPE_NAMES or not world()[name].coloured


def ground(d: Draws, things: list[Thing]) -> Scene:
    colours = {t.colour for t in things if free(t.shape)}
    fitting = {c: GROUND_SHARES.get(c, OTHERS) for c in COLOUR_NAMES if all(c in CONTRAST[o] for o in colours)}
    first = d.weighted(fitting or {c: 1.0 for c in COLOUR_NAMES if c not in colours})
    if d.chance(0.06):
        second = d.weighted({c: w for c, w in fitting.items() if c != first} or {"white": 1.0})
        if second != first:
            scene = gradient_of(d, 0, [first, second])
            scene.things = things
            return scene
    return Scene("plain", [first], [rgb(first)], things=things, told={"ground"})


def thing(name: str, colour: str, left: int, top: int, side: int) -> Thing:
    half = side / 2
    return Thing(name, colour, (left + half) * TOKEN, (top + half) * TOKEN, half * TOKEN)


def places(side: int, count: int, way: str) -> list[tuple[int, int]]:
    """Left and upper edges of `count` boxes: in a row, a column, or in rows of two and three."""
    rows = {"row": [count], "column": [1] * count, "rows": {4: [2, 2], 5: [3, 2], 3: [2, 1], 2: [1, 1]}[count] if way == "rows" else []}[way]
    found = []
    for i, number in enumerate(rows):
        top = spread(i, len(rows), side)
        found += [(spread(j, number, side), top) for j in range(number)]
    return found


def spread(index: int, count: int, side: int) -> int:
    """The edge of box `index` of `count` that share the canvas evenly."""
    return round((GRID - count * side) / (count + 1) * (index + 1) - 1e-6) + index * side


def single(d: Draws) -> list[Thing]:
    name, colour = pick(d)
    side = SIZES[d.weighted({"large": 0.64, "medium": 0.16, "small": 0.2})]
    room = GRID - side
    left, top = (room // 2 if d.chance(0.5) else d.below(room + 1) for _ in range(2))
    return [thing(name, colour, left, top, side)]


def several(d: Draws, count: int, alike: bool) -> list[Thing]:
    first = pick(d)
    chosen = [first] * count if alike else [first, *(pick(d) for _ in range(count - 1))]
    side = 6 if count == 2 or (count == 4 and d.chance(0.5)) else 4
    way = d.choice(["row", "column"]) if count == 2 else "rows" if side * count > GRID else d.weighted({"row": 0.55, "column": 0.25, "rows": 0.2})
    found = [thing(*one, *place, side) for one, place in zip(chosen, places(side, count, way), strict=True)]
    if count == 2 and d.chance(0.3):  # one of them is smaller, in the middle of its place
        at = d.below(2)
        (left, top), one = places(side, count, way)[at], chosen[at]
        found[at] = thing(*one, left + 1, top + 1, side - 2)
    return found


def inside(d: Draws) -> list[Thing]:
    """A drawing on a shape: "a white star on a black circle"."""
    outer, colour = d.choice(sorted(SOLID)), d.choice(COLOUR_NAMES)
    inner, its = pick(d)
    if free(inner):
        its = d.choice(CONTRAST[colour])
    side = 6 if outer in ROOMY else 4
    return [thing(outer, colour, 2, 2, 12), thing(inner, its, (GRID - side) // 2, (GRID - side) // 2, side)]


def badge(d: Draws) -> Scene:
    """Something on an app icon's tile."""
    name, colour = pick(d)
    tile = d.choice([c for c in COLOUR_NAMES if c not in ("white", "beige") and (not free(name) or c in CONTRAST[colour])])
    behind = d.weighted({c: GROUND_SHARES.get(c, OTHERS) for c in CONTRAST[tile]})
    style = d.below(2)
    return Scene("badge", [tile, behind], [rgb(behind), rgb(tile)], [CORNERS[style]], style=style, things=[thing(name, colour, 5, 5, 6)])


def drawn(d: Draws) -> Scene:
    kind = d.weighted({"single": 0.56, "two": 0.15, "alike": 0.14, "three": 0.09, "inside": 0.04, "badge": 0.02})
    if kind == "badge":
        return badge(d)
    if kind == "single":
        things = single(d)
    elif kind == "inside":
        things = inside(d)
    else:
        things = several(d, {"two": 2, "three": 3}.get(kind) or 2 + d.below(4), kind == "alike")
    return ground(d, things)


def inked(d: Draws) -> Scene:
    """An icon in ink on paper."""
    side = SIZES["large"]
    icon = thing(d.choice(world().often["icon"]), INK, (GRID - side) // 2, (GRID - side) // 2, side)
    return Scene("plain", [PAPER], [rgb(PAPER)], things=[icon], told={"ground"})
