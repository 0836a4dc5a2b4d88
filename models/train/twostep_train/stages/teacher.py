"""Trains the teacher together with its text encoder, on codes of rendered scenes."""

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

from .. import pieces
from ..config import Student, Teacher
from ..draws import Draws
from ..feed import feed
from ..flow import map_noise
from ..gpt import generate
from ..job import Job
from ..loop import train
from ..plots import grid
from ..rows import batch_of, choose, first_place, targets
from ..scenes.captions import caption
from ..scenes.draw import draw
from ..scenes.sample import lesson, sample
from ..scenes.strange import with_strange_words
from ..teachers import TextTeacher, make_teacher
from ..words import Words
from .codes import make_codes, order
from .data import load_words
from .tokenizer import load_vq


class Lesson(nn.Module):
    """Cross-entropy of the codes under captions."""

    def __init__(self, teacher: TextTeacher, smoothing: float, later: float = 1.0, first: float = 1.0):
        super().__init__()
        self.teacher, self.smoothing, self.later, self.first = teacher, smoothing, later, first

    def slower(self) -> dict[str, float]:
        """An encoder that can read already goes on with a part of the rates."""
        return {"teacher.text.": self.later} if self.later != 1 else {}

    def blocks(self):
        return self.teacher.gpt.layers

    def forward(self, batch: dict, step: int) -> dict[str, torch.Tensor]:
        states, valid = self.teacher.condition(batch)
        rows = batch.get("rows")
        logits = self.teacher.gpt(states, valid, batch["codes"], batch["dropped"], rows, batch.get("layout"))
        wanted = targets(batch["codes"], rows)
        losses = F.cross_entropy(logits.flatten(0, 1), wanted.flatten(), label_smoothing=self.smoothing, reduction="none")
        losses = losses.reshape(wanted.shape)
        loss = losses.mean()
        if self.first == 1:
            return {"loss": loss}
        extra = (self.first - 1) * losses[:, 0].mean() / losses.shape[1]
        return {"loss": loss + extra, "nats": loss, "code 0": losses[:, 0].mean()}


def batch_maker(job: Job, words: Words, codes: torch.Tensor, settings: Teacher | Student, seed: int):
    """Scenes in an order of `seed`, each with a caption that is new in every epoch."""
    config, count = job.config, len(codes)

    def make(step: int) -> dict:
        batch, whole = batch_of(settings, step)
        part, first = job.machine.part(batch), first_place(settings, step)
        texts, indices, dropped, rows = [], [], [], []
        for place in range(first + part.start, first + part.stop):
            epoch, at = divmod(place, count)
            index = int(order(seed, epoch, count)[at])
            draws = Draws(seed + 11 + epoch, index)
            scene = lesson(config.seed, index)
            text, _ = caption(scene, draws)
            texts.append(with_strange_words(text, config.text.noise, draws))
            dropped.append(draws.chance(config.teacher.dropped))
            indices.append(index)
            if not whole:
                rows.append(choose(scene, settings.rows, config.grid, draws))
        found = {**words.read(texts), "codes": codes[indices].long(), "dropped": torch.tensor(dropped)}
        return found if whole else {**found, "rows": torch.tensor(rows)}

    return make


def load_teacher(job: Job) -> TextTeacher:
    teacher = make_teacher(job.config, load_words(job).size)
    teacher.load_state_dict(job.result("teacher"), strict=True)
    return teacher.to(job.machine.device).eval().requires_grad_(False)


def run(job: Job) -> None:
    if job.finished("teacher"):
        return
    config, settings, machine = job.config, job.config.teacher, job.machine
    words, codes = load_words(job), make_codes(job)
    torch.manual_seed(config.seed + 3)
    teacher = make_teacher(config, words.size)
    teacher.gpt.start()
    teacher.gpt.begin_alike(load_vq(job).quantize.rows().cpu())
    teacher.text.start()
    if settings.begin:
        theirs = pieces.load(Path(settings.begin) / "teacher" / "final")[0]
        teacher.gpt.load_state_dict({k.removeprefix("gpt."): v for k, v in theirs.items() if k.startswith("gpt.")}, strict=True)
    if job.finished("text"):
        teacher.text.load_state_dict(job.result("text"), strict=True)
    module = Lesson(teacher, settings.label_smoothing, config.text.later, settings.first).to(machine.device)
    make = batch_maker(job, words, codes, settings, config.seed)
    if config.compile:
        for layer in teacher.gpt.layers:  # the image rows, whose shape never changes; all layers share one compiled graph
            layer.compile()
    average = train(
        job.run / "teacher", module, lambda a, b: feed(make, a, b, config.workers, machine.device),
        settings.optimizer, config, machine, job.clock, config.seed + 3,
    )  # fmt: skip
    teacher = make_teacher(config, words.size).to(machine.device).eval().requires_grad_(False)
    teacher.load_state_dict({k.removeprefix("teacher."): v for k, v in average.items()}, strict=True)
    held_out = measure(job, teacher, words)
    job.keep("teacher", teacher.state_dict(), nats_per_code=held_out)
    machine.tell(f"teacher: {held_out:.4f} nats a code on held-out combinations")
    if machine.main:
        look(job, teacher, words)


@torch.no_grad()
def measure(job: Job, teacher: TextTeacher, words: Words, count: int = 128) -> float:
    vq, total = load_vq(job), 0.0
    for first in range(0, count, 32):
        samples = [sample(job.config.seed + 99, i, held_out=True) for i in range(first, first + 32)]
        rows = torch.tensor([s.scene.row() for s in samples]).to(job.machine.device)
        codes = vq.encode(draw(rows, job.config.size))
        batch = {k: v.to(codes.device) for k, v in words.read([s.text for s in samples]).items()}
        logits = teacher.gpt(*teacher.condition(batch), codes, layout=batch.get("layout"))
        total += float(F.cross_entropy(logits.flatten(0, 1), codes.flatten()))
    return total / (count / 32)


@torch.no_grad()
def look(job: Job, teacher: TextTeacher, words: Words, count: int = 32) -> None:
    """A sheet of held-out prompts for the eye."""
    config, device = job.config, job.machine.device
    vq = load_vq(job)
    samples = [sample(config.seed + 99, i, held_out=True) for i in range(count)]
    batch = {k: v.to(device) for k, v in words.read([s.text for s in samples]).items()}
    states, valid = teacher.condition(batch)
    book, pairs = vq.quantize.rows(), config.pairs
    noise = torch.randn(count, config.length, config.vq.channels, generator=torch.Generator().manual_seed(5)).to(device)

    def choose(position, logits):
        return map_noise(noise[:, position], logits / pairs.temperature_at(position), book, top_k=pairs.top_k, steps=pairs.solver_steps)

    codes = generate(teacher.gpt, states, valid, choose, pairs.guidance, config.length, layout=batch.get("layout"))
    grid(job.run / "teacher" / "held-out.png", vq.decode_codes(codes, config.grid), 8)
    (job.run / "teacher" / "held-out.txt").write_text("\n".join(s.text for s in samples) + "\n")
