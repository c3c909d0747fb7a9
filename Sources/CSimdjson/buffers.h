#ifndef WEIR_BUFFERS_H
#define WEIR_BUFFERS_H

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace weir {

// Memory that the process cannot do without.
inline void *reallocated(void *old, size_t bytes) {
    void *memory = std::realloc(old, bytes);
    if (!memory) std::abort();
    return memory;
}

// A growing array of plain values whose address C may read.
template <typename T> struct Buffer {
    T *items = nullptr;
    size_t count = 0;
    size_t capacity = 0;

    Buffer() = default;
    Buffer(const Buffer &) = delete;
    Buffer &operator=(const Buffer &) = delete;
    ~Buffer() { std::free(items); }

    void append(T item) {
        if (count == capacity) grow();
        items[count++] = item;
    }

    void clear() { count = 0; }

private:
    void grow() {
        capacity = capacity ? capacity * 2 : 64;
        items = static_cast<T *>(reallocated(items, capacity * sizeof(T)));
    }
};

// Bytes that never move until all of them are given back at once.
class Arena {
public:
    Arena() = default;
    Arena(const Arena &) = delete;
    Arena &operator=(const Arena &) = delete;
    ~Arena() { release(); }

    uint8_t *allocate(size_t bytes) {
        if (bytes > left) open(bytes);
        uint8_t *start = next;
        next += bytes;
        left -= bytes;
        return start;
    }

    uint8_t *copy(const uint8_t *text, size_t length) {
        // Sixteen bytes more, so that names can be compared by whole words.
        uint8_t *start = allocate(length + 16);
        std::memcpy(start, text, length);
        std::memset(start + length, 0, 16);
        return start;
    }

    // Keeps the first chunk for what comes next.
    void clear() {
        if (chunks.empty()) return;
        for (size_t index = 1; index < chunks.size(); index++) std::free(chunks[index]);
        chunks.resize(1);
        next = chunks[0];
        left = first_bytes;
    }

    void release() {
        for (uint8_t *chunk : chunks) std::free(chunk);
        chunks.clear();
        next = nullptr;
        left = 0;
    }

private:
    static constexpr size_t chunk_bytes = 64 << 10;
    std::vector<uint8_t *> chunks;
    uint8_t *next = nullptr;
    size_t left = 0;
    size_t first_bytes = 0;

    void open(size_t bytes) {
        size_t size = bytes > chunk_bytes ? bytes : chunk_bytes;
        chunks.push_back(static_cast<uint8_t *>(reallocated(nullptr, size)));
        if (chunks.size() == 1) first_bytes = size;
        next = chunks.back();
        left = size;
    }
};

} // namespace weir

#endif
