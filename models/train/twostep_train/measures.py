"""The arithmetic of the evaluation: Frechet distance, agreement as a lift, diversity and correlation of differences."""

import numpy as np
import torch


def frechet(a: torch.Tensor, b: torch.Tensor) -> float:
    """Between two sets of features [N, D], as Gaussians: |m_a - m_b|^2 + tr(A + B - 2 (A B)^(1/2)), in float64."""
    a, b = a.double().cpu().numpy(), b.double().cpu().numpy()
    mean_a, mean_b = a.mean(0), b.mean(0)
    cov_a, cov_b = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    # tr((A B)^(1/2)) from the eigenvalues of A^(1/2) B A^(1/2), which is symmetric.
    values, vectors = np.linalg.eigh(cov_a)
    root = (vectors * np.sqrt(values.clip(0))) @ vectors.T
    cross = np.sqrt(np.linalg.eigvalsh(root @ cov_b @ root).clip(0)).sum()
    return float(((mean_a - mean_b) ** 2).sum() + np.trace(cov_a) + np.trace(cov_b) - 2 * cross)


def agreement(ours: torch.Tensor, theirs: torch.Tensor) -> float:
    return float((ours == theirs).float().mean())


def lift(same_noise: float, other_noise: float) -> float:
    """(a - a0) / (1 - a0): 0 is no better than another noise, 1 is the teacher's own picture."""
    return (same_noise - other_noise) / max(1e-9, 1 - other_noise)


class Differences:
    """Of pictures for two noises, student beside teacher: a student that ignores the noise has none."""

    def __init__(self):
        self.ours = self.theirs = self.both = 0.0

    def add(self, ours_a, ours_b, theirs_a, theirs_b) -> None:
        ours, theirs = (ours_a - ours_b).double(), (theirs_a - theirs_b).double()
        self.ours += float((ours * ours).sum())
        self.theirs += float((theirs * theirs).sum())
        self.both += float((ours * theirs).sum())

    @property
    def diversity(self) -> float:
        return self.ours / max(1e-12, self.theirs)

    @property
    def correlation(self) -> float:
        return self.both / max(1e-12, (self.ours * self.theirs) ** 0.5)


def psnr(a: torch.Tensor, b: torch.Tensor) -> float:
    """Mean over pictures [B, 3, H, W] in -1..1."""
    square = ((a.clamp(-1, 1) - b.clamp(-1, 1)) ** 2).flatten(1).mean(1).clamp(min=1e-10)
    return float((-10 * torch.log10(square / 4)).mean())
