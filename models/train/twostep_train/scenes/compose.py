"""Draws scenes at random, with a designer's eye for what goes together.

Everything stands on the grid of codes: places and radii are whole tokens of 16 pixels. What a caption leaves open follows from the scene's
style, one of a few: which of the fitting grounds, how large, which variant of a ridge. And the style can be read off the first code, because it
tints the ground. So one prompt has a few clearly different answers, and a network that draws a picture in one pass has one thing to learn from
its noise: which of them this is. With free choices all over the picture, a student of this size drew mosaics of them (LOG.md).
"""

from ..draws import Draws
from .colour import BLENDS, CONTRAST, STYLES, blend, calm, companion, contrasting, quiet, rgb, tinted
from .landscapes import PAINTED
from .scene import Scene, Thing
from .shapes import SOLID
from .words import COLOUR_NAMES, ICONS, OWN_COLOURS, PLACES, POSITION_NAMES, SHAPE_NAMES, SIZE_NAMES

FAMILIES = {"objects": 0.56, "icon": 0.1, "background": 0.12, "pattern": 0.1, "place": 0.1, "anything": 0.02}
"""What is asked for, and how often."""
LESSONS = {"objects": 0.48, "icon": 0.08, "background": 0.1, "pattern": 0.2, "place": 0.12, "anything": 0.02}
"""What is practised: more of what is learned slowest (LOG.md)."""

TOKEN = 1 / 16
SMALL, MEDIUM, BIG, LARGE = (n * TOKEN for n in (2, 3, 4, 5))  # radii
RADII = {"small": SMALL, "medium": MEDIUM, "large": LARGE}


def compose(draws: Draws, style: int | None = None, families: dict[str, float] = FAMILIES) -> Scene:
    """A scene of one of the families; `scene.told` names what its caption has to say, because the style does not decide it. With `style`, what the
    same draws would have made in that one."""
    family = draws.weighted(families)
    make = {"objects": objects, "icon": icon, "background": background, "pattern": pattern, "place": place, "anything": anything}
    own = draws.below(STYLES)
    return make[family](draws, own if style is None else style)


def plain(d: Draws, style: int, *colours: str) -> Scene:
    """A ground for things of these colours: one that is told, tinted by the style, or a quiet one that the style picks."""
    if not d.chance(0.62):
        name = quiet(style, *colours)
        return Scene("plain", [name], [tinted(rgb(name), style)], style=style)
    first = calm(d, *colours) if d.chance(0.4) else contrasting(d, *colours)
    if d.chance(0.1):
        near = [c for pair in BLENDS if first in pair for c in pair if c != first and all(c in CONTRAST[o] for o in colours)]
        second = d.choice(near) if near else contrasting(d, *colours)
        if second != first:
            scene = gradient_of(d, style, [first, second])
            scene.told.add("ground")
            return scene
    return Scene("plain", [first], [tinted(rgb(first), style)], style=style, told={"ground"})


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


def gradient_of(d: Draws, style: int, colours) -> Scene:
    scene = Scene("gradient", list(colours), [tinted(rgb(c), style) for c in colours], style=style)
    scene.fills.append(middle(*scene.fills))
    scene.direction = ["vertical", "diagonal", "vertical", "horizontal", "diagonal"][style]
    if d.chance(0.5):
        scene.told.add("direction")
        scene.direction = d.choice(["vertical", "horizontal", "diagonal"])
    scene.knobs = [{"horizontal": 0.0, "vertical": 0.25, "diagonal": 0.125}[scene.direction]]
    return scene


def middle(a, b):
    return tuple((x + y) / 2 for x, y in zip(a, b, strict=True))


ALONE = 0.25
"""Share of backgrounds and patterns of which one colour is named ("pink polka dots", "a purple gradient"); the other then follows from the style."""


def background(d: Draws, style: int) -> Scene:
    kind = d.weighted({"gradient": 0.32, "radial": 0.12, "mesh": 0.22, "blobs": 0.16, "waves": 0.18})
    if d.chance(0.08):
        scene = surface(d, style, kind, list(BLENDS[style]))
        scene.told.add("uncoloured")
    elif d.chance(ALONE):
        first = d.choice(COLOUR_NAMES)
        scene = surface(d, style, kind, [first] if kind == "blobs" else [first, companion(first, style)], alone=True)
        scene.told.add("alone")
    else:
        scene = surface(d, style, kind, blend(d))
    return scene


def surface(d: Draws, style: int, kind: str, colours: list[str], alone: bool = False) -> Scene:
    """alone: of what else it shows nothing will be told."""
    if kind == "gradient":
        return gradient_of(d, style, colours)
    fixed = Draws(501 + len(kind), style)  # what is irregular has one form for each style
    fills = [tinted(rgb(c), style) for c in colours]
    if kind == "radial":
        return Scene("radial", colours, [*fills, middle(*fills)], [0.5, 0.5, 0.68], style=style)
    if kind == "mesh":
        third = [d.choice([c for c in COLOUR_NAMES if c not in colours])] if not alone and d.chance(0.35) else []
        return mesh(style, colours + third)
    if kind == "blobs":
        places = [(0.22, 0.25), (0.78, 0.35), (0.4, 0.8)]
        knobs = [value + fixed.between(-0.08, 0.08) for spot in places for value in spot]
        knobs += [fixed.between(0.17, 0.24) for _ in range(3)] + [fixed.unit() for _ in range(3)]
        told = not alone and d.chance(0.5)
        ground = calm(d, *colours) if told else quiet(style, *colours)
        fills = [tinted(rgb(ground), style), rgb(colours[0]), rgb(colours[-1]), rgb(colours[0])]
        return Scene("blobs", [*colours, ground], fills, knobs, style=style, told={"ground"} if told else set())
    knobs = [fixed.unit() for _ in range(5)] + [0.045, fixed.choice([1.0, 1.0, 2.0])]
    return Scene("waves", colours, fills, knobs, style=style)


def mesh(style: int, names: list[str]) -> Scene:
    """Soft lights of two or three colours; the third is told wherever there is one."""
    fixed = Draws(505, style)
    corners = fixed.shuffled([(0.15, 0.2), (0.85, 0.15), (0.2, 0.85), (0.85, 0.8)])
    knobs = [value + fixed.between(-0.12, 0.12) for corner in corners for value in corner]
    first, second, *third = [tinted(rgb(c), style) for c in names]
    return Scene("mesh", names, [middle(first, second), first, second, first, third[0] if third else second], knobs, style=style)


def pattern(d: Draws, style: int) -> Scene:
    kind = d.weighted(
        {"stripes": 0.26, "dots": 0.2, "checks": 0.16, "wavy lines": 0.13, "triangles": 0.13, "terrazzo": 0.12}
    )
    first = d.choice(COLOUR_NAMES)
    second = calm(d, first) if d.chance(0.5) else contrasting(d, first)
    uncoloured = kind != "terrazzo" and d.chance(0.08)
    if uncoloured:
        first, second = [("blue", "white"), ("pink", "beige"), ("teal", "mint"), ("navy", "yellow"), ("red", "white")][style]
    alone = not uncoloured and d.chance(ALONE)
    if alone:
        second = quiet(style, first)
    ground = tinted(rgb(second), style)
    scene = Scene(kind, [first, second], [ground, rgb(first)], style=style, told={"uncoloured"} if uncoloured else {"alone"} if alone else set())
    # Every pattern begins with a token of bare ground in its first corner, which tells the style; stripes and checks fill whole tokens. Nothing repeats
    # within two tokens: a decoder averages codes that alternate (LOG.md).
    if kind == "stripes":
        scene.direction = ["vertical", "horizontal", "diagonal", "vertical", "horizontal"][style]
        if d.chance(0.6):
            scene.told.add("direction")
            scene.direction = d.choice(["vertical", "horizontal", "diagonal"])
        periods = [4, 2, 4, 2, 4][style]
        across, down = {"vertical": (periods, 0), "horizontal": (0, periods), "diagonal": (4, 4)}[scene.direction]
        scene.knobs = [across, down, 0.75, 0.5]
    elif kind == "dots":
        staggered = float(style % 2)
        scene.knobs = [[4, 4, 2, 2, 4][style], 0.22 if staggered else 0.28, staggered, 0.0, 0.0]
    elif kind == "checks":
        scene.knobs = [[4, 2, 4, 4, 2][style], 0.25, 0.25]
    elif kind == "wavy lines":
        scene.knobs = [4, 2, [0.25, 0.15, 0.25, 0.15, 0.25][style], 0.5, 0.0, 0.75]
    elif kind == "triangles":
        scene.knobs = [4, 0.0, 0.0]
    else:
        others = [c for c in COLOUR_NAMES if c not in (first, second) and c in CONTRAST[second]]
        third = others[(COLOUR_NAMES.index(first) + 5 * style) % len(others)]
        if not alone and d.chance(0.4):
            scene.told.add("third")
            third = d.choice(others)
        chips = [first, third, first]
        scene = Scene(kind, [second, *chips], [ground] + [rgb(c) for c in chips], style=style, told=scene.told)
        scene.knobs = [4, 0.0, 0.0] + [0.0] * 7 + [float(style % 2)]
    return scene


def place(d: Draws, style: int) -> Scene:
    ground, light = d.choice(PLACES), d.choice(["day", "sunset", "night"])
    low = light == "sunset"
    horizon, sun_x = 9 * TOKEN, [4, 12, 8, 4, 12][style] * TOKEN
    sun_y = horizon - 2 * TOKEN if low else 3 * TOKEN
    radius = 0.11 if low else 0.08
    fixed = Draws(504, style)
    knobs = [fixed.unit() for _ in range(6)] + [horizon, sun_x, sun_y, radius, float(fixed.below(4096))]
    sky, *others = PAINTED[ground, light][style % 2]
    return Scene(ground, [], [tinted(sky, style), *others], knobs, light=light, style=style)


def anything(d: Draws, style: int) -> Scene:
    """For words that nobody taught it: soft colours, those that the words name or a pleasant pair."""
    pleasant = [("lavender", "pink"), ("light blue", "mint"), ("yellow", "pink"), ("teal", "mint"), ("blue", "purple")][style]
    scene = mesh(style, list(pleasant))
    if d.chance(0.5):
        name = d.choice(COLOUR_NAMES)
        scene = mesh(style, [name, next((c for pair in BLENDS if name in pair for c in pair if c != name), "beige")])
        scene.told.add("colour")
    scene.told.add("strange")
    return scene
