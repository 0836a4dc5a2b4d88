"""Writes the results as published checkpoints are laid out; the importer of models/import turns them into a pack.

vq.pt, teacher.pt and student.pt are what torch.save makes of {"model": tensors}; text/ is a folder in Hugging Face's layout, with the vocabulary;
export.json says what the tensors can't: heads, grid, sampling, times, kind, seed, figures; recipe.json says it to `twostep import`.
"""

import json
import platform
import subprocess
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

from .. import pieces
from ..codebook import OURS
from ..config import to_dict
from ..job import Job
from ..layout import book
from ..pieces import write_text
from ..scenes.language import spoken
from ..scenes.sample import lesson
from ..source import load_source
from ..students import TwoHead
from ..vocabulary import write as write_vocabulary
from ..words import END, PAD, UNKNOWN
from ..world.drawings import world
from .data import load_words
from .student import load_student
from .teacher import load_teacher
from .tokenizer import load_vq

STARTER_DESCRIPTION = (
    "Flat illustrations in two steps: {things} things (animals, food, plants, vehicles, tools, people at work) in their own colours, 24 shapes in 18 colours and {icons} icons; one of them or up "
    "to five, on even grounds, gradients and app icon tiles; landscapes and a thing in them, gradients, blobs, stripes, checks, dots. "
    "Icons have rough edges, small things are soft. No photographs, no lettering. Trained on two processor cores."
)
STARTER_IDEAS = [
    "a cute fox", "three balloons", "a rocket over the mountains at night", "coffee cup on mint", "purple badge with a white lightning bolt", "a dog and a cat",
    "sunset over the sea", "a pizza", "person working on laptop", "blue to purple gradient", "pink polka dots", "five bees", "strawberry and pineapple", "two penguins",
]  # fmt: skip
STARTER_NOTICE = (
    "What the networks learned comes from drawings by others, under free licences: Fluent Emoji, Copyright (c) Microsoft Corporation, MIT; Phosphor Icons, Copyright (c) 2023 "
    "Phosphor Icons, MIT. Names and keywords: emojibase-data, Copyright (c) Miles Johnson, MIT, with annotations of Unicode CLDR, Copyright (c) Unicode, Inc., Unicode-3.0. "
    "None of the drawings is in the pack."
)


def run(job: Job) -> None:
    if not job.machine.main:
        return
    config, folder = job.config, job.run / "export"
    (folder / "text").mkdir(parents=True, exist_ok=True)
    words, teacher, vq = load_words(job), load_teacher(job), load_vq(job)
    _save(folder / "vq.pt", {k: v for k, v in vq.state_dict().items() if k.removeprefix("quantize.") not in OURS})  # not in the published layout
    _save(folder / "teacher.pt", teacher.gpt.state_dict())
    student = pieces.exists(job.run / "student" / "final")
    if student:
        _save(folder / "student.pt", job.result("student"))
    text = {k: v.detach().cpu().contiguous() for k, v in teacher.text.state_dict().items()}
    save_file(text, folder / "text" / "model.safetensors", metadata={"format": "pt"})
    write_text(folder / "text" / "tokenizer.json", json.dumps(words.contents, ensure_ascii=False, indent=1) + "\n")
    write_vocabulary(folder / "text" / "vocabulary.json", recognised=recognised(job))
    write_text(folder / "text" / "tokenizer_config.json", json.dumps(_tokenizer_config(config.text.tokens), indent=1) + "\n")
    write_text(folder / "text" / "config.json", json.dumps(_text_config(config, words.size), indent=1) + "\n")
    write_text(folder / "export.json", json.dumps(_facts(job, student), indent=1) + "\n")
    write_text(folder / "recipe.json", json.dumps(_recipe(config, json.loads((folder / "text" / "vocabulary.json").read_text())), indent=1) + "\n")
    if student:
        _known_answers(job, folder / "check")
    job.machine.tell(f"export: {folder}")


def recognised(job: Job) -> set[str] | None:
    """The drawings that came out well enough alone, icons in pairs as well (stages/concepts.py); None where nobody looked."""
    path = job.run / "concepts" / "results.json"
    if not path.exists():
        return None
    found = json.loads(path.read_text())
    return {name for kind, one in found.items() for name, (alone, pairs) in one["names"].items() if alone and (pairs or kind != "icon")}


@torch.no_grad()
def _known_answers(job: Job, folder: Path) -> None:
    """What PyTorch makes of three prompts and fixed noise, for whoever runs the exported networks: prompts.json with token ids, and
    float32 noise, states (valid rows of the prompts one after the other), latents and images as .npy."""
    config, source = job.config, load_source(job)
    student, device = load_student(job, source), job.machine.device
    prompts = ["a large yellow star above a green square", "blue and white stripes", "mountains at sunset"]
    if world().drawings:  # nothing else is a sentence of the scene language
        prompts = [spoken(lesson(config.seed + 41, i)) for i in range(3)]
    tokens = {k: v.to(device) for k, v in source.tokens(prompts).items()}
    noise = torch.stack([source.noise(i, 41) for i in range(len(prompts))]).to(device)
    states, valid = source.condition(tokens)
    if isinstance(student, TwoHead):
        latents = student.draw(states, valid, noise, source.book, config.student.times, config.student.split)
    else:
        codes = student.draw(states, valid, noise, source.book, config.student.times, layout=tokens.get("layout"))
        for _ in range(config.student.refinements):
            codes = student.reread(states, valid, noise, codes, source.book, tokens.get("layout"))
        latents = source.book[codes]
    image = source.vq.decode(latents.reshape(len(prompts), config.grid, config.grid, -1))
    folder.mkdir(exist_ok=True)
    ids = [source.words.ids(prompt) for prompt in prompts]
    write_text(folder / "prompts.json", json.dumps([{"prompt": p, "ids": i} for p, i in zip(prompts, ids, strict=True)], indent=1) + "\n")
    for name, tensor in {"noise": noise, "states": states[valid], "latents": latents, "image": image}.items():
        np.save(folder / f"{name}.npy", tensor.float().cpu().numpy())


def _save(path: Path, state: dict) -> None:
    fresh = path.with_suffix(".new")
    torch.save({"model": {k: v.detach().cpu().contiguous() for k, v in state.items()}}, fresh)
    fresh.replace(path)


def _tokenizer_config(tokens: int) -> dict:
    return {"tokenizer_class": "T5Tokenizer", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>", "model_max_length": tokens}


def _text_config(config, vocabulary: int) -> dict:
    t = config.text
    return {
        "architectures": ["T5EncoderModel"], "model_type": "t5", "is_encoder_decoder": False, "vocab_size": vocabulary,
        "d_model": t.width, "d_kv": t.width // t.heads, "d_ff": t.hidden, "num_layers": t.layers, "num_heads": t.heads,
        "feed_forward_proj": "gated-gelu", "dense_act_fn": "gelu_new", "is_gated_act": True, "layer_norm_epsilon": 1e-6,
        "relative_attention_num_buckets": 32, "relative_attention_max_distance": 128, "dropout_rate": 0.0,
        "pad_token_id": PAD, "eos_token_id": END, "unk_token_id": UNKNOWN,
    }  # fmt: skip


def _recipe(config, vocabulary: dict) -> dict:
    """What `twostep import recipe.json` must know besides the tensors (models/import/recipe.ts)."""
    kinds = [one["kind"] for one in vocabulary["concepts"] if any(drawing["style"] != "flat" or drawing["colours"] == "own" for drawing in one.get("drawings", []))]
    described = STARTER_DESCRIPTION.format(things=kinds.count("thing"), icons=kinds.count("icon"))
    return {
        "name": config.pack or config.name,
        "summary": f"{config.name}, from twostep_train",
        "files": {"vq": "vq.pt", "teacher": "teacher.pt", "student": "student.pt", "text": "text"},
        "optional": ["teacher", "student"],
        "pack": {
            "name": "Starter" if config.pack == "starter" else config.name,
            "description": described if config.pack == "starter" else "Flat illustrations, patterns, backgrounds and simple landscapes.",
            "ideas": STARTER_IDEAS if config.pack == "starter" else ["a large yellow star above a green square", "blue and white stripes"],
            "licence": {"spdx": "Apache-2.0", "notice": STARTER_NOTICE if config.pack == "starter" else ""},
            "transparency": "matte",
            "notes": "Trained by models/train on pictures that it renders itself (models/train/REPORT.md, LOG.md).",
        },
        "condition": {"kind": "text", "tokens": config.text.tokens, "cleaning": "none"},
        "grid": {"rows": config.grid, "columns": config.grid},
        "heads": config.teacher.heads,
        "groups": config.vq.groups,
        "student": _student(config),
        "sampling": {"guidance": config.pairs.guidance, "topK": config.pairs.top_k, "topP": 1.0, "temperature": config.pairs.temperature},
    }


def _student(config) -> dict:
    settings, pairs = config.student, config.pairs
    if settings.kind == "two-head":
        return {"kind": "two-head", "times": list(settings.times), "split": settings.split}
    # A student that its own reading does not improve (LOG.md) offers nothing beyond its steps.
    refinements = {"standard": settings.refinements, "fine": 4 * settings.refinements}
    freely = {"firstTemperature": pairs.first_temperature} if pairs.first_temperature else {}
    told = {"layout": book().contract()} if config.teacher.layout else {}
    return {"kind": "flow-head", "times": list(settings.times), "refinements": refinements, **freely, **told}


def _facts(job: Job, student: bool) -> dict:
    config = job.config
    results = job.run / "evaluate" / "results.json"
    return {
        "format": "twostep-export",
        "version": 1,
        "name": config.name,
        "files": {"vq": "vq.pt", "teacher": "teacher.pt", "student": "student.pt" if student else None, "text": "text"},
        "grid": config.grid,
        "downsample": config.size // config.grid,
        "codebook": {"size": config.vq.vocabulary, "channels": config.vq.channels},
        "vq": {"ch": config.vq.ch, "mult": list(config.vq.mult), "blocks": config.vq.blocks, "z": config.vq.z, "groups": config.vq.groups},
        "teacher": {"width": config.teacher.width, "layers": config.teacher.layers, "heads": config.teacher.heads,
                    "multiple_of": config.teacher.multiple_of, "tokens": config.text.tokens},
        "sampling": {"guidance": config.pairs.guidance, "topK": config.pairs.top_k, "topP": 1.0, "temperature": config.pairs.temperature},
        "student": {"kind": config.student.kind, "times": list(config.student.times), "split": config.student.split,
                    "solver_steps": config.pairs.solver_steps, "noise_hidden": config.student.noise_hidden, "refinements": config.student.refinements} if student else None,
        "cleaning": "none",
        "provenance": {"commit": _commit(), "seed": config.seed, "machine": f"{job.machine.device.type}, {platform.machine()}",
                       "torch": torch.__version__, "seconds": _seconds(job)},
        "config": json.loads(json.dumps(to_dict(config))),
        "optimizers": {k: asdict(getattr(config, k).optimizer) for k in ("vq", "checker", "teacher", "student")},
        "results": json.loads(results.read_text()) if results.exists() else None,
    }  # fmt: skip


def _commit() -> str:
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=Path(__file__).parent, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def _seconds(job: Job) -> dict[str, float]:
    from .plan import seconds_spent, trained

    return {stage: seconds_spent(job, stage) for stage in trained(job.config)}
