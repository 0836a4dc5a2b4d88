"""Draws scenes at random, with a designer's eye for what goes together.

Everything stands on the grid of codes: places and radii are whole tokens of 16 pixels. What a caption leaves open follows from the scene's
style, one of a few: which of the fitting grounds, how large, which variant of a ridge. And the style can be read off the first code, because it
tints the ground. So one prompt has a few clearly different answers, and a network that draws a picture in one pass has one thing to learn from
its noise: which of them this is. With free choices all over the picture, a student of this size drew mosaics of them (LOG.md).
"""

from ..draws import Draws
from ..world.drawings import world
from .colour import BLENDS, STYLES
from .drawn import drawn, inked
from .scene import Scene
from .scenery import scenery
from .surfaces import background, mesh, pattern, place
from .things import icon, objects
from .words import COLOUR_NAMES

FAMILIES = {"objects": 0.52, "icon": 0.1, "background": 0.12, "pattern": 0.1, "place": 0.09, "scenery": 0.05, "anything": 0.02}
"""What is asked for, and how often."""
LESSONS = {"objects": 0.57, "icon": 0.06, "background": 0.07, "pattern": 0.13, "place": 0.08, "scenery": 0.07, "anything": 0.02}
"""What is practised: more of what is learned slowest (LOG.md)."""
WITH_DRAWINGS = {"drawn": 0.6, "icons": 0.2, "background": 0.05, "pattern": 0.06, "place": 0.03, "scenery": 0.06}
"""Asked for and practised where a world has drawings."""


def compose(draws: Draws, style: int | None = None, families: dict[str, float] = FAMILIES) -> Scene:
    """A scene of one of the families; `scene.told` names what its caption has to say, because the style does not decide it. With `style`, what the
    same draws would have made in that one."""
    family = draws.weighted(WITH_DRAWINGS if world().drawings else families)
    if family in ("drawn", "icons"):
        return inked(draws) if family == "icons" and world().icons else drawn(draws)
    make = {"objects": objects, "icon": icon, "background": background, "pattern": pattern, "place": place, "scenery": scenery, "anything": anything}
    own = draws.below(STYLES)
    return make[family](draws, own if style is None else style)


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
