"""The three proofs of the noise-to-code map: its law, its accuracy, its determinism."""

import torch

from twostep_train.flow import map_noise, noise_for


def book(size: int, seed: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.nn.functional.normalize(torch.randn(size, 8, generator=generator), dim=1)


def test_reproduces_a_distribution_of_12_codes():
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(12, generator=generator) * 1.2
    noise = torch.randn(200_000, 8, generator=generator)
    codes = map_noise(noise, logits.expand(len(noise), -1), book(12, 1))
    shares = torch.bincount(codes, minlength=12).float() / len(codes)
    assert (shares - logits.softmax(0)).abs().max() < 0.002


def test_agrees_with_2000_steps_on_a_book_of_16384():
    generator = torch.Generator().manual_seed(2)
    vectors = book(16_384, 3)
    noise = torch.randn(200, 8, generator=generator)
    logits = torch.randn(200, 16_384, generator=generator) * 3
    exact = map_noise(noise, logits, vectors, top_k=1000, steps=2000)
    quick = map_noise(noise, logits, vectors, top_k=1000)
    assert (quick == exact).float().mean() >= 0.99


def test_is_deterministic_and_independent_of_the_batch():
    generator = torch.Generator().manual_seed(4)
    noise, logits, vectors = torch.randn(64, 8, generator=generator), torch.randn(64, 512, generator=generator) * 2, book(512, 5)
    whole = map_noise(noise, logits, vectors, top_k=128)
    assert torch.equal(whole, map_noise(noise, logits, vectors, top_k=128))
    assert torch.equal(whole, torch.cat([map_noise(noise[i : i + 1], logits[i : i + 1], vectors, top_k=128) for i in range(64)]))


def test_noise_is_found_backwards_for_codes_that_are_given():
    """Exact pairs without sampling: the noise leads back to the code, and over codes drawn from p it is N(0, I)."""
    generator = torch.Generator().manual_seed(3)
    book = torch.nn.functional.normalize(torch.randn(512, 8, generator=generator), dim=1)
    logits = torch.randn(4000, 512, generator=generator) * 2
    kept = logits.masked_fill(logits < logits.topk(64, 1).values[:, -1:], -torch.inf)
    codes = kept.softmax(1).multinomial(1, generator=generator).squeeze(1)
    noise = noise_for(codes, logits, book, lambda shape: torch.randn(shape, generator=generator), top_k=64)
    assert (map_noise(noise, logits, book, top_k=64) == codes).float().mean() > 0.995
    assert abs(noise.mean()) < 0.02 and abs(noise.std() - 1) < 0.02
    assert (noise.T @ noise / len(noise) - torch.eye(8)).abs().max() < 0.08
    sure = torch.full((8, 512), -20.0)
    sure[:, 5] = 20.0
    noise = noise_for(torch.full((8,), 5), sure, book, lambda shape: torch.randn(shape, generator=generator), top_k=64)
    assert noise.isfinite().all() and (map_noise(noise, sure, book, top_k=64) == 5).all()
