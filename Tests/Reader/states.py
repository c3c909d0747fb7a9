"""States: section "States" of format-spec.md."""

from primitives import Cursor, check

DENSE = 0xFFFF
SPARSE_MAX = 2048
REGISTERS = 16_384
RANK_MAX = 35


def distinct(data):
    """A distinct count's state: ("sparse", values) or ("dense", ranks)."""
    cursor = Cursor(data)
    count = cursor.u16()
    if count == DENSE:
        ranks = list(cursor.take(REGISTERS))
        check(max(ranks) <= RANK_MAX, "a rank that no value has")
        cursor.at_end("a state")
        return "dense", ranks
    check(count <= SPARSE_MAX, "a sparse state of too many values")
    values = [int.from_bytes(cursor.take(6), "little") for _ in range(count)]
    check(all(a < b for a, b in zip(values, values[1:])), "values of a state do not ascend")
    cursor.at_end("a state")
    return "sparse", values


def _fold(left, right):
    product = left * right
    return (product >> 64) ^ (product & 0xFFFFFFFFFFFFFFFF)


def hash64(data):
    """The hash of bytes: section "States"."""
    state = 0xA0761D6478BD642F
    count = len(data)
    if count == 0:
        return _fold(state, 0xE7037ED1A0B428DB)
    offset = 0
    while offset + 8 < count:
        word = int.from_bytes(data[offset:offset + 8], "little")
        state = _fold(state ^ word, 0xE7037ED1A0B428DB)
        offset += 8
    last = int.from_bytes(data[-8:], "little")
    return _fold(_fold(state ^ last, 0x8EBC6AF09C88C6E3) ^ count, 0x589965CC75374CC3)


def state_of(members):
    """The bytes of the state of a set of byte strings."""
    values = sorted({hash64(member) >> 16 for member in members})
    if len(values) <= SPARSE_MAX:
        return len(values).to_bytes(2, "little") + b"".join(
            value.to_bytes(6, "little") for value in values)
    ranks = bytearray(REGISTERS)
    for value in values:
        below = value & (1 << 34) - 1
        ranks[value >> 34] = max(ranks[value >> 34], 35 - below.bit_length())
    return DENSE.to_bytes(2, "little") + bytes(ranks)
