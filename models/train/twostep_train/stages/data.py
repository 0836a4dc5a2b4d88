"""Builds the text tokenizer and draws contact sheets, so that somebody looks at the data before anything is trained on it."""

import json
import time

import torch

from ..job import Job
from ..layout import book
from ..pieces import write_text
from ..plots import grid
from ..scenes.draw import draw
from ..scenes.sample import sample
from ..words import Words, build_tokenizer


def run(job: Job) -> None:
    folder = job.run / "data"
    path = folder / "tokenizer.json"
    if path.exists():
        return
    if job.machine.main:
        folder.mkdir(parents=True, exist_ok=True)
        began = time.monotonic()
        samples = [sample(job.config.seed, i) for i in range(48)] + [sample(job.config.seed, i, held_out=True) for i in range(48)]
        made = time.monotonic()
        images = draw(torch.tensor([s.scene.row() for s in samples]).to(job.machine.device), job.config.size)
        drawn = time.monotonic()
        grid(folder / "training.png", images[:48], 8)
        grid(folder / "held-out.png", images[48:], 8)
        write_text(folder / "captions.txt", "\n".join(s.text for s in samples) + "\n")
        contents = build_tokenizer(job.config.seed)
        write_text(path, json.dumps(contents, ensure_ascii=False, indent=1) + "\n")
        job.machine.tell(
            f"data: {len(contents['model']['vocab'])} pieces; composing {len(samples) / (made - began):.0f} scenes/s, "
            f"drawing {len(samples) / (drawn - made):.0f} pictures/s at {job.config.size} pixels on {job.machine.device.type}"
        )
    job.machine.wait()


def load_words(job: Job) -> Words:
    run(job)
    contents = json.loads((job.run / "data" / "tokenizer.json").read_text())
    return Words(contents, job.config.text.tokens, book() if job.config.teacher.layout else None)
