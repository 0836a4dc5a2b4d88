"""What vocabulary.json says of a world's drawings: their names, what draws them, and the rules by which a program lays out scenes (models/run/scene)."""

import numpy as np

from ..scenes.colour import BLENDS, CONTRAST, lab
from ..scenes.drawn import GRID, SIZES
from ..scenes.words import COLOUR_NAMES, RGB
from .drawings import Drawing, World, token

LANGUAGES = ("en", "de", "fr", "es", "ja")
SHOWN, NAMES = 64, 60
EDGE, FAINT = 22.0, 0.35
"""CIELAB distance under which an edge is hardly seen, and the share of a drawing's outline from which on a ground does not suit it."""

CALM = ["white", "mint", "light blue", "lavender", "beige", "yellow", "pink", "navy", "teal"]
ACCENTS = ["blue", "purple", "teal", "orange", "green", "red", "pink", "navy", "black", "yellow"]
FLYING = ["cloud", "heart", "star", "bolt", "circle", "balloon", "kite", "airplane", "small-airplane", "helicopter", "bird", "eagle", "dove", "butterfly", "honeybee",
          "flying-saucer", "rocket", "parachute", "sparkles", "shooting-star", "glowing-star", "rainbow", "bat", "owl", "parrot", "ringed-planet", "satellite"]  # fmt: skip


def rules() -> dict:
    """The part `scene` of vocabulary.json."""
    return {"version": 1, "grid": GRID, "sizes": SIZES, "contrast": CONTRAST, "calm": CALM, "accents": ACCENTS, "blends": [list(pair) for pair in BLENDS], "flying": FLYING}


def shape_drawings(name: str) -> list[dict]:
    return [{"token": token(name), "style": "flat", "colours": "any"}]


def concepts(world: World) -> list[dict]:
    """Things first, then icons; the styles of one icon are drawings of one concept."""
    made = [entry(one.id, "thing", one, [drawing(world, one)]) for one in world.drawings if one.kind != "icon"]
    icons: dict[str, list[Drawing]] = {}
    for one in world.drawings:
        if one.kind == "icon":
            icons.setdefault(one.id.removesuffix(f"-{one.style}"), []).append(one)
    return made + [entry(f"{base} icon", "icon", some[0], [drawing(world, one) for one in some]) for base, some in icons.items()]


def entry(label: str, kind: str, one: Drawing, drawings: list[dict]) -> dict:
    names = {code: list(dict.fromkeys(one.names[code]))[:NAMES] for code in LANGUAGES if one.names.get(code)}
    keywords = {code: list(dict.fromkeys(one.keywords[code]))[:NAMES] for code in LANGUAGES if one.keywords.get(code)}
    return {"id": label, "names": names, **({"keywords": keywords} if keywords else {}), "kind": kind, "drawings": drawings}


def drawing(world: World, one: Drawing) -> dict:
    found = {"token": token(one.id), "style": one.style, "colours": "own" if one.coloured else "any"}
    pale = faint_on(world, one) if one.coloured else []
    return {**found, **({"pale": pale} if pale else {})}


def faint_on(world: World, one: Drawing) -> list[str]:
    """Grounds on which a good part of a drawing's outline is hardly seen."""
    pixels = world.pixels(SHOWN)[world.index[one.id]]
    solid = np.pad(pixels[..., 3] > 200, 1)
    inside = solid[1:-1, 1:-1]
    edge = inside & ~(solid[:-2, 1:-1] & solid[2:, 1:-1] & solid[1:-1, :-2] & solid[1:-1, 2:])
    if not edge.any():
        return []
    colours = lab(pixels[edge][:, :3] / 127.5 - 1)
    grounds = lab(RGB)
    near = (np.sqrt(((colours[:, None] - grounds[None]) ** 2).sum(2)) < EDGE).mean(0)
    return [name for name, share in zip(COLOUR_NAMES, near, strict=True) if share > FAINT]


