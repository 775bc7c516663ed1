"""Pixels as PNG (W3C, Portable Network Graphics, second edition)."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

SIGNATURE = b"\x89PNG\r\n\x1a\n"
TRUECOLOUR = 2
LEVEL = 3
"""Of zlib. A picture of lines and flat colours is compressed best without a filter in front, and in a third of the time
that Pillow takes, whose filters suit photographs; higher levels make it 5 % smaller and take twice as long."""


def encode(pixels: NDArray[np.uint8]) -> bytes:
    """Return red, green and blue `(H, W, 3)` as the bytes of a file."""
    height, width, _ = pixels.shape
    lines = np.zeros((height, 1 + 3 * width), np.uint8)  # each line begins with its filter, 0 for none
    lines[:, 1:] = pixels.reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, 8, TRUECOLOUR, 0, 0, 0)
    parts = (_chunk(b"IHDR", header), _chunk(b"IDAT", zlib.compress(lines.tobytes(), LEVEL)), _chunk(b"IEND", b""))
    return SIGNATURE + b"".join(parts)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
