"""The exact world of `prove`, and the whole of it at a size that a test can wait for."""

import dataclasses
import json

import pytest
import torch

from twostep_train.__main__ import arguments, main
from twostep_train.config import to_dict
from twostep_train.presets import PROOF
from twostep_train.proof.world import World, corners, rectangles


@pytest.fixture(scope="module")
def world():
    return World.of(rectangles(3, 4), corners(4))


def test_all_rectangles_are_there_once_and_what_is_no_rectangle_is_not_known(world):
    hypotheses = rectangles(3, 4)
    assert hypotheses.shape == (36 * 12, 9)
    assert world.knows(hypotheses).all()
    every = torch.cartesian_prod(*[torch.arange(4)] * 9)
    known = {tuple(codes.tolist()) for codes in hypotheses}
    assert int(world.knows(every).sum()) == len(known)
    assert not world.knows(torch.tensor([[0, 0, 1, 0, 1, 0, 0, 0, 0]])).any()


def test_the_posterior_is_what_counting_hypotheses_gives(world):
    hypotheses = rectangles(3, 4)
    begun = torch.tensor([2, 2, 1, 2])
    rest = hypotheses[(hypotheses[:, :4] == begun).all(1)]
    node = 0
    for code, following in zip(begun.tolist(), world.following, strict=False):
        node = int(following[node, code])
    assert torch.allclose(world.shares[4][node], torch.bincount(rest[:, 4], minlength=4) / len(rest))


def test_the_teacher_draws_every_hypothesis_as_often_as_it_is_likely(world):
    generator = torch.Generator().manual_seed(1)
    codes, posterior = world.draw(torch.randn(60_000, 9, 3, generator=generator), 24)
    assert world.knows(codes).all()
    assert torch.allclose(posterior.sum(2), torch.ones(60_000, 9))
    found = torch.stack([torch.bincount(column, minlength=4) for column in codes.unbind(1)]) / 60_000
    assert (found - world.marginals).abs().max() < 0.01
    sizes = (codes != codes[:, :1]).float().mean(1)
    wanted = rectangles(3, 4)
    # Code 0 is the ground's or the rectangle's: either way the share of the others is that of the hypotheses.
    assert abs(sizes.mean() - (wanted != wanted[:, :1]).float().mean()) < 0.01


def test_codes_that_know_nothing_of_each_other_are_hardly_ever_a_picture(world):
    generator = torch.Generator().manual_seed(2)
    assert world.knows(world.alone(torch.randn(20_000, 9, 3, generator=generator), 24)).float().mean() < 0.005


@pytest.mark.parametrize("kind", ["flow-head", "two-head"])
def test_a_student_learns_and_the_report_says_how_well(tmp_path, kind):
    optimizer = dataclasses.replace(PROOF.student.optimizer, steps=60, batch=64, warmup=5, ema=0.9)
    student = dataclasses.replace(PROOF.student, kind=kind, soft=1.0 if kind == "flow-head" else 0.0, optimizer=optimizer)
    config = dataclasses.replace(PROOF, precision="float32", student=student, proof=dataclasses.replace(PROOF.proof, pool=1024, pictures=256, looks=2))
    (tmp_path / "tiny.json").write_text(json.dumps(to_dict(config)))
    run = tmp_path / "run"
    assert main(["prove", "--run", str(run), "--config", str(tmp_path / "tiny.json")]) == 0
    rows = json.loads((run / "prove" / "measures.json").read_text())
    assert [row["step"] for row in rows] == [30, 60]
    assert rows[1]["codes 2"] > rows[0]["codes 2"] > 0.25 or rows[1]["codes 2"] > 0.5
    report = (run / "prove" / "PROOF.md").read_text()
    assert "| teacher | 1.000 | 1.000 | 1.000 |" in report and "432 hypotheses" in report and f"The student: {kind}" in report
    assert 1000 < (run / "prove" / "PROOF.png").stat().st_size < 100_000
    # Finished, it stays as it is.
    assert main(["prove", "--run", str(run)]) == 0
    assert json.loads((run / "prove" / "measures.json").read_text()) == rows


def test_it_needs_no_options_and_other_stages_a_folder(capsys):
    assert str(arguments(["prove"]).run) == "proof"
    with pytest.raises(SystemExit):
        arguments(["teacher"])
    assert "--run is needed" in capsys.readouterr().err
