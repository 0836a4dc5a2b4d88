"""Trains the attribute checker on true renders and measures it on held-out combinations."""

import torch

from ..feed import pictures
from ..job import Job
from ..judge import Judge, JudgeLoss, labels_tensor, score
from ..loop import train
from ..scenes.draw import draw
from ..scenes.sample import sample


class Lesson(torch.nn.Module):
    def __init__(self, judge: Judge):
        super().__init__()
        self.loss = JudgeLoss(judge)

    def forward(self, batch: dict, step: int) -> dict[str, torch.Tensor]:
        return self.loss(batch["image"], batch["labels"])


def load_judge(job: Job) -> Judge:
    settings = job.config.checker
    judge = Judge(settings.width, settings.size)
    judge.load_state_dict(job.result("checker"), strict=True)
    return judge.to(job.machine.device).eval().requires_grad_(False)


def run(job: Job) -> None:
    if job.finished("checker"):
        return
    config, settings, machine = job.config, job.config.checker, job.machine
    torch.manual_seed(config.seed + 2)
    module = Lesson(Judge(settings.width, settings.size)).to(machine.device)
    part = machine.part(settings.optimizer.batch)

    def make(step: int) -> dict:
        # Held-out pairs are for the networks that draw. The judge has to know every picture that it may be shown.
        first = step * settings.optimizer.batch
        scenes = [sample(config.seed + 5, i, held_out=i % 6 == 0).scene for i in range(first + part.start, first + part.stop)]
        rows = torch.tensor([s.row() for s in scenes])
        whole = torch.tensor([[0.0, 0.0, 1.0]]).expand(len(rows), 3)
        return {"rows": rows, "windows": whole, "size": settings.size, "labels": labels_tensor(scenes)}

    average = train(
        job.run / "checker", module, lambda a, b: pictures(make, a, b, config.ahead, config.workers, machine.device),
        settings.optimizer, config, machine, job.clock, config.seed + 2,
    )  # fmt: skip
    judge = module.loss.judge
    judge.load_state_dict({k.removeprefix("loss.judge."): v for k, v in average.items()}, strict=True)
    truth = measure(job, judge.eval(), 512 if config.size > 64 else 32)
    job.keep("checker", judge.state_dict(), right=truth)
    machine.tell(f"checker: {truth:.2%} of what captions say is recognised on true renders of held-out combinations")


@torch.no_grad()
def measure(job: Job, judge: Judge, count: int) -> float:
    """Share of said attributes that the judge sees in renders that it was not trained on, at the size of our pictures."""
    right = asked = 0
    for first in range(0, count, 32):
        samples = [sample(job.config.seed + 99, i, held_out=True) for i in range(first, first + 32)]
        images = draw(torch.tensor([s.scene.row() for s in samples]).to(job.machine.device), job.config.size)
        _, kinds = score(judge, images, [s.said for s in samples])
        right += sum(k[0] for k in kinds.values())
        asked += sum(k[1] for k in kinds.values())
    return right / asked
