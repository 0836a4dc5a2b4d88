"""The tiniest model, from nothing to an exported checkpoint, and what its stages promise each other."""

import dataclasses
import importlib
import json

import numpy as np
import pytest
import torch

from twostep_train import pieces, shards
from twostep_train.scenes.draw import draw
from twostep_train.scenes.sample import sample
from twostep_train.source import load_source
from twostep_train.stages import trajectories
from twostep_train.stages.student import load_student
from twostep_train.stages.tokenizer import make_vq
from twostep_train.students import refine
from twostep_train.teachers import load_published_gpt, load_published_text, load_published_vq
from twostep_train.words import Words, right_aligned

from .conftest import quiet_job


def test_trains_in_under_two_minutes_and_leaves_everything(tiny_run):
    assert tiny_run.seconds < 120
    for path in ("data/training.png", "tokenizer/held-out.png", "teacher/log.png", "student/log.csv", "evaluate/REPORT.md",
                 "evaluate/grid.png", "export/vq.pt", "export/teacher.pt", "export/student.pt", "export/recipe.json", "export/text/tokenizer.json"):  # fmt: skip
        assert (tiny_run.run / path).stat().st_size > 100, path
    results = json.loads((tiny_run.run / "evaluate" / "results.json").read_text())
    assert results["ways"]["teacher"]["lift"] == 1.0 and results["ways"]["teacher"]["correlation"] > 0.999
    assert pieces.exists(tiny_run.run / "student" / "final") and not pieces.exists(tiny_run.run / "student" / "state")


def test_losses_fall(tiny_run):
    for stage in ("tokenizer", "teacher", "student"):
        lines = (tiny_run.run / stage / "log.csv").read_text().splitlines()
        column = lines[0].split(",").index("loss")
        first, last = (float(line.split(",")[column]) for line in (lines[1], lines[-1]))
        assert last < first, f"{stage}: {first} -> {last}"


def test_the_joint_stage_trains_encoder_book_and_decoder_and_leaves_colours_their_codes(tiny_run):
    before, after = pieces.load(tiny_run.run / "tokenizer" / "final")[0], tiny_run.result("joint")
    changed = [name for name in before if not torch.equal(before[name], after[name])]
    assert {"encoder.conv_in.weight", "decoder.conv_in.weight", "quantize.embedding.weight"} <= set(changed)
    flats = len(after["quantize.flats"])
    assert "quantize.flats" not in changed and flats > 0
    assert torch.equal(before["quantize.rates"][:flats], after["quantize.rates"][:flats])  # codes that moved cost what others do
    assert after["quantize.embedding.weight"].norm(dim=1).sub(1).abs().max() < 1e-2, "half precision"
    image = draw(torch.tensor([sample(1, index).scene.row() for index in range(32)]), tiny_run.config.size)
    found = []
    for state in (before, after):
        vq = make_vq(tiny_run.config.vq, tiny_run.config.vq.vocabulary)
        vq.load_state_dict(state, strict=True)
        found.append(vq.codes(image, vq.latents(image).flatten(1, 2)))
    (codes, told), (again, still) = found
    assert torch.equal(told, still) and told.any() and not told.all()
    assert torch.equal(codes[told], again[told])


def test_the_export_loads_as_published_files_and_draws_the_same(tiny_run):
    folder, config = tiny_run.run / "export", tiny_run.config
    source = load_source(tiny_run)
    gpt = load_published_gpt(folder / "teacher.pt", config.teacher.heads, config.grid)
    text = load_published_text(folder / "text")
    words = Words(json.loads((folder / "text" / "tokenizer.json").read_text()), config.text.tokens)
    assert words.ids("A red star, ABOVE a blue square")[-1] == 1
    batch = source.tokens(["a red star", "waves in blue and teal"])
    states = text(batch["ids"], batch["valid"])
    codes = torch.randint(config.vq.vocabulary, (2, config.length), generator=torch.Generator().manual_seed(0))
    ours = source.teacher.gpt(*source.condition(batch), codes)
    assert torch.allclose(gpt(states, batch["valid"], codes), ours, atol=1e-5)
    answers = {n: torch.from_numpy(np.load(folder / "check" / f"{n}.npy")) for n in ("noise", "states", "latents", "image")}
    ids = [entry["ids"] for entry in json.loads((folder / "check" / "prompts.json").read_text())]
    assert answers["states"].shape == (sum(map(len, ids)), config.text.width)
    tokens, valid = right_aligned(ids)
    student = load_student(tiny_run, source)
    latents = student.draw(text(tokens, valid), valid, answers["noise"], source.book, config.student.times, config.student.split)
    assert torch.allclose(latents, answers["latents"], atol=1e-5)
    assert answers["image"].shape == (3, 3, config.size, config.size)
    vq_state = torch.load(folder / "vq.pt", weights_only=True)["model"]
    assert vq_state["quantize.embedding.weight"].norm(dim=1).sub(1).abs().max() < 1e-3


def test_pairs_can_be_made_again_and_state_what_they_are(tiny_run):
    source = load_source(tiny_run)
    stated = trajectories.facts(source)
    before = shards.read(trajectories.folder(tiny_run), 2, **stated)
    trajectories.make_shard(source, 2)
    after = shards.read(trajectories.folder(tiny_run), 2, **stated)
    assert torch.equal(before["codes"], after["codes"]) and torch.equal(before["prompts"], after["prompts"])
    with pytest.raises(ValueError, match="made with teacher"):
        shards.read(trajectories.folder(tiny_run), 2, **{**stated, "teacher": "another"})


def test_refinement_ends_at_the_teachers_own_picture(tiny_run):
    source, config = load_source(tiny_run), tiny_run.config
    noise = torch.stack([source.noise(i, 55) for i in range(4)])
    batch = source.tokens(["a red star", "blue hills", "dots", ""])
    states, valid = source.condition(batch)
    goal = trajectories.teach(source, batch, noise)
    codes, exact = torch.zeros_like(goal), []
    for _ in range(config.length):
        codes = refine(source.teacher.gpt, states, valid, codes, noise, source.book, config.pairs)
        exact.append(int((codes == goal).long().cumprod(1).sum(1).min()))
    assert all(count >= passes + 1 for passes, count in enumerate(exact)) and exact[-1] == config.length


@pytest.mark.parametrize("kind, soft, origin", [("flow-head", 0.0, "teacher"), ("flow-head", 0.5, "data"), ("two-head", 0.0, "data"), ("flow-head", 0.0, "free")])
def test_the_flow_head_trains_answers_and_is_evaluated(tiny_run, tmp_path, kind, soft, origin):
    import shutil

    student = dataclasses.replace(tiny_run.config.student, kind=kind, soft=soft, refinements=2, rows=8 if origin == "free" else 0, whole_batch=4)
    pairs = dataclasses.replace(tiny_run.config.pairs, refresh=2, origin=origin, guidance=2.0 if origin == "teacher" else 1.0)
    redraw = dataclasses.replace(tiny_run.config.vq.optimizer, steps=20, muon=0.005)
    config = dataclasses.replace(tiny_run.config, student=student, pairs=pairs, vq=dataclasses.replace(tiny_run.config.vq, redraw=redraw))
    job = quiet_job(tmp_path / "run", config)
    for part in ("data", "tokenizer", "joint", "checker", "teacher"):
        shutil.copytree(tiny_run.run / part, job.run / part)
    for stage in ("trajectories", "student", "decoder", "evaluate", "export"):
        importlib.import_module(f"twostep_train.stages.{stage}").run(job)
    shards_made = len(list(trajectories.folder(job).glob("*.safetensors")))
    assert shards_made == (8 if origin == "teacher" else 0), "two pools of four shards, or none where pairs come from the data"
    assert "two steps and 2 refinements" in json.loads((job.run / "evaluate" / "results.json").read_text())["ways"]
    source, before = load_source(job), load_source(tiny_run)
    same = [torch.equal(getattr(source.vq, part).conv_in.weight, getattr(before.vq, part).conv_in.weight) for part in ("encoder", "decoder")]
    assert same == [True, False], "the decoder stage leaves the encoder alone"
    if kind == "two-head":
        return
    batch, noise = source.tokens(["a red star"]), source.noise(0).unsqueeze(0)
    codes = load_student(job, source).draw(*source.condition(batch), noise, source.book, config.student.times)
    teachers = trajectories.teach(dataclasses.replace(source), batch, noise)
    assert codes.shape == teachers.shape == (1, config.length)
    state = torch.load(job.run / "export" / "student.pt", weights_only=True)["model"]
    assert {"noise_embeddings.fc1.weight", "tok_embeddings.weight"} <= set(state)
    assert json.loads((job.run / "export" / "export.json").read_text())["student"]["kind"] == kind


def test_plan_predicts_every_stage(tiny_run, tmp_path):
    import shutil

    from twostep_train.stages import plan

    short = tiny_run.config.checker.optimizer
    config = dataclasses.replace(
        tiny_run.config,
        vq=dataclasses.replace(tiny_run.config.vq, redraw=dataclasses.replace(short, batch=2)),
        text=dataclasses.replace(tiny_run.config.text, optimizer=short),
        student=dataclasses.replace(tiny_run.config.student, kind="flow-head"),
    )
    job = quiet_job(tmp_path / "run", config)
    shutil.copytree(tiny_run.run / "data", job.run / "data")
    plan.run(job)
    table = (job.run / "plan.md").read_text()
    stages = ("codes", "tokenizer", "joint", "checker", "text", "teacher", "student", "decoder", "trajectories")
    assert all(f"| {stage} |" in table for stage in stages)
    assert "cpu-hours" in table


def test_vq_groups_are_read_from_nowhere_but_the_configuration(tiny_run):
    """Published files have 32 groups; the loader of published files must not be used for ours without saying so."""
    config = tiny_run.config
    assert config.vq.groups == 8
    published = load_published_vq(tiny_run.run / "export" / "vq.pt")
    ours = load_source(tiny_run).vq
    latents = torch.nn.functional.normalize(torch.randn(1, 4, 4, 8), dim=-1)
    assert not torch.allclose(published.decode(latents), ours.decode(latents), atol=1e-2)


def test_the_encoder_learns_to_read_before_there_is_a_teacher(tiny_run, tmp_path):
    import shutil

    from twostep_train.stages import teacher, text

    optimizer = dataclasses.replace(tiny_run.config.teacher.optimizer, steps=150, batch=64, muon=0.02, save_every=100)
    quick = dataclasses.replace(tiny_run.config.teacher.optimizer, steps=2, save_every=2)
    config = dataclasses.replace(
        tiny_run.config,
        text=dataclasses.replace(tiny_run.config.text, optimizer=optimizer, later=0.0),
        teacher=dataclasses.replace(tiny_run.config.teacher, optimizer=quick),
    )
    job = quiet_job(tmp_path / "run", config)
    for part in ("data", "tokenizer", "joint"):
        shutil.copytree(tiny_run.run / part, job.run / part)
    text.run(job)
    lines = (job.run / "text" / "log.csv").read_text().splitlines()
    column = lines[0].split(",").index("right")
    first, last = (float(line.split(",")[column]) for line in (lines[1], lines[-1]))
    assert last > first + 0.05
    teacher.run(job)
    learned, kept = job.result("text"), job.result("teacher")
    assert all(torch.equal(learned[name], kept[f"text.{name}"]) for name in learned), "a share of 0 leaves the encoder as it is"


def test_a_run_goes_on_from_another_with_words_that_the_other_had_not(tiny_run, tmp_path):
    import shutil

    from twostep_train.stages import teacher, text

    quick = dataclasses.replace(tiny_run.config.teacher.optimizer, steps=2, save_every=2, rate=1e-6)
    before, tensors = json.loads((tiny_run.run / "data" / "tokenizer.json").read_text()), tiny_run.result("teacher")
    config = dataclasses.replace(
        tiny_run.config,
        text=dataclasses.replace(tiny_run.config.text, optimizer=quick, later=0.0, begin=str(tiny_run.run)),
        teacher=dataclasses.replace(tiny_run.config.teacher, optimizer=quick, begin=str(tiny_run.run)),
    )
    job = quiet_job(tmp_path / "run", config)
    for part in ("tokenizer", "joint"):
        shutil.copytree(tiny_run.run / part, job.run / part)
    after = json.loads(json.dumps(before))
    after["model"]["vocab"].insert(40, ["▁zeppelin", -5.0])
    (job.run / "data").mkdir()
    (job.run / "data" / "tokenizer.json").write_text(json.dumps(after))
    text.run(job)
    teacher.run(job)
    made = job.result("teacher")
    table, parts = tensors["text.shared.weight"], Words(before, 48).ids("zeppelin")[:-1]
    assert torch.equal(made["text.shared.weight"][:40], table[:40]) and torch.equal(made["text.shared.weight"][41:], table[40:])
    assert torch.allclose(made["text.shared.weight"][40], table[parts].mean(0), atol=1e-2)
    assert torch.equal(made["text.encoder.final_layer_norm.weight"], tensors["text.encoder.final_layer_norm.weight"])
    for name in ("gpt.layers.0.attention.wqkv.weight", "gpt.tok_embeddings.weight"):
        assert torch.allclose(made[name], tensors[name], atol=1e-3), name
