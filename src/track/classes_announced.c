/* Two things that tshark 4.0 takes from payloads, and that change its stream and completeness. FTP (RFC 959 4.1.2,
 * RFC 2428): the data connection that PORT, PASV or EPSV announces is no new conversation when its SYN comes,
 * so the SYN does not count. VNC (RFC 6143 7.1.1) on a port that is not its own: the greeting begins a new stream. */
#include "track/classes_impl.h"

#include <string.h>

#include "wiretale/cursor.h"

#define FTP_CONTROL 21u
#define FTP_DATA 20u
#define LINE_MOST 256u

struct line { const uint8_t *at, *end; };

static bool number(struct line *l, uint32_t most, uint32_t *ret)
{
    uint32_t value = 0;
    const uint8_t *from = l->at;
    while (l->at < l->end && *l->at >= '0' && *l->at <= '9' && value <= most)
        value = value * 10 + (uint32_t)(*l->at++ - '0');
    *ret = value;
    return l->at > from && value <= most;
}

/* h1,h2,h3,h4,p1,p2, wherever it begins. */
static bool host_port(struct line l, struct class_expected *ret)
{
    for (; l.at < l.end; l.at++) {
        struct line from = l;
        uint32_t part[6];
        unsigned i = 0;
        while (i < 6 && number(&from, 255, &part[i]) && (++i == 6 || (from.at < from.end && *from.at++ == ',')))
            ;
        if (i < 6)
            continue;
        ret->family = 4;
        for (i = 0; i < 4; i++)
            ret->address[i] = (uint8_t)part[i];
        ret->port = (uint16_t)(part[4] << 8 | part[5]);
        return true;
    }
    return false;
}

/* (|||port|): at the address of who says it. */
static bool last_port(struct line l, struct class_expected *ret)
{
    struct line digits = l;
    unsigned bars = 0;
    for (const uint8_t *c = l.at; c < l.end && bars < 4; c++) {
        if (*c != '|')
            continue;
        bars++;
        if (bars == 3)
            digits.at = c + 1;
    }
    uint32_t port;
    if (bars < 4 || !number(&digits, 65535, &port))
        return false;
    ret->port = (uint16_t)port;
    return true;
}

static bool begins(const struct line *l, const char *word)
{
    size_t n = strlen(word);
    return (size_t)(l->end - l->at) > n && memcmp(l->at, word, n) == 0;
}

static bool ftp(const struct line *l, const struct wt_packet *p, struct class_expected *ret)
{
    bool reply = p->key.port[p->dir & 1] == FTP_CONTROL;
    struct line rest = { l->at + 4, l->end };
    ret->family = p->key.family;
    memcpy(ret->address, p->key.address[p->dir & 1], sizeof ret->address);
    ret->from = reply ? 0 : FTP_DATA;
    if (begins(l, reply ? "227 " : "PORT "))
        return host_port(rest, ret);
    return reply && begins(l, "229 ") && last_port(rest, ret);    /* EPRT changes nothing in tshark */
}

static bool is_vnc_port(uint16_t port)
{
    return port == 5500 || port == 5501 || port == 5900 || port == 5901;
}

/* "RFB 003.008\n" */
static bool greets_vnc(const struct line *l)
{
    return l->end - l->at >= 12 && memcmp(l->at, "RFB ", 4) == 0 && l->at[7] == '.' && l->at[11] == '\n';
}

void classes_payload(struct classes *all, struct class_talk *talk, const struct wt_packet *p)
{
    struct wt_slice bytes = wt_packet_payload(p);
    if (bytes.len < 6)
        return;
    const uint16_t *port = p->key.port;
    struct line l = { bytes.at, bytes.at + (bytes.len < LINE_MOST ? bytes.len : LINE_MOST) };
    if (!talk->vnc && greets_vnc(&l) && !is_vnc_port(port[0]) && !is_vnc_port(port[1]))
        talk->vnc = talk->renew = true;
    struct class_expected expected = { 0 };
    if ((port[0] != FTP_CONTROL && port[1] != FTP_CONTROL) || !ftp(&l, p, &expected))
        return;
    all->expected[all->next_expected++ % CLASS_EXPECTED] = expected;
}

static bool is_expected(const struct class_expected *e, const struct wt_flow_key *key, unsigned end)
{
    return e->port && e->port == key->port[end] && (!e->from || e->from == key->port[end ^ 1]) && e->family == key->family
        && memcmp(e->address, key->address[end], sizeof e->address) == 0;
}

bool classes_was_announced(struct classes *all, const struct wt_packet *p)
{
    for (unsigned i = 0; i < CLASS_EXPECTED; i++) {
        struct class_expected *e = &all->expected[i];
        if (!is_expected(e, &p->key, 0) && !is_expected(e, &p->key, 1))
            continue;
        e->port = 0;
        return true;
    }
    return false;
}
