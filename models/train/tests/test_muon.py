"""The optimizer: orthogonal steps for matrices, AdamW's for the rest."""

import pytest
import torch

from twostep_train.config import Optimizer
from twostep_train.loop import make_optimizer
from twostep_train.muon import Muon, orthogonal


def test_singular_values_come_near_one():
    matrices = torch.randn(3, 40, 90, generator=torch.Generator().manual_seed(0)) * torch.tensor([1e-3, 1.0, 1e3])[:, None, None]
    for shape in (matrices, matrices.mT):
        values = torch.linalg.svdvals(orthogonal(shape))
        assert values.min() > 0.5 and values.max() < 1.4


def test_vectors_take_adamws_steps():
    torch.manual_seed(0)
    ours, theirs = (torch.nn.Parameter(torch.ones(7)) for _ in range(2))
    muon = Muon([{"params": [ours], "lr": 0.1}], betas=(0.9, 0.99))
    adam = torch.optim.AdamW([theirs], lr=0.1, betas=(0.9, 0.99), weight_decay=0.0)
    for _ in range(5):
        gradient = torch.randn(7)
        ours.grad, theirs.grad = gradient.clone(), gradient.clone()
        muon.step()
        adam.step()
    assert torch.allclose(ours, theirs, atol=1e-6)


def test_hidden_matrices_only():
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.embed, self.middle, self.output = torch.nn.Embedding(4, 6), torch.nn.Conv2d(6, 6, 3), torch.nn.Linear(6, 4)
            self.wrapped = torch.nn.ModuleDict({"output": torch.nn.Linear(6, 4)})

    groups = make_optimizer(Net(), Optimizer(steps=10, batch=1, muon=0.02)).param_groups
    assert [tuple(p.shape) for p in groups[0]["params"]] == [(6, 6, 3, 3)]
    assert groups[0]["peak"] == 0.02 and groups[1]["peak"] == 1e-3


def test_parts_may_go_slower():
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.text, self.rest = torch.nn.Linear(4, 4), torch.nn.Linear(4, 4)

        def slower(self):
            return {"text.": 0.1}

    for muon in (0.0, 0.02):
        peaks = sorted(group["peak"] for group in make_optimizer(Net(), Optimizer(steps=10, batch=1, muon=muon)).param_groups)
        assert peaks == pytest.approx([1e-4, 1e-4, 1e-3, 1e-3] if not muon else [1e-4, 1e-3, 2e-3, 2e-2])
