"""Random numbers that depend on (seed, index) alone, on every machine, in any order and in any number of processes."""

import numpy as np

_MASK = (1 << 64) - 1


class Draws:
    """A splitmix64 stream in plain integers: the same sequence under every Python, and cheap to start (one per scene)."""

    __slots__ = ("state",)

    def __init__(self, seed: int, index: int):
        self.state = (seed * 0x9E3779B97F4A7C15 + index * 0xD1B54A32D192ED03 + 0x632BE59BD9B4E019) & _MASK
        self.state = self.bits()

    def bits(self) -> int:
        self.state = (self.state + 0x9E3779B97F4A7C15) & _MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        return z ^ (z >> 31)

    def unit(self) -> float:
        """In [0, 1)."""
        return (self.bits() >> 11) * 2.0**-53

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * self.unit()

    def below(self, count: int) -> int:
        return self.bits() % count

    def choice(self, items):
        return items[self.bits() % len(items)]

    def weighted(self, items):
        """One key of a {key: weight} dictionary."""
        mark = self.unit() * sum(items.values())
        for key, weight in items.items():
            mark -= weight
            if mark < 0:
                return key
        return key

    def chance(self, probability: float) -> bool:
        return self.unit() < probability

    def shuffled(self, items) -> list:
        items = list(items)
        for i in range(len(items) - 1, 0, -1):
            j = self.bits() % (i + 1)
            items[i], items[j] = items[j], items[i]
        return items


def gaussian(seed: int, index: int, count: int) -> np.ndarray:
    """float32 [count] of N(0, 1) from a counter-based generator (Philox's raw bits, whose stream NumPy guarantees)."""
    raw = np.random.Philox(key=np.array([seed, index], dtype=np.uint64)).random_raw(2 * ((count + 1) // 2))
    uniform = ((raw >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53
    first, second = uniform[0::2], uniform[1::2]
    radius = np.sqrt(-2.0 * np.log(first))
    both = np.empty(raw.shape[0], dtype=np.float64)
    both[0::2] = radius * np.cos(2 * np.pi * second)
    both[1::2] = radius * np.sin(2 * np.pi * second)
    return both[:count].astype(np.float32)
