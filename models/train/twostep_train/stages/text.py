"""Teaches the text encoder to read before the teacher trains: what stands where on the picture, from the caption alone.

Learned from codes alone that takes very long: after 32,000 pictures a teacher drew well and heeded no word (LOG.md). Two readers learn with the encoder
and are then thrown away. One is a linear map of the mean of the states, which is how LlamaGen's attention sees a caption; it tells what is on the picture. The other
looks words up for a place on the picture (layers.Reading, as the image rows do) and tells which thing stands there, how large and in which colour: only then do
the words of two things stay apart. Costs no pictures.
"""

import json
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

from .. import pieces
from ..draws import Draws
from ..feed import feed
from ..job import Job
from ..layers import FeedForward, Reading, RmsNorm, bias_of_words
from ..loop import train
from ..scenes.colour import STYLES
from ..scenes.drawn import free
from ..scenes.sample import sample
from ..scenes.scene import HEADS, TOKEN, Scene
from ..scenes.strange import with_strange_words
from ..scenes.words import COLOUR_NAMES, SHAPE_NAMES
from ..teachers import make_text
from ..words import Words, grown, right_aligned
from ..world.drawings import world
from .data import load_words

LARGEST = 6  # tokens of a radius
WHOLE = {**HEADS, **{f"radius{i}": LARGEST + 1 for i in range(3)}, **{f"ground{i}": len(COLOUR_NAMES) + 1 for i in range(3)}}
"""Classes of what the mean of a caption tells of the whole picture."""



def here() -> dict[str, int]:
    """Classes of what the words tell of a place: the thing that stands there (0: none, and the ground's colour), its radius, and how far it is to its middle."""
    shapes = len(SHAPE_NAMES) + len(world().drawings)
    return {"shape": shapes + 1, "colour": len(COLOUR_NAMES) + 1, "radius": LARGEST + 1, "across": 2 * LARGEST + 2, "down": 2 * LARGEST + 2}


PLACES, NEAR = 32, 22
"""Places of a picture that are asked about, and how many of them lie on things or beside them, where there are any."""


def truth(scene: Scene) -> list[int]:
    """The label of every head of WHOLE; what a caption leaves open, its reader can only guess."""
    labels = scene.labels()
    for i in range(3):
        labels[f"radius{i}"] = round(scene.things[i].radius / TOKEN) if i < len(scene.things) else 0
        labels[f"ground{i}"] = COLOUR_NAMES.index(scene.colours[i]) + 1 if i < len(scene.colours) else 0
    return [labels[head] for head in WHOLE]


def layout(scene: Scene, grid: int) -> list[list[int]]:
    """The labels of `here` at every place, row by row; things later in the list lie on top."""
    ground = COLOUR_NAMES.index(scene.colours[0]) + 1 if scene.ground == "plain" else 0
    labels = [[0, ground, 0, 0, 0] for _ in range(grid * grid)]
    for thing in scene.things:
        x, y, radius = (round(value * grid) for value in (thing.x, thing.y, thing.radius))
        shape, colour = world().number(thing.shape) + 1, COLOUR_NAMES.index(thing.colour) + 1 if free(thing.shape) else 0
        for row in range(max(0, y - radius), min(grid, y + radius)):
            for column in range(max(0, x - radius), min(grid, x + radius)):
                labels[row * grid + column] = [shape, colour, min(radius, LARGEST), column - x + LARGEST + 1, row - y + LARGEST + 1]
    return labels


def asked(labels: list[list[int]], grid: int, draws: Draws) -> list[int]:
    """Places to ask about: mostly on things and beside them."""
    on = [i for i, label in enumerate(labels) if label[0]]
    near = sorted({j for i in on for j in (i, i - grid, i + grid, i - 1, i + 1) if 0 <= j < len(labels)})
    chosen = draws.shuffled(near)[:NEAR]
    return [*chosen, *(draws.below(len(labels)) for _ in range(PLACES - len(chosen)))]


class Lookup(nn.Module):
    """What stands at a place, from the caption's states and the style, which decides what the caption leaves open."""

    def __init__(self, width: int, heads: int, grid: int):
        super().__init__()
        self.place_embeddings, self.style_embeddings = nn.Embedding(grid * grid, width), nn.Embedding(STYLES, width)
        self.word_norm = RmsNorm(width)
        self.readings = nn.ModuleList(Reading(width, heads, 1e-5) for _ in range(2))
        self.norms = nn.ModuleList(RmsNorm(width) for _ in range(2))
        self.fed = nn.ModuleList(FeedForward(width, 32) for _ in range(2))
        self.classes = here()
        self.output = nn.Linear(width, sum(self.classes.values()))
        for table in (self.place_embeddings, self.style_embeddings):
            nn.init.normal_(table.weight, std=0.5)

    def forward(self, states, valid, places, style):
        """states [B, T, D], places [B, P], style [B] -> the logits of each head of `here`, [B, P, classes]."""
        x = self.place_embeddings(places) + self.style_embeddings(style)[:, None]
        words, bias = self.word_norm(states), bias_of_words(valid)
        for reading, norm, fed in zip(self.readings, self.norms, self.fed, strict=True):
            x = x + reading(x, words, bias)
            x = x + fed(norm(x))
        return self.output(F.layer_norm(x, x.shape[-1:])).float().split(list(self.classes.values()), -1)


class Lesson(nn.Module):
    def __init__(self, text: nn.Module, width: int, heads: int, grid: int, share: float = 1.0):
        super().__init__()
        self.text, self.heads, self.lookup = text, nn.Linear(width, sum(WHOLE.values())), Lookup(width, heads, grid)
        self.share = share

    def slower(self) -> dict[str, float]:
        """An encoder that can read already must not be torn about by readers that can't."""
        return {"text.": self.share} if self.share != 1 else {}

    def forward(self, batch: dict, step: int) -> dict[str, torch.Tensor]:
        states, valid = self.text(batch["ids"], batch["valid"]), batch["valid"]
        here = valid.unsqueeze(2).float()
        mean = (states.float() * here).sum(1) / here.sum(1)
        whole = self.heads(F.layer_norm(mean, mean.shape[-1:])).float().split(list(WHOLE.values()), 1)
        places = self.lookup(states, valid, batch["places"], batch["style"])
        losses, right = {}, {}
        for name, values, wanted in [*zip(WHOLE, whole, batch["whole"].unbind(-1), strict=True), *zip(self.lookup.classes, places, batch["here"].unbind(-1), strict=True)]:
            losses[name] = F.cross_entropy(values.flatten(0, -2), wanted.flatten())
            right[name] = (values.argmax(-1) == wanted).float()
        things = (batch["here"][..., 0] > 0).float()
        seen = {f"{name} here": (right[name] * things).sum() / things.sum().clamp(min=1) for name in ("shape", "colour")}
        loss = torch.stack([losses[name] for name in WHOLE]).mean() + torch.stack([losses[name] for name in self.lookup.classes]).sum()
        return {"loss": loss, "right": torch.stack([right[name].mean() for name in WHOLE]).mean(), **seen}


def begin(text: nn.Module, run: Path, words: Words) -> None:
    """The encoder that another run's teacher ended with, or its stage `text` where the run keeps no teacher; its vocabulary may be another one."""
    if pieces.exists(run / "teacher" / "final"):
        state = {k.removeprefix("text."): v for k, v in pieces.load(run / "teacher" / "final")[0].items() if k.startswith("text.")}
    else:
        state = dict(pieces.load(run / "text" / "final")[0])
    before = Words(json.loads((run / "data" / "tokenizer.json").read_text()), words.tokens)
    text.load_state_dict({**state, "shared.weight": grown(state["shared.weight"], before, words)}, strict=True)


def run(job: Job) -> None:
    config, settings, machine = job.config, job.config.text.optimizer, job.machine
    if not settings.steps or job.finished("text"):
        return
    words = load_words(job)
    torch.manual_seed(config.seed + 7)
    text = make_text(config, words.size)
    text.start()
    if config.text.begin:
        begin(text, Path(config.text.begin), words)
    share = config.text.later if config.text.begin else 1.0
    module = Lesson(text, config.text.width, config.text.heads, config.grid, share).to(machine.device)
    part = machine.part(settings.batch)

    def make(step: int) -> dict:
        ids, found = [], {"whole": [], "places": [], "here": [], "style": []}
        for number in range(step * settings.batch + part.start, step * settings.batch + part.stop):
            one, draws = sample(config.seed + 8, number), Draws(config.seed + 9, number)
            ids.append(words.ids(with_strange_words(one.text, config.text.noise, draws)))
            labels = layout(one.scene, config.grid)
            places = asked(labels, config.grid, draws)
            found["whole"].append(truth(one.scene))
            found["places"].append(places)
            found["here"].append([labels[place] for place in places])
            found["style"].append(one.scene.style)
        tokens, valid = right_aligned(ids)
        return {"ids": tokens, "valid": valid, **{name: torch.tensor(values) for name, values in found.items()}}

    average = train(
        job.run / "text", module, lambda a, b: feed(make, a, b, config.workers, machine.device),
        settings, config, machine, job.clock, config.seed + 7,
    )  # fmt: skip
    job.keep("text", {k.removeprefix("text."): v for k, v in average.items() if k.startswith("text.")})
