// The structures of PS3.7, PS3.8 and PS3.10 that the sink reads and writes.
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { UID_BYTES = 65 };  // with the 0 behind it
enum { ASSOCIATE_RQ = 1, ASSOCIATE_AC, ASSOCIATE_RJ, P_DATA_TF, RELEASE_RQ, RELEASE_RP };
enum { APPLICATION_CONTEXT = 0x10, CONTEXT_RQ = 0x20, CONTEXT_AC, TRANSFER_SYNTAX = 0x40 };
enum { USER_INFORMATION = 0x50, MAXIMUM_LENGTH, IMPLEMENTATION };
enum { C_STORE_RQ = 0x0001, C_ECHO_RQ = 0x0030, RESPONSE = 0x8000, NO_DATA_SET = 0x0101 };

struct bytes {
    const uint8_t *at;
    size_t count;
};

static uint16_t little_16(const uint8_t *at) { return (uint16_t)(at[0] | at[1] << 8); }
static uint32_t little_32(const uint8_t *at) { return little_16(at) | (uint32_t)little_16(at + 2) << 16; }
static uint16_t big_16(const uint8_t *at) { return (uint16_t)(at[0] << 8 | at[1]); }
static uint32_t big_32(const uint8_t *at) { return (uint32_t)big_16(at) << 16 | big_16(at + 2); }
static void put_little_16(uint8_t *at, size_t value) { at[0] = (uint8_t)value, at[1] = (uint8_t)(value >> 8); }
static void put_little_32(uint8_t *at, size_t value) { put_little_16(at, value), put_little_16(at + 2, value >> 16); }
static void put_big_16(uint8_t *at, size_t value) { at[0] = (uint8_t)(value >> 8), at[1] = (uint8_t)value; }
static void put_big_32(uint8_t *at, size_t value) { put_big_16(at, value >> 16), put_big_16(at + 2, value); }

static void take_uid(char *to, struct bytes value) {
    snprintf(to, UID_BYTES, "%.*s", (int)value.count, (const char *)value.at);  // which ends at the padding
}

// An item of a PDU (PS3.8 §9.3.2): a type, a reserved byte, a length, a value. Returns its type, -1 where none is left.
static int next_item(struct bytes *from, struct bytes *value) {
    if (from->count < 4 || big_16(from->at + 2) > from->count - 4) return -1;
    *value = (struct bytes){from->at + 4, big_16(from->at + 2)};
    int type = from->at[0];
    *from = (struct bytes){value->at + value->count, from->count - 4 - value->count};
    return type;
}

static uint8_t *put_item(uint8_t *at, uint8_t type, const void *value, size_t count) {
    at[0] = type;
    at[1] = 0;
    put_big_16(at + 2, count);
    memcpy(at + 4, value, count);
    return at + 4 + count;
}

// An element of group 0000H in Implicit VR (PS3.7 §6.3.1), or with a VR one of group 0002H (PS3.10 §7.1).
static uint8_t *put_element(uint8_t *at, uint16_t number, const char *vr, const void *value, size_t count) {
    size_t even = count + count % 2;
    put_little_16(at, vr ? 0x0002 : 0x0000);
    put_little_16(at + 2, number);
    put_little_32(at + 4, even);
    if (vr) memcpy(at + 4, vr, 2), put_little_16(at + 6, even);
    memset(at + 8, 0, even);
    memcpy(at + 8, value, count);
    return at + 8 + even;
}

static uint8_t *put_uid(uint8_t *at, uint16_t number, const char *vr, const char *uid) {
    return put_element(at, number, vr, uid, strlen(uid));
}

static uint8_t *put_number(uint8_t *at, uint16_t number, uint16_t value) {
    uint8_t bytes[2];
    put_little_16(bytes, value);
    return put_element(at, number, NULL, bytes, 2);
}

// The group length, which goes before the rest of the set.
static void put_length(uint8_t *set, const char *vr, const uint8_t *end) {
    uint8_t bytes[4];
    put_little_32(bytes, (size_t)(end - set) - 12);
    put_element(set, 0x0000, vr, bytes, 4);
}
