"""T5's encoder (flan layout: gated GELU) with the tensor names of its published files."""

import math

import torch
import torch.nn.functional as F
from torch import nn

BUCKETS, FAR = 32, 128


class Norm(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x):
        wide = x.float()
        return (wide * torch.rsqrt(wide.square().mean(-1, keepdim=True) + 1e-6)).to(x.dtype) * self.weight


class SelfAttention(nn.Module):
    def __init__(self, width: int, heads: int, head: int, first: bool):
        super().__init__()
        self.heads = heads
        self.q, self.k, self.v = (nn.Linear(width, heads * head, bias=False) for _ in range(3))
        self.o = nn.Linear(heads * head, width, bias=False)
        if first:
            self.relative_attention_bias = nn.Embedding(BUCKETS, heads)

    def forward(self, x, bias):
        batch, length, _ = x.shape
        q, k, v = (layer(x).reshape(batch, length, self.heads, -1).transpose(1, 2) for layer in (self.q, self.k, self.v))
        out = F.scaled_dot_product_attention(q, k, v, attn_mask=bias.to(q.dtype), scale=1.0)  # T5 does not scale
        return self.o(out.transpose(1, 2).reshape(batch, length, -1))


class AttentionLayer(nn.Module):
    def __init__(self, width, heads, head, first):
        super().__init__()
        self.SelfAttention, self.layer_norm = SelfAttention(width, heads, head, first), Norm(width)

    def forward(self, x, bias):
        return x + self.SelfAttention(self.layer_norm(x), bias)


class GatedGelu(nn.Module):
    def __init__(self, width, hidden):
        super().__init__()
        self.wi_0, self.wi_1 = nn.Linear(width, hidden, bias=False), nn.Linear(width, hidden, bias=False)
        self.wo = nn.Linear(hidden, width, bias=False)

    def forward(self, x):
        return self.wo(F.gelu(self.wi_0(x), approximate="tanh") * self.wi_1(x))


class FeedForwardLayer(nn.Module):
    def __init__(self, width, hidden):
        super().__init__()
        self.DenseReluDense, self.layer_norm = GatedGelu(width, hidden), Norm(width)

    def forward(self, x, _bias):
        return x + self.DenseReluDense(self.layer_norm(x))


class Layers(nn.Module):
    def __init__(self, width, heads, head, hidden, first):
        super().__init__()
        self.layer = nn.ModuleList([AttentionLayer(width, heads, head, first), FeedForwardLayer(width, hidden)])

    def forward(self, x, bias):
        for part in self.layer:
            x = part(x, bias)
        return x


class Stack(nn.Module):
    def __init__(self, width, layers, heads, head, hidden):
        super().__init__()
        self.block = nn.ModuleList(Layers(width, heads, head, hidden, i == 0) for i in range(layers))
        self.final_layer_norm = Norm(width)


class T5Encoder(nn.Module):
    def __init__(self, *, vocabulary: int, width: int, layers: int, heads: int, head: int, hidden: int):
        super().__init__()
        self.shared = nn.Embedding(vocabulary, width)
        self.encoder = Stack(width, layers, heads, head, hidden)
        self.shape = {"vocabulary": vocabulary, "width": width, "layers": layers, "heads": heads, "head": head, "hidden": hidden}

    def start(self) -> None:
        """Mesh TensorFlow's initial values, which make the missing attention scale right."""
        width, hidden, inner = self.shape["width"], self.shape["hidden"], self.shape["heads"] * self.shape["head"]
        deviations = {"q": (width * self.shape["head"]) ** -0.5, "k": width**-0.5, "v": width**-0.5, "o": inner**-0.5,
                      "wi_0": width**-0.5, "wi_1": width**-0.5, "wo": hidden**-0.5, "relative_attention_bias": width**-0.5, "shared": 1.0}  # fmt: skip
        for name, parameter in self.named_parameters():
            if parameter.ndim == 2:
                nn.init.normal_(parameter, std=deviations[name.split(".")[-2]])
        with torch.no_grad():
            table = self.encoder.block[0].layer[0].SelfAttention.relative_attention_bias.weight
            table += directions(self.shape["heads"])

    def forward(self, ids: torch.Tensor, valid: torch.Tensor) -> torch.Tensor:
        """ids, valid [B, T] -> states [B, T, width], zero where not valid. Padding may be on either side."""
        place = torch.arange(ids.shape[1], device=ids.device)
        table = self.encoder.block[0].layer[0].SelfAttention.relative_attention_bias
        bias = table(buckets(place[None, :] - place[:, None])).permute(2, 0, 1).unsqueeze(0).float()
        bias = bias.masked_fill(~valid[:, None, None, :], -1e9)
        x = self.shared(ids)
        for block in self.encoder.block:
            x = block(x, bias)
        return self.encoder.final_layer_norm(x) * valid.unsqueeze(2).to(x.dtype)


def directions(heads: int) -> torch.Tensor:
    """[BUCKETS, heads]: a bias to begin with, by which a head looks back, ahead, close by or anywhere, in turns.

    From a bias near zero a small encoder did not find out in 2,000 steps which of two things comes first; from this one it did in 300 (LOG.md)."""
    half, exact = BUCKETS // 2, BUCKETS // 4
    place = torch.arange(half).float()
    away = torch.where(place < exact, place, exact * (FAR / exact) ** ((place - exact) / (half - exact)))
    slope, never = (-0.25 * away).clamp(min=-7.0), torch.full((half,), -8.0)
    back, ahead = torch.cat([slope, never]), torch.cat([never, slope])
    ahead[0] = 0.0  # the word itself
    near, anywhere = torch.cat([-away, -away]), torch.zeros(BUCKETS)
    return torch.stack([(back, ahead, near, anywhere)[head % 4] for head in range(heads)], 1)


def buckets(distance: torch.Tensor) -> torch.Tensor:
    """Key minus query position -> 0..31: exact near by, logarithmic far off, the two directions apart."""
    half = BUCKETS // 2
    exact = half // 2
    away = distance.abs()
    far = exact + (torch.log(away.float().clamp(min=1) / exact) / math.log(FAR / exact) * (half - exact)).long()
    return (distance > 0).long() * half + torch.where(away < exact, away, far.clamp(max=half - 1))
