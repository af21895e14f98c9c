#include "timeline_json.h"

#include <string.h>

#include "depth_words.h"
#include "json.h"
#include "ladder_words.h"

static const char *const side_names[] = { "client", "server" };

static void endpoint(struct json *j, const struct ladder *l, const struct wt_connection *c, unsigned side,
                     const struct names *names)
{
    const struct wt_side *s = &c->side[side];
    bool ports = l->protocol == 6 || l->protocol == 17;
    json_open(j, side_names[side], '{');
    json_address(j, "address", l->family, s->address);
    if (ports)
        json_uint(j, "port", s->port);
    const char *name = names ? names_find(names, l->family, s->address, c->start_ns) : NULL;
    if (name)
        json_text(j, "name", name);
    json_uint(j, "packets", s->packets);
    json_uint(j, "payload_bytes", s->payload_bytes);
    if (c->protocol == 6) {
        json_text(j, "state", wt_tcp_state_name((enum wt_tcp_state)s->state));
        json_uint(j, "retransmissions", s->retransmissions);
        json_uint(j, "missing_bytes", s->missing_bytes);
    }
    json_close(j);
}

static const char *const ends[] = { "closed", "timeout", "capture", "evicted", "reused" };

static void time_wait(struct json *j, const struct wt_connection *c, uint64_t time_wait_s)
{
    if (c->protocol != 6 || c->time_wait.holder > 2)
        return;
    json_open(j, "time_wait", '{');
    json_text(j, "holder", c->time_wait.holder == 2 ? "both" : side_names[c->time_wait.holder]);
    json_time(j, "start", c->time_wait.start_ns);
    json_time(j, "end", c->time_wait.ended == WT_END_REUSED ? c->time_wait.end_ns
                        : c->time_wait.start_ns + (int64_t)time_wait_s * 1000000000);
    json_bool(j, "by_rule", c->time_wait.ended != WT_END_REUSED);
    json_uint(j, "seconds", time_wait_s);
    json_text(j, "ended", c->time_wait.ended < sizeof ends / sizeof ends[0] ? ends[c->time_wait.ended] : NULL);
    json_uint(j, "segments_in", c->time_wait.segments_in);
    json_close(j);
}

static void words_text(struct json *j, const struct ladder *l, const struct ladder_line *line, struct out *scratch,
                       uint64_t time_wait_s)
{
    struct value_clock clock = { .utc = true };
    struct words w = { scratch, true, &clock, time_wait_s };
    out_reset(scratch);
    words_line(&w, l, line);
    if (scratch->len)
        json_bytes(j, "text", (struct wt_slice){ (const uint8_t *)scratch->at, scratch->len });
}

static void did_list(struct json *j, uint64_t did)
{
    json_open(j, "did", '[');
    for (unsigned bit = 0; words_did_name(bit); bit++)
        if (did >> bit & 1)
            json_text(j, NULL, words_did_name(bit));
    json_close(j);
}

static void fold(struct json *j, const struct ladder_line *line)
{
    const struct ladder_fold *f = line->fold;
    json_uint(j, "last_frame", line->last_frame);
    json_ms(j, "last_ms", line->last_ns);
    json_open(j, "packets", '[');
    json_uint(j, NULL, f->segments[0]);
    json_uint(j, NULL, f->segments[1]);
    json_close(j);
    json_open(j, "bytes", '[');
    json_uint(j, NULL, f->bytes[0]);
    json_uint(j, NULL, f->bytes[1]);
    json_close(j);
    json_uint(j, "retransmitted", f->retransmitted);
    json_uint(j, "out_of_order", f->out_of_order);
    json_uint(j, "duplicate_acks", f->duplicate_acks);
    json_uint(j, "zero_windows", f->zero_windows);
    json_uint(j, "keep_alives", f->keep_alives);
    json_uint(j, "gaps", f->gaps);
    json_uint(j, "messages", f->messages);
    json_bool(j, "by_limit", line->marks & LADDER_MIDDLE);
}

static void one_line(struct json *j, const struct ladder *l, const struct ladder_line *line, struct out *scratch,
                     uint64_t time_wait_s)
{
    static const char *const kinds[] = { "segment", "datagram", "icmp", "fold" };
    bool folded = line->kind == LADDER_FOLD;
    json_open(j, NULL, '{');
    json_text(j, "kind", kinds[line->kind]);
    json_uint(j, "frame", line->frame);
    json_ms(j, "ms", line->since_ns);
    if (folded)
        fold(j, line);
    else      /* an ICMP error goes back to the sender of what it quotes */
        json_text(j, line->kind == LADDER_ICMP ? "about" : "from", side_names[line->side & 1]);
    if (l->protocol == 6) {
        json_open(j, "state", '[');
        json_text(j, NULL, wt_tcp_state_name((enum wt_tcp_state)line->state[0]));
        json_text(j, NULL, wt_tcp_state_name((enum wt_tcp_state)line->state[1]));
        json_close(j);
    }
    if (line->kind == LADDER_SEGMENT) {
        char flags[48];
        words_flags(line->flags, flags);
        json_text(j, "flags", flags);
        json_uint(j, "seq", line->seq);
        if (line->flags & WT_FLAG_ACK)
            json_uint(j, "ack", line->ack);
        json_uint(j, "window", line->window);
    }
    if (line->kind == LADDER_SEGMENT || line->kind == LADDER_DATAGRAM)
        json_uint(j, "len", line->len);
    if (l->protocol == 6 && !folded)
        did_list(j, line->did);
    if (line->other_frame && !folded)
        json_uint(j, "other_frame", line->other_frame);
    if (line->last_frame != line->frame && !folded)
        json_uint(j, "last_frame", line->last_frame);
    if (line->repeat)
        depth_json_repeat(j, line->repeat);
    if (line->proves)
        json_uint(j, "proves_needless", line->proves);
    words_text(j, l, line, scratch, time_wait_s);
    json_close(j);
}

void timeline_json(FILE *to, const struct ladder *l, const struct wt_connection *c, const struct wt_analysis *analysis,
                   const struct names *names, uint64_t time_wait_s)
{
    struct json j;
    struct out scratch;
    out_init(&scratch, -1);
    json_begin(&j, to);
    json_open(&j, NULL, '{');
    json_text(&j, "schema", "wiretale-timeline");
    json_uint(&j, "version", 1);
    json_uint(&j, "connection", l->number);
    json_uint(&j, "protocol", l->protocol);
    json_uint(&j, "family", l->family);
    if (c->stream != UINT32_MAX)
        json_uint(&j, "stream", c->stream);
    char id[32];
    wt_connection_community_id(c, id);
    json_text(&j, "community_id", id);
    json_text(&j, "service", c->service);
    endpoint(&j, l, c, 0, names);
    endpoint(&j, l, c, 1, names);
    json_time(&j, "start", c->start_ns);
    json_time(&j, "end", c->end_ns);
    json_ms(&j, "duration_ms", c->end_ns - c->start_ns);
    json_uint(&j, "first_frame", c->first_frame);
    json_uint(&j, "last_frame", c->last_frame);
    json_text(&j, "outcome", wt_outcome_name((enum wt_outcome)c->outcome));
    if (c->protocol == 6) {
        if (wt_handshake_ns(c) >= 0)
            json_ms(&j, "handshake_ms", wt_handshake_ns(c));
        json_text(&j, "close", wt_close_kind_name((enum wt_close_kind)c->close_kind));
        if (c->first_closer < 2)
            json_text(&j, "first_closer", side_names[c->first_closer]);
        if (c->reset_by < 2)
            json_text(&j, "reset_by", side_names[c->reset_by]);
    }
    time_wait(&j, c, time_wait_s);
    json_bool(&j, "midstream", c->flags & WT_CONN_MIDSTREAM);
    json_bool(&j, "guessed", c->flags & WT_CONN_GUESSED);
    json_bool(&j, "folded_by_limit", l->given_up || l->hits_lines);
    if (analysis)
        depth_json_summary(&j, analysis);
    json_open(&j, "lines", '[');
    for (uint32_t i = 0; i < l->count; i++)
        one_line(&j, l, &l->lines[i], &scratch, time_wait_s);
    json_close(&j);
    json_end(&j);
    out_done(&scratch);
}
