"""Teaches the text encoder to read before the teacher trains: what is on the picture, from the caption alone.

The transformer sees a caption only as the mean of its states (gpt.py: image rows give every condition row the same weight). Learned from
codes alone that takes very long: after 32,000 pictures a teacher drew well and heeded no word (LOG.md). Here a linear map of the mean has
to tell shapes, colours, places and sizes, so that the teacher finds them ready. Costs no pictures.
"""

import torch
import torch.nn.functional as F
from torch import nn

from ..draws import Draws
from ..feed import feed
from ..job import Job
from ..loop import train
from ..scenes.compose import TOKEN
from ..scenes.sample import sample
from ..scenes.scene import HEADS, Scene
from ..scenes.words import COLOUR_NAMES
from ..teachers import make_text
from ..scenes.strange import with_strange_words
from ..words import right_aligned
from .data import load_words

LARGEST = 5  # tokens of a radius
ALL = {**HEADS, **{f"radius{i}": LARGEST + 1 for i in range(3)}, **{f"ground{i}": len(COLOUR_NAMES) + 1 for i in range(3)}}


def truth(scene: Scene) -> list[int]:
    """The label of every head of ALL; what a caption leaves open, its reader can only guess."""
    labels = scene.labels()
    for i in range(3):
        labels[f"radius{i}"] = round(scene.things[i].radius / TOKEN) if i < len(scene.things) else 0
        labels[f"ground{i}"] = COLOUR_NAMES.index(scene.colours[i]) + 1 if i < len(scene.colours) else 0
    return [labels[head] for head in ALL]


class Reading(nn.Module):
    def __init__(self, text: nn.Module, width: int):
        super().__init__()
        self.text, self.heads = text, nn.Linear(width, sum(ALL.values()))

    def forward(self, batch: dict, step: int) -> dict[str, torch.Tensor]:
        here = batch["valid"].unsqueeze(2).float()
        mean = (self.text(batch["ids"], batch["valid"]).float() * here).sum(1) / here.sum(1)
        parts = self.heads(F.layer_norm(mean, mean.shape[-1:])).float().split(list(ALL.values()), 1)
        loss, right = 0.0, []
        for i, values in enumerate(parts):
            loss = loss + F.cross_entropy(values, batch["labels"][:, i])
            right.append((values.argmax(1) == batch["labels"][:, i]).float().mean())
        return {"loss": loss / len(parts), "right": torch.stack(right).mean(), "shape0": right[list(ALL).index("shape0")],
                "colour1": right[list(ALL).index("colour1")]}  # fmt: skip


def run(job: Job) -> None:
    config, settings, machine = job.config, job.config.text.optimizer, job.machine
    if not settings.steps or job.finished("text"):
        return
    words = load_words(job)
    torch.manual_seed(config.seed + 7)
    text = make_text(config, words.size)
    text.start()
    module = Reading(text, config.text.width).to(machine.device)
    part = machine.part(settings.batch)

    def make(step: int) -> dict:
        ids, labels = [], []
        for place in range(step * settings.batch + part.start, step * settings.batch + part.stop):
            one = sample(config.seed + 8, place)
            strange = with_strange_words(one.text, config.text.noise, Draws(config.seed + 9, place))
            ids.append(words.ids(strange))
            labels.append(truth(one.scene))
        tokens, valid = right_aligned(ids)
        return {"ids": tokens, "valid": valid, "labels": torch.tensor(labels)}

    average = train(
        job.run / "text", module, lambda a, b: feed(make, a, b, config.workers, machine.device),
        settings, config, machine, job.clock, config.seed + 7,
    )  # fmt: skip
    job.keep("text", {k.removeprefix("text."): v for k, v in average.items() if k.startswith("text.")})
