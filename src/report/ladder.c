#include "ladder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the set ---- */

void ladder_set_init(struct ladder_set *set, uint32_t max_lines, uint64_t max_bytes)
{
    *set = (struct ladder_set){ .max_lines = max_lines < 16 ? 16 : max_lines, .max_bytes = max_bytes,
                                .fold_after = LADDER_FOLD_AFTER, .file = -1 };
}

static struct ladder_list *list_of(struct ladder_set *set, const struct ladder *l)
{
    return l->given_up || l->away ? &set->resting : &set->held;
}

static void unlink_ladder(struct ladder_set *set, struct ladder *l)
{
    struct ladder_list *list = list_of(set, l);
    *(l->older ? &l->older->newer : &list->oldest) = l->newer;
    *(l->newer ? &l->newer->older : &list->newest) = l->older;
    l->older = l->newer = NULL;
}

static void link_newest(struct ladder_set *set, struct ladder *l)
{
    struct ladder_list *list = list_of(set, l);
    l->older = list->newest;
    l->newer = NULL;
    *(list->newest ? &list->newest->newer : &list->oldest) = l;
    list->newest = l;
}

static void used(struct ladder_set *set, struct ladder *l)
{
    if (set->held.newest == l || l->given_up)
        return;
    unlink_ladder(set, l);
    link_newest(set, l);
}

static void account(struct ladder_set *set, struct ladder *l, size_t more)
{
    l->bytes += more;
    set->bytes += more;
}

static void unaccount(struct ladder_set *set, struct ladder *l, size_t less)
{
    l->bytes -= less;
    set->bytes -= less;
}

struct ladder *ladder_new(struct ladder_set *set, const struct ladder *identity)
{
    struct ladder *l = calloc(1, sizeof *l);
    if (!l)
        return NULL;
    l->number = identity->number;
    l->first_frame = identity->first_frame;
    l->start_ns = identity->start_ns;
    l->family = identity->family;
    l->protocol = identity->protocol;
    memcpy(l->address, identity->address, sizeof l->address);
    memcpy(l->port, identity->port, sizeof l->port);
    l->series = -1;
    link_newest(set, l);
    account(set, l, sizeof *l);
    return l;
}

static void line_done(struct ladder_set *set, struct ladder *l, struct ladder_line *line)
{
    if (line->note)
        unaccount(set, l, strlen(line->note) + 1);
    if (line->fold)
        unaccount(set, l, sizeof *line->fold);
    if (line->repeat)
        unaccount(set, l, sizeof *line->repeat);
    free(line->note);
    free(line->fold);
    free(line->repeat);
    line->note = NULL;
    line->fold = NULL;
    line->repeat = NULL;
}

void ladder_drop_lines(struct ladder_set *set, struct ladder *l)
{
    for (uint32_t i = 0; i < l->count; i++)
        line_done(set, l, &l->lines[i]);
    unaccount(set, l, l->capacity * sizeof *l->lines);
    free(l->lines);
    l->lines = NULL;
    l->count = l->capacity = l->run_lines = 0;
    l->series = -1;
}

void ladder_free(struct ladder_set *set, struct ladder *l)
{
    if (!l)
        return;
    ladder_drop_lines(set, l);
    unaccount(set, l, l->bytes);
    unlink_ladder(set, l);
    if (l->away && --set->file_ladders == 0)
        set->file_end = 0;
    free(l);
}

void ladder_set_done(struct ladder_set *set)
{
    while (set->held.oldest)
        ladder_free(set, set->held.oldest);
    while (set->resting.oldest)
        ladder_free(set, set->resting.oldest);
    ladder_file_done(set);
}

/* ---- folding ---- */

static void fold_in(struct ladder_line *into, const struct ladder_line *line)
{
    struct ladder_fold *f = into->fold;
    if (line->kind == LADDER_FOLD && line->fold) {
        const struct ladder_fold *g = line->fold;
        for (unsigned side = 0; side < 2; side++) {
            f->segments[side] += g->segments[side];
            f->bytes[side] += g->bytes[side];
        }
        f->retransmitted += g->retransmitted;
        f->out_of_order += g->out_of_order;
        f->duplicate_acks += g->duplicate_acks;
        f->zero_windows += g->zero_windows;
        f->keep_alives += g->keep_alives;
        f->gaps += g->gaps;
        f->bad_checksums += g->bad_checksums;
        f->messages += g->messages;
    } else {
        /* A series of duplicate ACKs is one line of several segments. */
        uint64_t segments = line->did & WT_DID_DUP_ACK ? 1u + line->last_count - line->count : 1;
        f->segments[line->side & 1] += segments;
        f->bytes[line->side & 1] += line->len;
        f->retransmitted += (line->did & (WT_DID_RETRANSMIT | WT_DID_FAST_RETRANSMIT | WT_DID_SPURIOUS)) != 0;
        f->out_of_order += (line->did & WT_DID_OUT_OF_ORDER) != 0;
        f->duplicate_acks += line->did & WT_DID_DUP_ACK ? segments : 0;
        f->zero_windows += (line->did & WT_DID_ZERO_WINDOW) != 0;
        f->keep_alives += (line->did & WT_DID_KEEP_ALIVE) != 0;
        f->gaps += (line->did & WT_DID_GAP_BEFORE) != 0;
        f->bad_checksums += (line->did & WT_DID_BAD_CHECKSUM) != 0;
        f->messages += line->note != NULL;
    }
    if (line->last_frame >= into->last_frame) {
        into->last_frame = line->last_frame;
        into->last_ns = line->last_ns;
        memcpy(into->state, line->state, sizeof into->state);
    }
}

/* Turns lines [first, first + n) into one fold at `first`. */
static bool fold_lines(struct ladder_set *set, struct ladder *l, uint32_t first, uint32_t n, uint8_t marks)
{
    struct ladder_fold *fold = calloc(1, sizeof *fold);
    if (!fold)
        return false;
    struct ladder_line into = l->lines[first];
    into.kind = LADDER_FOLD;
    into.note = NULL;
    into.repeat = NULL;
    into.proves = 0;
    into.fold = fold;
    into.did = 0;
    into.flags = 0;
    into.marks = (uint8_t)(marks | (l->lines[first].marks & LADDER_SHOWN));
    into.last_frame = 0;
    account(set, l, sizeof *fold);
    for (uint32_t i = 0; i < n; i++) {
        fold_in(&into, &l->lines[first + i]);
        into.marks |= l->lines[first + i].marks & LADDER_MIDDLE;
        line_done(set, l, &l->lines[first + i]);
    }
    l->lines[first] = into;
    memmove(&l->lines[first + 1], &l->lines[first + n], (l->count - first - n) * sizeof *l->lines);
    l->count -= n - 1;
    return true;
}

/* Leaves `head` lines, one fold and the rest, of which `fold` are folded away. */
static bool fold_middle(struct ladder_set *set, struct ladder *l, uint32_t head, uint32_t fold)
{
    if (l->count < head + fold || fold < 2 || !fold_lines(set, l, head, fold, LADDER_MIDDLE))
        return false;
    l->run_lines = 0;
    l->series = -1;
    return true;
}

static void shrink(struct ladder_set *set, struct ladder *l)
{
    uint32_t capacity = l->count + 2;
    if (capacity * 2 > l->capacity)
        return;
    struct ladder_line *lines = realloc(l->lines, capacity * sizeof *lines);
    if (!lines)
        return;
    unaccount(set, l, (l->capacity - capacity) * sizeof *lines);
    l->lines = lines;
    l->capacity = capacity;
}

static void rest(struct ladder_set *set, struct ladder *l, bool *why)
{
    unlink_ladder(set, l);
    *why = true;
    link_newest(set, l);
}

/* Over max_bytes: the ladders idle longest go to the file, until some room is free. Where there is no file, one is
 * folded to a few lines, or given up where it is that short already: each step makes room. */
static void relieve(struct ladder_set *set, const struct ladder *keep)
{
    enum { HEAD = 8, TAIL = 8 };
    uint64_t enough = set->max_bytes - set->max_bytes / 8;
    struct ladder *newer;
    for (struct ladder *l = set->held.oldest; l && set->bytes > enough; l = newer) {
        newer = l->newer;
        if (l == keep || !l->count)
            continue;
        if (ladder_write(set, l)) {
            ladder_drop_lines(set, l);
            rest(set, l, &l->away);
            set->file_ladders++;
            continue;
        }
        set->hits_bytes++;
        if (l->count > HEAD + TAIL + 1 && fold_middle(set, l, HEAD, l->count - HEAD - TAIL)) {
            shrink(set, l);
            continue;
        }
        ladder_drop_lines(set, l);
        rest(set, l, &l->given_up);
    }
}

void ladder_load(struct ladder_set *set, struct ladder *l)
{
    if (!l->away)
        return;
    bool back = ladder_read(set, l);
    if (!back)
        set->hits_bytes++;
    unlink_ladder(set, l);
    l->away = false;
    l->given_up = !back;
    link_newest(set, l);
    account(set, l, l->capacity * sizeof *l->lines);
    for (uint32_t i = 0; i < l->count; i++)
        account(set, l, (l->lines[i].note ? strlen(l->lines[i].note) + 1 : 0)
                        + (l->lines[i].fold ? sizeof *l->lines[i].fold : 0)
                        + (l->lines[i].repeat ? sizeof *l->lines[i].repeat : 0));
    if (--set->file_ladders == 0)
        set->file_end = 0;
}

static struct ladder_line *append(struct ladder_set *set, struct ladder *l, const struct ladder_line *line)
{
    if (l->given_up)
        return NULL;
    if (set->bytes > set->max_bytes)
        relieve(set, l);
    if (l->count >= set->max_lines) {
        set->hits_lines++;
        l->hits_lines++;
        if (!fold_middle(set, l, set->max_lines / 2, set->max_lines / 4))
            return NULL;
    }
    if (l->count == l->capacity) {
        uint32_t capacity = l->capacity ? l->capacity * 2 : 2;
        struct ladder_line *lines = realloc(l->lines, capacity * sizeof *lines);
        if (!lines)
            return NULL;
        account(set, l, (capacity - l->capacity) * sizeof *lines);
        l->lines = lines;
        l->capacity = capacity;
    }
    l->lines[l->count] = *line;
    return &l->lines[l->count++];
}

static char *copy_note(struct ladder_set *set, struct ladder *l, const char *note)
{
    if (!note || l->given_up)
        return NULL;
    size_t len = strnlen(note, LADDER_NOTE);
    while (len == LADDER_NOTE && len && ((unsigned char)note[len] & 0xc0) == 0x80)
        len--;
    char *copy = strndup(note, len);
    if (copy)
        account(set, l, len + 1);
    return copy;
}

/* A plain packet: shown, as long as the run is short; then folded into the run's last line. */
static struct ladder_line *append_plain(struct ladder_set *set, struct ladder *l, const struct ladder_line *line)
{
    enum { HEAD = 2 };      /* of a folded run, shown */
    if (l->run_lines == 0)
        l->run = l->count;
    if (l->run_lines < set->fold_after) {
        struct ladder_line *added = append(set, l, line);
        if (added && l->run_lines++ == 0)
            l->run = l->count - 1;
        return added;
    }
    if (l->run_lines == set->fold_after && l->count) {
        /* Shown lines stay; unshown ones behind the head go into the fold. */
        uint32_t first = set->by_line ? l->count : l->run + HEAD;
        struct ladder_line *added = append(set, l, line);
        if (added && l->run_lines == 0) {      /* a limit folded the run away */
            l->run = l->count - 1;
            l->run_lines = 1;
        }
        if (!added || l->run_lines == 1 || first >= l->count)
            return added;
        if (!fold_lines(set, l, first, l->count - first, 0))
            return NULL;
        l->run_lines++;
        return NULL;
    }
    if (l->count && l->lines[l->count - 1].kind == LADDER_FOLD) {
        fold_in(&l->lines[l->count - 1], line);
        l->run_lines += l->run_lines < UINT32_MAX - 1;
    }
    return NULL;
}

static struct ladder_line *append_own(struct ladder_set *set, struct ladder *l, const struct ladder_line *line)
{
    l->run_lines = 0;
    return append(set, l, line);
}

/* ---- segments ---- */

#define MATTERS (WT_DID_SYN | WT_DID_SYN_RETRY | WT_DID_SYN_ACK | WT_DID_HANDSHAKE | WT_DID_FIN | WT_DID_FIN_REPEATED \
    | WT_DID_FIN_ACKED | WT_DID_RST | WT_DID_RST_IGNORED | WT_DID_REFUSE | WT_DID_TIME_WAIT | WT_DID_IN_TIME_WAIT \
    | WT_DID_REUSE | WT_DID_CLOSED | WT_DID_SIMULTANEOUS | WT_DID_ICMP_ERROR | WT_DID_MIDSTREAM)

/* Trouble is shown, but what repeats without end is folded after a while; kinds count apart, so that thousands of
 * one do not hide the first of another. */
static const struct { uint64_t did; unsigned kind; } troubles[] = {
    { WT_DID_RETRANSMIT | WT_DID_FAST_RETRANSMIT | WT_DID_SPURIOUS | WT_DID_OUT_OF_ORDER, 0 },
    { WT_DID_DUP_ACK, 1 },
    { WT_DID_ZERO_WINDOW | WT_DID_ZERO_WINDOW_PROBE | WT_DID_GAP_BEFORE | WT_DID_ACKED_UNSEEN, 2 },
    { WT_DID_WINDOW_FULL, 3 },
    { WT_DID_KEEP_ALIVE | WT_DID_KEEP_ALIVE_ACK | WT_DID_BAD_CHECKSUM, 4 },
};
#define TROUBLES (sizeof troubles / sizeof troubles[0])
#define FEW_LINES 4         /* of the kinds that repeat by their nature: full windows, keep-alives, checksums */

static bool is_trouble(struct ladder *l, uint64_t did)
{
    for (unsigned i = 0; i < TROUBLES; i++) {
        uint32_t most = i >= TROUBLES - 2 ? FEW_LINES : LADDER_TROUBLE_LINES;
        if (did & troubles[i].did && l->trouble[i] < most) {
            l->trouble[i]++;
            return true;
        }
    }
    return false;
}

static uint8_t what_reset_answers(const struct ladder *l, unsigned side)
{
    unsigned peer = side ^ 1;
    if (l->last_flags[peer] & WT_FLAG_SYN)
        return LADDER_ANSWERS_SYN;
    if (l->last_flags[peer] & WT_FLAG_FIN)
        return LADDER_ANSWERS_FIN;
    if (l->last_payload[peer])
        return LADDER_ANSWERS_DATA;
    return l->last_flags[peer] & WT_FLAG_ACK ? LADDER_ANSWERS_ACK : LADDER_ANSWERS_NOTHING;
}

static bool same_client(const struct ladder *l, const struct wt_segment *s)
{
    size_t len = l->family == 4 ? 4 : 16;
    return l->port[0] == s->client_port && (!s->client_address || memcmp(l->address[0], s->client_address, len) == 0);
}

static struct ladder_line segment_line(struct ladder *l, const struct wt_segment *s)
{
    unsigned side = s->side & 1;
    struct ladder_line line = {
        .frame = s->packet->frame.number, .last_frame = s->packet->frame.number, .did = s->did,
        .since_ns = s->since_start_ns, .last_ns = s->since_start_ns, .span_ns = -1,
        .seq = s->seq, .ack = s->ack, .len = s->payload_bytes, .window = s->window,
        .flags = s->packet->tcp.flags, .kind = LADDER_SEGMENT, .side = (uint8_t)side,
        .before = { s->state_before[0], s->state_before[1] }, .state = { s->state[0], s->state[1] },
    };
    if (s->did & WT_DID_ICMP_ERROR) {
        line.kind = LADDER_ICMP;       /* it goes back to who sent what it quotes */
        line.flags = 0;
        line.len = 0;
        return line;
    }
    if (s->did & WT_DID_DUP_ACK) {
        line.count = line.last_count = s->dup_ack_count;
        line.other_frame = s->dup_ack_frame;
    }
    if (s->did & (WT_DID_RETRANSMIT | WT_DID_FAST_RETRANSMIT | WT_DID_SPURIOUS | WT_DID_FIN_REPEATED)) {
        line.other_frame = s->original_frame;
        line.span_ns = s->original_frame ? s->since_original_ns : -1;
    }
    if (s->did & WT_DID_HANDSHAKE)
        line.span_ns = s->rtt_ns;
    if (line.flags & WT_FLAG_SYN) {
        line.count = l->syns[side]++;
        if (line.count)
            line.span_ns = s->since_start_ns;
    }
    if (s->did & WT_DID_FIN)
        line.count = ++l->fins;
    if (s->did & (WT_DID_RST | WT_DID_REFUSE))
        line.answers = what_reset_answers(l, side);
    if (s->did & WT_DID_KEEP_ALIVE && l->closed[side ^ 1])
        line.marks |= LADDER_PROBE;
    if (!(line.flags & (WT_FLAG_SYN | WT_FLAG_RST)))
        l->closed[side] = !s->window;
    l->last_flags[side] = line.flags;
    l->last_payload[side] = line.len;
    return line;
}

/* One more of a series of duplicate ACKs only lengthens the line that shows its first. */
static bool lengthens_series(struct ladder *l, const struct ladder_line *line)
{
    if (!(line->did & WT_DID_DUP_ACK) || l->series < 0 || (uint64_t)l->series >= l->count)
        return false;
    struct ladder_line *first = &l->lines[l->series];
    if (!(first->did & WT_DID_DUP_ACK) || first->side != line->side || first->other_frame != line->other_frame
        || line->did & MATTERS || (first->marks & LADDER_SHOWN))
        return false;
    first->last_count = line->count;
    first->last_frame = line->frame;
    first->last_ns = line->since_ns;
    return true;
}

struct ladder_line *ladder_segment(struct ladder_set *set, struct ladder *l, const struct wt_segment *s,
                                   const char *note)
{
    ladder_load(set, l);
    used(set, l);
    if (!(s->did & WT_DID_ICMP_ERROR) && !same_client(l, s))
        ladder_flip(l);
    struct ladder_line line = segment_line(l, s);
    if (set->fold_after != UINT32_MAX && lengthens_series(l, &line))
        return NULL;
    bool changed = memcmp(s->state_before, s->state, sizeof s->state) != 0;
    bool first_data = line.len && !l->first_data[line.side];
    if (line.len)
        l->first_data[line.side] = true;
    bool matters = note || changed || first_data || (s->did & MATTERS)
        || (s->did & WT_DID_WINDOW_UPDATE && l->trouble[2]) || set->facts & ~l->facts;
    line.facts = set->facts;
    l->facts |= set->facts;
    if (!matters && !is_trouble(l, s->did | (set->notable ? WT_DID_RETRANSMIT : 0)))
        return append_plain(set, l, &line);
    line.note = copy_note(set, l, note);
    struct ladder_line *added = append_own(set, l, &line);
    if (!added)
        free(line.note);
    else if (line.did & WT_DID_DUP_ACK)
        l->series = (int64_t)l->count - 1;
    return added;
}

/* ---- others ---- */

struct ladder_line *ladder_datagram(struct ladder_set *set, struct ladder *l, const struct ladder_datagram *d)
{
    ladder_load(set, l);
    used(set, l);
    struct ladder_line line = {
        .frame = d->frame, .last_frame = d->frame, .since_ns = d->since_ns, .last_ns = d->since_ns, .span_ns = -1,
        .len = d->payload_bytes, .kind = d->kind, .side = d->side & 1, .marks = d->marks, .dns_id = d->dns_id,
    };
    bool first = d->payload_bytes && !l->first_data[line.side];
    if (d->payload_bytes)
        l->first_data[line.side] = true;
    bool shows = set->facts & ~l->facts;
    line.facts = set->facts;
    l->facts |= set->facts;
    if (!d->note && !first && !shows && d->kind == LADDER_DATAGRAM)
        return append_plain(set, l, &line);
    line.note = copy_note(set, l, d->note);
    struct ladder_line *added = append_own(set, l, &line);
    if (!added)
        free(line.note);
    return added;
}

struct ladder_line *ladder_find(struct ladder_set *set, struct ladder *l, uint64_t frame)
{
    ladder_load(set, l);
    uint32_t from = 0, to = l->count;      /* lines stand in the order of their frames */
    while (from < to) {
        uint32_t mid = from + (to - from) / 2;
        if (l->lines[mid].frame < frame)
            from = mid + 1;
        else
            to = mid;
    }
    if (from < l->count && l->lines[from].frame == frame && l->lines[from].kind != LADDER_FOLD)
        return &l->lines[from];
    return NULL;
}

bool ladder_repeat(struct ladder_set *set, struct ladder *l, struct ladder_line *line, const struct wt_repeat *repeat)
{
    if (line->marks & LADDER_SHOWN)
        return true;
    if (!line->repeat) {
        line->repeat = malloc(sizeof *line->repeat);
        if (!line->repeat)
            return false;
        account(set, l, sizeof *line->repeat);
    }
    *line->repeat = *repeat;
    return true;
}

void ladder_note_add(struct ladder_set *set, struct ladder *l, struct ladder_line *line, const char *text)
{
    size_t had = line->note ? strlen(line->note) : 0, more = strlen(text);
    if (had + more + 2 > LADDER_NOTE + 100)
        return;
    char *note = realloc(line->note, had + more + 3);
    if (!note)
        return;
    snprintf(note + had, more + 3, "%s%s", had ? ", " : "", text);
    account(set, l, strlen(note) + 1 - (had ? had + 1 : 0));
    line->note = note;
}

static void swap_bytes(uint8_t *a, uint8_t *b)
{
    uint8_t c = *a;
    *a = *b;
    *b = c;
}

void ladder_flip(struct ladder *l)
{
    for (uint32_t i = 0; i < l->count; i++) {
        struct ladder_line *line = &l->lines[i];
        line->side ^= 1;
        swap_bytes(&line->state[0], &line->state[1]);
        swap_bytes(&line->before[0], &line->before[1]);
        if (line->repeat)
            line->repeat->side ^= 1;
        if (line->fold) {
            struct ladder_fold f = *line->fold;
            for (unsigned side = 0; side < 2; side++) {
                line->fold->segments[side] = f.segments[side ^ 1];
                line->fold->bytes[side] = f.bytes[side ^ 1];
            }
        }
    }
    for (unsigned i = 0; i < 16; i++)
        swap_bytes(&l->address[0][i], &l->address[1][i]);
    uint16_t port = l->port[0];
    l->port[0] = l->port[1];
    l->port[1] = port;
    bool data = l->first_data[0], closed = l->closed[0];
    l->first_data[0] = l->first_data[1];
    l->first_data[1] = data;
    l->closed[0] = l->closed[1];
    l->closed[1] = closed;
    uint32_t syns = l->syns[0];
    l->syns[0] = l->syns[1];
    l->syns[1] = syns;
    uint16_t flags = l->last_flags[0];
    l->last_flags[0] = l->last_flags[1];
    l->last_flags[1] = flags;
    uint32_t payload = l->last_payload[0];
    l->last_payload[0] = l->last_payload[1];
    l->last_payload[1] = payload;
}
