"""Features of images that are made by hand, as was done before networks learned them.

Somebody looks at the pictures, thinks of what tells them apart, and writes down numbers
that say it: how much ink there is, where, how slanted, how often a line across meets a
stroke. A regression then only weighs these. That is the old way; what the lectures call
deep learning is that the first layers find such numbers themselves.
"""

from __future__ import annotations

import numpy as np

from .._arrays import Array

ZONES = 4
"""The picture is cut into ZONES x ZONES parts, the ink of each a feature."""


def hand_made(x: Array, shape: tuple[int, int]) -> Array:
    """Features of images.

    Args:
        x: (m, pixels), 0 (paper) ... 1 (ink); of coloured images all colours of a
            pixel beside each other.
        shape: (height, width).

    Returns:
        (m, 40): ink; the centre's row and column, the spread in both and the slant; how
        far it is its own mirror image, left to right and top to bottom; the ink of each
        zone; strokes met along eight rows and eight columns.
    """
    x = x.toarray() if hasattr(x, "toarray") else np.asarray(x)
    pictures = x.reshape(len(x), *shape, -1).astype(np.float64).mean(axis=3)
    parts = [_moments(pictures), _mirrors(pictures), _zones(pictures)]
    for lines in (pictures, pictures.swapaxes(1, 2)):
        parts.append(_strokes(lines))
    return np.hstack(parts)


def _moments(pictures: Array) -> Array:
    """Ink, centre, spread and slant, (m, 6); lengths in shares of the picture."""
    height, width = pictures.shape[1:]
    ink = pictures.sum(axis=(1, 2))
    weight = pictures / np.maximum(ink, 1e-9)[:, None, None]
    i, j = np.mgrid[0:height, 0:width]
    i, j = i / height, j / width
    row = (weight * i).sum(axis=(1, 2))
    column = (weight * j).sum(axis=(1, 2))
    down = i[None] - row[:, None, None]
    right = j[None] - column[:, None, None]
    second = [(weight * a).sum(axis=(1, 2)) for a in (down**2, right**2, down * right)]
    return np.column_stack([ink / (height * width), row, column, *second])


def _mirrors(pictures: Array) -> Array:
    """Mean difference to both mirror images, (m, 2)."""
    flipped = pictures[:, :, ::-1], pictures[:, ::-1]
    return np.column_stack([abs(pictures - f).mean(axis=(1, 2)) for f in flipped])


def _zones(pictures: Array) -> Array:
    """The ink of each zone, (m, ZONES²)."""
    bands = np.array_split(pictures, ZONES, axis=1)
    zones = [zone for band in bands for zone in np.array_split(band, ZONES, axis=2)]
    return np.column_stack([zone.mean(axis=(1, 2)) for zone in zones])


def _strokes(pictures: Array) -> Array:
    """Strokes that begin along eight rows, from the second ninth on, (m, 8)."""
    places = np.linspace(0, pictures.shape[1] - 1, 10).round().astype(int)[1:-1]
    dark = pictures[:, places] > 0.5
    begins = dark[:, :, 1:] & ~dark[:, :, :-1]
    return begins.sum(axis=2) + dark[:, :, 0]
