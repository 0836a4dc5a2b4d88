"""
Writes test/reference/llamagen-text: a text student's arrays from this package's modules, for `twostep parity`.

The authors published no student of text, so here the two implementations of ours hold each other: PyTorch's, which trains, and the
graphs that TypeScript writes. Sizes are unlike those of the authors' folders on purpose (other width, grid, codebook, rotary base).

    python -m tests.make_text_reference ../../test/reference/llamagen-text
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch

from twostep_train.gpt import CaptionEmbedding, Gpt
from twostep_train.students import TwoHead
from twostep_train.vq import Vq

SHAPE = dict(dim=48, n_layer=2, n_head=3, grid=6, vocab=50, cb=4, ch=32, mult=[1, 2], z=24, cap=24, T=9, tl=[0, 12], split=20,
             cfg=3.0, teacher_start=5, multiple_of=32, norm_eps=1e-6, rope_base=500, groups=8)  # fmt: skip
PICTURES = 3
TOKENS = (1, 9, 4)  # of each picture's prompt: the fewest, the most, some


def randomise(module: torch.nn.Module) -> torch.nn.Module:
    # What a file carries: weights and the unconditional table, not tables that are derived.
    for name, value in module.state_dict().items():
        if not value.dtype.is_floating_point:
            continue
        if value.dim() > 1:
            value.normal_(0, 1.2 / np.sqrt(np.prod(value.shape[1:])))
        elif "norm" in name and "weight" in name:
            value.uniform_(0.5, 1.5)
        else:
            value.normal_(0, 0.1)
    return module.eval()


@torch.no_grad()
def main(folder: Path) -> None:
    torch.manual_seed(3)
    folder.mkdir(parents=True, exist_ok=True)

    def save(name: str, values: torch.Tensor) -> None:
        np.save(folder / f"{name}.npy", values.numpy())

    grid, length, channels = SHAPE["grid"], SHAPE["grid"] ** 2, SHAPE["cb"]
    shape = dict(dim=SHAPE["dim"], layers=SHAPE["n_layer"], heads=SHAPE["n_head"], vocabulary=SHAPE["vocab"], grid=grid,
                 multiple_of=SHAPE["multiple_of"], eps=SHAPE["norm_eps"], base=SHAPE["rope_base"])  # fmt: skip
    caption = lambda: CaptionEmbedding(SHAPE["cap"], SHAPE["T"], SHAPE["dim"])  # noqa: E731
    vq = randomise(Vq(SHAPE["ch"], tuple(SHAPE["mult"]), 1, SHAPE["z"], SHAPE["vocab"], channels, groups=SHAPE["groups"]))
    teacher = randomise(Gpt(**shape, condition=caption()))
    student = randomise(TwoHead(channels, **shape, condition=caption()))
    (folder / "config.json").write_text(json.dumps(SHAPE, indent=1) + "\n")
    # Three of the wrappers that published files come in.
    torch.save({"model": vq.state_dict()}, folder / "vq.pt")
    torch.save({"module": teacher.state_dict()}, folder / "t2i.pt")
    torch.save(student.state_dict(), folder / "dd-t2i.pt")

    codes = torch.randint(0, SHAPE["vocab"], (PICTURES, length))
    save("vq.codes", codes)
    save("vq.image", vq.decode_codes(codes, grid))
    image = torch.rand(PICTURES, 3, grid * 2, grid * 2) * 2 - 1
    save("vq.encode.image", image)
    save("vq.encode.codes", vq.encode(image))

    valid = torch.zeros(PICTURES, SHAPE["T"], dtype=torch.bool)
    for picture, count in enumerate(TOKENS):
        valid[picture, SHAPE["T"] - count :] = True
    states = torch.randn(PICTURES, SHAPE["T"], SHAPE["cap"]) * valid[..., None]
    save("t2i.text", states)
    save("t2i.mask", valid.float())
    guided = teacher(states, valid, codes)
    free = teacher(states, valid, codes, torch.ones(PICTURES, dtype=torch.bool))
    save("t2i.logits", (free + (guided - free) * SHAPE["cfg"]).half())

    noise = torch.randn(PICTURES, length, channels)
    save("dd.noise", noise)
    book = torch.nn.functional.normalize(vq.quantize.embedding.weight, dim=-1)
    position, latents = torch.arange(length), noise
    for step, time in enumerate(SHAPE["tl"]):
        known = position < time
        inputs = torch.where(known[:, None], latents, noise)
        logits, vectors = student(states, valid, inputs, known)
        answer = torch.where((position < SHAPE["split"])[:, None], book[logits.argmax(-1)], vectors)
        latents = torch.where(known[:, None], inputs, answer)
        for name, values in dict(input=inputs, logits=logits.half(), embeddings=vectors, output=latents).items():
            save(f"dd-t2i.step{step}.{name}", values)
    save("dd-t2i.image", vq.decode(latents.reshape(PICTURES, grid, grid, channels)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
