import os

import pytest
import torch

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
torch.set_num_threads(1)


def quiet_job(folder, config, minutes=None):
    import time

    from twostep_train.config import settled
    from twostep_train.job import Job
    from twostep_train.loop import Clock
    from twostep_train.machine import open_machine

    deadline = None if minutes is None else time.monotonic() + 60 * minutes
    return Job(folder, settled(folder, config), open_machine(config, quiet=True), Clock(deadline))


@pytest.fixture(scope="session")
def tiny_run(tmp_path_factory):
    """The tiniest model, trained end to end once for all tests that look at it."""
    import importlib
    import time

    from twostep_train.__main__ import STAGES
    from twostep_train.presets import TINY

    folder = tmp_path_factory.mktemp("tiny")
    job = quiet_job(folder, TINY)
    began = time.monotonic()
    for stage in STAGES:
        importlib.import_module(f"twostep_train.stages.{stage}").run(job)
    job.seconds = time.monotonic() - began
    return job
