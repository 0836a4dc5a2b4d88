"""What all captions are made of: names at random, and a memory of what has been said."""

from ..draws import Draws
from .scene import HEADS, Scene
from .words import COLOURS


def article(phrase: str) -> str:
    return ("an " if phrase[0] in "aeiou" and not phrase.startswith("us") else "a ") + phrase


class Words:
    """Phrases for one scene; remembers what has been said."""

    def __init__(self, scene: Scene, d: Draws):
        self.scene, self.d, self.said = scene, d, set()
        self.labels = scene.labels()
        self.bare = d.chance(0.22)  # telegraphic: no articles at all

    def say(self, *heads: str) -> None:
        for head in heads:
            assert head in HEADS
            self.said.add((head, self.labels[head]))

    def colour(self, name: str) -> str:
        return self.d.choice(COLOURS[name][1])

    def with_article(self, phrase: str) -> str:
        return phrase if self.bare else article(phrase)

    def direction(self) -> str:
        """The word for it and a space, or nothing where it is not told."""
        if "direction" not in self.scene.told:
            return ""
        self.say("direction")
        return self.scene.direction + " "
