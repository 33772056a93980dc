"""Named streams of random numbers: keyed by who and what, never by the order of calls.

`uniforms(seed, "customer/patience", key, 3)` gives the same three numbers in every process,
whichever playbook runs and whatever was drawn before. One generator per purpose; each key owns a
fixed-width block of it, so that row `i` of a million drawn at once equals the block drawn alone.
Distributions are inverted from uniforms; nothing here rejects samples.
"""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt

Uniforms = npt.NDArray[np.float64]


def index_of(key: str | int) -> int:
    """A key's place in a stream: an ordinal stands for itself, any other text is hashed to 64 bits."""
    if isinstance(key, int):
        return key
    return int.from_bytes(hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()[:8], "big")


def _bits(seed: int, purpose: str) -> np.random.PCG64DXSM:
    digest = hashlib.sha256(f"{seed}/{purpose}".encode()).digest()
    return np.random.PCG64DXSM(int.from_bytes(digest[:16], "big"))


def uniforms(seed: int, purpose: str, key: str | int, width: int) -> Uniforms:
    """`width` numbers in [0, 1) that belong to `key` in the stream of this purpose."""
    bits = _bits(seed, purpose)
    bits.advance(index_of(key) * width)
    return np.random.Generator(bits).random(width)


def uniform(seed: int, purpose: str, key: str | int) -> float:
    """One number in [0, 1)."""
    return float(uniforms(seed, purpose, key, 1)[0])


def block(seed: int, purpose: str, count: int, width: int) -> Uniforms:
    """Rows 0 … count-1 at once, shape (count, width); row i equals `uniforms(seed, purpose, i, width)`."""
    return np.random.Generator(_bits(seed, purpose)).random((count, width))


def pick(u: float, options: int) -> int:
    """An index in 0 … options-1 from one uniform."""
    return min(int(u * options), options - 1)
