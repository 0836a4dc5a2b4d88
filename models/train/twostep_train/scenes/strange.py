"""Words that the captions never use, to learn that they change nothing."""

from ..draws import Draws

# Words that nobody draws here but people write; shown in training with pictures that ignore them.
STRANGE_WORDS = """amazing beautiful gorgeous photo realistic photograph portrait of a dog cat horse elephant dragon castle robot car train
airplane astronaut wizard king queen warrior samurai ninja pizza burger guitar piano computer phone laptop keyboard chair table lamp sofa
kitchen bedroom garden river lake waterfall volcano island beach bridge tower church temple market street road highway spaceship planet galaxy
universe nebula dream magic fantasy epic cinematic dramatic lighting detailed intricate high quality resolution masterpiece trending artstation
oil painting watercolor sketch pencil charcoal digital anime cartoon comic pixel retro vintage futuristic cyberpunk steampunk gothic baroque
happy sad angry smiling running jumping flying sleeping eating reading writing dancing singing old young tall short fast slow hot cold wet dry
shiny glossy matte soft hard rough smooth heavy wooden metal glass stone paper cloth leather fur feather silk velvet marble granite crystal
logo poster banner website app button menu header footer card login signup dashboard chart graph table calendar settings profile business
finance health medical school education travel hotel restaurant coffee fashion music movie game sport football basketball tennis bicycle
christmas halloween easter birthday wedding party spring summer autumn winter monday january weekend people man woman child baby family friend
""".split()  # fmt: skip


def made_up(draws: Draws) -> str:
    """A word that no caption uses: a real one, or syllables."""
    if draws.chance(0.5):
        return draws.choice(STRANGE_WORDS)
    return "".join(draws.choice("bcdfghjklmnprstvwz") + draws.choice("aeiou") for _ in range(1 + draws.below(4))) + draws.choice(["", "n", "r", "s", "x"])


def with_strange_words(text: str, share: float, draws: Draws) -> str:
    """Puts made-up words into some captions, so that they do not spoil what the known ones say."""
    if not draws.chance(share):
        return text
    words = text.split()
    for _ in range(1 + draws.below(3)):
        words.insert(draws.below(len(words) + 1), made_up(draws))
    return " ".join(words)
