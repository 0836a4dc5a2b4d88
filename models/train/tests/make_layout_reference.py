"""
Writes test/reference/trainer-layout: a flow-head student that is told layout maps, with random weights, and what PyTorch draws of it; tokenizer and text
encoder are those of test/reference/trainer-tiny-flow. And test/unit/scene/layout-maps.json: sentences of the scene language and their maps.

    python -m tests.make_layout_reference ../../test
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from twostep_train.config import Pairs
from twostep_train.gpt import CaptionEmbedding
from twostep_train.layout import Book, layout_map
from twostep_train.students import FlowHead
from twostep_train.teachers import load_published_text, load_published_vq
from twostep_train.words import Words, right_aligned

from .make_text_reference import randomise

BOOK = Book(("kfox", "kheart", "kcircle"), ("cred", "cmint", "clightblue"), ("gplain", "ghills", "gstripes"), ("dvertical", "dhorizontal"), ("lday", "lnight"))
SENTENCES = ["kfox s2 x1 y0 gplain cmint", "kcircle cred s4 x0 y0 kheart clightblue s2 x1 y1 gstripes cred cmint dhorizontal v2", "kowl s3 x2 y2 ghills lnight v5"]
TIMES = (0, 5)


@torch.no_grad()
def main(tests: Path) -> None:
    torch.manual_seed(4)
    folder, base = tests / "reference" / "trainer-layout", tests / "reference" / "trainer-tiny-flow"
    recipe = json.loads((base / "recipe.json").read_text())
    grid, sampling = recipe["grid"]["rows"], recipe["sampling"]
    vq, text = load_published_vq(base / "vq.pt"), load_published_text(base / "text")
    words = Words(json.loads((base / "text" / "tokenizer.json").read_text()), recipe["condition"]["tokens"])
    book = vq.quantize.rows()
    width = text.shared.weight.shape[1]
    pairs = Pairs(origin="free", top_k=sampling["topK"], temperature=sampling["temperature"], solver_steps=50)
    student = randomise(FlowHead(book.shape[1], 32, pairs, dim=16, layers=2, heads=recipe["heads"], vocabulary=len(book), grid=grid, multiple_of=32,
                                 layout=BOOK.sizes(), condition=CaptionEmbedding(width, recipe["condition"]["tokens"], 16)))  # fmt: skip
    maps = torch.stack([layout_map(one, BOOK, grid, grid) for one in SENTENCES])
    ids = [words.ids(one) for one in SENTENCES]
    tokens, valid = right_aligned(ids)
    states = text(tokens, valid)
    noise = torch.randn(len(SENTENCES), grid * grid, book.shape[1])
    codes = student.draw(states, valid, noise, book, TIMES, layout=maps)
    for _ in range(recipe["student"]["refinements"]["standard"]):
        codes = student.reread(states, valid, noise, codes, book, maps)

    (folder / "check").mkdir(parents=True, exist_ok=True)
    torch.save({"model": student.state_dict()}, folder / "student.pt")
    recipe["name"] = recipe["pack"]["name"] = "trainer-layout"
    recipe["student"]["layout"] = BOOK.contract()
    (folder / "recipe.json").write_text(json.dumps(recipe, indent=1) + "\n")
    (folder / "check" / "prompts.json").write_text(json.dumps([{"prompt": p, "ids": i} for p, i in zip(SENTENCES, ids, strict=True)], indent=1) + "\n")
    for name, tensor in {"noise": noise, "states": states[valid], "latents": book[codes], "layout": maps.float()}.items():
        np.save(folder / "check" / f"{name}.npy", tensor.numpy())

    said = [{"words": one, "rows": rows, "columns": columns, "map": layout_map(one, BOOK, rows, columns).flatten().tolist()}
            for one in SENTENCES for rows, columns in ((4, 4), (3, 5))]  # fmt: skip
    (tests / "unit" / "scene" / "layout-maps.json").write_text(json.dumps({"layout": BOOK.contract(), "maps": said}) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
