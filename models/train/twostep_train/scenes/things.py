"""What stands on a ground: one thing or up to three, icons and badges. Places and radii are whole tokens."""

from ..draws import Draws
from .colour import CONTRAST, calm, contrasting, quiet, rgb, tinted
from .scene import TOKEN, Scene, Thing
from .shapes import SOLID
from .surfaces import plain
from .words import COLOUR_NAMES, ICONS, OWN_COLOURS, POSITION_NAMES, SHAPE_NAMES, SIZE_NAMES

SMALL, MEDIUM, BIG, LARGE = (n * TOKEN for n in (2, 3, 4, 5))  # radii
RADII = {"small": SMALL, "medium": MEDIUM, "large": LARGE}


def objects(d: Draws, style: int) -> Scene:
    count = d.weighted({1: 0.5, 2: 0.36, 3: 0.14})
    if count == 1:
        return single(d, style)
    if count == 2:
        return d.weighted({two: 0.8, inside: 0.2})(d, style)
    return line(d, style)


def single(d: Draws, style: int) -> Scene:
    shape, coloured = d.choice(SHAPE_NAMES), d.chance(0.92)
    colour = d.choice(COLOUR_NAMES) if coloured else own_colour(shape, style)
    scene = plain(d, style, colour)
    scene.position = "center"
    if d.chance(0.45):
        scene.told.add("position")
        scene.position = d.choice(POSITION_NAMES)
    if d.chance(0.5):
        scene.told.add("size")
        scene.size = d.choice(SIZE_NAMES)
    elif scene.position == "center":
        scene.size = ["large", "medium", "large", "small", "medium"][style]
    else:
        scene.size = ["medium", "small", "large", "medium", "small"][style]
    reach = {"small": 5, "medium": 4, "large": 2}[scene.size] * TOKEN
    x = 0.5 + reach * (("right" in scene.position) - ("left" in scene.position))
    y = 0.5 + reach * (("bottom" in scene.position) - ("top" in scene.position))
    scene.things = [Thing(shape, colour, x, y, RADII[scene.size], coloured=coloured)]
    return scene


def own_colour(shape: str, style: int) -> str:
    return OWN_COLOURS.get(shape) or ["blue", "orange", "green", "purple", "teal"][style]


ALIKE, FALLING, RISING = ((4, MEDIUM), (12, MEDIUM)), ((5, BIG), (13, SMALL)), ((3, SMALL), (11, BIG))
"""Centre and radius of two things side by side: alike, or one clearly larger."""


def two(d: Draws, style: int) -> Scene:
    """Side by side or one above the other."""
    first = d.choice(COLOUR_NAMES)
    second = first if d.chance(0.1) else d.choice(COLOUR_NAMES)
    shapes = [d.choice(SHAPE_NAMES) for _ in range(2)]
    scene = plain(d, style, first, second)
    if d.chance(0.85):
        scene.told.add("relation")
        scene.relation = d.choice(["beside", "above"])
    else:
        scene.relation = ["beside", "above", "beside", "above", "beside"][style]
    if d.chance(0.5):
        scene.told.add("size")
        places = d.choice([FALLING, RISING])
    else:
        places = [ALIKE, ALIKE, FALLING, RISING, ALIKE][style]
    for (centre, radius), shape, colour in zip(places, shapes, (first, second), strict=True):
        x, y = (centre * TOKEN, 0.5) if scene.relation == "beside" else (0.5, centre * TOKEN)
        scene.things.append(Thing(shape, colour, x, y, radius))
    return scene


def inside(d: Draws, style: int) -> Scene:
    outer, inner = d.choice(sorted(SOLID)), d.choice(SHAPE_NAMES)
    colour = d.choice(COLOUR_NAMES)
    filling = contrasting(d, colour)
    scene = plain(d, style, colour)
    scene.relation = "inside"
    scene.told.add("relation")
    scene.things = [Thing(outer, colour, 0.5, 0.5, LARGE), Thing(inner, filling, 0.5, 0.5, SMALL)]
    return scene


def line(d: Draws, style: int) -> Scene:
    """Three in a row or a column: three alike, or three different ones."""
    if d.chance(0.5):
        colours, shapes = [d.choice(COLOUR_NAMES)] * 3, [d.choice(SHAPE_NAMES)] * 3
    else:
        colours, shapes = [d.choice(COLOUR_NAMES) for _ in range(3)], [d.choice(SHAPE_NAMES) for _ in range(3)]
    scene = plain(d, style, *dict.fromkeys(colours))
    scene.relation = "row"
    if d.chance(0.6):
        scene.told.add("relation")
        scene.relation = d.weighted({"row": 0.6, "column": 0.4})
    for i in range(3):
        place = (3 + 5 * i) * TOKEN
        x, y = (place, 0.5) if scene.relation == "row" else (0.5, place)
        scene.things.append(Thing(shapes[i], colours[i], x, y, SMALL))
    return scene


def icon(d: Draws, style: int) -> Scene:
    """A large glyph, or one on an app-icon tile."""
    shape, coloured = d.choice(ICONS), True
    if d.chance(0.5):
        coloured = d.chance(0.8)
        colour = d.choice(COLOUR_NAMES) if coloured else own_colour(shape, style)
        scene, radius = plain(d, style, colour), LARGE
        scene.told.add("icon")
    else:
        tile = d.choice([c for c in COLOUR_NAMES if c not in ("white", "beige")])
        colour = "white" if d.chance(0.6) and "white" in CONTRAST[tile] else contrasting(d, tile)
        told = d.chance(0.5)
        ground = calm(d, tile) if told else quiet(style, tile)
        scene = Scene("badge", [tile, ground], [tinted(rgb(ground), style), rgb(tile)], [[0.1, 0.38, 0.1, 0.38, 0.1][style]], style=style)
        scene.told = {"icon", "ground"} if told else {"icon"}
        radius = MEDIUM
    scene.size, scene.position = ("large" if radius > 0.25 else "medium"), "center"
    scene.things = [Thing(shape, colour, 0.5, 0.5, radius, coloured=coloured)]
    return scene
