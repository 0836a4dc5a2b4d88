"""Merging codes: near ones that are seldom used go first, and what stays is asked for with its rate."""

import torch

from twostep_train.codebook import Codebook, even_patches
from twostep_train.kmeans import kmeans
from twostep_train.merge import Flats, choose, merged, palette
from twostep_train.vq import Vq


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


def picture():
    """64 x 64, four tokens a side: even red above, below it a gradient from left to right, in its last token a hard edge."""
    image = torch.zeros(1, 3, 64, 64)
    image[:, 0, :32] = 0.8
    image[:, 1, 32:] = torch.linspace(-1, 1, 64)
    image[:, 2, 56:, 60:] = 1
    return image


def test_patches_of_one_colour_and_patches_that_change_evenly_are_told_from_edges():
    flat, even, colours = even_patches(picture(), 4)
    assert flat[0].tolist() == [True] * 8 + [False] * 8
    assert even[0].tolist() == [True] * 15 + [False]
    assert torch.allclose(colours[0, 0], torch.tensor([0.8, 0.0, 0.0]), atol=1e-5)
    assert torch.allclose(colours[0, 8:12, 1], torch.tensor([-0.76, -0.25, 0.25, 0.76]), atol=0.01)


def test_gradients_are_written_with_the_palette_and_edges_are_not():
    torch.manual_seed(0)
    vq = Vq(8, (1, 1, 1, 1, 1), 1, 8, 12, 4, groups=4).eval()
    vq.quantize.flats = torch.tensor([[0.8, 0.0, 0.0], *([0.0, g, 0.0] for g in (-0.75, -0.25, 0.3, 0.7))])
    codes = vq.encode(picture())[0]
    assert codes[:8].tolist() == [0] * 8
    assert codes[8:15].tolist() == [1, 2, 3, 4, 1, 2, 3]
    vq.quantize.flats = torch.tensor([[-1.0, -1.0, -1.0]])
    assert torch.equal(vq.encode(picture()), vq.quantize.nearest(vq.latents(picture())).flatten(1)), "a colour that is far from all has no code"


def test_the_palette_lies_between_the_flat_colours():
    generator = torch.Generator().manual_seed(0)
    flat = torch.tensor([[0.0, 0.0, 0.0], [0.5, 0.5, 0.5]])
    changing = torch.rand(2000, 3, generator=generator) * torch.tensor([1.0, 0.02, 0.02]) + torch.tensor([0.0, 0.4, 0.4])
    colours = torch.cat([flat.repeat_interleave(500, 0), changing])
    latents = torch.cat([torch.tensor([[1.0, 0.0]]).expand(1000, 2), torch.nn.functional.normalize(torch.stack([changing[:, 0], 1 - changing[:, 0]], 1), dim=1)])
    found, vectors = palette(colours, latents, flat, 16)
    assert len(found) == len(vectors) == 16 and (torch.cdist(found, flat).amin(1) > 0.02).all()
    assert torch.allclose(vectors.norm(dim=1), torch.ones(16))
    assert torch.cdist(changing, found).amin(1).mean() < 0.03
    right = found[:, 0].argsort()
    assert (vectors[right, 0].diff() > 0).all(), "each has the latents of its own patches"
    assert [len(part) for part in palette(colours[:1000], latents[:1000], flat, 16)] == [0, 0], "where all colours have codes, none is left"
    assert len(palette(colours, latents, flat[:0], 3)[0]) == 3


def test_means_of_clusters_are_found():
    generator = torch.Generator().manual_seed(1)
    torch.manual_seed(1)
    middles = torch.tensor([[0.0, 0.0], [3.0, 0.0], [0.0, 3.0]])
    points = middles.repeat(200, 1) + 0.1 * torch.randn(600, 2, generator=generator)
    assert torch.cdist(middles, kmeans(points, 30)).amin(1).max() < 0.1
    assert torch.allclose(kmeans(torch.nn.functional.normalize(points + 1, dim=1), 5, on_sphere=True).norm(dim=1), torch.ones(5))


def test_a_colour_needs_to_be_seen_often_to_get_a_code():
    flats = Flats(2)
    for colour, times in ((0.1, 30), (0.2, 50), (0.3, 3)):
        flats.add(torch.full((times, 3), colour), torch.tensor([[1.0, colour]]).expand(times, 2))
    colours, vectors = flats.frequent(8)
    assert torch.allclose(colours[:, 0], torch.tensor([0.2, 0.1])) and len(vectors) == 2
