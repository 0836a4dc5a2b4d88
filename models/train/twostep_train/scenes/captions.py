"""What people write for a scene, and which of its attributes that says.

`said` lists (head, label index) pairs of scene.HEADS: an attribute counts in the evaluation only if the caption asks for it.
"""

from ..draws import Draws
from .phrases import LANDS, STYLES, SURFACES, TAILS, TIMES
from .scene import HEADS, Scene, Thing
from .strange import made_up
from .words import COLOURS, PLURALS, POSITIONS, SHAPES, SIZES


def caption(scene: Scene, d: Draws) -> tuple[str, list[tuple[str, int]]]:
    words = Words(scene, d)
    if "strange" in scene.told:
        return words.strange(), sorted(words.said)
    if scene.things:
        text = words.things()
    elif scene.light:
        text = words.place()
    else:
        text = words.surface()
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

    def noun(self, thing: Thing) -> str:
        return self.d.choice(SHAPES[thing.shape])

    def with_article(self, phrase: str) -> str:
        return phrase if self.bare else article(phrase)

    def thing(self, index: int, size: str | None = None) -> str:
        """"a large red star", "a star in red", "star, red"."""
        thing, d = self.scene.things[index], self.d
        self.say(f"shape{index}")
        if not thing.coloured:
            return self.with_article(f"{size} {self.noun(thing)}" if size else self.noun(thing))
        self.say(f"colour{index}")
        colour, noun, size = self.colour(thing.colour), self.noun(thing), f"{size} " if size else ""
        form = d.unit()
        if form < 0.84:
            return self.with_article(f"{size}{colour} {noun}")
        if form < 0.9:
            return self.with_article(f"{colour} {size}{noun}")
        if form < 0.97:
            return self.with_article(f"{size}{noun} in {colour}")
        return self.with_article(f"{size}{colour} coloured {noun}" if d.chance(0.5) else f"{size}{colour} colored {noun}")

    def things(self) -> str:
        scene, d = self.scene, self.d
        text = self.pair() if len(scene.things) == 2 else self.three() if len(scene.things) == 3 else self.one()
        if "ground" not in scene.told:
            return text
        ground = self.ground()
        if ground.startswith(("on ", "against ", "with ", "over ")):
            return f"{ground}, {text}" if d.chance(0.08) else f"{text} {ground}"
        return f"{ground}, {text}" if d.chance(0.4) else f"{text}, {ground}"

    def one(self) -> str:
        scene, d = self.scene, self.d
        if "icon" in scene.told:
            self.say("shape0", "count")
            thing = scene.things[0]
            if not thing.coloured:
                noun = self.noun(thing)
                return self.with_article(d.choice([f"{noun} icon", f"icon of {self.with_article(noun)}", f"simple {noun} icon"]))
            self.say("colour0")
            noun, colour = self.noun(thing), self.colour(thing.colour)
            if scene.ground == "badge":
                self.say("ground", f"has {scene.colours[0]}")
                tile = self.colour(scene.colours[0])
                forms = [f"{tile} app icon with {self.with_article(f'{colour} {noun}')}", f"app icon, {colour} {noun} on {tile}",
                         f"{colour} {noun} on {self.with_article(f'{tile} badge')}", f"{tile} badge with {self.with_article(f'{colour} {noun}')}"]  # fmt: skip
                return self.with_article(d.choice(forms)) if d.chance(0.5) and not self.bare else d.choice(forms)
            return self.with_article(d.choice([f"{colour} {noun} icon", f"{noun} icon in {colour}", f"icon of {self.with_article(f'{colour} {noun}')}"]))
        size = None
        if "size" in scene.told:
            self.say("size")
            size = d.choice(SIZES[scene.size])
        text = self.thing(0, size)
        self.say("count")
        if "position" in scene.told:
            self.say("position")
            where = d.choice(POSITIONS[scene.position])
            text = f"{where}, {text}" if d.chance(0.1) else f"{text} {where}"
        return text

    def pair(self) -> str:
        d, relation = self.d, self.scene.relation
        self.say("count")
        sizes = self.sizes_of_two()
        first, second = self.thing(0, sizes[0]), self.thing(1, sizes[1])
        if "relation" not in self.scene.told:
            return d.choice([f"{first} and {second}", f"{first} and {second}", f"{first}, {second}", f"{first} with {second}"])
        self.say("relation")
        if relation == "beside":
            forms = [f"{first} to the left of {second}", f"{first} left of {second}", f"{second} to the right of {first}",
                     f"{second} right of {first}", f"{first} on the left and {second} on the right", f"{first} next to {second}",
                     f"{first} beside {second}", f"left {first}, right {second}" if self.bare else f"{first} next to {second}"]  # fmt: skip
        elif relation == "above":
            forms = [f"{first} above {second}", f"{first} over {second}", f"{second} below {first}", f"{second} under {first}",
                     f"{first} at the top and {second} at the bottom", f"{second} beneath {first}"]  # fmt: skip
        else:
            forms = [f"{second} inside {first}", f"{second} in {first}", f"{first} with {second} inside", f"{second} within {first}",
                     f"{first} containing {second}", f"{second} in front of {first}"]  # fmt: skip
        return d.choice(forms)

    def sizes_of_two(self) -> tuple[str | None, str | None]:
        """Words for two things of which one is larger: for both, for one of them, or for none."""
        d, (a, b) = self.d, self.scene.things
        if "size" not in self.scene.told:
            return None, None
        words = [d.choice(SIZES["large" if mine > other else "small"]) for mine, other in ((a.radius, b.radius), (b.radius, a.radius))]
        kept = d.weighted({0: 0.35, 1: 0.35, 2: 0.3})
        return tuple(word if kept in (i, 2) else None for i, word in enumerate(words))

    def three(self) -> str:
        d, scene = self.d, self.scene
        self.say("count")
        way = d.choice(["in a row", "side by side", "in a line"] if scene.relation == "row" else ["in a column", "stacked", "on top of each other"])
        told = "relation" in scene.told
        if told:
            self.say("relation")
        if len({(t.shape, t.colour) for t in scene.things}) == 1:
            self.say("shape0", "colour0", "shape1", "colour1", "shape2", "colour2")
            noun, thing = self.noun(scene.things[0]), scene.things[0]
            plural = PLURALS.get(noun, noun + "s")
            text = f"{d.choice(['three', 'three', '3'])} {self.colour(thing.colour)} {plural}"
            return f"{text} {way}" if told else text
        a, b, c = (self.thing(i) for i in range(3))
        text = d.choice([f"{a}, {b} and {c}", f"{a}, {b}, and {c}", f"{a} and {b} and {c}", f"{a}, {b}, {c}"])
        return f"{text} {way}" if told else text

    def ground(self) -> str:
        """The ground behind things."""
        scene, d = self.scene, self.d
        first = self.colour(scene.colours[0])
        if scene.ground == "badge":
            self.say("ground", f"has {scene.colours[1]}")
            return f"on a {self.colour(scene.colours[1])} background"
        self.say("ground", f"has {scene.colours[0]}")
        if scene.ground == "gradient":
            self.say(f"has {scene.colours[1]}")
            second = self.colour(scene.colours[1])
            way = ""
            if "direction" in scene.told:
                self.say("direction")
                way = scene.direction + " "
            return d.choice([f"on a {first} to {second} {way}gradient", f"on a {way}gradient from {first} to {second}", f"{first} to {second} {way}gradient background",
                             f"with a {way}{first} and {second} gradient background", f"on a {way}{first} {second} gradient"])  # fmt: skip
        a = "" if self.bare else "a "
        return d.choice([f"on {a}{first} background", f"on {a}{first} background", f"on {a}{first} background", f"on {first}", f"{first} background",
                         f"with {a}{first} background", f"against {a}{first} backdrop", f"on {a}plain {first} background"])  # fmt: skip

    def surface(self) -> str:
        """Backgrounds and patterns."""
        scene, d = self.scene, self.d
        names, kind = scene.colours, scene.ground
        self.say("ground")
        if "uncoloured" in scene.told:
            way = self.direction()
            noun = d.choice(SURFACES[kind])
            return way + noun if self.bare or noun.endswith("s") else article(way + noun)
        if "alone" in scene.told:
            return self.of_one_colour(names[1] if kind == "terrazzo" else names[0])
        if kind in ("gradient", "radial"):
            self.say(*(f"has {name}" for name in names))
            return self.gradient([self.colour(name) for name in names])
        noun = self.direction() + d.choice(SURFACES[kind])
        if kind == "terrazzo":
            front, back = names[1:3] if "third" in scene.told else names[1:2], names[0]
        elif kind == "mesh":
            front, back = names[:-1], names[-1]
        else:
            front, back = names[:-1] if kind == "blobs" else names[:1], names[-1]
        if kind == "blobs" and "ground" not in scene.told:
            back = None
        self.say(*(f"has {name}" for name in front))
        told = [self.colour(name) for name in front]
        if back is not None:
            self.say(f"has {back}")
            last = self.colour(back)
            if kind not in ("mesh", "waves") and d.chance(0.4):
                return f"{' and '.join(told)} {noun} on {last}" + d.choice(["", " background"])
            told.append(last)
        joined = f"{', '.join(told[:-1])} and {told[-1]}"
        form = d.unit()
        text = f"{joined} {noun}" if form < 0.65 else f"{noun} in {joined}" if form < 0.85 else f"{noun}, {joined}"
        return text if self.bare or noun.endswith("s") else article(text)

    def direction(self) -> str:
        """The word for it and a space, or nothing where it is not told."""
        if "direction" not in self.scene.told:
            return ""
        self.say("direction")
        return self.scene.direction + " "

    def of_one_colour(self, name: str) -> str:
        """A background or a pattern for which one colour is enough."""
        scene, d = self.scene, self.d
        self.say(f"has {name}")
        way = self.direction()
        colour, noun = self.colour(name), d.choice(SURFACES[scene.ground])
        text = d.weighted({f"{way}{colour} {noun}": 0.6, f"{colour} {way}{noun}": 0.15, f"{way}{noun} in {colour}": 0.25})
        return text if self.bare or noun.endswith("s") else article(text)

    def gradient(self, told) -> str:
        d, scene = self.d, self.scene
        if scene.ground == "radial":
            return self.with_article(d.choice([f"radial gradient from {told[0]} to {told[1]}", f"{told[0]} to {told[1]} radial gradient",
                                               f"round {told[0]} {told[1]} gradient", f"{told[0]} glow on {told[1]}"]))  # fmt: skip
        way = self.direction()
        return self.with_article(d.choice([f"{way}gradient from {told[0]} to {told[1]}", f"{told[0]} to {told[1]} {way}gradient",
                                           f"{way}{told[0]} and {told[1]} gradient", f"{way}{told[0]} {told[1]} gradient background"]))  # fmt: skip

    def strange(self) -> str:
        """Words that nobody taught, perhaps with a colour among them."""
        words = [made_up(self.d) for _ in range(1 + self.d.below(6))]
        self.say("count")
        if "colour" in self.scene.told:
            self.say(f"has {self.scene.colours[0]}")
            words.insert(self.d.below(len(words)), self.colour(self.scene.colours[0]))
        return " ".join(words)

    def place(self) -> str:
        scene, d = self.scene, self.d
        self.say("ground")
        noun = d.choice(LANDS[scene.ground])
        mark = d.unit()
        if scene.light == "day" and mark < 0.45:
            text = noun
        else:
            self.say("light")
            light = d.choice(TIMES[scene.light])
            text = d.choice([f"{noun} {light}", f"{noun} {light}", f"{light} {noun}" if " " not in light else f"{noun} {light}"])
            if scene.light == "sunset" and d.chance(0.4):
                text = d.choice([f"sunset over {the(noun)}", f"sunset {noun}", f"sunset, {noun}", f"sun setting behind {the(noun)}"])
            elif scene.light == "night" and d.chance(0.4):
                text = d.choice([f"night sky over {the(noun)}", f"moon over {the(noun)}", f"starry night over {the(noun)}", f"{noun} under the stars"])
        if d.chance(0.2):
            text = d.choice([f"{text}, landscape", f"landscape, {text}"])
        return text if self.bare or noun.endswith("s") or text[0] in "0123456789" or d.chance(0.4) else article(text)


def the(noun: str) -> str:
    return "the " + noun
