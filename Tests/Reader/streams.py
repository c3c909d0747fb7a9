"""Streams of values: section "Encodings" of format-spec.md, an encoding a function."""

import struct

from primitives import Damage, bits, check, limit, packed, signed

CODES, INTEGERS, FLOATS, BOOLEANS, STRINGS = 1, 2, 3, 4, 5

VALUES_MAX = 1_048_576
WIDTH_MAX = 56


def stream(cursor, kind, count):
    """A stream within another or in the footer: the id of its encoding precedes it."""
    return values(cursor, cursor.u8(), kind, count)


def values(cursor, encoding, kind, count):
    """The `count` values of a stream of a known encoding."""
    limit(count, VALUES_MAX, "values of a stream", cursor.offset)
    name, kinds, decode = ENCODINGS.get(encoding, (None, (), None))
    if decode is None:
        raise Damage(f"encoding {encoding} is not known", cursor.offset)
    check(kind in kinds, f"{name} does not hold values of kind {kind}", cursor.offset)
    result = decode(cursor, kind, count)
    assert len(result) == count
    return result


def wrap(kind, number):
    """What a sum modulo 2^64 stands for: a code, or a signed integer."""
    return number & 0xFFFFFFFF if kind == CODES else signed(number)


def plain(cursor, kind, count):
    if kind == BOOLEANS:
        return bits(cursor.take((count + 7) // 8), count)
    if kind == STRINGS:
        lengths = stream(cursor, CODES, count)
        check(sum(lengths) <= cursor.left(), "strings beyond the end", cursor.offset)
        return [bytes(cursor.take(length)) for length in lengths]
    form, size = {CODES: ("I", 4), INTEGERS: ("q", 8), FLOATS: ("d", 8)}[kind]
    return list(struct.unpack(f"<{count}{form}", cursor.take(count * size)))


def constant(cursor, kind, count):
    check(count >= 1, "a constant of no values", cursor.offset)
    if kind == FLOATS:
        value = cursor.f64()
    elif kind == BOOLEANS:
        value = cursor.u8()
        check(value <= 1, "a boolean that is neither 0 nor 1", cursor.offset)
        value = value == 1
    elif kind == STRINGS:
        value = bytes(cursor.take(cursor.varint()))
    else:
        value = wrap(kind, cursor.zigzag())
    return [value] * count


def _width(cursor):
    return limit(cursor.u8(), WIDTH_MAX, "bits of a packed value", cursor.offset)


def bit_packed(cursor, kind, count):
    least = cursor.zigzag()
    width = _width(cursor)
    return [wrap(kind, least + number) for number in packed(cursor, count, width)]


def delta(cursor, kind, count):
    check(count >= 1, "a delta of no values", cursor.offset)
    value = cursor.zigzag()
    least = cursor.zigzag()
    width = _width(cursor)
    result = [wrap(kind, value)]
    for number in packed(cursor, count - 1, width):
        value += least + number
        result.append(wrap(kind, value))
    return result


def run_length(cursor, kind, count):
    start = cursor.offset
    runs = cursor.varint()
    check(1 <= runs <= count, f"{runs} runs of {count} values", start)
    inner = []
    for each in (kind, CODES):
        encoding = cursor.u8()
        check(encoding != RUN_LENGTH, "a run length within a run length", cursor.offset)
        inner.append(values(cursor, encoding, each, runs))
    lengths = inner[1]
    check(min(lengths) >= 1 and sum(lengths) == count, "runs of wrong lengths", start)
    return [value for value, length in zip(*inner) for _ in range(length)]


DIGITS = {1: b"0123456789", 2: b"0123456789abcdef", 3: b"0123456789ABCDEF"}


def digits(cursor, _, count):
    start = cursor.offset
    pieces = []
    number = cursor.varint()
    check(1 <= number <= 16, f"{number} pieces", start)
    for _ in range(number):
        literal = bytes(cursor.take(limit(cursor.varint(), 256, "bytes of a literal", start)))
        length = limit(cursor.u8(), 16, "digits of a piece", start)
        alphabet = None
        if length > 0:
            alphabet = DIGITS.get(cursor.u8())
            check(alphabet is not None, "an alphabet that is not known", start)
        pieces.append((literal, length, alphabet))
    check(sum(len(each[0]) + each[1] for each in pieces) <= 256, "strings of digits", start)
    flag = cursor.u8()
    check(flag <= 1, "a flag that is neither 0 nor 1", start)
    lengths = None
    numbers = [None] * number
    if flag:
        check(pieces[-1][1] > 0, "a last piece that lacks digits and has none", start)
        lengths = stream(cursor, CODES, count)
        check(max(lengths, default=0) <= pieces[-1][1], "more digits than there are", start)
        numbers[-1] = stream(cursor, INTEGERS, count)
    for index, (_, length, _) in enumerate(pieces):
        if length > 0 and numbers[index] is None:
            numbers[index] = stream(cursor, INTEGERS, count)
    result = []
    for row in range(count):
        text = b""
        for index, (literal, length, alphabet) in enumerate(pieces):
            text += literal
            if length == 0:
                continue
            rest, shown = numbers[index][row] & 0xFFFFFFFFFFFFFFFF, bytearray()
            for _ in range(length):
                rest, digit = divmod(rest, len(alphabet))
                shown.append(alphabet[digit])
            check(rest == 0, "a number of too many digits", start)
            shown.reverse()
            if lengths is not None and index == number - 1:
                check(not shown[lengths[row]:].strip(b"0"), "a digit that is not there", start)
                shown = shown[:lengths[row]]
            text += shown
        result.append(bytes(text))
    return result


def dictionary(cursor, kind, count):
    start = cursor.offset
    number = limit(cursor.varint(), count, "entries of a block's dictionary", start)
    encoding = cursor.u8()
    check(encoding != DICTIONARY, "a dictionary within a dictionary", start)
    entries = values(cursor, encoding, kind, number)
    check(all(one < other for one, other in zip(entries, entries[1:])), "entries in order", start)
    codes = stream(cursor, CODES, count)
    check(max(codes, default=-1) < number, "a code beyond the entries", start)
    return [entries[code] for code in codes]


def front_coded(cursor, kind, count):
    start = cursor.offset
    shared = stream(cursor, CODES, count)
    result, before = [], b""
    for length, rest in zip(shared, plain(cursor, kind, count)):
        check(length <= len(before), "more bytes shared than there are", start)
        before = before[:length] + rest
        result.append(before)
    return result


def correlated(cursor, kind, following):
    """The values that follow from another column, and those that do not."""
    start = cursor.offset
    if kind == INTEGERS:
        differences = stream(cursor, INTEGERS, len(following))
        return [wrap(kind, one + other) for one, other in zip(following, differences)]
    number = limit(cursor.varint(), len(following), "exceptions", start)
    rows = stream(cursor, CODES, number)
    result, before = list(following), -1
    for row, code in zip(rows, stream(cursor, CODES, number)):
        check(before < row < len(result), "rows of exceptions", start)
        result[row], before = code, row
    return result


DICTIONARY, CORRELATED = 9, 13
RUN_LENGTH = 5
EVERY = (CODES, INTEGERS, FLOATS, BOOLEANS, STRINGS)
ENCODINGS = {
    1: ("plain", EVERY, plain),
    2: ("constant", EVERY, constant),
    3: ("bitPacked", (CODES, INTEGERS), bit_packed),
    4: ("delta", (CODES, INTEGERS), delta),
    RUN_LENGTH: ("runLength", (CODES, INTEGERS), run_length),
    DICTIONARY: ("dictionary", (STRINGS,), dictionary),
    10: ("digits", (STRINGS,), digits),
    11: ("frontCoded", (STRINGS,), front_coded),
}
