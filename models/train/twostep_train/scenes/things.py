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
    return d.weighted({single: 0.42, two: 0.26, alike: 0.06, inside: 0.08, line: 0.18})(d, style)


def single(d: Draws, style: int) -> Scene:
    shape, coloured = d.choice(SHAPE_NAMES), d.chance(0.9)
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


def own_colour(shape: str, style: int, index: int = 0) -> str:
    """Of thing number `index` of a picture, where nobody says it; two that have no colour of their own get different ones."""
    return OWN_COLOURS.get(shape) or ["blue", "orange", "green", "purple", "teal"][(style + 2 * index) % 5]


def coloured(d: Draws, count: int) -> list[bool]:
    """Of which of several things the caption names the colour. People name all of them, or none, or that of the one which matters."""
    some = [d.chance(0.5) for _ in range(count)]
    return {"all": [True] * count, "none": [False] * count, "some": some}[d.weighted({"all": 0.66, "none": 0.2, "some": 0.14})]


def colours_of(style: int, shapes: list[str], told: list[bool], free: list[str]) -> list[str]:
    return [colour if said else own_colour(shape, style, i) for i, (shape, said, colour) in enumerate(zip(shapes, told, free, strict=True))]


EVEN, FALLING, RISING = ((4, MEDIUM), (12, MEDIUM)), ((5, BIG), (13, SMALL)), ((3, SMALL), (11, BIG))
"""Centre and radius of two things side by side: of one size, or one clearly larger."""


def two(d: Draws, style: int) -> Scene:
    """Side by side or one above the other."""
    shapes, told = [d.choice(SHAPE_NAMES) for _ in range(2)], coloured(d, 2)
    first = d.choice(COLOUR_NAMES)
    second = first if d.chance(0.1) else d.choice(COLOUR_NAMES)
    colours = colours_of(style, shapes, told, [first, second])
    scene = plain(d, style, *dict.fromkeys(colours))
    if d.chance(0.7):
        scene.told.add("relation")
        scene.relation = d.choice(["beside", "above"])
    else:
        scene.relation = ["beside", "above", "beside", "above", "beside"][style]
    if d.chance(0.5):
        scene.told.add("size")
        places = d.choice([FALLING, RISING])
    else:
        places = [EVEN, EVEN, FALLING, RISING, EVEN][style]
    for (centre, radius), shape, colour, said in zip(places, shapes, colours, told, strict=True):
        x, y = (centre * TOKEN, 0.5) if scene.relation == "beside" else (0.5, centre * TOKEN)
        scene.things.append(Thing(shape, colour, x, y, radius, coloured=said))
    return scene


def alike(d: Draws, style: int) -> Scene:
    """"Two red hearts"."""
    shape, said = d.choice(SHAPE_NAMES), d.chance(0.6)
    colour = d.choice(COLOUR_NAMES) if said else own_colour(shape, style)
    scene = plain(d, style, colour)
    scene.relation = "beside"
    if d.chance(0.5):
        scene.told.add("relation")
        scene.relation = d.weighted({"beside": 0.6, "above": 0.4})
    for centre, radius in EVEN:
        x, y = (centre * TOKEN, 0.5) if scene.relation == "beside" else (0.5, centre * TOKEN)
        scene.things.append(Thing(shape, colour, x, y, radius, coloured=said))
    return scene


def inside(d: Draws, style: int) -> Scene:
    shapes, told = [d.choice(sorted(SOLID)), d.choice(SHAPE_NAMES)], coloured(d, 2)
    outer, inner = colours_of(style, shapes, told, [d.choice(COLOUR_NAMES), ""])
    if told[1]:
        inner = contrasting(d, outer)
    elif inner not in CONTRAST[outer]:  # nobody would put green on green
        outer = contrasting(d, inner) if told[0] else "white" if "white" in CONTRAST[inner] else "navy"
    scene = plain(d, style, outer)
    scene.relation = "inside"
    scene.told.add("relation")
    scene.things = [Thing(shapes[0], outer, 0.5, 0.5, LARGE, coloured=told[0]), Thing(shapes[1], inner, 0.5, 0.5, SMALL, coloured=told[1])]
    return scene


def line(d: Draws, style: int) -> Scene:
    """Three in a row or a column: three alike, or three different ones."""
    if d.chance(0.36):
        shapes, told = [d.choice(SHAPE_NAMES)] * 3, [d.chance(0.6)] * 3
        colours = [d.choice(COLOUR_NAMES) if told[0] else own_colour(shapes[0], style)] * 3
    else:
        shapes, told = [d.choice(SHAPE_NAMES) for _ in range(3)], coloured(d, 3)
        colours = colours_of(style, shapes, told, [d.choice(COLOUR_NAMES) for _ in range(3)])
    scene = plain(d, style, *dict.fromkeys(colours))
    scene.relation = "row"
    if d.chance(0.6):
        scene.told.add("relation")
        scene.relation = d.weighted({"row": 0.6, "column": 0.4})
    for i in range(3):
        place = (3 + 5 * i) * TOKEN
        x, y = (place, 0.5) if scene.relation == "row" else (0.5, place)
        scene.things.append(Thing(shapes[i], colours[i], x, y, SMALL, coloured=told[i]))
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
