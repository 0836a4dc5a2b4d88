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

AGAIN = 75  # exit status when the time given was too short: the same command goes on from here (EX_TEMPFAIL)


def arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="twostep_train", description=__doc__)
    parser.add_argument("stage", choices=[*STAGES, "plan", "all"])
    # torchrun reads --run as one of its own options wherever it stands: under torchrun write --dir.
    parser.add_argument("--run", "--dir", type=Path, required=True, help="folder of this run; give the same one to go on")
    parser.add_argument("--config", default=None, help=f"{', '.join(PRESETS)}, or a JSON file; default: the run's own")
    parser.add_argument("--minutes", type=float, default=None, help=f"stop in time at a checkpoint, with exit status {AGAIN}")
    parser.add_argument("--device", choices=["auto", "cpu", "cuda"], default=None)
    parser.add_argument("--threads", type=int, default=None)
    parser.add_argument("--workers", type=int, default=None)
    parser.add_argument("--compile", action=argparse.BooleanOptionalAction, default=None, help="torch.compile; the same networks either way")
    return parser.parse_args(argv)


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
    config = find(options.config or (str(own) if own.exists() else "starter-cpu"))
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
