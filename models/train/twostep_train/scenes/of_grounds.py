"""How people say a picture that is nothing but a ground: backgrounds, patterns, landscapes, and words that nobody knows."""

from .phrases import LANDS, SURFACES, TIMES
from .strange import made_up
from .wording import Words, article


class GroundWords(Words):
    def text(self) -> str:
        if "strange" in self.scene.told:
            return self.strange()
        return self.place() if self.scene.light else self.surface()

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
                text = d.choice([f"sunset over {the(noun)}", f"sunset {noun}", f"sunset, {noun}", f"sun setting behind {the(noun)}", f"sun over {the(noun)}"])
            elif scene.light == "night" and d.chance(0.4):
                text = d.choice([f"night sky over {the(noun)}", f"moon over {the(noun)}", f"starry night over {the(noun)}", f"{noun} under the stars"])
        if d.chance(0.2):
            text = d.choice([f"{text}, landscape", f"landscape, {text}"])
        return text if self.bare or noun.endswith("s") or text[0] in "0123456789" or d.chance(0.4) else article(text)


def the(noun: str) -> str:
    return "the " + noun
