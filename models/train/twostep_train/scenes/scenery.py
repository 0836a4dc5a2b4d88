"""Things in a landscape: a house on the hills, a cloud over the sea, and where a world has drawings sometimes two beside each other."""

from functools import cache

from ..draws import Draws
from ..world.drawings import world
from .colour import stands_out
from .scene import TOKEN, Scene, Thing
from .surfaces import landscape
from .things import BIG, MEDIUM, own_colour
from .words import COLOUR_NAMES, LIGHTS, PLACES

STANDING = ["house", "house", "tree", "tree", "person", "flower"]
FLYING = ["cloud", "cloud", "heart", "star", "bolt", "circle"]
PLAIN_TO_SEE = ["red", "white", "yellow", "navy", "orange", "pink"]
"""For a thing whose own colour is the landscape's."""
PAIRS = 0.3
"""How often two stand there, where there are drawings. A row is told only what stands at its own place (layout.py), so a third one needs no practice."""


def scenery(d: Draws, style: int) -> Scene:
    ground, light = d.choice(PLACES), d.weighted(dict(zip(LIGHTS, (0.5, 0.25, 0.25), strict=True)))
    standing = (ground != "sea" or bool(world().drawings)) and d.chance(0.7)
    shape = d.choice(STANDING if standing else FLYING)
    scene = landscape(ground, light, style)
    upper, horizon, far, near, _ = scene.fills
    behind = (horizon, far, near) if standing else (upper,)
    told = d.chance(0.5)
    mark = d.bits()  # whether the colour is told or not, so that what follows is the same
    free = seen_in(ground, light, standing) if told else ()
    if free:
        colour = free[mark % len(free)]
    else:
        wished = [own_colour(shape, style), *PLAIN_TO_SEE, *COLOUR_NAMES]
        colour = next((name for name in wished if all(stands_out(name, fill) for fill in behind)), wished[0])
        colour = "white" if shape == "cloud" else colour  # as clouds are, on a pale sky too
    # Beside the sun or the moon, not in front of it.
    left = scene.knobs[7] > 0.5
    x, y, radius = (5 if left else 11, 11, BIG) if standing else (4 if left else 12, 4, MEDIUM)
    if world().drawings:  # boxes of one size, and drawings as well as shapes
        radius = MEDIUM
        if d.chance(0.5):
            shape = d.choice(world().things)
        if standing and d.chance(PAIRS):
            other = d.choice(world().things)
            one, two = (shape, other) if left else (other, shape)
            scene.things = [Thing(name, colour, at * TOKEN, y * TOKEN, radius, coloured=bool(free)) for name, at in ((one, 4), (two, 12))]
            return scene
    scene.things = [Thing(shape, colour, x * TOKEN, y * TOKEN, radius, coloured=bool(free))]
    return scene


@cache
def seen_in(ground: str, light: str, standing: bool) -> tuple[str, ...]:
    """Colours that stand out from what is behind a thing in both paintings of a landscape, but for the tint that a style gives the sky: a colour that is
    told has to be seen in every style."""
    skies = [landscape(ground, light, style).fills for style in range(2)]
    behind = [fill for upper, horizon, far, near, _ in skies for fill in ((horizon, far, near) if standing else (upper,))]
    return tuple(name for name in COLOUR_NAMES if all(stands_out(name, fill) for fill in behind))
