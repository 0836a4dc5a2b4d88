"""Idle codes move to where they are missed, and nothing else does."""

import torch
import torch.nn.functional as F

from twostep_train.codebook import Codebook
from twostep_train.config import Config
from twostep_train.machine import open_machine
from twostep_train.usage import Usage


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
