"""Blocks: section "Blocks" of format-spec.md."""

from primitives import Cursor, Damage, bits, check, crc32c, decompress, limit
from streams import (
    BOOLEANS, CODES, CORRELATED, FLOATS, INTEGERS, STRINGS, VALUES_MAX, correlated, stream, values)

HEADER_BYTES = 20
BODY_BYTES_MAX = 67_108_864

STRING, INTEGER, FLOAT, BOOLEAN, JSON, TIMESTAMP, STATE = range(1, 8)

KIND_OF_TYPE = {
    STRING: STRINGS, JSON: STRINGS, STATE: STRINGS, INTEGER: INTEGERS, TIMESTAMP: INTEGERS,
    FLOAT: FLOATS, BOOLEAN: BOOLEANS,
}


class Block:
    """A block: what its header says, and its body before compression."""

    def __init__(self, data):
        header = Cursor(data)
        self.encoding, self.kind, self.nulls, self.compression = header.take(4)
        self.rows = limit(header.u32(), VALUES_MAX, "rows of a block")
        body_bytes = limit(header.u32(), BODY_BYTES_MAX, "bytes of a body")
        stored_bytes = header.u32()
        checksum = header.u32()
        check(stored_bytes == len(data) - HEADER_BYTES, "a block of another length than it says")
        found = crc32c(data[:16] + data[HEADER_BYTES:])
        check(found == checksum, f"checksum of a block: {checksum:#x} expected, {found:#x} found")
        check(self.nulls <= 3 and self.compression <= 1, "a block header of unknown meaning")
        stored = data[HEADER_BYTES:]
        if self.compression:
            stored = decompress(stored, body_bytes)
        check(len(stored) == body_bytes, "a body of another length than its header says")
        self.body = stored

    def values(self, follow=None):
        """A value for each row, None where there is none (codes are left as they are).

        `follow` gives what values follow from that are correlated with those of a source.
        """
        cursor = Cursor(self.body)
        if self.nulls == 2:
            check(self.encoding == 1 and not self.body, "an empty block with bytes")
            return [None] * self.rows
        if self.encoding == CORRELATED:
            check(follow is not None and self.nulls == 0, "a block without a source")
            check(self.kind in (CODES, INTEGERS), "values that cannot be correlated")
            result = correlated(cursor, self.kind, self.rows, follow())
        elif self.nulls == 0:
            result = values(cursor, self.encoding, self.kind, self.rows)
        else:
            check(self.kind != CODES, "codes with a bitmap of nulls")
            if self.nulls == 1:
                present = bits(cursor.take((self.rows + 7) // 8), self.rows)
            else:
                present = stream(cursor, BOOLEANS, self.rows)
            some = iter(values(cursor, self.encoding, self.kind, sum(present)))
            result = [next(some) if here else None for here in present]
        cursor.at_end("a body")
        return result


def dictionary(data, entries):
    """The entries of a part's dictionary."""
    block = Block(data)
    check(block.kind == STRINGS and block.nulls == 0, "a dictionary of another kind")
    check(block.rows == entries, f"a dictionary of {block.rows} entries, not {entries}")
    result = block.values()
    for before, after in zip(result, result[1:]):
        check(before < after, "entries of a dictionary do not ascend")
    check(sum(map(len, result)) <= 16_777_216, "a dictionary of too many bytes")
    return result


def column_values(data, column_type, entries, follow=None):
    """The values of one block of a column, codes replaced by the entries they stand for."""
    block = Block(data)
    expected = KIND_OF_TYPE[column_type] if entries is None else CODES
    check(block.kind == expected, f"a block of kind {block.kind}, not {expected}")
    result = block.values(follow)
    if entries is None:
        return result
    if block.nulls == 2:
        raise Damage("codes that are all null by their header")
    check(max(result, default=0) <= len(entries), "a code beyond the dictionary")
    return [entries[code - 1] if code else None for code in result]
