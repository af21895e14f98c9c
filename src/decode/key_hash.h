/* The hash of a flow key by its six words, so that who has them in registers need not write them first. */
#ifndef DECODE_KEY_HASH_H
#define DECODE_KEY_HASH_H

#include <stdint.h>

__extension__ typedef unsigned __int128 hash_product;

static inline uint64_t hash_mix(uint64_t a, uint64_t b)
{
    hash_product product = (hash_product)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Folded multiplication of seeded words: without the seed nobody can choose keys that collide. */
static inline uint64_t key_words_hash(uint64_t a0, uint64_t a1, uint64_t b0, uint64_t b1, uint64_t tail, uint64_t scope,
                                      const uint64_t seed[2])
{
    uint64_t s0 = seed[0], s1 = seed[1];
    uint64_t a = hash_mix(a0 ^ s0, a1 ^ UINT64_C(0xa0761d6478bd642f) ^ s1);
    uint64_t b = hash_mix(b0 ^ s1, b1 ^ UINT64_C(0xe7037ed1a0b428db) ^ s0);
    uint64_t c = hash_mix(tail ^ s0 ^ UINT64_C(0x8ebc6af09c88c6e3), scope ^ s1 ^ UINT64_C(0x589965cc75374cc3));
    return hash_mix(a ^ b ^ UINT64_C(0x1d8e4e27c47d124f), c ^ s0) ^ b;
}

/* Words 4 and 5 of a key: ports, VLAN, protocol and family; the scope. */
static inline uint64_t key_tail(uint16_t port0, uint16_t port1, uint16_t vlan, uint8_t protocol, uint8_t family)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return (uint64_t)port0 | (uint64_t)port1 << 16 | (uint64_t)vlan << 32 | (uint64_t)protocol << 48
        | (uint64_t)family << 56;
#else
    return (uint64_t)port0 << 48 | (uint64_t)port1 << 32 | (uint64_t)vlan << 16 | (uint64_t)protocol << 8 | family;
#endif
}

#endif
