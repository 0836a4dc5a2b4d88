"""python -m twostep_train STAGE --run FOLDER --config PRESET [--minutes M]"""

import argparse
import importlib
import os
import sys
import time
from dataclasses import replace
from pathlib import Path

from .config import settled
from .job import Job
from .loop import Clock, OutOfTime
from .machine import open_machine
from .presets import PRESETS, find
from .world.drawings import use

STAGES = ["data", "tokenizer", "joint", "checker", "text", "teacher", "trajectories", "student", "decoder", "concepts", "evaluate", "export"]

ALONE = {"plan": None, "prove": "proof"}
"""Stages that are in no run of all, and the preset that each has where nothing is said."""

AGAIN = 75  # exit status when the time given was too short: the same command goes on from here (EX_TEMPFAIL)


def arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="twostep_train", description=__doc__)
    parser.add_argument("stage", choices=[*STAGES, *ALONE, "all"])
    # torchrun reads --run as one of its own options wherever it stands: under torchrun write --dir.
    parser.add_argument("--run", "--dir", type=Path, default=None, help="folder of this run; give the same one to go on (prove: proof, if not said)")
    parser.add_argument("--config", default=None, help=f"{', '.join(PRESETS)}, or a JSON file; default: the run's own")
    parser.add_argument("--minutes", type=float, default=None, help=f"stop in time at a checkpoint, with exit status {AGAIN}")
    parser.add_argument("--device", choices=["auto", "cpu", "cuda"], default=None)
    parser.add_argument("--threads", type=int, default=None)
    parser.add_argument("--workers", type=int, default=None)
    parser.add_argument("--compile", action=argparse.BooleanOptionalAction, default=None, help="torch.compile; the same networks either way")
    options = parser.parse_args(argv)
    own = ALONE.get(options.stage)
    if options.run is None and own is None:
        parser.error("--run is needed: the folder of this run")
    options.run = options.run or Path(own)
    return options


def world_folder(run: Path, name: str) -> Path | None:
    """A world's folder: in the run's own where it is there, else as it is written."""
    if not name:
        return None
    own = run / name
    return own if (own / "index.json").exists() else Path(name)


def main(argv: list[str] | None = None) -> int:
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # workers are forked
    options = arguments(sys.argv[1:] if argv is None else argv)
    own = options.run / "config.json"
    config = find(options.config or (str(own) if own.exists() else ALONE.get(options.stage) or "starter-cpu"))
    how = {k: getattr(options, k) for k in ("device", "threads", "workers", "compile") if getattr(options, k) is not None}
    config = settled(options.run, replace(config, **how))
    use(world_folder(options.run, config.world), config.only)
    deadline = None if options.minutes is None else time.monotonic() + 60 * options.minutes
    job = Job(options.run, config, open_machine(config), Clock(deadline))
    try:
        for stage in STAGES if options.stage == "all" else [options.stage]:
            importlib.import_module(f".stages.{stage}", __package__).run(job)
    except OutOfTime:
        return AGAIN
    return 0


if __name__ == "__main__":
    sys.exit(main())
