"""How people say what stands on a picture: one thing, up to three, icons, and what is behind them."""

from .scene import Thing
from .wording import Words
from .words import PLURALS, POSITIONS, SHAPES, SIZES


def same(things: list[Thing]) -> bool:
    """Whether one phrase says them all."""
    return len({(t.shape, t.colour, t.coloured, t.radius) for t in things}) == 1


class ThingWords(Words):
    def noun(self, thing: Thing) -> str:
        return self.d.choice(SHAPES[thing.shape])

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

    def text(self) -> str:
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
        if same(self.scene.things):
            return self.alike(["two", "two", "two", "2", "a pair of"], ["side by side", "next to each other", "in a row"],
                              ["one above the other", "on top of each other", "in a column"])  # fmt: skip
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
        row, column = ["in a row", "side by side", "in a line"], ["in a column", "stacked", "on top of each other"]
        if same(scene.things):
            return self.alike(["three", "three", "3"], row, column)
        self.say("count")
        way = d.choice(row if scene.relation == "row" else column)
        told = "relation" in scene.told
        if told:
            self.say("relation")
        a, b, c = (self.thing(i) for i in range(3))
        text = d.choice([f"{a}, {b} and {c}", f"{a}, {b}, and {c}", f"{a} and {b} and {c}", f"{a}, {b}, {c}"])
        return f"{text} {way}" if told else text

    def alike(self, numbers: list[str], across: list[str], down: list[str]) -> str:
        """"Three yellow stars in a row"."""
        d, scene, thing = self.d, self.scene, self.scene.things[0]
        self.say("count", *(f"shape{i}" for i in range(len(scene.things))))
        noun = self.noun(thing)
        text = PLURALS.get(noun, noun + "s")
        if thing.coloured:
            self.say(*(f"colour{i}" for i in range(len(scene.things))))
            colour = self.colour(thing.colour)
            text = f"{text} in {colour}" if d.chance(0.06) else f"{colour} {text}"
        text = f"{d.choice(numbers)} {text}"
        if "relation" not in scene.told:
            return text
        self.say("relation")
        return f"{text} {d.choice(across if scene.relation in ('beside', 'row') else down)}"

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
