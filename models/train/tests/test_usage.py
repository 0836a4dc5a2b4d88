"""Idle codes move to where they are missed, and nothing else does."""

import torch
import torch.nn.functional as F

from twostep_train.codebook import Codebook
from twostep_train.config import Config
from twostep_train.machine import open_machine
from twostep_train.usage import LEAST, Usage, settle


def book_of(codes: int, flats: int) -> Codebook:
    torch.manual_seed(4)
    book = Codebook(codes, 8)
    book.flats, book.rates = torch.zeros(flats, 3), -torch.rand(codes)
    with torch.no_grad():
        book.embedding.weight.copy_(book.rows())
    return book


def test_idle_codes_move_onto_latents_that_the_book_says_badly():
    book, usage = book_of(40, 10), Usage(40, 20)
    busy = [i for i in range(40) if i not in (3, 17, 25, 31)]
    for _ in range(100):
        usage.count(torch.tensor(busy))
    assert usage.share() == 36 / 40
    before, costs = book.embedding.weight.detach().clone(), book.rates.clone()
    near, far = before[torch.tensor(busy[10:])], F.normalize(torch.randn(6, 8), dim=1)
    count = usage.revive(book, torch.cat([near, far]), open_machine(Config(name="one", device="cpu"), quiet=True))
    moved = (book.embedding.weight != before).any(1).nonzero().flatten().tolist()
    assert count == 3 and moved == [17, 25, 31]  # 3 stands for a colour
    # A latent that a code says exactly needs no other, unless that code is too dear to be chosen.
    assert all(any(torch.equal(book.embedding.weight[i], latent) for latent in [*far, *near]) for i in moved)
    assert (book.rates != costs).nonzero().flatten().tolist() == moved
    assert torch.allclose(book.rates[17], costs[torch.tensor(busy[9:])].mean())
    assert usage.share() == 39 / 40


def test_nothing_moves_while_all_are_in_use_or_nothing_is_missed():
    book, usage = book_of(12, 0), Usage(12, 10)
    machine, before = open_machine(Config(name="one", device="cpu"), quiet=True), book.embedding.weight.detach().clone()
    assert usage.revive(book, torch.randn(5, 8), machine) == 0
    for _ in range(200):
        usage.count(torch.arange(6))
    book.rates.zero_()
    assert usage.revive(book, book.rows()[:6].detach(), machine) == 0
    assert torch.equal(book.embedding.weight, before)


def test_settling_leaves_hardly_a_code_without_use_and_says_everything_better():
    book = book_of(64, 8)
    torch.manual_seed(5)
    # Thirty places where latents gather, of which the book knows five; most of its codes stand where nothing is.
    places = F.normalize(torch.randn(30, 8), dim=1)
    latents = F.normalize(places[torch.randint(30, (4000,))] + 0.1 * torch.randn(4000, 8), dim=1)
    with torch.no_grad():
        book.embedding.weight[8:13] = places[:5]
        book.embedding.weight[13:] = -places.mean(0) + 0.01 * torch.randn(51, 8)
        book.embedding.weight.copy_(book.rows())
    book.rates.zero_()
    before, flats = book.nearest(latents), book.embedding.weight[:8].clone()
    error = (latents - book.rows()[before]).square().sum(1).mean()
    machine = open_machine(Config(name="one", device="cpu"), quiet=True)
    assert settle(book, latents, machine) >= 40
    after = book.nearest(latents)
    counts = torch.bincount(after, minlength=64)[8:]
    assert (counts >= LEAST).float().mean() > 0.95
    assert (latents - book.rows()[after]).square().sum(1).mean() < 0.25 * error
    assert torch.equal(book.embedding.weight[:8], flats), "codes that stand for a colour stay"
    # Other latents of the same kind use them too: they are no outliers.
    others = F.normalize(places[torch.randint(30, (4000,))] + 0.1 * torch.randn(4000, 8), dim=1)
    assert (torch.bincount(book.nearest(others), minlength=64)[8:] > 0).float().mean() > 0.9
