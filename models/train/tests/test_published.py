"""The full-size route on tiny files of the real layout: class-conditional (the authors' own), and text-conditional with a file of prompts."""

import dataclasses
import importlib
import json
from pathlib import Path

import pytest
import torch

from twostep_train.config import Config, Evaluation, Pairs, Published
from twostep_train.presets import TINY
from twostep_train.source import load_source
from twostep_train.stages import trajectories

from .conftest import quiet_job

REFERENCE = Path(__file__).resolve().parents[3] / "test" / "reference" / "llamagen-a"


def distil(job) -> dict:
    for stage in ("trajectories", "student", "evaluate"):
        importlib.import_module(f"twostep_train.stages.{stage}").run(job)
    results = json.loads((job.run / "evaluate" / "results.json").read_text())
    assert results["ways"]["teacher"]["lift"] == 1.0 and "attributes" not in results["ways"]["teacher"]
    assert 0 <= results["ways"]["two steps"]["agreement"] <= 1
    return job.result("student")


def configuration(published: Published, grid: int, size: int, **changes) -> Config:
    student = dataclasses.replace(TINY.student, features="none", **changes)
    return dataclasses.replace(TINY, name="published", published=published, grid=grid, size=size, student=student, compact=False,
                               pairs=Pairs(count=32, shard=16, batch=16, guidance=2.0, top_k=64, solver_steps=12),
                               evaluation=Evaluation(pictures=8, batch=8, refinements=1))  # fmt: skip


def test_class_conditional(tmp_path):
    published = Published(vq=str(REFERENCE / "vq.pt"), gpt=str(REFERENCE / "c2i.pt"), heads=4)
    job = quiet_job(tmp_path / "run", configuration(published, grid=8, size=32, times=(0, 20), split=24))
    student = distil(job)
    theirs = torch.load(REFERENCE / "dd-c2i.pt", weights_only=True)["model"]
    assert {k: v.shape for k, v in student.items()} == {k: v.shape for k, v in theirs.items()}, "not the published layout"
    source = load_source(job)
    assert {source.prompt(i) for i in range(200)} == {str(i) for i in range(7)}
    batch, noise = source.tokens(["3"]), source.noise(5).unsqueeze(0)
    assert torch.equal(trajectories.teach(source, batch, noise), trajectories.teach(source, batch, noise))


def test_text_conditional_with_a_file_of_prompts(tiny_run, tmp_path):
    export = tiny_run.run / "export"
    prompts = tmp_path / "prompts.txt"
    prompts.write_text("a red star\n\na blue wave\nsunset over the sea\n")
    published = Published(vq=str(export / "vq.pt"), gpt=str(export / "teacher.pt"), heads=2, text=str(export / "text"), prompts=str(prompts))
    job = quiet_job(tmp_path / "run", configuration(published, grid=4, size=64))
    student = distil(job)
    assert {"final_layer_conti.scale_shift_table", "n_d_embed.weight", "cls_embedding.cap_proj.fc1.weight"} <= set(student)
    assert load_source(job).prompt(4) == "a blue wave"


def test_mismatched_files_are_refused_by_name(tiny_run, tmp_path):
    published = Published(vq=str(tiny_run.run / "export" / "vq.pt"), gpt=str(REFERENCE / "c2i.pt"), heads=4)
    with pytest.raises(ValueError, match="speaks 96 codes, but .* has 56"):
        load_source(quiet_job(tmp_path / "run", configuration(published, grid=8, size=32)))
