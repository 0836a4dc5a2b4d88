"""The picture tokenizer: image <-> grid of codes. LlamaGen's VQ model with its published tensor names.

`ch`, `mult`, `blocks`, `z` set its size; the published one has 128, (1, 1, 2, 2, 4), 2, 256, a book of 16384 x 8.
Attention sits at the lowest resolution only. The decoder takes any vectors, not only codebook rows.
"""

import math

import torch
import torch.nn.functional as F
from torch import nn

from .codebook import NEAR, Codebook, even_patches

GROUPS = 32
"""Of every norm in the published model. With 32 or 64 channels that is one or two channels a group, and such a norm removes
exactly what flat art is made of, the level of a channel over the whole picture; our own small tokenizers use 8 groups."""


def norm(channels: int, groups: int) -> nn.GroupNorm:
    return nn.GroupNorm(groups, channels, eps=1e-6)


class ResBlock(nn.Module):
    def __init__(self, inside: int, outside: int, groups: int):
        super().__init__()
        self.norm1, self.conv1 = norm(inside, groups), nn.Conv2d(inside, outside, 3, padding=1)
        self.norm2, self.conv2 = norm(outside, groups), nn.Conv2d(outside, outside, 3, padding=1)
        if inside != outside:
            self.nin_shortcut = nn.Conv2d(inside, outside, 1)

    def forward(self, x):
        h = self.conv1(F.silu(self.norm1(x)))
        h = self.conv2(F.silu(self.norm2(h)))
        return h + (self.nin_shortcut(x) if hasattr(self, "nin_shortcut") else x)


class Attention(nn.Module):
    """One head over all places of the grid."""

    def __init__(self, channels: int, groups: int):
        super().__init__()
        self.norm = norm(channels, groups)
        self.q, self.k, self.v, self.proj_out = (nn.Conv2d(channels, channels, 1) for _ in range(4))

    def forward(self, x):
        h = self.norm(x)
        q, k, v = (layer(h).flatten(2).transpose(1, 2) for layer in (self.q, self.k, self.v))
        h = F.scaled_dot_product_attention(q, k, v)
        return x + self.proj_out(h.transpose(1, 2).reshape(x.shape))


class Downsample(nn.Module):
    def __init__(self, channels: int):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, stride=2)

    def forward(self, x):
        return self.conv(F.pad(x, (0, 1, 0, 1)))


class Upsample(nn.Module):
    def __init__(self, channels: int):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x):
        return self.conv(F.interpolate(x, scale_factor=2.0, mode="nearest"))


class Level(nn.Module):
    def __init__(self, inside: int, outside: int, blocks: int, groups: int, attend: bool, scale: nn.Module | None, name: str):
        super().__init__()
        self.res = nn.ModuleList(ResBlock(inside if i == 0 else outside, outside, groups) for i in range(blocks))
        self.attn = nn.ModuleList(Attention(outside, groups) for _ in range(blocks if attend else 0))
        if scale is not None:
            setattr(self, name, scale)
        self.scale_name = name if scale is not None else None

    def forward(self, x):
        for i, block in enumerate(self.res):
            x = block(x)
            if len(self.attn):
                x = self.attn[i](x)
        return getattr(self, self.scale_name)(x) if self.scale_name else x


def middle(channels: int, groups: int) -> nn.ModuleList:
    return nn.ModuleList([ResBlock(channels, channels, groups), Attention(channels, groups), ResBlock(channels, channels, groups)])


class Encoder(nn.Module):
    def __init__(self, ch: int, mult: tuple[int, ...], blocks: int, z: int, groups: int):
        super().__init__()
        widths = [ch * m for m in mult]
        self.conv_in = nn.Conv2d(3, ch, 3, padding=1)
        self.conv_blocks = nn.ModuleList()
        for i, width in enumerate(widths):
            last = i == len(widths) - 1
            before = widths[i - 1] if i else ch
            self.conv_blocks.append(Level(before, width, blocks, groups, last, None if last else Downsample(width), "downsample"))
        self.mid = middle(widths[-1], groups)
        self.norm_out = norm(widths[-1], groups)
        self.conv_out = nn.Conv2d(widths[-1], z, 3, padding=1)

    def forward(self, x):
        x = self.conv_in(x)
        for level in (*self.conv_blocks, *self.mid):
            x = level(x)
        return self.conv_out(F.silu(self.norm_out(x)))


class Decoder(nn.Module):
    def __init__(self, ch: int, mult: tuple[int, ...], blocks: int, z: int, groups: int):
        super().__init__()
        widths = [ch * m for m in reversed(mult)]
        self.conv_in = nn.Conv2d(z, widths[0], 3, padding=1)
        self.mid = middle(widths[0], groups)
        self.conv_blocks = nn.ModuleList()
        for i, width in enumerate(widths):
            last = i == len(widths) - 1
            before = widths[i - 1] if i else widths[0]
            self.conv_blocks.append(Level(before, width, blocks + 1, groups, i == 0, None if last else Upsample(width), "upsample"))
        self.norm_out = norm(widths[-1], groups)
        self.conv_out = nn.Conv2d(widths[-1], 3, 3, padding=1)

    def forward(self, x):
        x = self.conv_in(x)
        for level in (*self.mid, *self.conv_blocks):
            x = level(x)
        return self.conv_out(F.silu(self.norm_out(x)))


class Vq(nn.Module):
    def __init__(self, ch: int, mult: tuple[int, ...], blocks: int, z: int, codebook: int, channels: int, groups: int = GROUPS):
        super().__init__()
        self.encoder, self.decoder = Encoder(ch, mult, blocks, z, groups), Decoder(ch, mult, blocks, z, groups)
        self.quantize = Codebook(codebook, channels)
        self.quant_conv, self.post_quant_conv = nn.Conv2d(z, channels, 1), nn.Conv2d(channels, z, 1)

    def latents(self, image: torch.Tensor) -> torch.Tensor:
        """[B, 3, H, W] in -1..1 -> [B, rows, columns, channels] of norm 1."""
        return F.normalize(self.quant_conv(self.encoder(image)).float().permute(0, 2, 3, 1), dim=-1)

    def encode(self, image: torch.Tensor) -> torch.Tensor:
        """[B, 3, H, W] -> codes [B, rows * columns]."""
        return self.codes(image, self.latents(image).flatten(1, 2))[0]

    @torch.no_grad()
    def codes(self, image: torch.Tensor, latents: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """[B, 3, H, W] and its latents [B, rows * columns, channels] -> codes [B, rows * columns], and which of them tell a patch by its colour."""
        codes, flats = self.quantize.nearest(latents), self.quantize.flats
        if not len(flats):
            return codes, torch.zeros_like(codes, dtype=torch.bool)
        _, even, colours = even_patches(image, math.isqrt(latents.shape[1]))
        away, which = torch.cdist(colours, flats.to(colours.dtype).expand(len(colours), -1, -1), p=math.inf).min(2)
        told = even & (away < NEAR)
        return torch.where(told, which, codes), told

    def decode(self, latents: torch.Tensor) -> torch.Tensor:
        """[B, rows, columns, channels] -> [B, 3, H, W]."""
        return self.decoder(self.post_quant_conv(latents.permute(0, 3, 1, 2)))

    def decode_codes(self, codes: torch.Tensor, grid: int) -> torch.Tensor:
        """codes [B, rows * columns] -> [B, 3, H, W]."""
        return self.decode(self.quantize.rows()[codes].reshape(codes.shape[0], grid, -1, self.quantize.embedding.weight.shape[1]))

    @torch.no_grad()
    def start(self) -> None:
        """Fresh weights for training: nearly linear, the pooled colours passing straight through.

        PyTorch's own start shrinks what the trunk carries by 0.58 at every convolution while the branches add full-sized
        noise, so that colours had hardly been learned after 500 steps. Here branches start at zero and the trunk keeps its size.
        """
        for module in self.modules():
            if isinstance(module, ResBlock):
                nn.init.zeros_(module.conv2.weight)
                if hasattr(module, "nin_shortcut"):
                    _pass(module.nin_shortcut, 1.0)
            elif isinstance(module, Attention):
                nn.init.zeros_(module.proj_out.weight)
            elif isinstance(module, Downsample):
                _pass(module.conv, 0.25, slice(0, 2))  # the mean of the 2 x 2 pixels
            elif isinstance(module, Upsample):
                _pass(module.conv, 1.0)
        for conv in (self.encoder.conv_in, self.encoder.conv_out, self.quant_conv, self.post_quant_conv, self.decoder.conv_in, self.decoder.conv_out):
            _pass(conv, 1.0)
        # Latents keep only their direction: a constant beside the colours keeps the brightness.
        self.quant_conv.bias[-1] = 1.0


def _pass(conv: nn.Conv2d, tap: float, taps: slice | None = None) -> None:
    """An orthogonal map of the channels at the middle of the kernel (or shared by some taps), nothing elsewhere."""
    outside, inside, size, _ = conv.weight.shape
    place = taps or slice(size // 2, size // 2 + 1)
    mixing = torch.empty(outside, inside)
    if outside == inside:
        nn.init.eye_(mixing)
    else:
        nn.init.orthogonal_(mixing)
    conv.weight.mul_(0.1)  # a little of everything else, so that taps differ from the first step
    conv.weight[:, :, place, place] = tap * mixing[:, :, None, None].to(conv.weight.device)
