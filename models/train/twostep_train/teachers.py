"""A teacher with its text encoder: ours from the teacher stage, or published files (LlamaGen and flan-T5)."""

import json
from pathlib import Path

import torch
from torch import nn

from .gpt import CaptionEmbedding, Gpt, LabelEmbedding
from .layout import book
from .t5 import T5Encoder
from .vq import Vq

WRAPPERS = ("model", "module", "state_dict", "ema")


class TextTeacher(nn.Module):
    """text may be None: then the condition is a class label."""

    def __init__(self, text: T5Encoder | None, gpt: Gpt):
        super().__init__()
        self.text, self.gpt = text, gpt

    def condition(self, batch: dict):
        """States [B, T, width] (or labels [B]) and which of them are valid [B, T]."""
        if self.text is None:
            return batch["labels"], torch.ones(len(batch["labels"]), 1, dtype=torch.bool, device=batch["labels"].device)
        return self.text(batch["ids"], batch["valid"]), batch["valid"]


def make_text(config, vocabulary: int) -> T5Encoder:
    s = config.text
    return T5Encoder(vocabulary=vocabulary, width=s.width, layers=s.layers, heads=s.heads, head=s.width // s.heads, hidden=s.hidden)


def gpt_shape(config) -> dict:
    t = config.teacher
    return {"dim": t.width, "layers": t.layers, "heads": t.heads, "vocabulary": config.vq.vocabulary, "grid": config.grid,
            "multiple_of": t.multiple_of, "spread": t.spread, "places": t.places, "reads": t.reads,
            "layout": book().sizes() if t.layout else None}  # fmt: skip


def make_teacher(config, vocabulary: int) -> TextTeacher:
    condition = CaptionEmbedding(config.text.width, config.text.tokens, config.teacher.width)
    return TextTeacher(make_text(config, vocabulary), Gpt(**gpt_shape(config), condition=condition))


def unwrapped(state: dict) -> dict[str, torch.Tensor]:
    """The tensors of a checkpoint, whichever of the known wrappers it has; derived tensors are dropped."""
    for key in WRAPPERS:
        if isinstance(state.get(key), dict):
            state = state[key]
            break
    return {k: v for k, v in state.items() if k != "freqs_cis"}


def load_published_gpt(path: Path, heads: int, grid: int) -> Gpt:
    """A LlamaGen checkpoint, class- or text-conditional; every size but the number of heads is read off its tensors."""
    state = unwrapped(torch.load(path, weights_only=True, map_location="cpu", mmap=True))
    vocabulary, dim = state["tok_embeddings.weight"].shape
    layers = 1 + max(int(k.split(".")[1]) for k in state if k.startswith("layers."))
    hidden = state["layers.0.feed_forward.w1.weight"].shape[0]
    if "cls_embedding.uncond_embedding" in state:
        tokens, width = state["cls_embedding.uncond_embedding"].shape
        condition = CaptionEmbedding(width, tokens, dim)
    else:
        condition = LabelEmbedding(state["cls_embedding.embedding_table.weight"].shape[0] - 1, dim)
    gpt = Gpt(dim=dim, layers=layers, heads=heads, vocabulary=vocabulary, grid=grid, condition=condition, multiple_of=_multiple(dim, hidden))
    gpt.load_state_dict(state, strict=True)
    return gpt


def _multiple(dim: int, hidden: int) -> int:
    """Any rounding that gives the hidden width that the file has."""
    for multiple in (256, 128, 64, 32, hidden):
        if -(-int(8 * dim / 3) // multiple) * multiple == hidden:
            return multiple
    raise ValueError(f"a feed-forward of {hidden} does not belong to a width of {dim}")


def load_published_vq(path: Path) -> Vq:
    """A LlamaGen tokenizer; sizes are read off its tensors."""
    state = unwrapped(torch.load(path, weights_only=True, map_location="cpu", mmap=True))
    levels = 1 + max(int(k.split(".")[2]) for k in state if k.startswith("encoder.conv_blocks."))
    blocks = 1 + max(int(k.split(".")[4]) for k in state if k.startswith("encoder.conv_blocks.0.res."))
    ch = state["encoder.conv_in.weight"].shape[0]
    widths = [state[f"encoder.conv_blocks.{i}.res.0.conv2.weight"].shape[0] for i in range(levels)]
    codebook, channels = state["quantize.embedding.weight"].shape
    vq = Vq(ch, tuple(w // ch for w in widths), blocks, state["encoder.conv_out.weight"].shape[0], codebook, channels)
    vq.load_state_dict(state, strict=True)
    return vq


def load_published_text(folder: Path) -> T5Encoder:
    """The encoder of a T5 in Hugging Face's layout; the decoder's tensors stay in the file."""
    from safetensors import safe_open

    folder = Path(folder)
    shape = json.loads((folder / "config.json").read_text())
    encoder = T5Encoder(vocabulary=shape["vocab_size"], width=shape["d_model"], layers=shape["num_layers"],
                        heads=shape["num_heads"], head=shape["d_kv"], hidden=shape["d_ff"])  # fmt: skip
    state = {}
    for path in sorted(folder.glob("*.safetensors")):
        with safe_open(path, "pt") as file:
            names = [n for n in file.keys() if n == "shared.weight" or n.startswith("encoder.")]  # noqa: SIM118
            state.update({n: file.get_tensor(n) for n in names})
    state.pop("encoder.embed_tokens.weight", None)
    encoder.load_state_dict(state, strict=True)
    return encoder
