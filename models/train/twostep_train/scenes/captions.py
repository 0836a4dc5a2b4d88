"""What people write for a scene, and which of its attributes that says.

`said` lists (head, label index) pairs of scene.HEADS: an attribute counts in the evaluation only if the caption asks for it.
"""

from ..draws import Draws
from ..world.drawings import world
from .language import spoken
from .of_grounds import GroundWords
from .of_scenery import SceneryWords
from .of_things import ThingWords
from .phrases import STYLES, TAILS
from .scene import Scene


def caption(scene: Scene, d: Draws) -> tuple[str, list[tuple[str, int]]]:
    """Where a world has drawings, the scene language, which leaves nothing open, and nothing that would have to be guessed."""
    if world().drawings:
        return spoken(scene), []
    words = (SceneryWords if scene.light else ThingWords)(scene, d) if scene.things else GroundWords(scene, d)
    text = words.text()
    if "strange" in scene.told:
        return text, sorted(words.said)
    if d.chance(0.16):
        text = _styled(d.choice(STYLES), text)
    if d.chance(0.06):
        text = f"{text}, {d.choice(TAILS)}"
    said = sorted(words.said)
    return _cased(text, d), said


def _styled(style: str, text: str) -> str:
    bare = text.removeprefix("a ").removeprefix("an ").removeprefix("the ")
    return f"{style} {text if style.endswith('of') else bare}"


def _cased(text: str, d: Draws) -> str:
    mark = d.unit()
    if mark < 0.14:
        text = text[:1].upper() + text[1:]
        return text + "." if d.chance(0.5) else text
    if mark < 0.18:
        return text.title()
    return text.upper() if mark < 0.21 else text
