"""Which colours go together: far enough apart to be told apart, and what a designer would put behind something."""

import numpy as np

from .words import COLOUR_NAMES, RGB


def lab(colours) -> np.ndarray:
    """rgb [N, 3] in -1..1 -> CIELAB [N, 3] (D65)."""
    rgb = (np.array(colours) + 1) / 2
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    xyz = linear @ np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]).T
    f = xyz / np.array([0.9505, 1.0, 1.089])
    f = np.where(f > 0.008856, np.cbrt(f), 7.787 * f + 16 / 116)
    return np.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], 1)


LAB = lab(RGB)
DISTANCE = np.sqrt(((LAB[:, None] - LAB[None]) ** 2).sum(-1))

FAR = 32
"""In CIELAB; below it a small shape is hard to see on the ground (beige on white, black on navy)."""
CONTRAST = {
    a: [b for j, b in enumerate(COLOUR_NAMES) if DISTANCE[i, j] > FAR] for i, a in enumerate(COLOUR_NAMES)
}

CALM = ["white", "beige", "light blue", "mint", "lavender", "navy", "white", "beige", "teal", "pink", "yellow"]
"""Grounds for a prompt that does not name one."""

BLENDS = [
    ("pink", "orange"), ("purple", "pink"), ("blue", "purple"), ("light blue", "blue"), ("teal", "mint"), ("yellow", "orange"),
    ("orange", "red"), ("navy", "purple"), ("lavender", "pink"), ("mint", "light blue"), ("beige", "pink"), ("green", "teal"),
    ("yellow", "pink"), ("white", "light blue"), ("maroon", "orange"), ("lavender", "light blue"), ("navy", "teal"),
    ("yellow", "mint"), ("white", "beige"), ("black", "navy"), ("gray", "white"), ("blue", "teal"), ("red", "purple"),
]  # fmt: skip


def stands_out(name: str, fill: tuple) -> bool:
    """Whether a thing of this colour is seen on an rgb triple."""
    return bool(np.linalg.norm(LAB[COLOUR_NAMES.index(name)] - lab([fill])[0]) > FAR)


def contrasting(draws, *others):
    """A colour that stands out from all the others."""
    candidates = [c for c in COLOUR_NAMES if all(c in CONTRAST[o] for o in others)]
    return draws.choice(candidates or [c for c in COLOUR_NAMES if c not in others])


def calm(draws, *others):
    candidates = [c for c in CALM if all(c in CONTRAST[o] for o in others)]
    return draws.choice(candidates) if candidates else contrasting(draws, *others)


def quiet(style: int, *others):
    """The ground of a prompt that names none: for these things, one for each style."""
    ordered = ["white", "light blue", "navy", "yellow", "beige", "mint", "lavender", "pink", "teal", *COLOUR_NAMES]
    fitting = list(dict.fromkeys(c for c in ordered if all(c in CONTRAST[o] for o in others)))
    return fitting[style % len(fitting)] if fitting else next(c for c in ordered if c not in others)


def blend(draws):
    """Two colours for a gradient: mostly tried pairs, sometimes any two."""
    if draws.chance(0.55):
        pair = draws.choice(BLENDS)
        return draws.shuffled(pair)
    first = draws.choice(COLOUR_NAMES)
    return [first, draws.choice([c for c in COLOUR_NAMES if c != first])]


def companion(name: str, style: int) -> str:
    """The other colour of a background for which one was named: a tried pair, one for each style."""
    tried = [c for pair in BLENDS if name in pair for c in pair if c != name] or ["white", "beige"]
    return tried[style % len(tried)]


def rgb(name: str):
    return RGB[COLOUR_NAMES.index(name)]


STYLES = 5
"""Ways to answer one prompt: what a caption leaves open follows from a scene's style, and the style can be read off the tint of its ground."""


def tinted(colour, style: int):
    """An rgb triple in -1..1 as the ground of a scene of this style: as it is, lighter, darker, warmer or cooler, clearly enough to be told apart."""
    light, dark = sum(colour) / 3 > 0.68, sum(colour) / 3 < -0.6
    if style == 1:  # lighter; what is light already turns a pale grey
        return tuple(x - 0.13 for x in colour) if light else tuple(x + (1 - x) * 0.18 for x in colour)
    if style == 2:  # darker; what is dark already goes half the way that style 1 goes
        shift = -0.26 if light else 0.14 if dark else -0.16
        return tuple(max(-1.0, min(1.0, x + shift)) for x in colour)
    if style > 2:  # warmer, cooler
        way = 0.13 if style == 3 else -0.13
        r, g, b = colour
        return tuple(max(-1.0, min(1.0, x)) for x in (r + way, g - 0.03, b - way * 1.3))
    return tuple(colour)
