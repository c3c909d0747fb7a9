"""Hashes: section "Hashes" of format-spec.md."""

WORD = (1 << 64) - 1


def mix(number):
    """A 64-bit hash of a number."""
    number = (number + 0x9E3779B97F4A7C15) & WORD
    number = ((number ^ number >> 30) * 0xBF58476D1CE4E5B9) & WORD
    number = ((number ^ number >> 27) * 0x94D049BB133111EB) & WORD
    return number ^ number >> 31


def fold(left, right):
    """The halves of a product, combined."""
    product = left * right
    return product >> 64 ^ product & WORD


def hash64(data):
    """A 64-bit hash of bytes."""
    state = 0xA0761D6478BD642F
    if not data:
        return fold(state, 0xE7037ED1A0B428DB)
    offset = 0
    while offset + 8 < len(data):
        state = fold(state ^ int.from_bytes(data[offset:offset + 8], "little"), 0xE7037ED1A0B428DB)
        offset += 8
    last = int.from_bytes(data if len(data) < 8 else data[-8:], "little")
    return fold(fold(state ^ last, 0x8EBC6AF09C88C6E3) ^ len(data), 0x589965CC75374CC3)
