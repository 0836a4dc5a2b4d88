"""Distils the student from pairs. Both kinds begin with the teacher's weights; see students.py for what they are."""

import copy
import json
import math
import re
from functools import partial
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

from .. import pieces
from ..config import Student as Settings
from ..feed import feed
from ..flow import cooled, noise_for
from ..job import Job
from ..layout import book as book_of_layout
from ..loop import train
from ..perceive import VggMaps, distance
from ..rows import targets
from ..source import Source, load_source
from ..students import FlowHead, TwoHead, guided
from . import trajectories
from .growing import hold_all_but
from .checker import load_judge
from .codes import make_codes, order
from .teacher import batch_maker as captioned

NEIGHBOURS = 8
BACKWARD_STEPS = 25
"""With 25, 99.7% of the noises lead back to their code on a random book of 4,096 (LOG.md)."""


def make_student(source: Source) -> TwoHead | FlowHead:
    """A fresh student of the teacher's shape, with the teacher's weights."""
    gpt, settings = source.teacher.gpt, source.job.config.student
    first = gpt.layers[0]
    shape = {"dim": gpt.dim, "layers": len(gpt.layers), "heads": first.attention.heads, "vocabulary": gpt.vocabulary, "grid": gpt.grid,
             "multiple_of": first.feed_forward.w1.weight.shape[0], "spread": gpt.caption_rows is not None,
             "places": gpt.position_embeddings is not None, "reads": tuple(i for i, layer in enumerate(gpt.layers) if layer.reading is not None),
             "layout": book_of_layout().sizes() if gpt.layout is not None else None}  # fmt: skip
    channels, condition = source.book.shape[1], copy.deepcopy(gpt.cls_embedding)
    if settings.kind == "two-head":
        if any([shape.pop(own) for own in ("spread", "places", "reads", "layout")]):
            raise ValueError("a two-head student is the published one, and its teacher too: teacher.spread, places and layout have to be false, reads empty")
        student = TwoHead(channels, condition=condition, **shape)
    elif settings.kind == "flow-head":
        student = FlowHead(channels, settings.noise_hidden, source.job.config.pairs, condition=condition, **shape)
    else:
        raise ValueError(f"unknown kind of student {settings.kind!r}; known are two-head and flow-head")
    student.start_from(gpt)
    return student.requires_grad_(True)


class Distillation(nn.Module):
    """The loss of one batch of pairs: a part from pure noise, a part for each prefix that is known."""

    def __init__(self, student, source: Source, settings: Settings, network):
        super().__init__()
        self.student, self.settings = student, settings
        self.frozen = (source, network)  # in a tuple, so that their weights are not this module's
        self.register_buffer("book", source.book.clone(), persistent=False)
        if settings.alike:
            near = (source.book @ source.book.T).topk(NEIGHBOURS, 1)
            self.register_buffer("neighbours", near.indices, persistent=False)
            self.register_buffer("shares", (near.values / settings.alike).softmax(1), persistent=False)

    def blocks(self):
        return self.student.layers

    def forward(self, batch: dict, step: int) -> dict[str, torch.Tensor]:
        source, _ = self.frozen
        codes, logits = batch["codes"], batch.get("logits")  # what the teacher says along the codes, where that came with them
        with torch.no_grad():
            states, valid = source.condition(batch)
            if "noise" in batch:
                noise = batch["noise"]
            elif source.job.config.pairs.origin == "free":
                noise = torch.randn(*codes.shape, self.book.shape[1], device=codes.device)
            else:
                logits, noise = self._noise(states, valid, codes, batch.get("layout"))
        times = self._times(codes, step)[:, None]
        known = torch.arange(codes.shape[1], device=codes.device)[None] < times
        if self.settings.kind == "flow-head":
            return self._flow(logits, states, valid, codes, noise, known, times, batch)
        return self._two_head(states, valid, codes, noise, known, step)

    def _times(self, codes, step: int):
        """How many codes each picture [B] begins with. A flow head also learns to read all of its own, for refinement."""
        times, length = self.settings.times, codes.shape[1]
        turn = torch.arange(len(codes), device=codes.device) + step
        reading = self.settings.reading if self.settings.kind == "flow-head" else 0.0
        # Steps of the golden ratio fall evenly on [0, 1), whatever the batch is.
        mark = (turn * 0.6180339887498949) % 1
        drawn = torch.tensor(times, device=codes.device)[turn % len(times)]
        return torch.where(mark < reading, torch.full_like(drawn, length), drawn)

    def _noise(self, states, valid, codes, layout):
        """Pairs without sampling: what the teacher says along codes that are there, and noise that it takes to exactly these."""
        source, pairs = self.frozen[0], self.frozen[0].job.config.pairs
        logits = guided(source.teacher.gpt, states, valid, codes, pairs.guidance, layout)
        draw = partial(torch.randn, device=codes.device)
        noise = noise_for(codes, cooled(logits, pairs), self.book, draw, top_k=pairs.top_k, steps=BACKWARD_STEPS)
        return logits, noise

    def _flow(self, logits_of_teacher, states, valid, codes, noise, known, times, batch):
        rows, layout = batch.get("rows"), batch.get("layout")
        wanted, open_places = targets(codes, rows), ~targets(known, rows)
        known[:, 0] = True  # code 0 is there before the first pass (FlowHead.draw)
        logits = self.student(states, valid, noise, codes, known, rows, layout)
        # Where everything is known the student is to be the teacher, guided as it draws, at every position.
        open_places = (open_places | (times == codes.shape[1])).float()
        losses = self._hard(logits, wanted)
        if self.settings.soft:
            soft = self._soft(logits, logits_of_teacher, states, valid, codes, layout)
            losses = (1 - self.settings.soft) * losses + self.settings.soft * soft
        found = {"code 0": (losses[:, 0] * open_places[:, 0]).sum() / open_places[:, 0].sum().clamp(min=1)}
        for time in (*self.settings.times, codes.shape[1]):
            mine = open_places * (times == time)
            found[f"from {time}"] = (losses * mine).sum() / mine.sum().clamp(min=1)
        weights = open_places.clone()
        weights[:, 0] *= self.frozen[0].job.config.teacher.first
        return {"loss": (losses * weights).sum() / open_places.sum(), **found}

    def _hard(self, logits, wanted):
        """Cross-entropy [B, S] to the pair's codes. With `alike` a code's neighbours in the book share its target: what looks nearly right is nearly right, and a
        network that must draw an edge in a colour that it has not seen there learns that from the edges that it has seen."""
        if not self.settings.alike:
            return F.cross_entropy(logits.flatten(0, 1), wanted.flatten(), reduction="none").reshape(wanted.shape)
        near = logits.gather(2, self.neighbours[wanted])
        return logits.logsumexp(2) - (self.shares[wanted] * near).sum(2)

    def _soft(self, logits, targets, states, valid, codes, layout):
        """Cross-entropy to the teacher's own guided distribution along the pair's codes."""
        source, pairs = self.frozen[0], self.frozen[0].job.config.pairs
        with torch.no_grad():
            if targets is None:
                targets = guided(source.teacher.gpt, states, valid, codes, pairs.guidance, layout)
            least = targets.topk(min(pairs.top_k or targets.shape[-1], targets.shape[-1]), -1).values[..., -1:]
            share = targets.masked_fill(targets < least, -torch.inf).softmax(-1)
        return -(share * logits.log_softmax(-1)).sum(-1)

    def _two_head(self, states, valid, codes, noise, known, step):
        source, network = self.frozen
        settings, vectors = self.settings, self.book[codes]
        logits, free = self.student(states, valid, torch.where(known.unsqueeze(2), vectors, noise), known)
        place = torch.arange(codes.shape[1], device=codes.device)
        discrete, continuous = (~known & (place < settings.split)).float(), (~known & (place >= settings.split)).float()
        losses = F.cross_entropy(logits.flatten(0, 1), codes.flatten(), reduction="none").reshape(codes.shape)
        # Both heads learn at every open place, but what is used counts more.
        both = (~known).float()
        code_loss = (losses * (discrete + 0.2 * both)).sum() / (discrete + 0.2 * both).sum()
        squares = ((free - vectors) ** 2).sum(2)
        latent_loss = (squares * (continuous + 0.2 * both)).sum() / (continuous + 0.2 * both).sum()
        total = settings.weight_codes * code_loss + settings.weight_latents * latent_loss
        found = {"codes": code_loss, "latents": latent_loss}
        if settings.weight_picture and network is not None:
            some = torch.arange(settings.picture_batch, device=codes.device)
            mixed = torch.where((place < settings.split)[:, None], vectors[some], free[some])
            picture = self._distance(source, network, mixed, vectors[some])
            total, found["picture"] = total + settings.weight_picture * picture, picture
        return {"loss": total, **found}

    def _distance(self, source, network, ours, theirs):
        grid = source.job.config.grid
        shape = (len(ours), grid, grid, ours.shape[2])
        with torch.no_grad():
            target = source.vq.decode(theirs.reshape(shape)).float()
        return distance(network, source.vq.decode(ours.reshape(shape)).float(), target)


def feature_network(job: Job):
    settings = job.config.student
    if settings.kind == "flow-head" or not settings.weight_picture or settings.features == "none":
        return None
    if settings.features == "checker":
        return load_judge(job)
    return VggMaps(settings.features).to(job.machine.device).eval().requires_grad_(False)


def load_student(job: Job, source: Source):
    student = make_student(source)
    student.load_state_dict(job.result("student"), strict=True)
    return student.to(job.machine.device).eval().requires_grad_(False)


def batch_maker(job: Job, source: Source, codes: torch.Tensor, prompts: list[str], first: int):
    batch = job.config.student.optimizer.batch
    part, count = job.machine.part(batch), len(codes)

    def make(step: int) -> dict:
        rows = []
        for place in range(step * batch + part.start, step * batch + part.stop):
            epoch, at = divmod(place, count)
            rows.append(int(order(job.config.seed + 4, epoch, count)[at]))
        noise = torch.stack([source.noise(first + i) for i in rows])
        return {**source.tokens([prompts[i] for i in rows]), "codes": codes[rows].long(), "noise": noise}

    return make


def run(job: Job) -> None:
    if job.finished("student"):
        return
    config, settings, machine = job.config, job.config.student, job.machine
    source = load_source(job)
    torch.manual_seed(config.seed + 4)
    if settings.rows and (settings.kind != "flow-head" or settings.soft or config.pairs.origin != "free"):
        raise ValueError("student.rows needs a flow head on pairs of origin free and no soft targets: there is no teacher to ask for all rows")
    student = make_student(source).to(machine.device)
    if settings.begin:
        student.load_state_dict(begun(Path(settings.begin), student, source), strict=True)
    if settings.learns:
        if not settings.begin or settings.optimizer.decay:
            raise ValueError("student.learns goes on from a finished student (student.begin) without decay of weights (student.optimizer.decay 0)")
        hold_all_but(student, settings.learns)
    module = Distillation(student, source, settings, feature_network(job)).to(machine.device)
    if config.compile:
        for layer in student.layers:
            layer.compile()
    pools = max(1, config.pairs.refresh)
    average = None
    for pool in range(pools):
        until = math.ceil(settings.optimizer.steps * (pool + 1) / pools)
        if _steps_done(job) >= until and pool + 1 < pools:
            continue
        make = pairs_of(job, source, pool)
        average = train(
            job.run / "student", module, lambda a, b, make=make: feed(make, a, b, config.workers, machine.device),
            settings.optimizer, config, machine, job.clock, config.seed + 4, until=until,
        )  # fmt: skip
    learned = {k.removeprefix("student."): v for k, v in average.items()}
    job.keep("student", {**student.state_dict(), **learned}, kind=settings.kind, teacher=source.fingerprint)


def begun(run: Path, student, source: Source) -> dict[str, torch.Tensor]:
    """Another run's finished student. Where the book has grown since, a new code begins as the old one that was nearest to it; where the world has grown, a new
    drawing begins as any network does."""
    state, fresh, book = dict(pieces.load(run / "student" / "final")[0]), student.state_dict(), source.book
    old, new = state["tok_embeddings.weight"].shape[0], student.vocabulary
    if fresh["cls_embedding.uncond_embedding"].shape != state["cls_embedding.uncond_embedding"].shape:
        state["cls_embedding.uncond_embedding"] = fresh["cls_embedding.uncond_embedding"]
    if old < new:
        nearest = (book[old:] @ book[:old].T).argmax(1).cpu()
        for name in ("tok_embeddings.weight", "output.weight"):
            rows = state[name].float()
            state[name] = torch.cat([rows, rows[nearest] + 0.02 * torch.randn(new - old, rows.shape[1])])
    grown = [name for name, value in state.items() if name.startswith("layout.") and len(value) < len(fresh[name])]
    if grown:
        added = _added_drawings(run, source)
        for name in grown:
            rows = len(fresh[name]) - len(state[name])
            if added == 0 or rows % added:
                raise ValueError(f"{run}: {name} has {len(state[name])} rows where {len(fresh[name])} are needed; the world has {added} drawings more")
            state[name] = torch.cat([state[name].to(fresh[name].dtype), fresh[name][-rows:].cpu()])
    return state


def _added_drawings(run: Path, source: Source) -> int:
    """How many drawings this world has behind those of the other run's, which have to be its first ones: they are known by their place."""
    contents = json.loads((run / "data" / "tokenizer.json").read_text())
    before = [piece.removeprefix("▁") for piece, _ in contents["model"]["vocab"] if re.fullmatch(r"▁k[a-z0-9]{2,}", piece)]
    now = book_of_layout().things
    if list(now[: len(before)]) != before:
        other = next((f"{a} is {b} now" for a, b in zip(before, now, strict=False) if a != b), f"{len(before)} then, {len(now)} now")
        raise ValueError(f"{run} knows other drawings, or in another order: {other}. A world that goes on adds its new drawings behind the others")
    return len(now) - len(before)


def pairs_of(job: Job, source: Source, pool: int):
    """The function that makes the batch of a step."""
    if job.config.pairs.origin != "teacher":
        return captioned(job, source.words, make_codes(job), job.config.student, job.config.seed + 4)
    codes, prompts, first = trajectories.load_pool(job, source, pool)
    return batch_maker(job, source, codes, prompts, first)  # workers need the prompts and the noise, not the networks


def _steps_done(job: Job) -> int:
    state = job.run / "student" / "state"
    return pieces.load(state)[1]["step"] if pieces.exists(state) else 0
