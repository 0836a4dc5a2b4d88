"""How people say that a thing stands in a landscape or hangs over it."""

from .of_things import ThingWords
from .phrases import AMONG, LANDS, TIMES


class SceneryWords(ThingWords):
    def text(self) -> str:
        scene, d = self.scene, self.d
        self.say("ground", "count")
        thing, land = self.thing(0), d.choice(LANDS[scene.ground])
        flying = scene.things[0].y < 0.5
        if flying:
            text = d.choice([f"{thing} over the {land}", f"{thing} above the {land}", f"{thing} in the sky over the {land}"])
        else:
            text = f"{thing} {d.choice(AMONG[scene.ground])}"
        if d.chance(0.2):
            text = f"{land} with {thing}" + (" in the sky" if flying and d.chance(0.5) else "")
        if scene.light != "day" or d.chance(0.35):
            self.say("light")
            time = d.choice([time for time in TIMES[scene.light] if " " in time and not time.startswith("with ")])
            text = f"{time}, {text}" if d.chance(0.12) else f"{text} {time}"
        return text.replace(" the ", " ").replace(" a ", " ") if self.bare else text
