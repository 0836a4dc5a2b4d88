"""What a user would run otherwise, for `twostep bench --size`: the published sampler's arithmetic in PyTorch.

120 text slots with the valid ones at the right end and the rest masked, every pass over all 376 positions, no prefix that passes
share, logits out. The bench asks for one picture after the other on stdin, so that both take turns on the same machine:

    {"precision": "float32"}  ->  {"milliseconds": 7300.1, "processor": 14500.2, "codes": [...]}
"""

import json
import mmap
import sys
import time

import torch
import torch.nn.functional as F

SLOTS = 120
"""Text slots of the published models."""


def read_safetensors(path: str) -> dict[str, torch.Tensor]:
    """Float32 tensors as they lie in the file, mapped."""
    with open(path, "rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    length = int.from_bytes(mapped[:8], "little")
    header = json.loads(mapped[8 : 8 + length])
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        start, end = entry["data_offsets"]
        flat = torch.frombuffer(mapped, dtype=torch.float32, count=(end - start) // 4, offset=8 + length + start)
        tensors[name] = flat.reshape(entry["shape"])
    return tensors


def rotary(grid: int, head: int, slots: int) -> torch.Tensor:
    """[slots + grid * grid, head / 2, 2] cosine and sine; rows of zeros for the text."""
    half = head // 2
    speeds = 1.0 / 10_000.0 ** (torch.arange(0, half, 2).float() / half)
    angles = torch.outer(torch.arange(grid).float(), speeds)
    rows, columns = angles[:, None].expand(-1, grid, -1), angles[None].expand(grid, -1, -1)
    both = torch.cat([rows, columns], -1).reshape(grid * grid, -1)
    table = torch.stack([both.cos(), both.sin()], -1)
    return torch.cat([torch.zeros(slots, *table.shape[1:]), table])


def rotate(x, turn):
    pairs = x.float().unflatten(-1, (-1, 2))
    c, s = turn[..., 0], turn[..., 1]
    return torch.stack([pairs[..., 0] * c - pairs[..., 1] * s, pairs[..., 1] * c + pairs[..., 0] * s], -1).flatten(-2).to(x.dtype)


def norm(x, weight):
    wide = x.float()
    return (wide * torch.rsqrt(wide.square().mean(-1, keepdim=True) + 1e-5)).to(x.dtype) * weight


class Sampler:
    """A two-head student from its checkpoint, as the authors run theirs (METHOD 5)."""

    def __init__(self, weights, book, *, heads: int, grid: int, times, split: int):
        # Gradients are never taken; parameters that could have one are what autocast converts once instead of in every product.
        self.w = {name: torch.nn.Parameter(tensor) for name, tensor in weights.items()}
        self.book = F.normalize(book, dim=-1)
        self.heads, self.positions, self.times, self.split = heads, grid * grid, times, split
        self.layers = 1 + max(int(name.split(".")[1]) for name in weights if name.startswith("layers."))
        width = weights["norm.weight"].shape[0]
        self.turn = rotary(grid, width // heads, SLOTS)

    def block(self, x, index: int, mask):
        part = lambda name: self.w[f"layers.{index}.{name}.weight"]
        batch, length, width = x.shape
        rows = F.linear(norm(x, part("attention_norm")), part("attention.wqkv"))
        q, k, v = (y.reshape(batch, length, self.heads, -1).transpose(1, 2) for y in rows.chunk(3, -1))
        seen = F.scaled_dot_product_attention(rotate(q, self.turn), rotate(k, self.turn), v, attn_mask=mask)
        x = x + F.linear(seen.transpose(1, 2).reshape(batch, length, width), part("attention.wo"))
        y = norm(x, part("ffn_norm"))
        gated = F.silu(F.linear(y, part("feed_forward.w1"))) * F.linear(y, part("feed_forward.w3"))
        return x + F.linear(gated, part("feed_forward.w2"))

    def step(self, states, count: int, vectors, known):
        """states [1, SLOTS, width], the last `count` valid. Logits [1, positions, codes] and free vectors."""
        w = self.w
        fc1, fc2 = w["cls_embedding.cap_proj.fc1.weight"], w["cls_embedding.cap_proj.fc2.weight"]
        caption = F.linear(F.gelu(F.linear(states, fc1), approximate="tanh"), fc2)
        kinds = w["n_d_embed.weight"]
        image = F.linear(vectors, w["tok_embeddings.weight"], w["tok_embeddings.bias"]) + kinds[known.long()]
        x = torch.cat([caption + kinds[1], image.to(caption.dtype)], 1)
        length = x.shape[1]
        mask = torch.ones(length, length, dtype=torch.bool).tril()
        mask[:, : SLOTS - count] = False
        mask |= torch.eye(length, dtype=torch.bool)
        for index in range(self.layers):
            x = self.block(x, index, mask)
        rows = x[:, SLOTS:]
        logits = F.linear(norm(rows, w["norm.weight"]), w["output.weight"]).float()
        shift, scale = (w["final_layer_conti.scale_shift_table"] + caption[:, SLOTS - count :].mean(1, keepdim=True)).unsqueeze(1).unbind(2)
        plain = F.layer_norm(rows, rows.shape[-1:], eps=1e-6) * (1 + scale) + shift
        free = F.linear(plain, w["final_layer_conti.linear.weight"], w["final_layer_conti.linear.bias"]).float()
        return logits, free

    @torch.inference_mode(False)
    @torch.no_grad()
    def draw(self, states, noise):
        """states [count, width], noise [positions, channels]: codes below the split, in len(times) passes."""
        count = len(states)
        slots = F.pad(states, (0, 0, SLOTS - count, 0)).unsqueeze(0)
        position = torch.arange(self.positions)
        latents, codes = noise.unsqueeze(0), None
        for time_ in self.times:
            known = position < time_
            vectors = torch.where(known[:, None], latents, noise)
            logits, free = self.step(slots, count, vectors, known)
            found = logits.argmax(-1)[0]
            codes = found if codes is None else torch.where(known, codes, found)
            answer = torch.where((position < self.split)[:, None], self.book[found], free)
            latents = torch.where(known[:, None], vectors, answer)
        return codes[: self.split]


def main(settings) -> None:
    """settings: student, vq, states and noise are files; heads, grid, times, split, width, channels are numbers."""
    raw = lambda path, width: torch.frombuffer(bytearray(open(path, "rb").read()), dtype=torch.float32).reshape(-1, width)
    states, noise = raw(settings["states"], settings["width"]), raw(settings["noise"], settings["channels"])
    book = read_safetensors(settings["vq"])["quantize.embedding.weight"].clone()
    shape = {key: settings[key] for key in ("heads", "grid", "times", "split")}
    sampler = Sampler(read_safetensors(settings["student"]), book, **shape)
    say = lambda record: print(json.dumps(record), flush=True)
    say({"torch": torch.__version__, "threads": torch.get_num_threads()})
    for line in sys.stdin:
        precision = getattr(torch, json.loads(line)["precision"])
        start, busy = time.perf_counter(), time.process_time()
        with torch.autocast("cpu", precision, enabled=precision != torch.float32):
            codes = sampler.draw(states, noise)
        took = {"milliseconds": (time.perf_counter() - start) * 1000, "processor": (time.process_time() - busy) * 1000}
        say({**took, "codes": codes.tolist()})


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
