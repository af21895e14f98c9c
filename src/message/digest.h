/* A keyed digest of 128 bits (SipHash-1-3, Aumasson and Bernstein): who does not know the key cannot make two keys
 * fall together, so tables compare digests and keep no keys. */
#ifndef MESSAGE_DIGEST_H
#define MESSAGE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct digest {
    uint64_t a, b;
};

struct digest_key {
    uint64_t k[2];
};

/* From the system's random numbers; results never depend on it. */
void digest_key_new(struct digest_key *key);
struct digest digest_of(const struct digest_key *key, const void *bytes, size_t len);

static inline bool digest_equal(struct digest x, struct digest y)
{
    return x.a == y.a && x.b == y.b;
}

/* Of two things together. */
static inline struct digest digest_join(struct digest x, struct digest y)
{
    return (struct digest){ x.a + (y.a << 1 | y.a >> 63), x.b ^ (y.b << 17 | y.b >> 47) };
}

#endif
