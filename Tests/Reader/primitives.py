"""Conventions of format-spec.md: numbers, varints, text, checksums, compression."""

import struct

import zstandard


class Damage(Exception):
    """Bytes that are not what the specification says they are."""

    def __init__(self, message, offset=None):
        self.offset = offset
        super().__init__(message if offset is None else f"{message} at offset {offset}")


class Newer(Exception):
    """A version or an id that this reader does not know."""


def _crc_table():
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = (byte >> 1) ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return table


_CRC = _crc_table()


def crc32c(data):
    """CRC-32C of bytes."""
    crc = 0xFFFFFFFF
    table = _CRC
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


def signed(number):
    """The signed 64-bit number with these 64 bits."""
    number &= 0xFFFFFFFFFFFFFFFF
    return number - (1 << 64) if number >> 63 else number


def unzigzag(number):
    """The signed number whose zigzag form is given."""
    return (number >> 1) ^ -(number & 1)


def check(condition, message, offset=None):
    """Raises Damage unless the condition holds."""
    if not condition:
        raise Damage(message, offset)


def limit(number, most, what, offset=None):
    """The number, which must not exceed a limit of the specification."""
    check(number <= most, f"{what}: {number}, more than {most}", offset)
    return number


def decompress(frame, size):
    """The bytes of one Zstd frame, which must yield exactly `size` of them."""
    try:
        # A frame need not state its own size: the container does.
        engine = zstandard.ZstdDecompressor().decompressobj()
        data = engine.decompress(frame)
    except zstandard.ZstdError as error:
        raise Damage(f"no Zstd frame: {error}") from error
    check(len(data) == size, f"a Zstd frame yields {len(data)} bytes, not {size}")
    check(not engine.unused_data, "bytes follow a Zstd frame")
    return data


class Cursor:
    """A place in bytes, from which values are read one after another."""

    def __init__(self, data, offset=0, end=None):
        self.data = data
        self.offset = offset
        self.end = len(data) if end is None else end

    def left(self):
        return self.end - self.offset

    def at_end(self, what):
        check(self.offset == self.end, f"{self.left()} bytes are left over in {what}", self.offset)

    def take(self, count):
        check(0 <= count <= self.left(), f"{count} bytes wanted, {self.left()} left", self.offset)
        self.offset += count
        return self.data[self.offset - count:self.offset]

    def _unpack(self, form, size):
        return struct.unpack("<" + form, self.take(size))[0]

    def u8(self):
        return self._unpack("B", 1)

    def u16(self):
        return self._unpack("H", 2)

    def u32(self):
        return self._unpack("I", 4)

    def u64(self):
        return self._unpack("Q", 8)

    def i64(self):
        return self._unpack("q", 8)

    def f64(self):
        return self._unpack("d", 8)

    def varint(self):
        start, number = self.offset, 0
        for index in range(10):
            byte = self.u8()
            number |= (byte & 0x7F) << (7 * index)
            if byte < 0x80:
                check(number < 1 << 64, "a varint beyond 64 bits", start)
                return number
        raise Damage("a varint of more than 10 bytes", start)

    def zigzag(self):
        return unzigzag(self.varint())

    def text(self, most=65536):
        start = self.offset
        data = self.take(limit(self.varint(), most, "bytes of a text", start))
        try:
            return bytes(data).decode()
        except UnicodeDecodeError as error:
            raise Damage("a text is no UTF-8", start) from error


def bit(data, index):
    """Bit `index` of a run of bits."""
    return data[index >> 3] >> (index & 7) & 1


def bits(data, count):
    """The first `count` bits as booleans; those behind them in the last byte must be 0."""
    check(len(data) == (count + 7) // 8, "a run of bits of the wrong length")
    number = int.from_bytes(data, "little")
    check(number >> count == 0, "bits beyond the last one are not 0")
    return [bool(data[index >> 3] >> (index & 7) & 1) for index in range(count)]


def packed(cursor, count, width):
    """`count` numbers of `width` bits each, lowest first."""
    data = cursor.take((count * width + 7) // 8)
    if width == 0:
        return [0] * count
    number = int.from_bytes(data, "little")
    check(number >> (count * width) == 0, "bits beyond the last value are not 0")
    mask = (1 << width) - 1
    values = []
    # A big number is shifted in steps: shifting all of it for each value would be quadratic.
    for first in range(0, count, 512):
        start = first * width
        last = min(count, first + 512)
        chunk = int.from_bytes(data[start >> 3:(last * width + 7) >> 3], "little") >> (start & 7)
        for _ in range(first, last):
            values.append(chunk & mask)
            chunk >>= width
    return values
