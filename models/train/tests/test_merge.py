"""Merging codes: near ones that are seldom used go first, and what stays is asked for with its rate."""

import torch

from twostep_train.merge import choose, merged
from twostep_train.vq import Codebook


def test_seldom_codes_join_their_frequent_neighbour_and_far_ones_stay():
    book = torch.nn.functional.normalize(torch.tensor([[1.0, 0, 0], [0.99, 0.02, 0], [0, 1.0, 0], [0, 0, 1.0]]), dim=1)
    counts = torch.tensor([1000.0, 3.0, 500.0, 2.0])
    assert merged(book, counts, 0.0).tolist() == [0, 1, 2, 3]
    assert merged(book, counts, 0.05).tolist() == [0, 0, 2, 3], "only what is near may join"
    stay, rates = choose(book, counts, 3)
    assert stay.tolist() == [0, 2, 3] and len(rates) == 3
    assert (rates < 0).all() and rates[0] > rates[2]


def test_exactly_as_many_stay_as_were_asked_for():
    generator = torch.Generator().manual_seed(0)
    book = torch.nn.functional.normalize(torch.randn(256, 8, generator=generator), dim=1)
    counts = torch.rand(256, generator=generator) ** 6 * 1000
    for kept in (200, 97, 16):
        stay, rates = choose(book, counts, kept)
        assert len(stay) == len(set(stay.tolist())) == len(rates) == kept


def test_the_book_prefers_frequent_codes_only_where_it_is_close():
    book = Codebook(2, 2)
    book.embedding.weight.data = torch.tensor([[1.0, 0.0], [0.9, 0.436]])
    between = torch.nn.functional.normalize(torch.tensor([[1.0, 0.25]]), dim=1)
    assert book.nearest(between).item() == 1
    book.rates = torch.tensor([0.0, -0.1])
    assert book.nearest(between).item() == 0
    assert book.nearest(book.rows()[1:]).item() == 1
