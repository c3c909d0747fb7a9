#include "names.h"

#include <string>

namespace weir {

static constexpr uint32_t no_name = UINT32_MAX;
static constexpr size_t slots_at_first = 256;

// FNV-1a with a last mix: only keys that the prediction misses come here, and two that
// collide cost a compare.
static uint64_t hash(uint32_t seed, const uint8_t *text, uint32_t length) {
    uint64_t state = 0x9E3779B97F4A7C15 ^ seed;
    for (uint32_t index = 0; index < length; index++) {
        state = (state ^ text[index]) * 0x100000001B3;
    }
    state ^= state >> 29;
    state *= 0xBF58476D1CE4E5B9;
    return state ^ (state >> 32);
}

static Field field_of(const uint8_t *key, uint32_t length) {
    static const struct {
        const char *key;
        Field field;
    } fields[] = {
        {"eventId", Field::event_id},     {"eventType", Field::event_type},
        {"userId", Field::user_id},       {"sessionId", Field::session_id},
        {"timestamp", Field::timestamp},  {"properties", Field::properties},
    };
    for (const auto &entry : fields) {
        if (length == std::strlen(entry.key) && std::memcmp(key, entry.key, length) == 0) {
            return entry.field;
        }
    }
    return Field::none;
}

Names::Names() { forget(); }

void Names::forget() {
    arena.release();
    nodes.clear();
    names.clear();
    node_slots.assign(slots_at_first, UINT32_MAX);
    name_slots.assign(slots_at_first, UINT32_MAX);
    const uint8_t *empty = arena.copy(reinterpret_cast<const uint8_t *>(""), 0);
    // The root stands for the event itself; no key has it as its node, nor has any key the
    // parent that its entry names.
    nodes.push_back({empty, 0, UINT32_MAX, no_name, root, Field::none, 0});
    static const char key[] = "properties";
    uint32_t added = add(root, reinterpret_cast<const uint8_t *>(key), sizeof key - 1, UINT32_MAX);
    if (added != properties) std::abort();
    last = root;
}

uint32_t Names::look_up(uint32_t parent, const uint8_t *key, uint32_t length,
                        uint32_t length_max) {
    if (length > length_max) return too_long;
    size_t mask = node_slots.size() - 1;
    size_t slot = hash(parent, key, length) & mask;
    while (node_slots[slot] != UINT32_MAX) {
        uint32_t candidate = node_slots[slot];
        if (matches(nodes[candidate], parent, key, length)) {
            nodes[last].next = candidate;
            last = candidate;
            return candidate;
        }
        slot = (slot + 1) & mask;
    }
    uint32_t added = add(parent, key, length, length_max);
    if (added == too_long) return too_long;
    nodes[last].next = added;
    last = added;
    return added;
}

uint32_t Names::add(uint32_t parent, const uint8_t *key, uint32_t length, uint32_t length_max) {
    Field field = parent == root ? field_of(key, length) : Field::none;
    uint32_t name = no_name;
    if (field == Field::none) {
        if (nodes[parent].name == no_name) {
            name = name_of(key, length);
        } else {
            const Name &prefix = names[nodes[parent].name];
            if (size_t(prefix.length) + 1 + length > length_max) return too_long;
            std::string full(reinterpret_cast<const char *>(prefix.text), prefix.length);
            full.push_back('.');
            full.append(reinterpret_cast<const char *>(key), length);
            name = name_of(reinterpret_cast<const uint8_t *>(full.data()), full.size());
        }
    }
    uint32_t node = nodes.size();
    nodes.push_back({arena.copy(key, length), length, parent, name, root, field, 0});
    if (nodes.size() * 2 > node_slots.size()) {
        grow_nodes();
    } else {
        size_t mask = node_slots.size() - 1;
        size_t slot = hash(parent, key, length) & mask;
        while (node_slots[slot] != UINT32_MAX) slot = (slot + 1) & mask;
        node_slots[slot] = node;
    }
    return node;
}

uint32_t Names::name_of(const uint8_t *text, uint32_t length) {
    size_t mask = name_slots.size() - 1;
    size_t slot = hash(0, text, length) & mask;
    while (name_slots[slot] != UINT32_MAX) {
        const Name &candidate = names[name_slots[slot]];
        if (candidate.length == length && std::memcmp(candidate.text, text, length) == 0) {
            return name_slots[slot];
        }
        slot = (slot + 1) & mask;
    }
    uint32_t name = names.size();
    names.push_back({arena.copy(text, length), length, {-1, -1, -1, -1, -1, -1}, 0, -1, 0});
    name_slots[slot] = name;
    if (names.size() * 2 > name_slots.size()) grow_names();
    return name;
}

void Names::grow_nodes() {
    node_slots.assign(node_slots.size() * 2, UINT32_MAX);
    size_t mask = node_slots.size() - 1;
    for (uint32_t node = 1; node < nodes.size(); node++) {
        size_t slot = hash(nodes[node].parent, nodes[node].key, nodes[node].key_length) & mask;
        while (node_slots[slot] != UINT32_MAX) slot = (slot + 1) & mask;
        node_slots[slot] = node;
    }
}

void Names::grow_names() {
    name_slots.assign(name_slots.size() * 2, UINT32_MAX);
    size_t mask = name_slots.size() - 1;
    for (uint32_t name = 0; name < names.size(); name++) {
        size_t slot = hash(0, names[name].text, names[name].length) & mask;
        while (name_slots[slot] != UINT32_MAX) slot = (slot + 1) & mask;
        name_slots[slot] = name;
    }
}

} // namespace weir
