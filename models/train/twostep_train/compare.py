"""Reads the attributes off a picture by comparing it with renders: an eye that needs no training and is never unsure of a true render.

A caption leaves a few answers open, one for each style (scenes/compose.py). The render that the picture is nearest to is taken as what it
shows; then each thing that the caption says is tried otherwise (another shape, another colour, another place, ...), and it counts as seen
if no other is nearer. Distances are mean absolute differences of small, blurred pictures, so that an outline which is a little off does no harm.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F

from .scenes.colour import STYLES, rgb, tinted
from .scenes.draw import draw
from .scenes.landscapes import PAINTED
from .scenes.sample import sample
from .scenes.scene import TOKEN, Scene
from .scenes.things import EVEN, FALLING, RADII, RISING
from .scenes.words import COLOUR_NAMES, LIGHTS, PLACES, POSITION_NAMES, SHAPE_NAMES, SIZE_NAMES

SIDE = 64
"""Pixels at which pictures are compared."""

PATTERNS = {"stripes": [4, 0, 0.75, 0.5], "dots": [4, 0.25, 0.0, 0.0, 0.0], "checks": [4, 0.25, 0.25], "wavy lines": [4, 2, 0.25, 0.5, 0.0, 0.75],
            "triangles": [4, 0.0, 0.0]}  # fmt: skip
"""Knobs of the grounds that a pattern could be taken for."""


def small(images: torch.Tensor) -> torch.Tensor:
    """[B, 3, H, W] -> [B, 3, SIDE, SIDE], blurred."""
    images = F.interpolate(images.clamp(-1, 1), SIDE, mode="bilinear", antialias=True, align_corners=False)
    return F.avg_pool2d(F.pad(images, (1, 1, 1, 1), mode="replicate"), 3, 1)


def rendered(scenes: list[Scene], device) -> torch.Tensor:
    return small(draw(torch.tensor([scene.row() for scene in scenes]).to(device), 2 * SIDE))


@dataclass
class Question:
    """One prompt: the scenes that answer it, one for each style, and what its caption says."""

    answers: list[Scene]
    said: list[tuple[str, int]]


def question(seed: int, index: int, held_out: bool) -> Question:
    """Of sample number `index`: the same scene in every style in which it is still what the caption says."""
    one = sample(seed, index, held_out)
    answers = []
    for style in range(STYLES):
        other = sample(seed, index, held_out, style).scene if style != one.scene.style else one.scene
        labels = other.labels()
        if all(labels[head] == value for head, value in one.said):
            answers.append(other)
    return Question(answers, one.said)


@torch.no_grad()
def seen(question: Question, image: torch.Tensor) -> dict[str, bool]:
    """Which of the said attributes a picture [3, H, W] shows, by head."""
    picture = small(image[None])

    def away(scenes: list[Scene]) -> torch.Tensor:
        return (rendered(scenes, image.device) - picture).abs().flatten(1).mean(1)

    best = question.answers[int(away(question.answers).argmin())]
    found = {}
    for head, _ in question.said:
        others = list(alternatives(best, head))
        distances = away([best, *others])
        found[head] = bool((distances[1:] >= distances[0] - 1e-6).all())
    return found


def score(questions: list[Question], images: torch.Tensor) -> tuple[torch.Tensor, dict[str, list[int]]]:
    """Share of the caption's attributes that are seen, by picture [B]; and [right, asked] by kind of attribute."""
    shares, kinds = [], {}
    for one, image in zip(questions, images, strict=True):
        hits = seen(one, image)
        shares.append(sum(hits.values()) / len(hits))
        for head, hit in hits.items():
            tally = kinds.setdefault("ground colour" if head.startswith("has ") else head.rstrip("012"), [0, 0])
            tally[0] += hit
            tally[1] += 1
    return torch.tensor(shares), kinds


def alternatives(scene: Scene, head: str) -> Iterator[Scene]:
    """The scene with one thing that its caption says otherwise."""
    if head.startswith("has "):
        yield from other_grounds(scene, head.removeprefix("has "))
    elif head[:-1] in ("shape", "colour"):
        at, names = int(head[-1]), SHAPE_NAMES if head[:-1] == "shape" else COLOUR_NAMES
        for name in names:
            if name != getattr(scene.things[at], head[:-1]):
                other = copy.deepcopy(scene)
                setattr(other.things[at], head[:-1], name)
                yield other
    else:
        yield from {"size": sizes, "position": positions, "relation": relations, "count": counts, "ground": kinds_of_ground,
                    "direction": directions, "light": lights}[head](scene)  # fmt: skip


def other_grounds(scene: Scene, name: str) -> Iterator[Scene]:
    """Another colour wherever the ground's fills have this one, in any of its tints."""
    mine = {tinted(rgb(name), style): style for style in range(STYLES)} | {rgb(name): None}
    for other in COLOUR_NAMES:
        if other in scene.colours:
            continue
        made = copy.deepcopy(scene)
        made.fills = [fill if fill not in mine else rgb(other) if mine[fill] is None else tinted(rgb(other), mine[fill]) for fill in scene.fills]
        if made.fills != scene.fills:
            yield made


def sizes(scene: Scene) -> Iterator[Scene]:
    for size in SIZE_NAMES:
        if size != scene.size:
            yield single_at(scene, scene.position, size)


def positions(scene: Scene) -> Iterator[Scene]:
    for position in POSITION_NAMES:
        if position != scene.position:
            yield single_at(scene, position, scene.size)


def single_at(scene: Scene, position: str, size: str) -> Scene:
    made = copy.deepcopy(scene)
    reach = {"small": 5, "medium": 4, "large": 2}[size] * TOKEN
    made.things[0].x = 0.5 + reach * (("right" in position) - ("left" in position))
    made.things[0].y = 0.5 + reach * (("bottom" in position) - ("top" in position))
    made.things[0].radius = RADII[size]
    return made


def relations(scene: Scene) -> Iterator[Scene]:
    """Two things in the other order, or along the other axis; three along the other axis."""
    made = copy.deepcopy(scene)
    if scene.relation == "inside":
        made.things.reverse()
        for thing, (centre, radius) in zip(made.things, EVEN, strict=True):
            thing.x, thing.y, thing.radius = centre * TOKEN, 0.5, radius
        yield made
        return
    for thing in made.things:
        thing.x, thing.y = thing.y, thing.x
    yield made
    if len(scene.things) == 2 and (scene.things[0].shape, scene.things[0].colour) != (scene.things[1].shape, scene.things[1].colour):
        for places in (EVEN, FALLING, RISING):
            made = copy.deepcopy(scene)
            made.things.reverse()
            for thing, (centre, radius) in zip(made.things, places, strict=True):
                thing.radius = radius
                thing.x, thing.y = (centre * TOKEN, 0.5) if scene.relation == "beside" else (0.5, centre * TOKEN)
            yield made


def counts(scene: Scene) -> Iterator[Scene]:
    """One thing less, or one more in a corner."""
    for at in range(len(scene.things)):
        made = copy.deepcopy(scene)
        del made.things[at]
        yield made
    if scene.things and len(scene.things) < 3:
        made = copy.deepcopy(scene)
        extra = copy.deepcopy(scene.things[0])
        extra.x, extra.y, extra.radius = 13 * TOKEN, 3 * TOKEN, RADII["small"]
        made.things.append(extra)
        yield made


def kinds_of_ground(scene: Scene) -> Iterator[Scene]:
    made = copy.deepcopy(scene)
    if scene.ground in PLACES:
        for place in PLACES:
            if place != scene.ground:
                other = copy.deepcopy(scene)
                other.ground = place
                yield other
    elif scene.ground in PATTERNS:
        for kind, knobs in PATTERNS.items():
            if kind != scene.ground:
                other = copy.deepcopy(scene)
                other.ground, other.knobs = kind, list(knobs)
                yield other
    else:
        made.ground = "plain" if scene.ground != "plain" else "gradient"
        made.fills = scene.fills if made.ground == "plain" else [scene.fills[0], (0.0, 0.0, 0.0), scene.fills[0]]
        made.knobs = [0.25]
        yield made


def directions(scene: Scene) -> Iterator[Scene]:
    if scene.ground == "gradient":
        for name, turn in {"horizontal": 0.0, "vertical": 0.25, "diagonal": 0.125}.items():
            if name != scene.direction:
                made = copy.deepcopy(scene)
                made.knobs = [turn]
                yield made
        return
    for name, (across, down) in {"vertical": (4, 0), "horizontal": (0, 4), "diagonal": (4, 4)}.items():
        if name != scene.direction:
            made = copy.deepcopy(scene)
            made.knobs = [across, down, *scene.knobs[2:]]
            yield made


def lights(scene: Scene) -> Iterator[Scene]:
    for light in LIGHTS:
        if light != scene.light:
            made = copy.deepcopy(scene)
            sky, *rest = PAINTED[scene.ground, light][scene.style % 2]
            made.light, made.fills = light, [tinted(sky, scene.style), *rest]
            yield made

