"""vocabulary.json of a pack (models/vocabulary.ts): the words that captions are made of, and what each of them means.

It is built from the captions' own tables, so the two can't drift; a test holds every word of captions to it.
"""

import json
from pathlib import Path

from . import translations as T
from .scenes import phrases as P
from .scenes import strange as S
from .scenes import words as W
from .world.concepts import vocabulary_of
from .world.drawings import world

PATTERNS = {"stripes", "dots", "checks", "wavy lines", "triangles", "terrazzo"}

RELATIONS = {
    "on": ["on", "against", "in front of", "around"],
    "above": ["above", "over", "on top of", "at the top of"],
    "below": ["below", "under", "beneath", "at the bottom of"],
    "left of": ["to the left of", "left of"],
    "right of": ["to the right of", "right of"],
    "beside": ["next to", "beside", "near", "by"],
    "inside": ["inside", "in", "within", "containing"],
    "row": ["in a row", "in a line", "side by side", "next to each other"],
    "column": ["in a column", "stacked", "on top of each other", "one above the other"],
}
NUMBERS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
COUNTS = {str(n): [name, str(n)] for n, name in enumerate(NUMBERS, 1)}
COUNTS["1"] += ["single"]
COUNTS["2"] += ["pair", "a pair of", "pair of", "couple of"]
COUNTS["12"] += ["dozen"]
LIGHTS = {
    "day": ["day", "daylight", "morning", "noon"],
    "sunset": ["sunset", "dusk", "evening", "sundown", "golden hour", "sunrise", "sun setting"],
    "night": ["night", "moonlight", "midnight", "night sky", "starry night", "starry", "under the stars"],
}
PLACE_WORDS = {"top": ["top", "upper"], "left": ["left"], "right": ["right"], "bottom": ["bottom", "lower"], "center": ["center", "centre", "middle"]}
MOST = 3
"""The largest number of equal things that captions speak of."""
NAMES = 60
"""Names that one entry may have in a language (models/vocabulary.ts)."""


def vocabulary(concepts: list[dict] = ()) -> dict:
    """What vocabulary.json holds. `concepts` are more of them, as dictionaries of `concept`; theirs come after our own."""
    own = [
        *(concept(label, "thing", W.SHAPES[label], colour=W.OWN_COLOURS.get(label)) for label in W.SHAPE_NAMES),
        concept("badge", "background", ["badge", "app icon"]),
        *(concept(label, "pattern" if label in PATTERNS else "background", names) for label, names in P.SURFACES.items()),
        *(concept(label, "scene", [*names, *among(label)]) for label, names in P.LANDS.items()),
    ]
    every = [*own, *concepts]
    return {
        "version": 1,
        "languages": ["en", *sorted({language for one in every for language in one["names"]} - {"en"})],
        "concepts": every,
        "words": words(),
        "most": MOST,
    }


def concept(label: str, kind: str, names: list[str], others: dict[str, list[str]] | None = None, colour: str | None = None) -> dict:
    """One entry. English names are those of captions, the first is shown; `others` are names by language."""
    return {**entry(label, names, T.names(T.CONCEPTS, label) if others is None else others), "kind": kind, **({"colour": colour} if colour else {})}


def words() -> dict:
    """All that is not a concept, by its class."""
    return {
        "colour": [{**entry(label, names, T.names(T.COLOURS, label)), "rgb": code} for label, (code, names) in W.COLOURS.items()],
        "size": group("size", W.SIZES),
        "place": group("place", {label: [*names, *PLACE_WORDS.get(label, [])] for label, names in W.POSITIONS.items()}),
        "count": group("count", COUNTS),
        "style": [*group("style", {"icon": ["icon", "symbol"], "landscape": ["landscape"]}), *group("style", styles())],
        "relation": group("relation", RELATIONS),
        "light": group("light", {label: [*names, *LIGHTS[label]] for label, names in P.TIMES.items()}),
        "direction": group("direction", {way: [way] for way in W.DIRECTIONS[1:]}),
        "joint": group("joint", {"and": ["and"], "with": ["with"]}),
        "ground": group("ground", {"background": ["background", "backdrop", "plain"]}),
        "negation": group("negation", {"no": ["no", "not", "without", "don't", "never", "except"]}),
        "filler": group("filler", {"a": ["a", "an", "the", "of", "to", "from", "at", "side", "corner", "part", "coloured", "colored", "colour", "color", "is", "s", "sky", "behind"]}),
        "strange": [{"id": "strange", "names": {"en": S.STRANGE_WORDS[first : first + NAMES]}} for first in range(0, len(S.STRANGE_WORDS), NAMES)],
    }  # fmt: skip


def group(kind: str, table: dict[str, list[str]]) -> list[dict]:
    return [entry(label, names, T.names(T.WORDS.get(kind, {}), label)) for label, names in table.items()]


def entry(label: str, names: list[str], others: dict[str, list[str]]) -> dict:
    extra = {"synonyms": T.SYNONYMS.get(label, "").split(), "keywords": {"en": T.KEYWORDS[label].split()} if label in T.KEYWORDS else None}
    return {"id": label, "names": {"en": list(dict.fromkeys(names)), **others}, **{key: value for key, value in extra.items() if value}}


def styles() -> dict[str, list[str]]:
    """What captions write around a picture: "flat illustration of", "clean design"."""
    bare = [text.removeprefix("a ").removeprefix("an ").removesuffix(" of") for text in [*P.STYLES, *P.TAILS]]
    return {text: [text] for text in dict.fromkeys([*bare, "illustration", "drawing", "image", "art", "design", "shapes", "style"])}


def among(label: str) -> list[str]:
    """Nouns of the phrases that say where something stands: "on a green hill" has "hill"."""
    leading = ("in front of ", "in ", "on ", "a ", "the ", "green ")
    found = []
    for phrase in P.AMONG.get(label, []):
        while any(phrase.startswith(word) for word in leading):
            phrase = next(phrase.removeprefix(word) for word in leading if phrase.startswith(word))
        found.append(phrase)
    return found


def write(path: Path, concepts: list[dict] = (), recognised: set[str] | None = None) -> None:
    made = vocabulary_of(world(), vocabulary(), recognised) if world().drawings else vocabulary(concepts)
    path.write_text(json.dumps(made, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    import sys

    write(Path(sys.argv[1]))
