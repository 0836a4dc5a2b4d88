"""What vocabulary.json says of a world's drawings: their names, what draws them, and the rules by which a program lays out scenes (models/run/scene)."""

import numpy as np

from ..scenes.colour import BLENDS, CONTRAST, lab
from ..scenes.drawn import GRID, INK, PAPER, SIZES
from ..scenes.words import COLOUR_NAMES, GROUNDS, RGB, SHAPE_NAMES
from .drawings import Drawing, World, token

LANGUAGES = ("en", "de", "fr", "es", "ja")
SHOWN, NAMES = 64, 60
EDGE, FAINT = 22.0, 0.35
"""CIELAB distance under which an edge is hardly seen, and the share of a drawing's outline from which on a ground does not suit it."""

CALM = ["white", "mint", "light blue", "lavender", "beige", "yellow", "pink", "navy", "teal"]
ACCENTS = ["blue", "purple", "teal", "orange", "green", "red", "pink", "navy", "black"]
FLYING = ["cloud", "heart", "star", "bolt", "circle", "balloon", "kite", "airplane", "small-airplane", "helicopter", "bird", "eagle", "dove", "butterfly", "honeybee",
          "flying-saucer", "rocket", "parachute", "sparkles", "shooting-star", "glowing-star", "rainbow", "bat", "owl", "parrot", "ringed-planet", "satellite"]  # fmt: skip


def rules() -> dict:
    """The part `scene` of vocabulary.json."""
    return {"version": 1, "grid": GRID, "sizes": SIZES, "contrast": CONTRAST, "calm": CALM, "accents": ACCENTS, "blends": [list(pair) for pair in BLENDS], "flying": FLYING,
            "ink": {"colour": INK, "paper": PAPER}}  # fmt: skip


STYLES = {"outline": ["outline", "outlined", "line icon", "line art", "lineart", "stroke", "line style", "outline style"],
          "solid": ["solid", "filled", "glyph", "filled icon", "solid icon"]}  # fmt: skip
MORE_COLOURS = {"beige": ["peach", "ivory", "tan"], "teal": ["cyan", "aqua"], "purple": ["magenta"], "pink": ["coral", "salmon"], "navy": ["indigo", "midnight blue", "dark mode"],
                "yellow": ["gold"], "gray": ["silver"], "mint": ["lime"], "green": ["olive"], "orange": ["amber"]}  # fmt: skip
MORE_NAMES = {"waves": ["wavy", "wavy background", "wavy shapes"], "stripes": ["striped"], "dots": ["dotted"], "checks": ["checkered", "checked"], "flower": ["floral", "flowers"],
              "badge": ["app icon tile"], "circle": ["sphere", "orb"]}  # fmt: skip
MORE_STYLES = {"pattern": ["pattern", "seamless pattern", "seamless", "repeat pattern"], "pastel": ["pastel", "pastel colors", "pastel colours"]}
FILLERS = ["px", "24px", "16px", "32px", "48px", "64px", "512px", "svg", "png", "vector", "set", "set of", "ui", "style", "on", "transparent", "transparent background"]
MOST = 5


def vocabulary_of(world: World, own: dict, recognised: set[str] | None = None) -> dict:
    """The vocabulary of the scenes' own words (vocabulary.py) with a world's drawings, and all that a program needs to compose scenes."""
    for one in own["concepts"]:
        if one["id"] in SHAPE_NAMES:
            one["drawings"] = [{"token": token(one["id"]), "style": "flat", "colours": "any"}]
        elif one["id"] in GROUNDS:
            one["ground"] = one["id"]
    words = own["words"]
    for one in [*own["concepts"], *words["colour"]]:
        more = (MORE_COLOURS if "rgb" in one else MORE_NAMES).get(one["id"], [])
        one["names"]["en"] = list(dict.fromkeys([*one["names"]["en"], *more]))[:NAMES]
    for one in words["place"]:
        one["names"]["en"] = list(dict.fromkeys([*one["names"]["en"], one["id"], one["id"].replace("top ", "upper ").replace("bottom ", "lower ")]))[:NAMES]
    words["style"] = [*({"id": name, "names": {"en": names}} for name, names in {**STYLES, **MORE_STYLES}.items()), *(one for one in words["style"] if one["id"] not in STYLES | MORE_STYLES)]
    words["filler"] = [*words["filler"], {"id": "harmless", "names": {"en": FILLERS}}]
    taken = {name for one in [*own["concepts"], *words["light"]] if one.get("kind") not in ("thing",) for name in one["names"]["en"]}
    every = [*own["concepts"], *(made for one in concepts(world, recognised) if (made := without(one, taken)))]
    known = {name for one in every for name in one["names"]["en"]}
    words["strange"] = [{**one, "names": {"en": [name for name in one["names"]["en"] if name not in known] or ["zzzz"]}} for one in words["strange"]]
    languages = ["en", *sorted({code for one in every for code in one["names"]} - {"en"})]
    return {**own, "languages": languages, "concepts": every, "words": words, "most": MOST, "scene": rules()}


def without(one: dict, taken: set[str]) -> dict | None:
    """A concept without the English names that landscapes and patterns of our own have; None where nothing is left to call it."""
    names = [name for name in one["names"]["en"] if name not in taken]
    return {**one, "names": {**one["names"], "en": names}} if names else None


def concepts(world: World, recognised: set[str] | None = None) -> list[dict]:
    """Things first, then icons; the styles of one icon are drawings of one concept. recognised: of those that were practised, the drawings that the student
    draws well enough to be named (stages/concepts.py); a pack says only what it can."""
    practised = {*world.things, *world.icons}
    if recognised is not None:
        practised &= recognised
    made = [entry(one.id, "thing", one, [drawing(world, one)]) for one in world.drawings if one.kind != "icon" and one.id in practised]
    icons: dict[str, list[Drawing]] = {}
    for one in world.drawings:
        if one.kind == "icon" and one.id in practised:
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


