"""The attribute checker: a small network that looks at a picture and says what is on it.

It is trained on true renders alone and used three ways: to score pictures against their captions, as features for the Frechet
distance (its last hidden layer), and as perceptual features (its stages) where VGG's weights are not at hand.
"""

import torch
import torch.nn.functional as F
from torch import nn

from .scenes.scene import HEADS


class Stage(nn.Module):
    def __init__(self, inside: int, outside: int):
        super().__init__()
        self.down = nn.Conv2d(inside, outside, 3, stride=2, padding=1)
        self.norm1, self.norm2 = nn.GroupNorm(8, outside), nn.GroupNorm(8, outside)
        self.conv = nn.Conv2d(outside, outside, 3, padding=1)

    def forward(self, x):
        x = F.silu(self.norm1(self.down(x)))
        return x + F.silu(self.norm2(self.conv(x)))


class Judge(nn.Module):
    def __init__(self, width: int, size: int, hidden: int = 256):
        super().__init__()
        self.size = size
        widths = [3, width, 2 * width, 4 * width, 4 * width]
        self.stages = nn.ModuleList(Stage(a, b) for a, b in zip(widths, widths[1:], strict=False))
        self.narrow = nn.Conv2d(4 * width, 2 * width, 1)
        self.hidden = nn.Linear(2 * width * (size // 16) ** 2, hidden)
        self.out = nn.Linear(hidden, sum(HEADS.values()))

    def maps(self, image: torch.Tensor) -> list[torch.Tensor]:
        """[B, 3, H, W] in -1..1, any size -> the feature maps of every stage."""
        if image.shape[-1] != self.size:
            image = F.interpolate(image, self.size, mode="bilinear", antialias=True, align_corners=False)
        found = []
        for stage in self.stages:
            image = stage(image)
            found.append(image)
        return found

    def features(self, image: torch.Tensor) -> torch.Tensor:
        """[B, 256]."""
        return F.silu(self.hidden(F.silu(self.narrow(self.maps(image)[-1])).flatten(1)))

    def forward(self, image: torch.Tensor) -> dict[str, torch.Tensor]:
        """Logits by head."""
        parts = self.out(self.features(image)).float().split(list(HEADS.values()), 1)
        return dict(zip(HEADS, parts, strict=True))


def labels_tensor(scenes) -> torch.Tensor:
    """[B, heads], in the order of HEADS."""
    rows = [scene.labels() for scene in scenes]
    return torch.tensor([[row[head] for head in HEADS] for row in rows])


def rough(image: torch.Tensor) -> torch.Tensor:
    """Something of what a tokenizer does to a picture: a little blur, a little noise; so that the judge forgives it."""
    amount = torch.rand(len(image), 1, 1, 1, device=image.device)
    small = F.avg_pool2d(F.pad(image, (1, 1, 1, 1), mode="replicate"), 3, 1)
    return torch.lerp(image, small, amount) + 0.06 * amount * torch.randn_like(image)


class JudgeLoss(nn.Module):
    def __init__(self, judge: Judge):
        super().__init__()
        self.judge = judge

    def forward(self, image: torch.Tensor, labels: torch.Tensor) -> dict[str, torch.Tensor]:
        logits = self.judge(rough(image))
        loss, right = 0.0, []
        for i, (head, values) in enumerate(logits.items()):
            loss = loss + F.cross_entropy(values, labels[:, i]) * (0.5 if head.startswith("has ") else 1.0)
            right.append((values.argmax(1) == labels[:, i]).float())
        return {"loss": loss, "right": torch.stack(right).mean(), "all_right": torch.stack(right).amin(0).mean()}


@torch.no_grad()
def score(judge: Judge, images: torch.Tensor, said: list[list[tuple[str, int]]]) -> tuple[torch.Tensor, dict[str, list[int]]]:
    """Share of the caption's attributes that the judge sees, by picture [B]; and [right, asked] by kind of attribute."""
    answers = {head: values.argmax(1).cpu() for head, values in judge(images).items()}
    shares, kinds = [], {}
    for i, wanted in enumerate(said):
        hits = [int(answers[head][i]) == value for head, value in wanted]
        shares.append(sum(hits) / len(hits))
        for (head, _), hit in zip(wanted, hits, strict=True):
            kind = "ground colour" if head.startswith("has ") else head.rstrip("012")
            tally = kinds.setdefault(kind, [0, 0])
            tally[0] += hit
            tally[1] += 1
    return torch.tensor(shares), kinds
