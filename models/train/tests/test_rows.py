"""Steps that look at some image rows only: which ones, and that what they compute is what all rows together would."""

import torch

from twostep_train.config import Optimizer, Pairs, Teacher
from twostep_train.draws import Draws
from twostep_train.gpt import CaptionEmbedding, Gpt
from twostep_train.rows import batch_of, choose, first_place, targets
from twostep_train.scenes.sample import sample
from twostep_train.students import FlowHead

SHAPE = {"dim": 32, "layers": 2, "heads": 2, "vocabulary": 40, "grid": 4, "multiple_of": 32, "spread": True, "places": True, "reads": (1,)}


def condition(batch: int):
    valid = torch.ones(batch, 5, dtype=torch.bool)
    valid[0, :2] = False
    return torch.randn(batch, 5, 16) * valid[..., None], valid


def test_all_rows_given_one_by_one_are_all_rows():
    torch.manual_seed(1)
    (states, valid), codes = condition(3), torch.randint(0, 40, (3, 16))
    rows = torch.arange(15).expand(3, -1)
    gpt = Gpt(condition=CaptionEmbedding(16, 5, 32), **SHAPE)
    gpt.start()
    assert torch.allclose(gpt(states, valid, codes), gpt(states, valid, codes, rows=rows), atol=1e-5)
    student = FlowHead(8, 16, Pairs(), condition=CaptionEmbedding(16, 5, 32), **SHAPE)
    student.start_from(gpt)
    noise, known = torch.randn(3, 16, 8), torch.arange(16)[None] < torch.tensor([[0], [7], [16]])
    assert torch.allclose(student(states, valid, noise, codes, known), student(states, valid, noise, codes, known, rows), atol=1e-5)
    assert torch.allclose(student.first_logits(states, valid), student(states, valid, noise, codes, known)[:, 0], atol=1e-5)


def test_a_row_left_out_is_not_seen_and_places_are_told():
    torch.manual_seed(2)
    (states, valid), codes = condition(2), torch.randint(0, 40, (2, 16))
    gpt = Gpt(condition=CaptionEmbedding(16, 5, 32), **SHAPE)
    gpt.start()
    rows = torch.tensor([[0, 3, 9], [0, 5, 6]])
    before = gpt(states, valid, codes, rows=rows)
    other = codes.clone()
    other[0, 4], other[1, 3] = (codes[0, 4] + 1) % 40, (codes[1, 3] + 1) % 40
    assert torch.equal(before, gpt(states, valid, other, rows=rows))
    moved = gpt(states, valid, codes, rows=torch.tensor([[0, 3, 9], [0, 5, 7]]))
    assert torch.equal(before[0], moved[0]) and not torch.allclose(before[1, 3], moved[1, 3])
    assert targets(codes, rows).tolist()[0] == [int(codes[0, i]) for i in (0, 1, 4, 10)]


def test_rows_are_chosen_from_the_scene_alone():
    for index in range(40):
        scene = sample(1, index).scene
        rows = choose(scene, 64, 16, Draws(3, index))
        assert rows == sorted(set(rows)) and len(rows) == 64 and rows[0] == 0 and rows[-1] < 255
    assert choose(scene, 64, 16, Draws(3, 39)) == rows != choose(scene, 64, 16, Draws(4, 39))


def test_no_picture_is_skipped_where_the_batch_changes():
    settings = Teacher(rows=64, whole_share=0.25, whole_batch=16, optimizer=Optimizer(steps=8, batch=64))
    seen = [(first_place(settings, step), batch_of(settings, step)) for step in range(8)]
    assert [first for first, _ in seen] == [0, 64, 128, 192, 256, 320, 384, 400]
    assert [batch for _, (batch, _) in seen] == [64] * 6 + [16] * 2 and seen[5][1][1] is False and seen[6][1][1] is True
