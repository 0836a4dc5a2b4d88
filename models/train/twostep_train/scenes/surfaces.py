"""Grounds for things, and pictures that are nothing but a ground: backgrounds, seamless patterns, landscapes."""

from ..draws import Draws
from .colour import BLENDS, CONTRAST, blend, calm, companion, contrasting, quiet, rgb, tinted
from .landscapes import PAINTED
from .scene import TOKEN, Scene
from .words import COLOUR_NAMES, PLACES


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
    knobs = [fixed.unit() for _ in range(5)] + [0.06, fixed.choice([1.0, 1.0, 2.0])]
    return Scene("waves", colours, fills, knobs, style=style)


def mesh(style: int, names: list[str]) -> Scene:
    """Soft lights of two or three colours; the third is told wherever there is one."""
    fixed = Draws(505, style)
    corners = fixed.shuffled([(0.15, 0.2), (0.85, 0.15), (0.2, 0.85), (0.85, 0.8)])
    knobs = [value + fixed.between(-0.12, 0.12) for corner in corners for value in corner]
    first, second, *third = [tinted(rgb(c), style) for c in names]
    return Scene("mesh", names, [middle(first, second), first, second, first, third[0] if third else second], knobs, style=style)


def pattern(d: Draws, style: int) -> Scene:
    kind = d.weighted({"stripes": 0.26, "dots": 0.2, "checks": 0.16, "wavy lines": 0.13, "triangles": 0.13, "terrazzo": 0.12})
    first = d.choice(COLOUR_NAMES)
    second = calm(d, first) if d.chance(0.5) else contrasting(d, first)
    uncoloured = kind != "terrazzo" and d.chance(0.08)
    if uncoloured:
        first, second = [("blue", "white"), ("pink", "beige"), ("teal", "mint"), ("navy", "yellow"), ("red", "white")][style]
    alone = not uncoloured and d.chance(ALONE)
    if alone:
        second = quiet(style, first)
    ground = tinted(rgb(second), style)
    scene = Scene(
        kind, [first, second], [ground, rgb(first)], style=style, told={"uncoloured"} if uncoloured else {"alone"} if alone else set()
    )
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
        scene.knobs = [[4, 4, 2, 2, 4][style], 0.25, staggered, 0.0, 0.0]  # the radius is one token or two, so that no sliver is left over
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
    return landscape(d.choice(PLACES), d.choice(["day", "sunset", "night"]), style)


def landscape(ground: str, light: str, style: int) -> Scene:
    low = light == "sunset"
    horizon, sun_x = 9 * TOKEN, [4, 12, 8, 4, 12][style] * TOKEN
    sun_y = horizon - 2 * TOKEN if low else 3 * TOKEN
    radius = 0.11 if low else 0.08
    fixed = Draws(504, style)
    knobs = [fixed.unit() for _ in range(6)] + [horizon, sun_x, sun_y, radius, float(fixed.below(4096))]
    sky, *others = PAINTED[ground, light][style % 2]
    return Scene(ground, [], [tinted(sky, style), *others], knobs, light=light, style=style)
