"""A world that grew goes on from the networks of before: old drawings keep what was learned, new ones begin afresh."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from twostep_train import pieces
from twostep_train.layout import DETAIL, FIELDS, LayoutEmbedding, book
from twostep_train.stages.growing import hold_all_but
from twostep_train.stages.student import begun
from twostep_train.words import build_tokenizer
from twostep_train.world.drawings import use

BOX = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect width="8" height="8" fill="#f60"/></svg>'


def world_of(folder: Path, names: list[str]) -> None:
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / f"{name}.svg").write_text(BOX)
    drawings = [{"id": name, "names": {"en": [name]}} for name in names]
    (folder / "index.json").write_text(json.dumps({"version": 1, "drawings": drawings}))
    use(folder)


def student_of() -> SimpleNamespace:
    layout = LayoutEmbedding(16, book().sizes())
    layout.start()
    state = {f"layout.{k}": v for k, v in layout.state_dict().items()}
    state |= {"tok_embeddings.weight": torch.randn(8, 4), "cls_embedding.uncond_embedding": torch.zeros(3, 4)}
    return SimpleNamespace(vocabulary=8, state_dict=lambda: state)


@pytest.fixture
def run(tmp_path: Path):
    """A finished run that knows a fox and an owl."""
    world_of(tmp_path / "world", ["fox", "owl"])
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "tokenizer.json").write_text(json.dumps(build_tokenizer(1)))
    pieces.save(tmp_path / "student" / "final", student_of().state_dict())
    yield tmp_path
    use(None)


def test_new_drawings_begin_afresh_and_old_ones_stay(run):
    before = pieces.load(run / "student" / "final")[0]
    world_of(run / "world", ["fox", "owl", "hen", "cow"])
    student = student_of()
    found, fresh = begun(run, student, SimpleNamespace(book=torch.randn(8, 4))), student.state_dict()
    for name in ("layout.thing_embeddings.weight", "layout.detail_embeddings.weight", "layout.thing_factor_embeddings.weight"):
        old = len(before[name])
        assert found[name].shape == fresh[name].shape
        assert torch.equal(found[name][:old], before[name]), name
        assert torch.equal(found[name][old:], fresh[name][old:]), name
    assert torch.equal(found["layout.cell_embeddings.weight"], before["layout.cell_embeddings.weight"])


@pytest.mark.parametrize("names", [["owl", "fox", "hen"], ["hen", "fox", "owl"]])
def test_another_order_is_refused_by_name(run, names):
    world_of(run / "world", names)
    with pytest.raises(ValueError, match=r"in another order: k\w+ is k\w+ now"):
        begun(run, student_of(), SimpleNamespace(book=torch.randn(8, 4)))


def test_only_the_rows_of_what_is_learned_move(tmp_path):
    world_of(tmp_path / "world", ["fox", "owl"])
    index = json.loads((tmp_path / "world" / "index.json").read_text())
    index["drawings"][1] |= {"kind": "icon", "coloured": False}
    (tmp_path / "world" / "index.json").write_text(json.dumps(index))
    use(tmp_path / "world")
    layout = LayoutEmbedding(16, book().sizes())
    layout.start()
    student = torch.nn.Module()
    student.layout, student.output = layout, torch.nn.Linear(16, 4)
    hold_all_but(student, ("icon",))
    before = {k: v.clone() for k, v in student.state_dict().items()}
    optimizer = torch.optim.AdamW([p for p in student.parameters() if p.requires_grad], lr=0.1, weight_decay=0.0)
    numbers = torch.randint(1, len(book().things) + 1, (1, 256))
    numbers[0, :2] = torch.tensor([len(book().things) - 1, len(book().things)])  # the fox, and the owl that is an icon
    maps = torch.zeros(1, 256, len(FIELDS), dtype=torch.long)
    maps[..., 0], maps[..., 2] = numbers, numbers * DETAIL**2 + 5
    student.output(layout(maps)).square().sum().backward()
    optimizer.step()
    owl = len(book().things)
    for name, value in student.state_dict().items():
        moved = (value != before[name]).flatten(1).any(1).nonzero().flatten().tolist() if value.ndim > 1 else [*range(len(value))] if (value != before[name]).any() else []
        each = {"thing_embeddings": 1, "thing_factor_embeddings": 1, "detail_embeddings": DETAIL**2}.get(name.removeprefix("layout.").removesuffix(".weight"))
        assert moved == ([owl * each + (5 if each > 1 else 0)] if each else []), name
    with pytest.raises(ValueError, match="no drawing of the world is of such a kind"):
        hold_all_but(student, ("badge",))
    use(None)
