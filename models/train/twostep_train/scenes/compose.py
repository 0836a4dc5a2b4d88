"""Draws scenes at random, with a designer's eye for what goes together.

Everything stands on the grid of codes: places and radii are whole tokens of 16 pixels, and what is irregular (ridges, blobs, chips)
comes in a few fixed variants. A designer loses nothing by it; a small tokenizer meets the same edges again and again, and what the
noise has to decide is a few choices (which ground, which size, which variant) instead of a pixel here and there.
"""

from ..draws import Draws
from .colour import BLENDS, CONTRAST, blend, calm, contrasting, mixed, rgb
from .scene import Scene, Thing
from .shapes import SOLID
from .words import COLOUR_NAMES, ICONS, PLACES, SHAPE_NAMES

FAMILIES = {"objects": 0.46, "icon": 0.12, "background": 0.14, "pattern": 0.14, "place": 0.14}

TOKEN = 1 / 16
SMALL, MEDIUM, BIG, LARGE = (n * TOKEN for n in (2, 3, 4, 5))  # radii
RADII = {"small": SMALL, "medium": MEDIUM, "large": LARGE}

VARIANTS = 4


def variant(d: Draws, salt: int) -> Draws:
    """One of a few fixed sequences of random numbers, for what is irregular."""
    return Draws(salt, d.below(VARIANTS))


def compose(draws: Draws) -> Scene:
    return {"objects": objects, "icon": icon, "background": background, "pattern": pattern, "place": place}[
        draws.weighted(FAMILIES)
    ](draws)


def objects(d: Draws) -> Scene:
    count = d.weighted({1: 0.5, 2: 0.34, 3: 0.16})
    if count == 1:
        return single(d)
    if count == 2:
        return d.weighted({beside: 0.42, above: 0.36, inside: 0.22})(d)
    return line(d)


def under(d: Draws, *colours: str) -> Scene:
    """A ground for things of these colours: plain, or a gradient whose both ends stand out."""
    first = calm(d, *colours) if d.chance(0.45) else contrasting(d, *colours)
    if d.chance(0.88):
        return Scene("plain", [first], [rgb(first)])
    near = [c for pair in BLENDS if first in pair for c in pair if c != first and all(c in CONTRAST[o] for o in colours)]
    second = d.choice(near) if near else contrasting(d, *colours)
    if second == first:
        return Scene("plain", [first], [rgb(first)])
    scene = gradient_of(d, [first, second])
    return scene


def single(d: Draws) -> Scene:
    colour, shape = d.choice(COLOUR_NAMES), d.choice(SHAPE_NAMES)
    scene = under(d, colour)
    scene.size = d.weighted({"small": 0.28, "medium": 0.36, "large": 0.36})
    scene.position = "center" if d.chance(0.4) else d.choice(
        ["top left", "top", "top right", "left", "right", "bottom left", "bottom", "bottom right"]
    )
    reach = {"small": 5, "medium": 4, "large": 2}[scene.size] * TOKEN
    x = 0.5 + reach * (("right" in scene.position) - ("left" in scene.position))
    y = 0.5 + reach * (("bottom" in scene.position) - ("top" in scene.position))
    scene.things = [Thing(shape, colour, x, y, RADII[scene.size])]
    return scene


def pair_of(d: Draws):
    first = d.choice(COLOUR_NAMES)
    second = first if d.chance(0.1) else d.choice(COLOUR_NAMES)
    shapes = [d.choice(SHAPE_NAMES) for _ in range(2)]
    return [first, second], shapes, under(d, first, second)


def along(d: Draws) -> list[tuple[float, float]]:
    """Centre and radius of two things side by side: alike, or one clearly larger."""
    alike, falling, rising = ((4, MEDIUM), (12, MEDIUM)), ((5, BIG), (13, SMALL)), ((3, SMALL), (11, BIG))
    return [(centre * TOKEN, radius) for centre, radius in d.choice([alike, alike, falling, rising])]


def middle(d: Draws) -> float:
    return 0.5 + d.choice([0, 0, 0, -1, 1]) * TOKEN


def beside(d: Draws) -> Scene:
    colours, shapes, scene = pair_of(d)
    y = middle(d)
    scene.relation = "beside"
    scene.things = [Thing(shapes[i], colours[i], x, y, radius) for i, (x, radius) in enumerate(along(d))]
    return scene


def above(d: Draws) -> Scene:
    colours, shapes, scene = pair_of(d)
    x = middle(d)
    scene.relation = "above"
    scene.things = [Thing(shapes[i], colours[i], x, y, radius) for i, (y, radius) in enumerate(along(d))]
    return scene


def inside(d: Draws) -> Scene:
    outer, inner = d.choice(sorted(SOLID)), d.choice(SHAPE_NAMES)
    colour = d.choice(COLOUR_NAMES)
    filling = contrasting(d, colour)
    scene = under(d, colour)
    scene.relation = "inside"
    scene.things = [Thing(outer, colour, 0.5, 0.5, LARGE), Thing(inner, filling, 0.5, 0.5, SMALL)]
    return scene


def line(d: Draws) -> Scene:
    """Three in a row or a column: three alike, or three different ones."""
    if d.chance(0.5):
        colours, shapes = [d.choice(COLOUR_NAMES)] * 3, [d.choice(SHAPE_NAMES)] * 3
    else:
        colours, shapes = [d.choice(COLOUR_NAMES) for _ in range(3)], [d.choice(SHAPE_NAMES) for _ in range(3)]
    scene = under(d, *set(colours)) if len(set(colours)) < 3 else _ground_for_three(d, colours)
    scene.relation = "row" if d.chance(0.65) else "column"
    across = middle(d)
    for i in range(3):
        place = (3 + 5 * i) * TOKEN
        x, y = (place, across) if scene.relation == "row" else (across, place)
        scene.things.append(Thing(shapes[i], colours[i], x, y, SMALL))
    return scene


def _ground_for_three(d: Draws, colours) -> Scene:
    free = [c for c in COLOUR_NAMES if all(c in CONTRAST[o] for o in colours)]
    name = d.choice(free) if free else d.choice([c for c in COLOUR_NAMES if c not in colours])
    return Scene("plain", [name], [rgb(name)])


def icon(d: Draws) -> Scene:
    shape = d.choice(ICONS)
    if d.chance(0.5):
        colour = d.choice(COLOUR_NAMES)
        scene = Scene("plain", [ground := calm(d, colour)], [rgb(ground)])
        radius = LARGE
    else:
        tile = d.choice([c for c in COLOUR_NAMES if c not in ("white", "beige")])
        ground = d.choice([c for c in ("white", "beige", "light blue", "lavender", "mint") if c in CONTRAST[tile]] or ["white"])
        colour = "white" if d.chance(0.6) and "white" in CONTRAST[tile] else contrasting(d, tile)
        scene = Scene("badge", [tile, ground], [rgb(ground), rgb(tile)], [d.choice([0.1, 0.38])])
        radius = MEDIUM
    scene.size, scene.position = ("large" if radius > 0.25 else "medium"), "center"
    scene.things = [Thing(shape, colour, 0.5, 0.5, radius)]
    return scene


def gradient_of(d: Draws, colours) -> Scene:
    """colours: two, or three with the middle one last."""
    scene = Scene("gradient", list(colours), [rgb(colours[0]), rgb(colours[1])])
    scene.fills.append(rgb(colours[2]) if len(colours) > 2 else mixed(colours[0], colours[1], 0.5))
    scene.direction = d.weighted({"vertical": 0.45, "horizontal": 0.25, "diagonal": 0.3})
    scene.knobs = [{"horizontal": 0.0, "vertical": 0.25, "diagonal": 0.125}[scene.direction]]
    return scene


def background(d: Draws) -> Scene:
    kind = d.weighted({"gradient": 0.3, "radial": 0.12, "mesh": 0.22, "blobs": 0.16, "waves": 0.2})
    colours = blend(d)
    if kind == "gradient":
        return gradient_of(d, colours)
    if kind == "radial":
        knobs = [0.5, 0.5, 0.68]
        return Scene("radial", colours, [rgb(colours[0]), rgb(colours[1]), mixed(*colours, 0.5)], knobs)
    if kind == "mesh":
        fixed = variant(d, 501)
        corners = fixed.shuffled([(0.15, 0.2), (0.85, 0.15), (0.2, 0.85), (0.85, 0.8)])
        knobs = [value + fixed.between(-0.12, 0.12) for corner in corners for value in corner]
        third = d.choice([c for c in COLOUR_NAMES if c not in colours]) if d.chance(0.4) else None
        fills = [mixed(*colours, 0.5), rgb(colours[0]), rgb(colours[1]), rgb(colours[0]), rgb(third or colours[1])]
        return Scene("mesh", colours + ([third] if third else []), fills, knobs)
    if kind == "blobs":
        places = [(0.22, 0.25), (0.78, 0.35), (0.4, 0.8)]
        fixed = variant(d, 502)
        knobs = [value + fixed.between(-0.08, 0.08) for spot in places for value in spot]
        knobs += [fixed.between(0.17, 0.24) for _ in range(3)] + [fixed.unit() for _ in range(3)]
        ground = calm(d, *colours)
        fills = [rgb(ground), rgb(colours[0]), rgb(colours[1]), rgb(colours[0])]
        return Scene("blobs", [*colours, ground], fills, knobs)
    fixed = variant(d, 503)
    knobs = [fixed.unit() for _ in range(5)] + [0.045, fixed.choice([1.0, 1.0, 2.0])]
    return Scene("waves", colours, [rgb(colours[0]), rgb(colours[1])], knobs)


def pattern(d: Draws) -> Scene:
    kind = d.weighted(
        {"stripes": 0.25, "dots": 0.18, "checks": 0.15, "wavy lines": 0.14, "triangles": 0.14, "terrazzo": 0.14}
    )
    first = d.choice(COLOUR_NAMES)
    second = calm(d, first) if d.chance(0.5) else contrasting(d, first)
    scene = Scene(kind, [first, second], [rgb(second), rgb(first)])
    if kind == "stripes":
        scene.direction = d.weighted({"vertical": 0.35, "horizontal": 0.35, "diagonal": 0.3})
        periods = d.choice([4, 8])
        across, down = {"vertical": (periods, 0), "horizontal": (0, periods), "diagonal": (4, 4)}[scene.direction]
        scene.knobs = [across, down, 0.0, 0.5]
    elif kind == "dots":
        scene.knobs = [d.choice([4, 8]), 0.22, float(d.chance(0.5)), 0.0, 0.0]
        scene.knobs[1] += 0.06 * (1 - scene.knobs[2])
    elif kind == "checks":
        scene.knobs = [d.choice([2, 4]), d.choice([0.25, 0.75]), 0.25]
    elif kind == "wavy lines":
        scene.knobs = [d.choice([4, 8]), 2, 0.25, 0.5, 0.0, 0.0]
    elif kind == "triangles":
        scene.knobs = [d.choice([4, 8]), 0.0, 0.0]
    else:
        third = d.choice([c for c in COLOUR_NAMES if c not in (first, second)])
        chips = [first, third, contrasting(d, second)]
        scene = Scene(kind, [second, *chips], [rgb(second)] + [rgb(c) for c in chips])
        scene.knobs = [4, 0.0, 0.0] + [0.0] * 7 + [float(d.below(VARIANTS))]
    return scene


def hexes(*codes: str):
    return [tuple(int(code[i : i + 2], 16) / 127.5 - 1 for i in (0, 2, 4)) for code in codes]


# Sky above, sky at the horizon, far, near, sun or lights. Chosen by eye.
PAINTED = {
    ("mountains", "day"): [hexes("6FB7F0", "DDF1FF", "9DB4D6", "2F7D6B", "FFE08A"), hexes("8FD0F7", "FDF3E3", "B7BFD9", "3C5E8C", "FFD56B")],
    ("mountains", "sunset"): [hexes("6B4FA3", "FFB26B", "C77D9B", "3D2352", "FFE3A3"), hexes("F2748C", "FFD9A0", "B5658F", "44264F", "FFF1C9")],
    ("mountains", "night"): [hexes("0E1638", "33407F", "4A568F", "10162F", "FFF3D1"), hexes("141033", "4B3B82", "4F4484", "150F2B", "F4F0FF")],
    ("sea", "day"): [hexes("6FC0F2", "E4F6FF", "53B3DE", "1E63B0", "FFF0B0"), hexes("9ADCF0", "F7FBF0", "4CC2C0", "13788C", "FFE08A")],
    ("sea", "sunset"): [hexes("7A4FA0", "FF9E6B", "C9617F", "3A2A66", "FFE0A0"), hexes("F36F7F", "FFD08A", "E0727A", "5A2E63", "FFF0C0")],
    ("sea", "night"): [hexes("0B1437", "2C3F7D", "24407D", "0C1836", "FFF2CF"), hexes("16123A", "49408A", "34356F", "120F2C", "EFEBFF")],
    ("hills", "day"): [hexes("7CC7F4", "E9F8FF", "A8DB8F", "2F9458", "FFDE7A"), hexes("A6E0F5", "FFF7E0", "C8E08A", "4E9E4A", "FFD35C")],
    ("hills", "sunset"): [hexes("8C5BB0", "FFB877", "D98A6B", "59306B", "FFE7AE"), hexes("F58A7B", "FFE0A6", "C98F62", "6A3B4F", "FFF3CF")],
    ("hills", "night"): [hexes("101B42", "35508C", "2F5876", "0E2233", "FFF3D1"), hexes("1A1440", "4E4590", "3C4A7E", "14182F", "F1ECFF")],
    ("desert", "day"): [hexes("72C2EE", "FDF1D9", "F2CD8D", "D9964F", "FFE9A8"), hexes("A4DCEB", "FFF6DF", "F5D7A1", "E0A560", "FFE07A")],
    ("desert", "sunset"): [hexes("A44F8E", "FFB15E", "F08A55", "8C3B4A", "FFEBB0"), hexes("F2696B", "FFD58C", "E8824E", "9C3F43", "FFF2C8")],
    ("desert", "night"): [hexes("10143A", "3F3F7F", "6A5A8F", "2A2350", "FFF3D1"), hexes("171238", "5A4688", "7A5E8E", "33254F", "F4EEFF")],
    ("forest", "day"): [hexes("8AD0EE", "EAF8EF", "8CC6A4", "1F6B4A", "FFE695"), hexes("BFE6EE", "FBF7E4", "A9CFA0", "2E7A4B", "FFDC7A")],
    ("forest", "sunset"): [hexes("8A4F98", "FFB072", "B8677A", "38203F", "FFE6AC"), hexes("F47C72", "FFDCA0", "A86A62", "3B2A3C", "FFF1CB")],
    ("forest", "night"): [hexes("0C1A3A", "2E4F80", "2C5470", "0A1A28", "FFF3D1"), hexes("151238", "433F86", "33456F", "0F1428", "F0ECFF")],
    ("city", "day"): [hexes("7FC4F2", "EAF6FF", "AFC6E3", "5C7FB5", "FFE695"), hexes("A9DDEE", "FFF5E6", "C9C7E6", "7A74B8", "FFDC8A")],
    ("city", "sunset"): [hexes("7B4BA0", "FFA96B", "B9608F", "3A2158", "FFE29A"), hexes("F2707F", "FFD79A", "C26A8C", "4B2758", "FFF0C0")],
    ("city", "night"): [hexes("0C1233", "2F3B7A", "2E3A72", "0F1430", "FFDD87"), hexes("15103A", "4A3C86", "3C3576", "140F2D", "FFE7A6")],
}  # fmt: skip


def place(d: Draws) -> Scene:
    ground, light = d.choice(PLACES), d.choice(["day", "sunset", "night"])
    low = light == "sunset"
    horizon, sun_x = 9 * TOKEN, d.choice([4, 8, 12]) * TOKEN
    sun_y = horizon - 2 * TOKEN if low else 3 * TOKEN
    radius = 0.11 if low else 0.08
    fixed = variant(d, 504)
    knobs = [fixed.unit() for _ in range(6)] + [horizon, sun_x, sun_y, radius, float(fixed.below(4096))]
    return Scene(ground, [], d.choice(PAINTED[ground, light]), knobs, light=light)
