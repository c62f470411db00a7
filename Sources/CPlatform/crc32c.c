// CRC-32C (Castagnoli, reflected polynomial 82F63B78H): by SSE4.2 where the processor has it, else by table.
#include "CPlatform.h"
#include <stdatomic.h>
#include <string.h>

static uint32_t table[8][256];
static atomic_int table_state;  // 0 not there, 1 being made, 2 ready

// Slicing by 8: table[k][b] is the CRC of byte b followed by k zeros. Made once, by whoever comes first.
static void make_table(void) {
    int expected = 0;
    if (atomic_load_explicit(&table_state, memory_order_acquire) == 2) return;
    if (!atomic_compare_exchange_strong(&table_state, &expected, 1)) {
        while (atomic_load_explicit(&table_state, memory_order_acquire) != 2) {}
        return;
    }
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte;
        for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (0x82F63B78u & -(crc & 1));
        table[0][byte] = crc;
    }
    for (uint32_t byte = 0; byte < 256; byte++)
        for (int k = 1; k < 8; k++) table[k][byte] = table[k - 1][byte] >> 8 ^ table[0][table[k - 1][byte] & 255];
    atomic_store_explicit(&table_state, 2, memory_order_release);
}

uint32_t fr_crc32c_portable(uint32_t seed, const void *bytes, size_t count) {
    make_table();
    const uint8_t *next = bytes;
    uint32_t crc = ~seed;
    for (; count >= 8; count -= 8, next += 8) {
        uint32_t low = crc ^ ((uint32_t)next[0] | (uint32_t)next[1] << 8 | (uint32_t)next[2] << 16 | (uint32_t)next[3] << 24);
        crc = table[7][low & 255] ^ table[6][low >> 8 & 255] ^ table[5][low >> 16 & 255] ^ table[4][low >> 24]
              ^ table[3][next[4]] ^ table[2][next[5]] ^ table[1][next[6]] ^ table[0][next[7]];
    }
    for (; count; count--) crc = crc >> 8 ^ table[0][(crc ^ *next++) & 255];
    return ~crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t hardware(uint32_t seed, const uint8_t *next, size_t count) {
    uint64_t crc = (uint32_t)~seed;
    for (; count >= 8; count -= 8, next += 8) {
        uint64_t word;
        memcpy(&word, next, 8);
        crc = __builtin_ia32_crc32di(crc, word);
    }
    for (; count; count--) crc = __builtin_ia32_crc32qi((uint32_t)crc, *next++);
    return ~(uint32_t)crc;
}

uint32_t fr_crc32c(uint32_t seed, const void *bytes, size_t count) {
    return __builtin_cpu_supports("sse4.2") ? hardware(seed, bytes, count) : fr_crc32c_portable(seed, bytes, count);
}
#else
uint32_t fr_crc32c(uint32_t seed, const void *bytes, size_t count) { return fr_crc32c_portable(seed, bytes, count); }
#endif
