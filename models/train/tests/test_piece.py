"""piece.sh: a run goes on from what the piece before packed, on a machine that has nothing else."""

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path

from twostep_train import pieces
from twostep_train.config import to_dict
from twostep_train.presets import TINY

ROOT = Path(__file__).resolve().parents[1]


def test_a_run_goes_on_elsewhere(tmp_path):
    optimizer = dataclasses.replace(TINY.checker.optimizer, save_every=10)
    config = dataclasses.replace(TINY, threads=1, checker=dataclasses.replace(TINY.checker, optimizer=optimizer))
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    (first / "config.json").write_text(json.dumps(to_dict(config)))
    environment = {**os.environ, "PYTHON": sys.executable, "OMP_NUM_THREADS": "1"}

    def go(run: Path, minutes: str, carried: str, out: str) -> int:
        command = [str(ROOT / "piece.sh"), str(run), str(run / "config.json"), minutes, str(tmp_path / carried), str(tmp_path / out), "checker"]
        if not (run / "config.json").exists():
            command[2] = str(first / "config.json")
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False).returncode

    assert go(first, "0", "nothing", "a") == 75
    assert sorted(p.name for p in (tmp_path / "a").iterdir()) == ["part-00", "state-00"]
    assert go(second, "9", "a", "b") == 0
    assert pieces.exists(second / "checker" / "final")
    assert sorted(p.name for p in (tmp_path / "b").iterdir()) == ["part-00"]
    steps = (second / "checker" / "log.csv").read_text().splitlines()
    assert steps[-1].startswith("20,")
