"""What is distilled: teacher, tokenizer and prompts, ours or published. Trajectories, student and evaluation know only this."""

import copy
import hashlib
import json
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from .draws import Draws, gaussian
from .gpt import LabelEmbedding
from .job import Job
from .scenes.sample import sample
from .scenes.strange import with_strange_words
from .teachers import TextTeacher, load_published_gpt, load_published_text, load_published_vq
from .vq import Vq
from .words import Words

PROMPT_SEED, NOISE_SEED, HELD_OUT_SEED = 21, 22, 99


@dataclass
class Source:
    teacher: TextTeacher
    vq: Vq
    words: Words | None
    job: Job
    fingerprint: str  # of the teacher, so that pairs of another one are never mixed in
    prompts: list[str] | None = None

    @property
    def book(self) -> torch.Tensor:
        return self.vq.quantize.rows()

    def prompt(self, index: int) -> str:
        """Of pair number `index`; a class-conditional teacher's is the label as a number."""
        embedding = self.teacher.gpt.cls_embedding
        if isinstance(embedding, LabelEmbedding):
            return str(Draws(self.job.config.seed + PROMPT_SEED, index).below(embedding.classes))
        if self.prompts is not None:
            return self.prompts[index % len(self.prompts)]
        config = self.job.config
        text = sample(config.seed + PROMPT_SEED, index).text
        return with_strange_words(text, config.text.noise, Draws(config.seed + PROMPT_SEED + 1, index))

    def noise(self, index: int, stream: int = NOISE_SEED) -> torch.Tensor:
        """[length, channels]"""
        config = self.job.config
        channels = self.vq.quantize.embedding.weight.shape[1]
        return torch.from_numpy(gaussian(config.seed * 1000 + stream, index, config.length * channels)).reshape(-1, channels)

    def tokens(self, prompts: list[str]) -> dict[str, torch.Tensor]:
        """A batch of prompts as tensors (on the CPU)."""
        if self.words is None:
            return {"labels": torch.tensor([int(p) for p in prompts])}
        return self.words.read(prompts)

    def condition(self, batch: dict):
        return self.teacher.condition(batch)


def load_source(job: Job) -> Source:
    files = job.config.published
    if files.gpt:
        return _published(job)
    from .stages.data import load_words
    from .stages.teacher import load_teacher
    from .stages.tokenizer import load_vq

    words, teacher, vq = load_words(job), load_teacher(job), load_vq(job)
    manifest = (job.run / "teacher" / "final" / "manifest.json").read_bytes()
    return Source(teacher, vq, words, job, hashlib.sha256(manifest).hexdigest()[:16])


def _published(job: Job) -> Source:
    files, device = job.config.published, job.machine.device
    gpt = load_published_gpt(Path(files.gpt), files.heads, job.config.grid)
    text = load_published_text(Path(files.text)) if files.text else None
    words = prompts = None
    if text is not None:
        contents = json.loads((Path(files.text) / "tokenizer.json").read_text())
        words = Words(contents, gpt.cls_embedding.uncond_embedding.shape[0])
        prompts = [line for line in Path(files.prompts).read_text().splitlines() if line.strip()]
        if not prompts:
            raise ValueError(f"{files.prompts} holds no prompts: one a line is expected")
    teacher = TextTeacher(text, gpt).to(device).eval().requires_grad_(False)
    vq = load_published_vq(Path(files.vq)).to(device).eval().requires_grad_(False)
    if gpt.vocabulary != vq.quantize.embedding.weight.shape[0]:
        raise ValueError(f"{files.gpt} speaks {gpt.vocabulary} codes, but {files.vq} has {vq.quantize.embedding.weight.shape[0]}")
    # A whole digest of 3 GB costs seconds and is worth it: pairs of two teachers must never mix.
    digest = hashlib.sha256()
    with open(files.gpt, "rb") as file:
        while block := file.read(1 << 22):
            digest.update(block)
    return Source(teacher, vq, words, job, digest.hexdigest()[:16], prompts)


def with_precision(source: Source, dtype: torch.dtype) -> Source:
    """The same with the teacher's GPT in another precision (text and tokenizer stay in float32)."""
    if dtype == torch.float32:
        return source
    gpt = copy.deepcopy(source.teacher.gpt).to(dtype)
    gpt.turn = source.teacher.gpt.turn  # the rotary table stays exact
    return replace(source, teacher=TextTeacher(source.teacher.text, gpt))
