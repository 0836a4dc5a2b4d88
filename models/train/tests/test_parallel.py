"""Two processes on the CPU (gloo): the same loss as one within rounding, the same pairs whatever the number of processes."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from twostep_train import shards

ROOT = Path(__file__).resolve().parents[1]


def launch(stage: str, run: Path, processes: int, config: str) -> None:
    # One intra-op thread each; a free port, because other runs may be going on here.
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}", "-m", "twostep_train",
               stage, "--dir", str(run), "--config", config, "--device", "cpu"]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr[-3000:]


def losses(run: Path, stage: str) -> list[float]:
    with open(run / stage / "log.csv") as file:
        return [float(row["loss"]) for row in csv.DictReader(file)]


@pytest.mark.parametrize("parallel", ["ddp", "fsdp"])
def test_teacher_and_pairs_with_two_processes(tiny_run, tmp_path, parallel):
    import dataclasses
    import json
    import shutil

    from twostep_train.config import to_dict

    config = dataclasses.replace(tiny_run.config, parallel=parallel, compact=parallel == "ddp")
    (tmp_path / "config.json").write_text(json.dumps(to_dict(config)))
    run = tmp_path / "run"
    for part in ("data", "tokenizer", "joint"):
        shutil.copytree(tiny_run.run / part, run / part)
    launch("teacher", run, 2, str(tmp_path / "config.json"))
    ours, theirs = losses(run, "teacher"), losses(tiny_run.run, "teacher")
    assert len(ours) == len(theirs) and all(abs(a - b) < 0.02 * b for a, b in zip(ours, theirs, strict=True))
    if parallel == "ddp":
        shutil.rmtree(run / "teacher")
        shutil.copytree(tiny_run.run / "teacher", run / "teacher")
        launch("trajectories", run, 2, str(tmp_path / "config.json"))
        for number in range(4):
            a, b = (shards.read(r / "trajectories" / "pairs", number)["codes"] for r in (run, tiny_run.run))
            assert torch.equal(a, b)


def test_two_processes_share_muons_rounds(tiny_run, tmp_path):
    import dataclasses
    import json
    import shutil

    from twostep_train.config import to_dict

    optimizer = dataclasses.replace(tiny_run.config.teacher.optimizer, steps=40, batch=16, muon=0.02)
    config = dataclasses.replace(tiny_run.config, compact=False, text=dataclasses.replace(tiny_run.config.text, layers=3, optimizer=optimizer))
    (tmp_path / "config.json").write_text(json.dumps(to_dict(config)))
    found = []
    for processes in (1, 2):
        run = tmp_path / f"run{processes}"
        shutil.copytree(tiny_run.run / "data", run / "data")
        launch("text", run, processes, str(tmp_path / "config.json"))
        found.append(losses(run, "text"))
    assert len(found[0]) == 2 and all(abs(a - b) < 0.02 * b for a, b in zip(*found, strict=True))
