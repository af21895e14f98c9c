/* Zeek's history letters and conn_state (its base/protocols/conn): what other tools join on.
 * Eleven letters of five bits lie in the connection, further ones in its rare part. */
#include "track/tracker_impl.h"

#include <string.h>

#include "track/tcp_window.h"

static const char letters[] = "shadfrcgtwiq^x";    /* 1-based; bit 4: of the originator */

static unsigned get_bits(const uint8_t *bytes, unsigned at)
{
    uint64_t word = 0;
    memcpy(&word, bytes, sizeof ((struct conn *)0)->history);
    return (unsigned)(word >> at & 31u);
}

static void set_bits(uint8_t *bytes, unsigned at, unsigned value)
{
    uint64_t word = 0;
    memcpy(&word, bytes, sizeof ((struct conn *)0)->history);
    word |= (uint64_t)value << at;
    memcpy(bytes, &word, sizeof ((struct conn *)0)->history);
}

static char as_char(unsigned code)
{
    char c = letters[(code & 15u) - 1];
    return code & 16u && c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static const uint8_t codes[128] = {
    ['s'] = 1, ['h'] = 2, ['a'] = 3, ['d'] = 4, ['f'] = 5, ['r'] = 6, ['c'] = 7, ['g'] = 8, ['t'] = 9, ['w'] = 10,
    ['i'] = 11, ['q'] = 12, ['^'] = 13, ['x'] = 14
};    /* places in letters[], from 1 */

static unsigned code_of(unsigned side, char letter)
{
    return codes[letter & 127] | (side == 0 ? 16u : 0u);
}

/* No letter has the code 0, so the last one ends with the highest bit. */
static unsigned letters_inline(const struct conn *c)
{
    uint64_t word = 0;
    memcpy(&word, c->history, sizeof c->history);
    return word ? (68u - (unsigned)__builtin_clzll(word)) / 5 : 0;
}

void history_add(struct tracker *t, struct conn *c, unsigned side, char letter)
{
    unsigned code = code_of(side, letter);
    unsigned used = letters_inline(c);
    if (used < HISTORY_INLINE) {
        set_bits(c->history, used * 5, code);
        return;
    }
    struct conn_more *m = more_take(t, c);
    if (m && m->history_len < WT_HISTORY - 1 - HISTORY_INLINE)
        m->history[m->history_len++] = as_char(code);
}

/* At 1, 10, 100, …: Zeek's logarithmic letters. */
void history_count(struct tracker *t, struct conn *c, unsigned side, char letter, uint32_t count)
{
    while (count >= 10 && count % 10 == 0)
        count /= 10;
    if (count == 1)
        history_add(t, c, side, letter);
}

void history_text(const struct tracker *t, const struct conn *c, char text[WT_HISTORY])
{
    const struct conn_more *m = more_at(t, c);
    unsigned n = 0;
    if (c->flags & WT_CONN_FLIPPED)
        text[n++] = '^';
    for (unsigned i = 0, used = letters_inline(c); i < used; i++)
        text[n++] = as_char(get_bits(c->history, i * 5));
    for (unsigned i = 0; m && i < m->history_len && n < WT_HISTORY - 1; i++)
        text[n++] = m->history[i];
    text[n] = '\0';
}

/* What Zeek's endpoint states would be. */
enum zeek { INACTIVE, SYN_SENT, SYN_ACK_SENT, PARTIAL, ESTABLISHED, FINISHED, RESET };

static enum zeek zeek_state(const struct conn *c, unsigned side)
{
    unsigned peer = side ^ 1u;
    bool fin = c->side[side] & SIDE_FIN, peer_fin = c->side[peer] & SIDE_FIN;
    if (c->reset_by == side && !(fin && peer_fin))
        return RESET;
    if (fin)
        return FINISHED;
    if (!(c->side[side] & SIDE_SEEN))
        return INACTIVE;
    if (c->flags & WT_CONN_MIDSTREAM)
        return PARTIAL;
    if (!(c->side[side] & SIDE_SYN))
        return c->side[peer] & SIDE_SYN ? ESTABLISHED : PARTIAL;
    bool acked = c->side[peer] & SIDE_SYN && c->side[peer] & SIDE_ACKS
        && seq_before(c->isn[side], c->last_ack[peer]);
    if (acked || c->flags & LIVE_HANDSHAKE)
        return ESTABLISHED;
    return c->side[side] & SIDE_ACKS ? SYN_ACK_SENT : SYN_SENT;
}

static const char *tcp_conn_state(const struct conn *c)
{
    enum zeek o = zeek_state(c, 0), r = zeek_state(c, 1);
    bool o_silent = o == INACTIVE || o == PARTIAL, r_silent = r == INACTIVE || r == PARTIAL;
    if (r == RESET) {
        if (o == SYN_SENT || o == SYN_ACK_SENT)
            return "REJ";
        return o_silent ? "RSTRH" : "RSTR";
    }
    if (o == RESET)
        return r_silent ? "RSTOS0" : "RSTO";
    if (r == FINISHED && o == FINISHED)
        return "SF";
    if (o == FINISHED)
        return r_silent ? "SH" : "S2";
    if (r == FINISHED)
        return o_silent ? "SHR" : "S3";
    if (o == SYN_SENT && r == INACTIVE)
        return "S0";
    return o == ESTABLISHED && r == ESTABLISHED ? "S1" : "OTH";
}

const char *history_conn_state(const struct conn *c)
{
    if (c->protocol == 6)
        return tcp_conn_state(c);
    if (c->protocol != 17)
        return "OTH";
    if (c->packets[0])
        return c->packets[1] ? "SF" : "S0";
    return c->packets[1] ? "SHR" : "OTH";
}
