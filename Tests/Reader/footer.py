"""Footers: section "Footer" of format-spec.md."""

from blocks import BOOLEAN, FLOAT, INTEGER, JSON, STATE, STRING, TIMESTAMP
from hashes import WORD, hash64, mix
from primitives import Cursor, Damage, check, crc32c, limit
from streams import CODES, FLOATS, INTEGERS, STRINGS, stream

ROLES = {1: "key", 2: "value", 3: "count", 4: "uniq"}
TYPES = {
    STRING: "string", INTEGER: "integer", FLOAT: "float", BOOLEAN: "boolean", JSON: "json",
    TIMESTAMP: "timestamp", STATE: "state",
}
BOUNDS_OF_TYPE = {
    STRING: STRINGS, JSON: STRINGS, INTEGER: INTEGERS, TIMESTAMP: INTEGERS, FLOAT: FLOATS,
}


class Column:
    """A column and its index: where its blocks lie, and what is known of them."""

    def __init__(self, cursor):
        self.name = cursor.text()
        self.type = cursor.u8()
        self.role = cursor.u8()
        check(self.type in TYPES, f"type {self.type} of column {self.name}", cursor.offset)
        check(self.role in ROLES, f"role {self.role} of column {self.name}", cursor.offset)

    def read_index(self, cursor, granules):
        start = cursor.offset
        self.dictionary = self.source = self.map = None
        flags = cursor.u8()
        check(flags in ((0, 1, 3) if self.type in (STRING, JSON) else
                        (0, 2) if self.type in (INTEGER, TIMESTAMP) else (0,)), "flags", start)
        if flags & 1:
            self.dictionary = (cursor.varint(), cursor.varint(), cursor.varint())
            limit(self.dictionary[2], 1_048_576, "entries of a dictionary", start)
        if flags & 2:
            self.source = cursor.varint()
        if flags == 3:
            self.map = (cursor.varint(), cursor.varint())
        self.offsets = stream(cursor, INTEGERS, granules)
        self.lengths = stream(cursor, CODES, granules)
        self.null_counts = stream(cursor, CODES, granules)
        self.bound_kinds = stream(cursor, CODES, granules)
        check(max(self.bound_kinds, default=0) <= 2, "a kind of bounds", start)
        self.bounds = [None] * granules
        known = [index for index, kind in enumerate(self.bound_kinds) if kind == 2]
        kind = BOUNDS_OF_TYPE.get(self.type)
        if kind is None:
            check(not known, f"bounds of column {self.name}", start)
            return
        least = stream(cursor, kind, len(known))
        greatest = stream(cursor, kind, len(known))
        for index, low, high in zip(known, least, greatest):
            if kind == STRINGS:
                check(len(low) <= 32 and len(high) <= 32, "a bound of too many bytes", start)
            check(low <= high, "bounds the wrong way round", start)
            self.bounds[index] = (low, high)


class Filter:
    """A filter of the values of one column in some granules, page by page."""

    def __init__(self, cursor, footer):
        start = cursor.offset
        self.column, self.first, self.granules, self.offset = (cursor.varint() for _ in range(4))
        self.pages = limit(cursor.varint(), 1_048_576, "pages of a filter", start)
        self.words = limit(cursor.varint(), 1_024, "words of a page", start)
        self.bits = limit(cursor.u8(), 16, "bits of a filter", start)
        self.seed = cursor.varint()
        check(self.column < len(footer.columns), "a filter of no column", start)
        check(footer.columns[self.column].type in (STRING, JSON), "a filter of no strings", start)
        check(self.first + self.granules <= len(footer.granule_rows), "granules", start)
        check(self.pages and self.words and self.bits, "an empty filter", start)
        self.page_bytes = self.words * self.bits * 8 + 4

    def may_contain(self, value, data):
        """Whether the value may be in the granules; `data` is the file of the column."""
        mixed = mix(hash64(value) ^ self.seed)
        second = mix(mixed)
        place = self.offset + (mixed * self.pages >> 64) * self.page_bytes
        page = data[place:place + self.page_bytes]
        check(len(page) == self.page_bytes, "a filter beyond the file", place)
        found = int.from_bytes(page[-4:], "little")
        check(crc32c(page[:-4]) == found, "checksum of a page of a filter", place)
        start = second * (self.words * 64 - 63) >> 64
        for bit in range(self.bits):
            column = page[bit * self.words * 8:(bit + 1) * self.words * 8]
            window = int.from_bytes(column, "little") >> start & (mix(second) | 1) & WORD
            if bin(window).count("1") & 1 != mixed >> bit & 1:
                return False
        return True


class Footer:
    """All that a footer says."""

    def __init__(self, data, version):
        cursor = Cursor(data)
        self.table = cursor.text()
        self.kind = cursor.u8()
        self.partitioning = cursor.u8()
        check(self.kind in (1, 2) and self.partitioning in (1, 2), "kind or partitioning")
        self.time_column = cursor.text()
        self.sort_columns = [cursor.text() for _ in range(limit(cursor.varint(), 65_536, "sort"))]
        self.columns = [Column(cursor) for _ in range(limit(cursor.varint(), 65_536, "columns"))]
        self.rows = cursor.varint()
        granules = limit(cursor.varint(), 1_048_576, "granules of a part", cursor.offset)
        self.granule_rows = stream(cursor, CODES, granules)
        check(all(self.granule_rows), "a granule without rows")
        check(sum(self.granule_rows) == self.rows, "rows of the granules")
        self.time_range = None
        if (flag := cursor.u8()):
            check(flag == 1, "a flag that is neither 0 nor 1", cursor.offset)
            self.time_range = (cursor.zigzag(), cursor.zigzag())
        self.log_from = self._position(cursor)
        self.log_to = self._position(cursor)
        self.flushes = (cursor.varint(), cursor.varint())
        for column in self.columns:
            column.read_index(cursor, granules)
        self.filters = []
        if version >= 3:
            count = limit(cursor.varint(), 1_048_576, "filters of a part", cursor.offset)
            self.filters = [Filter(cursor, self) for _ in range(count)]
        cursor.at_end("a footer")
        for column in self.columns:
            if column.source is not None:
                self._check_source(column)
        pairs = {(column.name, column.type) for column in self.columns}
        check(len(pairs) == len(self.columns), "two columns of one name and type")
        self.sort_indexes = [self._named(name) for name in self.sort_columns]
        time = self.columns[self._named(self.time_column)]
        check(time.type == TIMESTAMP, "the time column")

    def _check_source(self, column):
        check(column.source < len(self.columns), "a source that is no column")
        source = self.columns[column.source]
        check(source is not column and source.source is None, "a source that has a source")
        check((source.dictionary is None) == (column.dictionary is None), "kind of a source")
        if column.dictionary is None:
            check(source.type in (INTEGER, TIMESTAMP), "type of a source")

    def _named(self, name):
        """The first column of a name, which is the one that a sort column means."""
        for index, column in enumerate(self.columns):
            if column.name == name:
                return index
        raise Damage(f"there is no column {name}")

    @staticmethod
    def _position(cursor):
        count = limit(cursor.varint(), 65_536, "partitions of a position", cursor.offset)
        return [cursor.varint() for _ in range(count)]
