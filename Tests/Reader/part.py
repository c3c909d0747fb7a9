"""Parts: their containers and rows. Sections "Parts" and "Footer" of format-spec.md."""

import math
import os

from blocks import FLOAT, Block, column_values, dictionary
from footer import BOUNDS_OF_TYPE, Footer
from primitives import Cursor, Damage, Newer, check, crc32c, decompress, limit
from streams import CODES

MAGIC = b"WEIRPART"
VERSION_MAX = 3
POSTSCRIPT_BYTES = 24
FOOTER_BYTES_MAX = 268_435_456
PACKED, WIDE = 1, 2


class Part:
    """A part, packed or wide, whose footer has been read and checked."""

    def __init__(self, path):
        self.path = path
        self.is_wide = os.path.isdir(path)
        self.files = {}
        data = self._file(os.path.join(path, "footer") if self.is_wide else path)
        footer_end = self._read_postscript(data)
        start = footer_end - self.footer_bytes
        check(start >= 16, "a footer that begins before its file", footer_end)
        stored = data[start:footer_end]
        found = crc32c(stored + data[footer_end:footer_end + 12])
        check(found == self.checksum, "checksum of the footer", footer_end + 12)
        if self.compression:
            stored = decompress(stored, self.footer_size)
        check(len(stored) == self.footer_size, "a footer of another size", footer_end)
        self.footer = Footer(stored, self.version)
        check(data[:8] == MAGIC, "magic of the header", 0)

    def _file(self, path):
        if path not in self.files:
            with open(path, "rb") as file:
                self.files[path] = file.read()
        return self.files[path]

    def _read_postscript(self, data):
        check(len(data) >= 16 + POSTSCRIPT_BYTES, "too short for a part")
        start = len(data) - POSTSCRIPT_BYTES
        check(data[-8:] == MAGIC, "magic of the postscript", start + 16)
        cursor = Cursor(data, start)
        self.footer_bytes = cursor.u32()
        self.footer_size = limit(cursor.u32(), FOOTER_BYTES_MAX, "bytes of a footer", start)
        self.compression = cursor.u8()
        self.container = cursor.u8()
        self.version = cursor.u16()
        self.checksum = cursor.u32()
        if self.version > VERSION_MAX:
            raise Newer(f"{self.path}: format version {self.version}")
        check(self.version >= 1 and self.compression <= 1, "a postscript", start)
        check(self.container == (WIDE if self.is_wide else PACKED), "the container", start + 9)
        check(not self.is_wide or self.version >= 2, "a wide part of version 1", start + 10)
        return start

    def column_file(self, index):
        """The file that offsets in the index of a column count from."""
        if not self.is_wide:
            return self._file(self.path)
        return self._file(os.path.join(self.path, f"{index}.column"))

    def byte_count(self):
        """The bytes of all files."""
        if not self.is_wide:
            return os.path.getsize(self.path)
        return sum(os.path.getsize(os.path.join(self.path, name))
                   for name in os.listdir(self.path))

    def _piece(self, index, offset, length):
        """Bytes of a column's file."""
        data = self.column_file(index)
        check(16 <= offset <= len(data) - length, "a block beyond the file", offset)
        return data[offset:offset + length]

    def _followed(self, column, granule):
        """What the values of a column follow from in a granule: integers, or codes by the map."""
        source = self.footer.columns[column.source]
        block = Block(self._piece(
            column.source, source.offsets[granule], source.lengths[granule]))
        check(block.nulls == 0, "a source with nulls")
        values = block.values()
        if column.map is None:
            return values
        codes = Block(self._piece(self.footer.columns.index(column), *column.map))
        check(codes.kind == CODES and codes.rows == source.dictionary[2] + 1, "a map")
        follow = codes.values()
        check(max(values, default=0) < len(follow), "a code of the source beyond the map")
        return [follow[value] for value in values]

    def _check_filters(self, index, granule, values):
        """No filter may deny a value of its granules."""
        for one in self.footer.filters:
            if one.column == index and one.first <= granule < one.first + one.granules:
                for value in set(values) - {None}:
                    check(one.may_contain(value, self.column_file(index)),
                          f"a filter that does not know {value!r}", one.offset)

    def column(self, index):
        """The values of a column, granule by granule, each checked against its zone."""
        column = self.footer.columns[index]
        entries = None
        if column.dictionary is not None:
            offset, length, count = column.dictionary
            entries = dictionary(self._piece(index, offset, length), count)
        for granule, rows in enumerate(self.footer.granule_rows):
            offset = column.offsets[granule]
            try:
                values = column_values(
                    self._piece(index, offset, column.lengths[granule]), column.type, entries,
                    None if column.source is None else lambda: self._followed(column, granule))
                check(len(values) == rows, f"{len(values)} rows in a block, not {rows}")
                check_zone(column, granule, values)
                self._check_filters(index, granule, values)
            except Damage as damage:
                raise Damage(f"{self.path}, column {column.name}, granule {granule}, "
                             f"block at {offset}: {damage}") from damage
            yield values

    def rows(self, ordered=True):
        """Every row as a list of values; their order is checked unless that is refused."""
        columns = [self.column(index) for index in range(len(self.footer.columns))]
        keys = self.footer.sort_indexes
        before = None
        for granule in zip(*columns):
            for row in zip(*granule):
                key = [sort_form(row[index]) for index in keys]
                check(not ordered or before is None or before <= key, "rows are not in order")
                before = key
                yield list(row)


def sort_form(value):
    """What orders values: nulls first."""
    return (0,) if value is None else (1, value)


def check_zone(column, granule, values):
    """Values of a granule must be what its zone says."""
    some = [value for value in values if value is not None]
    nulls = len(values) - len(some)
    check(nulls == column.null_counts[granule],
          f"{nulls} rows without a value, not {column.null_counts[granule]}")
    kind = column.bound_kinds[granule]
    if kind == 1:
        check(not some, "values in a granule that has none")
    if kind != 2:
        return
    low, high = column.bounds[granule]
    check(some, "bounds of no values")
    check(all(low <= value <= high for value in some), "values beyond the bounds of their zone")
    if column.type == FLOAT:
        check(not any(map(math.isnan, some)), "bounds although a value is no number")
    if column.type in BOUNDS_OF_TYPE and not isinstance(low, bytes):
        check(low == min(some) and high == max(some), "bounds of numbers that are not exact")
