"""A scene in words of its own, which leave nothing open: what the text encoder of a pack with a plan reads.

    kfox s12 x2 y2 gplain cmint
    kheart cred s6 x1 y5 kstar cyellow s6 x9 y5 gplain cnavy
    gstripes cblue cwhite dvertical v1

Of every thing, in the order in which it is painted: the concept (k), its colour (c) where it has none of its own, the side of its box (s) and the box's left and upper
edge (x, y), in tokens. Then the ground (g), its colours (c), direction (d), light (l) and variant (v). People never write this: a program reads what they wrote,
and decides what they left open (the plan; models/run/scene in the TypeScript).
"""

from ..world.drawings import token, world
from .scene import TOKEN, Scene, Thing
from .words import COLOUR_NAMES, DIRECTIONS, GROUNDS, LIGHTS, SHAPE_NAMES

GRID = round(1 / TOKEN)


def word(kind: str, name: str | int) -> str:
    return kind + str(name).replace(" ", "")


def box(thing: Thing) -> tuple[int, int, int]:
    """Left, upper edge and side of a thing's box, in tokens."""
    side = round(2 * thing.radius / TOKEN)
    return round((thing.x - thing.radius) / TOKEN), round((thing.y - thing.radius) / TOKEN), side


def spoken(scene: Scene) -> str:
    words = []
    for thing in scene.things:
        left, top, side = box(thing)
        words.append(token(thing.shape))
        if thing.shape in SHAPE_NAMES or not world()[thing.shape].coloured:
            words.append(word("c", thing.colour))
        words += [word("s", side), word("x", left), word("y", top)]
    words.append(word("g", scene.ground))
    words += [word("c", name) for name in scene.colours]
    if scene.direction != "none":
        words.append(word("d", scene.direction))
    if scene.light:
        words.append(word("l", scene.light))
    if scene.ground != "plain":
        words.append(word("v", scene.style + 1))
    return " ".join(words)


def vocabulary() -> list[str]:
    """Every word of the language, in an order that only grows at its end when drawings are added."""
    fixed = [word("c", name) for name in COLOUR_NAMES] + [word("g", name) for name in GROUNDS] + [word("d", name) for name in DIRECTIONS[1:]]
    fixed += [word("l", name) for name in LIGHTS] + [word("v", i + 1) for i in range(5)]
    fixed += [word("s", i) for i in range(2, GRID + 1)] + [word("x", i) for i in range(GRID)] + [word("y", i) for i in range(GRID)]
    return fixed + [token(name) for name in [*SHAPE_NAMES, *world().index]]
