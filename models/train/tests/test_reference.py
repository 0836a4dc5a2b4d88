"""Our modules against the outputs of the authors' own code (test/reference/llamagen-a, random weights)."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from twostep_train.gpt import CaptionEmbedding, Gpt, LabelEmbedding, generate
from twostep_train.students import TwoHead
from twostep_train.vq import Vq

FOLDER = Path(__file__).resolve().parents[3] / "test" / "reference" / "llamagen-a"
SHAPE = json.loads((FOLDER / "config.json").read_text())
GRID, CHANNELS = SHAPE["grid"], SHAPE["cb"]


def array(name: str) -> torch.Tensor:
    return torch.from_numpy(np.load(FOLDER / f"{name}.npy").copy())


def weights(name: str, key: str = "model") -> dict:
    return torch.load(FOLDER / f"{name}.pt", weights_only=True)[key]


def shape(condition) -> dict:
    return dict(dim=SHAPE["dim"], layers=SHAPE["n_layer"], heads=SHAPE["n_head"], vocabulary=SHAPE["vocab"], grid=GRID,
                condition=condition, multiple_of=SHAPE["multiple_of"], eps=SHAPE["norm_eps"], base=SHAPE["rope_base"])  # fmt: skip


def load(module, state: dict):
    module.load_state_dict(state, strict=True)
    return module.eval()


@pytest.fixture(scope="module")
def vq():
    return load(Vq(SHAPE["ch"], tuple(SHAPE["mult"]), 2, SHAPE["z"], SHAPE["vocab"], CHANNELS), weights("vq"))


@pytest.fixture(scope="module")
def c2i():
    return load(Gpt(**shape(LabelEmbedding(SHAPE["classes"], SHAPE["dim"]))), weights("c2i"))


@pytest.fixture(scope="module")
def t2i():
    return load(Gpt(**shape(CaptionEmbedding(SHAPE["cap"], SHAPE["T"], SHAPE["dim"]))), weights("t2i"))


def close(ours: torch.Tensor, theirs: torch.Tensor, tolerance: float = 1e-4) -> None:
    theirs = theirs.float().reshape(ours.shape)
    error = (ours.detach() - theirs).abs().max() / theirs.abs().max()
    assert error < tolerance, f"relative error {error:.2e}"


@torch.no_grad()
def test_vq_decodes_and_encodes_as_published(vq):
    close(vq.decode_codes(array("vq.codes").long(), GRID), array("vq.image"))
    assert torch.equal(vq.encode(array("vq.encode.image")), array("vq.encode.codes").long())


@torch.no_grad()
def test_class_teacher_logits_and_greedy_codes(c2i):
    labels, ones = array("c2i.class").long(), torch.ones(2, 1, dtype=torch.bool)
    close(c2i(labels, ones, array("vq.codes").long()), array("c2i.logits"), 1e-3)
    codes = generate(c2i, labels, ones, lambda _, logits: logits.argmax(1), SHAPE["cfg"], GRID * GRID)
    assert torch.equal(codes, array("c2i.greedy.codes").long())


@torch.no_grad()
def test_text_teacher_guided_logits_and_greedy_codes(t2i):
    states, valid = array("t2i.text"), array("t2i.mask").bool()
    codes = array("vq.codes").long()
    with_text = t2i(states, valid, codes)
    without = t2i(states, valid, codes, torch.ones(2, dtype=torch.bool))
    close(without + (with_text - without) * SHAPE["cfg"], array("t2i.logits"), 1e-3)
    greedy = lambda _, logits: logits.argmax(1)  # noqa: E731
    assert torch.equal(generate(t2i, states, valid, greedy, SHAPE["cfg"], GRID * GRID), array("t2i.greedy.codes").long())
    assert torch.equal(generate(t2i, states, valid, greedy, None, GRID * GRID), array("t2i.greedy.nocfg.codes").long())


@torch.no_grad()
def test_student_steps_and_picture(vq):
    student = load(TwoHead(CHANNELS, **shape(LabelEmbedding(SHAPE["classes"], SHAPE["dim"]))), weights("dd-c2i", "ema"))
    labels, ones, noise = array("c2i.class").long(), torch.ones(2, 1, dtype=torch.bool), array("dd.noise")
    book, position = vq.quantize.rows(), torch.arange(GRID * GRID)
    for step, time in enumerate(SHAPE["tl"]):
        logits, free = student(labels, ones, array(f"dd.step{step}.input"), position < time)
        close(logits, array(f"dd.step{step}.logits"), 1e-3)
        close(free, array(f"dd.step{step}.embeddings"))
    latents = student.draw(labels, ones, noise, book, SHAPE["tl"], SHAPE["split"])
    close(latents, array("dd.step1.output"))
    close(vq.decode(latents.reshape(2, GRID, GRID, CHANNELS)), array("dd.image"))


@torch.no_grad()
def test_text_encoder_states():
    from safetensors.torch import load_file

    from twostep_train.t5 import T5Encoder

    folder = FOLDER.parent / "t5-a"
    shape = json.loads((folder / "config.json").read_text())
    encoder = T5Encoder(vocabulary=shape["vocab_size"], width=shape["d_model"], layers=shape["num_layers"],
                        heads=shape["num_heads"], head=shape["d_kv"], hidden=shape["d_ff"])  # fmt: skip
    tensors = {}
    for path in sorted(folder.glob("*.safetensors")):
        tensors.update({k: v for k, v in load_file(path).items() if k == "shared.weight" or k.startswith("encoder.")})
    load(encoder, tensors)
    ids, mask, states = (torch.from_numpy(np.load(folder / f"text.{n}.npy")) for n in ("ids", "mask", "states"))
    close(encoder(ids.long(), mask.bool()), states)
