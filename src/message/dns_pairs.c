/* DNS queries and their responses. A question is what a client asks a server; an attempt is one query that asks it.
 * Sent again, with the same id or another, from the same port or another, it is the same question. An answer to any
 * of the attempts answers it. */
#include "message/message.h"

#include "dissectors/dns.h"
#include "message/dns_table.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define SHARDS 64
#define SECOND INT64_C(1000000000)

/* The same query again within this time repeats the first; later it is a query of its own. As Wireshark reckons. */
#define REPEAT_NS (5 * SECOND)

/* The last query with these addresses, ports and id, as tshark 4.0 sees it. */
struct compat {
    struct digest key;
    uint64_t frame, response_frame;
    int64_t ns;
};
#define COMPAT_PLACES 65536u           /* in sets of four by the digest's lowest bits; the oldest makes room */
#define COMPAT_SET 4u

struct dns_pairs {
    const struct wt_config *config;
    struct wt_limit_hits *hits;
    void (*emit)(void *emit_to, const struct wt_message *message);
    void *emit_to;
    struct digest_key key;
    int64_t timeout_ns;
    uint32_t attempt_limit, known_limit;       /* of one shard */
    struct wt_pairing last;
    struct compat *compat;                     /* owned; NULL: our own answers */
    struct dns_table *tables[SHARDS];          /* owned; made at their first query */
};

/* One message at work. */
struct turn {
    struct dns_pairs *pairs;
    struct dns_table *table;
    struct wt_message from;                    /* address[0], port[0]: who asks */
    const struct dns *dns;
    struct dns_record question;
    bool has_question, over_tcp, multicast;
    uint64_t frame;
    int64_t ns;
    struct digest asked, loose, exact;
    struct dns_name name;                      /* of the question; not cleared */
};

struct dns_pairs *dns_pairs_new(const struct wt_config *config, struct wt_limit_hits *hits,
                                void (*emit)(void *emit_to, const struct wt_message *message), void *emit_to)
{
    struct dns_pairs *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->config = config;
    p->hits = hits;
    p->emit = emit;
    p->emit_to = emit_to;
    p->timeout_ns = (int64_t)config->value[WT_DNS_TIMEOUT] * SECOND;
    p->attempt_limit = (uint32_t)((config->value[WT_MAX_DNS_PENDING] + SHARDS - 1) / SHARDS);
    p->known_limit = (uint32_t)((config->value[WT_MAX_DNS_CACHE] + SHARDS - 1) / SHARDS);
    digest_key_new(&p->key);
    return p;
}

const struct wt_pairing *dns_pairs_last(const struct dns_pairs *pairs)
{
    return &pairs->last;
}

/* ---- telling ---- */

static void emit(struct dns_pairs *pairs, const struct wt_message *from, struct wt_dns_transaction *x)
{
    struct wt_message message = *from;
    message.kind = WT_MESSAGE_DNS;
    message.dns = x;
    pairs->emit(pairs->emit_to, &message);
}

static void tell_unanswered(struct dns_pairs *pairs, struct dns_question *q)
{
    struct wt_dns_transaction x = {
        .query_frame = q->frame, .query_ns = q->ns, .time_ns = -1, .retries = q->retries, .id = q->id,
        .type = q->type, .klass = q->klass, .flags = q->flags, .opcode = q->opcode, .over_tcp = q->over_tcp,
        .asked_again_within_ttl = q->asked_again, .previous_answer_ns = q->previous_answer_ns,
        .ttl_min = UINT32_MAX, .wire_name = { q->name, q->name_len },
    };
    q->told = true;
    emit(pairs, &q->from, &x);
}

static void fill_answers(const struct turn *turn, struct wt_dns_transaction *x)
{
    struct dns_walk walk = dns_walk(turn->dns);
    struct dns_record r;
    while (dns_walk_next(&walk, &r)) {
        if (r.type == DNS_OPT && r.section == DNS_ADDITIONAL)
            x->rcode = (uint16_t)(x->rcode | (r.ttl >> 24 & 0xff) << 4);
        if (r.section == DNS_ANSWER)
            x->ttl_min = r.ttl < x->ttl_min ? r.ttl : x->ttl_min;
    }
}

/* How long the client may keep what it was told: the least TTL of the answers, or what RFC 2308 5 says of none. */
static uint32_t good_for(const struct turn *turn, const struct wt_dns_transaction *x)
{
    if (x->ttl_min != UINT32_MAX && x->rcode == 0)
        return x->ttl_min;
    if (x->rcode != 0 && x->rcode != 3)
        return 0;
    struct dns_walk walk = dns_walk(turn->dns);
    struct dns_record r;
    while (dns_walk_next(&walk, &r)) {
        if (r.section != DNS_AUTHORITY || r.type != DNS_SOA || r.data_len < 20)
            continue;
        uint32_t minimum = wt_be32(turn->dns->message.at + r.end - 4);
        return minimum < r.ttl ? minimum : r.ttl;
    }
    return 0;
}

static struct wt_dns_transaction transaction_of(const struct turn *turn)
{
    uint16_t flags = turn->dns->flags;
    bool readable = turn->has_question && turn->name.status == DNS_NAME_OK;
    return (struct wt_dns_transaction){
        .time_ns = -1, .id = turn->dns->id, .type = turn->question.type, .klass = turn->question.klass,
        .flags = flags, .opcode = (uint8_t)(flags >> 11 & 0xf), .over_tcp = turn->over_tcp,
        .multicast = turn->multicast, .ttl_min = UINT32_MAX,
        .name = turn->has_question && !readable ? dns_name_remark(turn->name.status) : NULL,
        .wire_name = readable ? (struct wt_slice){ turn->name.wire, turn->name.len } : (struct wt_slice){ NULL, 0 },
    };
}

static void fill_response(const struct turn *turn, struct wt_dns_transaction *x)
{
    x->response = turn->dns;
    x->response_frame = turn->frame;
    x->response_ns = turn->ns;
    x->flags = turn->dns->flags;
    x->rcode = turn->dns->flags & 0xf;
    x->answers = turn->dns->whole[DNS_ANSWER];
    x->truncated = turn->dns->flags & DNS_FLAG_TC;
    x->authoritative = turn->dns->flags & DNS_FLAG_AA;
    fill_answers(turn, x);
}

/* Addresses of the answer, under the name that was asked for. */
static void tell_names(const struct turn *turn)
{
    if ((turn->dns->flags & 0xf) != 0)
        return;
    char text[WT_NAME_TEXT];
    struct wt_text t = { text, sizeof text, 0, false };
    bool named = false, own_names = !turn->has_question || turn->multicast;
    struct dns_walk walk = dns_walk(turn->dns);
    struct dns_record r;
    while (dns_walk_next(&walk, &r)) {
        bool v4 = r.type == DNS_A && r.data_len == 4, v6 = r.type == DNS_AAAA && r.data_len == 16;
        bool here = r.section == DNS_ANSWER || (turn->multicast && r.section == DNS_ADDITIONAL);
        if (!here || !(v4 || v6) || (r.klass & 0x7fff) != 1)
            continue;
        if (own_names || !named) {
            struct dns_name owner;
            if (own_names)
                dns_name_read(turn->dns->message, r.at, &owner);
            t.len = 0;
            t.full = false;
            text[0] = '\0';
            dns_name_present(own_names ? &owner : &turn->name, &t);
            named = true;
        }
        struct wt_name_observation name = { .family = v4 ? 4 : 6, .name = text, .time_ns = turn->ns };
        memcpy(name.address, turn->dns->message.at + r.data, r.data_len);
        struct wt_message message = turn->from;
        message.kind = WT_MESSAGE_NAME;
        message.name = &name;
        turn->pairs->emit(turn->pairs->emit_to, &message);
    }
}

/* ---- forgetting ---- */

static void drop_attempt(struct dns_pairs *pairs, struct dns_table *t, uint32_t attempt)
{
    uint32_t i = t->attempts[attempt].question;
    struct dns_question *q = &t->questions[i];
    dns_attempt_remove(t, attempt);
    if (i == NO_ENTRY)
        return;
    if (--q->attempts)
        return;
    if (!q->answered && !q->told)
        tell_unanswered(pairs, q);
    dns_question_remove(t, i);
}

/* Too old to wait for. It stays, so that a late answer is known as one, until its place is needed. */
static void expire_table(struct dns_pairs *pairs, struct dns_table *t, int64_t now_ns)
{
    for (uint32_t i = t->waiting.first; i; i = t->waiting.first) {
        struct dns_attempt *a = &t->attempts[i];
        if (now_ns - a->last_ns <= pairs->timeout_ns)
            return;
        struct dns_question *q = &t->questions[a->question];
        dns_attempt_done(t, i);
        bool last = !q->answered && !q->told;
        if (last && now_ns - q->last_ns > pairs->timeout_ns) {
            tell_unanswered(pairs, q);
            dns_question_unhash(t, a->question);
        }
    }
}

static uint32_t make_attempt(struct turn *turn)
{
    struct dns_table *t = turn->table;
    uint32_t i = dns_attempt_add(t, turn->exact, turn->loose);
    if (i)
        return i;
    if (t->done.first) {
        drop_attempt(turn->pairs, t, t->done.first);
    } else {
        turn->pairs->hits->count[WT_MAX_DNS_PENDING]++;
        drop_attempt(turn->pairs, t, t->waiting.first);
    }
    return dns_attempt_add(t, turn->exact, turn->loose);
}

/* ---- queries ---- */

static uint32_t begin_question(struct turn *turn)
{
    struct dns_table *t = turn->table;
    uint32_t i = dns_question_add(t, turn->asked);
    if (!i)
        return i;
    struct dns_question *q = &t->questions[i];
    q->id = turn->dns->id;
    q->type = turn->question.type;
    q->klass = turn->question.klass;
    q->flags = turn->dns->flags;
    q->opcode = (uint8_t)(turn->dns->flags >> 11 & 0xf);
    q->over_tcp = turn->over_tcp;
    q->frame = turn->frame;
    q->ns = turn->ns;
    q->from = turn->from;
    q->from.client = NULL;                     /* it may outlive the conversation */
    if (turn->has_question && turn->name.status == DNS_NAME_OK) {
        memcpy(q->name, turn->name.wire, turn->name.len);
        q->name_len = (uint8_t)turn->name.len;
    }
    uint32_t known = dns_known_find(t, turn->asked);
    if (known && turn->ns < t->knowns[known].until_ns) {
        q->asked_again = true;
        q->previous_answer_ns = t->knowns[known].ns;
    }
    return i;
}

static void repeat_attempt(struct turn *turn, uint32_t i)
{
    struct dns_table *t = turn->table;
    struct dns_attempt *a = &t->attempts[i];
    struct dns_question *q = &t->questions[a->question];
    if (turn->ns - a->ns < REPEAT_NS) {
        turn->pairs->last.repeats_frame = a->frame;
    } else {
        a->frame = turn->frame;
        a->ns = turn->ns;
    }
    a->last_ns = turn->ns;
    q->last_ns = turn->ns;
    q->retries++;
    dns_attempt_again(t, i);
}

static void take_query(struct turn *turn)
{
    struct dns_table *t = turn->table;
    uint32_t same = dns_attempt_find(t, turn->exact);
    if (same && !t->attempts[same].done && !t->questions[t->attempts[same].question].answered) {
        repeat_attempt(turn, same);
        return;
    }
    if (same)
        drop_attempt(turn->pairs, t, same);    /* id and port are used again: the answer will be the new one's */
    uint32_t i = make_attempt(turn);
    if (!i)
        return;
    uint32_t question = dns_question_find(t, turn->asked);
    if (question)
        t->questions[question].retries++;
    else
        question = begin_question(turn);
    struct dns_attempt *a = &t->attempts[i];
    a->question = question;
    a->frame = turn->frame;
    a->ns = a->last_ns = turn->ns;
    t->questions[question].attempts++;
    t->questions[question].last_ns = turn->ns;
}

/* ---- responses ---- */

static void remember(struct turn *turn, const struct wt_dns_transaction *x)
{
    uint32_t ttl = good_for(turn, x);
    if (!ttl || !turn->has_question || x->truncated)
        return;
    bool dropped;
    struct dns_known *k = &turn->table->knowns[dns_known_put(turn->table, turn->asked, &dropped)];
    if (dropped && k->until_ns > turn->ns)
        turn->pairs->hits->count[WT_MAX_DNS_CACHE]++;
    k->ns = turn->ns;
    k->until_ns = turn->ns + (int64_t)(ttl < INT32_MAX ? ttl : INT32_MAX) * SECOND;
}

/* A second response to the same query repeats the first, and answers nothing. */
static void note_pairing(struct turn *turn, struct dns_attempt *a)
{
    struct wt_pairing *last = &turn->pairs->last;
    if (a->response_frame) {
        last->repeats_frame = a->response_frame;
        return;
    }
    last->request_frame = a->frame;
    last->time_ns = turn->ns - a->ns;
    a->response_frame = turn->frame;
}

/* Answered: nothing else stands for it but other attempts, whose answers come too late. */
static void end_question(struct dns_table *t, uint32_t attempt)
{
    struct dns_attempt *a = &t->attempts[attempt];
    if (t->questions[a->question].attempts > 1) {
        dns_question_unhash(t, a->question);
        return;
    }
    dns_question_remove(t, a->question);
    a->question = NO_ENTRY;
}

static void take_response(struct turn *turn)
{
    struct dns_table *t = turn->table;
    struct wt_dns_transaction x = transaction_of(turn);
    fill_response(turn, &x);
    uint32_t i = dns_attempt_find(t, turn->exact);
    uint32_t loose = i ? i : dns_attempt_find_loose(t, turn->loose);
    if (loose)
        note_pairing(turn, &t->attempts[loose]);
    if (!i && !turn->has_question)
        i = loose;
    if (!i) {                                  /* unasked, or it answers another question than was asked */
        remember(turn, &x);
        emit(turn->pairs, &turn->from, &x);
        return;
    }
    struct dns_attempt *a = &t->attempts[i];
    struct dns_question *q = &t->questions[a->question];
    bool late = q->told;
    dns_attempt_done(t, i);
    if (a->question == NO_ENTRY || q->answered)
        return;
    q->answered = true;
    remember(turn, &x);
    if (late) {                                /* it has been counted as unanswered */
        end_question(t, i);
        return;
    }
    x.query_frame = q->frame;
    x.query_ns = q->ns;
    x.time_ns = turn->ns - q->ns;
    x.retries = q->retries;
    x.asked_again_within_ttl = q->asked_again;
    x.previous_answer_ns = q->previous_answer_ns;
    if (!turn->has_question && q->name_len) {
        x.wire_name = (struct wt_slice){ q->name, q->name_len };
        x.type = q->type;
        x.klass = q->klass;
    }
    emit(turn->pairs, &turn->from, &x);
    end_question(t, i);
}

/* ---- one message ---- */

/* Who asks is at [0]: the port tells, where the conversation's first packet was not a query. */
static struct wt_message asker_first(const struct wt_message *from)
{
    struct wt_message m = *from;
    if (m.port[0] == 53 && m.port[1] != 53) {
        memcpy(m.address[0], from->address[1], sizeof m.address[0]);
        memcpy(m.address[1], from->address[0], sizeof m.address[1]);
        m.port[0] = from->port[1];
        m.port[1] = from->port[0];
    }
    return m;
}

static uint8_t lower(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte + 32) : byte;
}

static void make_digests(struct turn *turn)
{
    uint8_t key[2 * 16 + 9 + DNS_MAX_NAME];
    size_t half = turn->from.family == 4 ? 4 : 16, len = 2 * half;
    memcpy(key, turn->from.address[0], half);
    memcpy(key + half, turn->from.address[1], half);
    key[len++] = turn->from.family;
    key[len++] = turn->over_tcp;
    /* Who is only sometimes in the same table is never the same. As tshark, there is but one. */
    key[len++] = turn->pairs->compat ? 0 : (uint8_t)turn->from.shard;
    size_t common = len;
    key[len++] = (uint8_t)(turn->question.type >> 8);
    key[len++] = (uint8_t)turn->question.type;
    key[len++] = (uint8_t)(turn->question.klass >> 8);
    key[len++] = (uint8_t)turn->question.klass;
    if (turn->has_question && turn->name.status == DNS_NAME_OK)
        for (unsigned i = 0; i < turn->name.len; i++)
            key[len++] = lower(turn->name.wire[i]);
    turn->asked = digest_of(&turn->pairs->key, key, len);
    len = common;
    const uint16_t numbers[] = { turn->from.port[0], turn->from.port[1], turn->dns->id };
    memcpy(key + len, numbers, sizeof numbers);
    turn->loose = digest_of(&turn->pairs->key, key, len + sizeof numbers);
    turn->exact = digest_join(turn->asked, turn->loose);
}

bool dns_pairs_compat(struct dns_pairs *pairs)
{
    if (!pairs->compat)
        pairs->compat = calloc(COMPAT_PLACES, sizeof *pairs->compat);
    return pairs->compat != NULL;
}

/* The entry with this key, or the one that a new one may take. */
static struct compat *compat_find(struct compat *all, struct digest key, bool *ret_same)
{
    struct compat *set = all + key.a % (COMPAT_PLACES / COMPAT_SET) * COMPAT_SET, *oldest = set;
    for (struct compat *c = set; c < set + COMPAT_SET; c++) {
        if (c->frame && digest_equal(c->key, key)) {
            *ret_same = true;
            return c;
        }
        if (c->frame < oldest->frame)
            oldest = c;
    }
    *ret_same = false;
    return oldest;
}

static void pair_as_tshark(struct turn *turn, bool response, bool whole)
{
    bool same;
    struct compat *c = compat_find(turn->pairs->compat, turn->loose, &same);
    struct wt_pairing *last = &turn->pairs->last;
    *last = (struct wt_pairing){ 0 };
    if (!response) {
        if (same && !c->response_frame && turn->ns - c->ns < REPEAT_NS)
            last->repeats_frame = c->frame;
        else
            *c = (struct compat){ .key = turn->loose, .frame = turn->frame, .ns = turn->ns };
        return;
    }
    if (!same)
        return;
    if (c->response_frame) {
        last->repeats_frame = c->response_frame;
        return;
    }
    c->response_frame = turn->frame;
    if (!whole)
        return;                                /* its exception comes before it would say so */
    last->request_frame = c->frame;
    last->time_ns = turn->ns - c->ns;
}

static void take_multicast(struct turn *turn)
{
    struct wt_dns_transaction x = transaction_of(turn);
    if (turn->dns->flags & DNS_FLAG_QR) {
        fill_response(turn, &x);
    } else {
        x.query_frame = turn->frame;
        x.query_ns = turn->ns;
    }
    emit(turn->pairs, &turn->from, &x);
}

static void take_unicast(struct turn *turn, bool response)
{
    struct dns_pairs *pairs = turn->pairs;
    struct dns_table **table = &pairs->tables[turn->from.shard % SHARDS];
    if (!*table)
        *table = dns_table_new(pairs->attempt_limit, pairs->known_limit);
    if (!*table)
        return;
    turn->table = *table;
    dns_table_prefetch(*table, turn->asked, turn->exact, turn->loose);
    expire_table(pairs, turn->table, turn->ns);
    if (response)
        take_response(turn);
    else
        take_query(turn);
}

void dns_pairs_feed(struct dns_pairs *pairs, const struct wt_message *from, struct wt_slice message,
                    bool over_tcp, bool multicast, uint64_t frame, int64_t time_ns)
{
    struct dns dns;
    struct wt_cursor c = wt_cursor_of(message);
    pairs->last = (struct wt_pairing){ 0 };
    dns_decode(&c, &dns);
    bool short_header = message.len < DNS_HEADER_BYTES;
    if (short_header && (!pairs->compat || message.len < 4))
        return;
    struct turn turn;
    memset(&turn, 0, offsetof(struct turn, name));
    turn.pairs = pairs;
    turn.from = asker_first(from);
    turn.dns = &dns;
    turn.over_tcp = over_tcp;
    turn.multicast = multicast;
    turn.frame = frame;
    turn.ns = time_ns;
    struct dns_walk walk = dns_walk(&dns);
    if (dns.whole[DNS_QUESTION] && dns_walk_next(&walk, &turn.question)) {
        turn.has_question = true;
        dns_name_read(message, turn.question.at, &turn.name);
    }
    bool response = dns.flags & DNS_FLAG_QR;
    if (response)
        tell_names(&turn);
    make_digests(&turn);
    if (short_header)
        ;
    else if (multicast)
        take_multicast(&turn);
    else
        take_unicast(&turn, response);
    if (pairs->compat)
        pair_as_tshark(&turn, response, memcmp(dns.whole, dns.count, sizeof dns.whole) == 0);
}

void dns_pairs_expire(struct dns_pairs *pairs, int64_t now_ns)
{
    for (unsigned i = 0; i < SHARDS; i++)
        if (pairs->tables[i])
            expire_table(pairs, pairs->tables[i], now_ns);
}

void dns_pairs_finish(struct dns_pairs *pairs)
{
    if (!pairs)
        return;
    for (unsigned i = 0; i < SHARDS; i++) {
        struct dns_table *t = pairs->tables[i];
        while (t && (t->waiting.first || t->done.first))
            drop_attempt(pairs, t, t->waiting.first ? t->waiting.first : t->done.first);
        dns_table_free(t);
    }
    free(pairs->compat);
    free(pairs);
}
