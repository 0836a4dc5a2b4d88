"""kill -9 costs nothing but time: a run that was killed ends with the same bits as one that was not."""

import dataclasses
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from twostep_train import pieces
from twostep_train.presets import TINY

from .conftest import quiet_job

ROOT = Path(__file__).resolve().parents[1]


def short(compact: bool):
    optimizer = dataclasses.replace(TINY.checker.optimizer, steps=60, save_every=10)
    return dataclasses.replace(TINY, compact=compact, threads=1, checker=dataclasses.replace(TINY.checker, optimizer=optimizer))


@pytest.mark.parametrize("compact", [True, False])
def test_same_bits_after_kill_9(tmp_path, compact):
    import json

    from twostep_train.config import to_dict
    from twostep_train.stages import checker

    config = short(compact)
    (tmp_path / "short.json").write_text(json.dumps(to_dict(config)))
    command = [sys.executable, "-m", "twostep_train", "checker", "--run", str(tmp_path / "killed"), "--config", str(tmp_path / "short.json")]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    state = tmp_path / "killed" / "checker" / "state" / "manifest.json"
    while not state.exists() and process.poll() is None:
        time.sleep(0.02)
    time.sleep(0.2)
    process.send_signal(signal.SIGKILL)
    process.wait()
    reached = pieces.load(state.parent)[1]["step"]
    assert 10 <= reached < 60, f"killed at {reached} of 60 steps: too late to prove anything"
    torch.set_num_threads(1)
    checker.run(quiet_job(tmp_path / "killed", config))
    checker.run(quiet_job(tmp_path / "whole", config))
    killed, whole = (pieces.load(tmp_path / name / "checker" / "final")[0] for name in ("killed", "whole"))
    assert killed.keys() == whole.keys()
    assert all(torch.equal(killed[k], whole[k]) for k in whole)
    steps = [int(line.split(",")[0]) for line in (tmp_path / "killed" / "checker" / "log.csv").read_text().splitlines()[1:]]
    assert steps == [20, 40, 60]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_the_log_loses_no_row_when_killed_around_a_save(tmp_path, monkeypatch, moment):
    from twostep_train.stages import checker

    class Killed(Exception):
        pass

    save = pieces.save

    def killed(folder, tensors, **facts):
        if facts.get("step") != 20:
            return save(folder, tensors, **facts)
        if moment == "after":
            save(folder, tensors, **facts)
        raise Killed

    config = short(True)
    monkeypatch.setattr(pieces, "save", killed)
    with pytest.raises(Killed):
        checker.run(quiet_job(tmp_path, config))
    monkeypatch.setattr(pieces, "save", save)
    assert pieces.load(tmp_path / "checker" / "state")[1]["step"] == (20 if moment == "after" else 10)
    checker.run(quiet_job(tmp_path, config))
    assert [int(line.split(",")[0]) for line in (tmp_path / "checker" / "log.csv").read_text().splitlines()[1:]] == [20, 40, 60]


def test_a_piece_ends_in_time_and_the_next_goes_on(tmp_path):
    from twostep_train.loop import OutOfTime
    from twostep_train.stages import checker

    config = short(True)
    with pytest.raises(OutOfTime):
        checker.run(quiet_job(tmp_path, config, minutes=0.0))
    assert pieces.load(tmp_path / "checker" / "state")[1]["step"] == 10
    checker.run(quiet_job(tmp_path, config))
    assert pieces.exists(tmp_path / "checker" / "final")


def test_workers_and_drawing_ahead_change_nothing(tmp_path):
    from twostep_train.stages import checker

    config = dataclasses.replace(TINY, threads=1)
    checker.run(quiet_job(tmp_path / "plain", config))
    checker.run(quiet_job(tmp_path / "helped", dataclasses.replace(config, workers=2, ahead=3)))
    plain, helped = (pieces.load(tmp_path / name / "checker" / "final")[0] for name in ("plain", "helped"))
    assert all(torch.allclose(plain[k], helped[k], atol=2e-3) for k in plain)
