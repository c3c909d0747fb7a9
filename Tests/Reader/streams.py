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
    if kind == FLOATS and encoding in BY_BITS:
        integers = decode(cursor, INTEGERS, count)
        result = list(struct.unpack(f"<{count}d", struct.pack(f"<{count}q", *integers)))
    else:
        result = decode(cursor, kind, count)
    assert len(result) == count
    return result


def simple(cursor, kind, count):
    """A stream within another that is of one of the encodings 1 to 4."""
    encoding = cursor.u8()
    check(encoding in SIMPLE, f"encoding {encoding} is not simple", cursor.offset)
    return values(cursor, encoding, kind, count)


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
    if kind == BOOLEANS:
        first = cursor.u8()
        check(first <= 1, "a boolean that is neither 0 nor 1", start)
    runs = cursor.varint()
    check(1 <= runs <= count, f"{runs} runs of {count} values", start)
    if kind == BOOLEANS:
        inner = [bool(first) ^ bool(run & 1) for run in range(runs)]
    else:
        inner = simple(cursor, kind, runs)
    lengths = simple(cursor, CODES, runs)
    check(min(lengths) >= 1 and sum(lengths) == count, "runs of wrong lengths", start)
    return [value for value, length in zip(inner, lengths) for _ in range(length)]


def rows_ascending(cursor, rows, count):
    """Rows of exceptions: ascending and below a count."""
    check(all(a < b for a, b in zip(rows, rows[1:])), "rows do not ascend", cursor.offset)
    check(not rows or rows[-1] < count, "a row beyond the stream", cursor.offset)
    return rows


def patched(cursor, kind, count):
    base = cursor.zigzag()
    width = _width(cursor)
    patches = limit(cursor.varint(), count, "patches", cursor.offset)
    result = [wrap(kind, base + number) for number in packed(cursor, count, width)]
    rows = rows_ascending(cursor, simple(cursor, CODES, patches), count)
    for row, value in zip(rows, simple(cursor, kind, patches)):
        result[row] = value
    return result


def differences(cursor, kind, count):
    check(count >= 1, "differences of no values", cursor.offset)
    value = cursor.zigzag()
    encoding = cursor.u8()
    check(encoding in SIMPLE + (RUN_LENGTH, PATCHED), "an inner encoding", cursor.offset)
    result = [wrap(kind, value)]
    for step in values(cursor, encoding, INTEGERS, count - 1):
        value += step
        result.append(wrap(kind, value))
    return result


def decimal(cursor, _, count):
    start = cursor.offset
    divisor = float(10 ** limit(cursor.u8(), 22, "digits", start))
    numbers = stream(cursor, INTEGERS, count)
    exceptions = limit(cursor.varint(), count, "exceptions", start)
    check(all(abs(number) <= 1 << 53 for number in numbers), "an integer beyond 2^53", start)
    result = [float(number) / divisor for number in numbers]
    if exceptions:
        rows = rows_ascending(cursor, simple(cursor, CODES, exceptions), count)
        for row in rows:
            result[row] = cursor.f64()
    return result


def dictionary(cursor, _, count):
    entries = limit(cursor.varint(), count, "entries", cursor.offset)
    encoding = cursor.u8()
    check(encoding != DICTIONARY, "a dictionary within a dictionary", cursor.offset)
    strings = values(cursor, encoding, STRINGS, entries)
    check(all(a < b for a, b in zip(strings, strings[1:])), "entries do not ascend", cursor.offset)
    codes = stream(cursor, CODES, count)
    check(max(codes, default=-1) < entries, "a code that no entry has", cursor.offset)
    return [strings[code] for code in codes]


def front_coded(cursor, _, count):
    shared = stream(cursor, CODES, count)
    before, result = b"", []
    for length, rest in zip(shared, plain(cursor, STRINGS, count)):
        check(length <= len(before), "more bytes shared than there are", cursor.offset)
        before = before[:length] + rest
        result.append(before)
    return result


def correlated(cursor, kind, count, follow):
    """Values that follow from those of a source; `follow` gives what each row's follows from."""
    if kind == INTEGERS:
        return [signed(value + step) for value, step in
                zip(follow, stream(cursor, INTEGERS, count))]
    exceptions = limit(cursor.varint(), count, "exceptions", cursor.offset)
    rows = rows_ascending(cursor, stream(cursor, CODES, exceptions), count)
    result = list(follow)
    for row, code in zip(rows, stream(cursor, CODES, exceptions)):
        result[row] = code
    return result


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


SIMPLE = (1, 2, 3, 4)
RUN_LENGTH, PATCHED, DICTIONARY, CORRELATED = 5, 6, 9, 13
EVERY = (CODES, INTEGERS, FLOATS, BOOLEANS, STRINGS)
NUMBERS = (CODES, INTEGERS, FLOATS)
# Encodings that hold floats as integers: their 64 bits.
BY_BITS = (3, 4, RUN_LENGTH, PATCHED)
ENCODINGS = {
    1: ("plain", EVERY, plain),
    2: ("constant", EVERY, constant),
    3: ("bitPacked", NUMBERS, bit_packed),
    4: ("delta", NUMBERS, delta),
    RUN_LENGTH: ("runLength", NUMBERS + (BOOLEANS,), run_length),
    PATCHED: ("patched", NUMBERS, patched),
    7: ("differences", (CODES, INTEGERS), differences),
    8: ("decimal", (FLOATS,), decimal),
    DICTIONARY: ("dictionary", (STRINGS,), dictionary),
    10: ("digits", (STRINGS,), digits),
    11: ("frontCoded", (STRINGS,), front_coded),
}
