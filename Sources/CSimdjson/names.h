#ifndef WEIR_NAMES_H
#define WEIR_NAMES_H

#include <cstdint>
#include <vector>

#include "buffers.h"

namespace weir {

// The keys of an event that are fields and not properties.
enum class Field : uint8_t {
    none,
    event_id,
    event_type,
    user_id,
    session_id,
    timestamp,
    properties,
};

// A property by its flattened name; several paths can lead to one (`a.b` and `a` → `b`).
struct Name {
    const uint8_t *text;
    uint32_t length;
    // The column of each value type, or -1.
    int32_t columns[6];
    // The event that last had it, and what that event's value was: a column or -1 for null.
    uint64_t event;
    int32_t column;
    // One bit a rank for which that event had a value.
    uint32_t ranks;
};

// One key below one parent, as it stands in the JSON.
struct Node {
    const uint8_t *key;
    uint32_t key_length;
    uint32_t parent;
    uint32_t name;
    // The node that followed when this one was last seen: clients repeat their key order.
    uint32_t next;
    Field field;
    // The event that last had it.
    uint64_t event;
};

// The keys seen so far. Finding one is a compare with the predicted node, else a hash lookup.
class Names {
public:
    static constexpr uint32_t root = 0;
    static constexpr uint32_t properties = 1;
    static constexpr uint32_t too_long = UINT32_MAX;

    std::vector<Node> nodes;
    std::vector<Name> names;

    Names();

    void forget();

    // Call before the first key of an event.
    void start_event() { last = root; }

    // The node of a key, or `too_long` where its flattened name is longer than `length_max`.
    // Sixteen bytes from `key` on must be readable.
    uint32_t find(uint32_t parent, const uint8_t *key, uint32_t length, uint32_t length_max) {
        uint32_t guess = nodes[last].next;
        if (matches(nodes[guess], parent, key, length)) {
            last = guess;
            return guess;
        }
        return look_up(parent, key, length, length_max);
    }

private:
    Arena arena;
    std::vector<uint32_t> node_slots;
    std::vector<uint32_t> name_slots;
    uint32_t last = root;

    static bool matches(const Node &node, uint32_t parent, const uint8_t *key, uint32_t length);
    uint32_t look_up(uint32_t parent, const uint8_t *key, uint32_t length, uint32_t length_max);
    uint32_t add(uint32_t parent, const uint8_t *key, uint32_t length, uint32_t length_max);
    uint32_t name_of(const uint8_t *text, uint32_t length);
    void grow_nodes();
    void grow_names();
};

inline bool same_bytes(const uint8_t *left, const uint8_t *right, uint32_t length) {
    if (length > 16) return std::memcmp(left, right, length) == 0;
    uint64_t a, b, c, d;
    std::memcpy(&a, left, 8);
    std::memcpy(&b, right, 8);
    if (length < 8) return ((a ^ b) & ((uint64_t(1) << (8 * length)) - 1)) == 0;
    if (a != b) return false;
    if (length == 8) return true;
    std::memcpy(&c, left + length - 8, 8);
    std::memcpy(&d, right + length - 8, 8);
    return c == d;
}

inline bool Names::matches(const Node &node, uint32_t parent, const uint8_t *key,
                           uint32_t length) {
    return node.key_length == length && node.parent == parent &&
           same_bytes(node.key, key, length);
}

} // namespace weir

#endif
