"""Where a run happens: device, precision, number of processes. The only file that knows torch.distributed."""

import contextlib
import os
import platform
import time
from dataclasses import dataclass
from functools import cache

import torch
import torch.distributed as dist
from torch import nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard, register_fsdp_forward_method

from .config import Config


@cache
def native_bfloat16(device: torch.device) -> bool:
    """Whether products in bfloat16 are worth having. On processors without instructions for them they are a hundred times slower, and some that have them
    (without tiles, in a virtual machine) are slower all the same, so a CPU is asked by the clock."""
    if device.type != "cpu" or platform.machine() not in ("x86_64", "AMD64"):
        return True
    if not (torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()):
        return False
    return _seconds(torch.bfloat16) * 1.25 < _seconds(torch.float32)


def _seconds(precision: torch.dtype) -> float:
    """The fastest of some products of a small transformer's size."""
    rows, matrix = torch.ones(2048, 192, dtype=precision), torch.ones(192, 512, dtype=precision)
    times = []
    for _ in range(12):
        began = time.perf_counter()
        rows @ matrix
        times.append(time.perf_counter() - began)
    return min(times)


@dataclass
class Machine:
    device: torch.device
    precision: torch.dtype
    rank: int = 0
    world: int = 1
    parallel: str = "ddp"
    quiet: bool = False

    @property
    def main(self) -> bool:
        return self.rank == 0

    def autocast(self):
        if self.precision == torch.float32:
            return contextlib.nullcontext()
        return torch.autocast(self.device.type, self.precision)

    @property
    def image_format(self) -> torch.memory_format:
        """How pictures and kernels lie best: channels last but for bfloat16 on a CPU (LOG.md)."""
        plain = self.device.type == "cpu" and self.precision == torch.bfloat16
        return torch.contiguous_format if plain else torch.channels_last

    def tell(self, line: str) -> None:
        if self.main and not self.quiet:
            print(line, flush=True)

    def share(self, module: nn.Module) -> nn.Module:
        """The module as it must be called so that gradients are averaged over all processes.

        With "fsdp", a module that names its `blocks` gets them sharded one by one: weights, gradients and optimizer state
        are then spread over the processes, which is what the full size needs.
        """
        if self.world == 1:
            return module
        if self.parallel == "fsdp" and hasattr(module, "blocks"):
            mesh = init_device_mesh(self.device.type, (self.world,))
            for block in module.blocks():
                fully_shard(block, mesh=mesh)
                for method in ("condition",):
                    if hasattr(block, method):
                        register_fsdp_forward_method(block, method)
            return fully_shard(module, mesh=mesh)
        # Some parts rest in some steps: the book before k-means, the student's unconditional table always.
        return nn.parallel.DistributedDataParallel(module, find_unused_parameters=True)

    def same(self, tensor: torch.Tensor) -> None:
        """Makes a tensor equal to the first process's, in place."""
        if self.world > 1:
            dist.broadcast(tensor, 0)

    def decide(self, flag: bool) -> bool:
        """The first process's answer, for all: clocks differ, and nobody may wait for one who has gone."""
        if self.world == 1:
            return flag
        answer = torch.tensor([int(flag)], device=self.device)
        self.same(answer)
        return bool(answer.item())

    def part(self, count: int) -> slice:
        """This process's share of a global batch."""
        if count % self.world:
            raise ValueError(f"a batch of {count} can't be shared evenly by {self.world} processes")
        each = count // self.world
        return slice(self.rank * each, (self.rank + 1) * each)

    def mean(self, value: torch.Tensor) -> torch.Tensor:
        if self.world == 1:
            return value
        value = value.detach().clone()
        dist.all_reduce(value)
        return value / self.world

    def wait(self) -> None:
        if self.world > 1:
            dist.barrier()

    @staticmethod
    def whole(tensor: torch.Tensor) -> torch.Tensor:
        """A sharded (FSDP) tensor gathered; every process has to ask."""
        tensor = tensor.detach()
        return tensor.full_tensor() if hasattr(tensor, "full_tensor") else tensor

    @staticmethod
    def place(target: torch.Tensor, value: torch.Tensor) -> None:
        """Copies a whole tensor into one that may be sharded."""
        value = value.to(target.device, target.dtype)
        if hasattr(target, "full_tensor"):
            from torch.distributed.tensor import distribute_tensor

            value = distribute_tensor(value, target.device_mesh, target.placements)
        target.detach().copy_(value)


def open_machine(config: Config, quiet: bool = False) -> Machine:
    world, rank = int(os.environ.get("WORLD_SIZE", "1")), int(os.environ.get("RANK", "0"))
    cuda = torch.cuda.is_available() and config.device in ("auto", "cuda")
    local = int(os.environ.get("LOCAL_RANK", "0"))
    if cuda:
        device = torch.device("cuda", local)
        torch.cuda.set_device(device)
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
        torch.backends.cudnn.benchmark = True
    else:
        device = torch.device("cpu")
        if config.threads:
            torch.set_num_threads(config.threads)
    if world > 1 and not dist.is_initialized():
        dist.init_process_group("nccl" if cuda else "gloo")
    precision = getattr(torch, config.precision)
    if precision == torch.bfloat16 and not native_bfloat16(device):
        precision = torch.float32
    return Machine(device, precision, rank, world, config.parallel, quiet)
