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
