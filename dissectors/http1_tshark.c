/* What tshark 4.0 takes for an HTTP message, for packets --compat tshark-4.0 alone: line ends, the names of methods,
 * where a body ends and when more segments are waited for differ from RFC 9112 on malformed input, and on messages
 * that are sent before the one before was answered. docs/differences-from-wireshark.md lists it. */
#include "dissectors/http1_impl.h"

#include <stdlib.h>
#include <string.h>

struct http1_tshark {
    bool known, over;                  /* HTTP by its port or its first line; a tunnel, or upgraded */
    bool seen, answered, has_request;  /* of the last request or response without one */
    bool head_method, tunnel_method;   /* of the last request */
    bool begun, shown;                 /* a message was seen; something of these bytes is shown */
    uint16_t status;                   /* of the last response */
    uint32_t number;
    uint64_t request_frame;
    int64_t request_ns;
};

_Static_assert(sizeof(struct http1_tshark) <= HTTP1_TSHARK_BYTES, "what the stream stage allots");

enum kind { OTHER, REQUEST, NOTIFICATION, RESPONSE };

/* A message, or what stands where one should begin. */
struct part {
    enum kind kind;
    uint16_t status;
    bool has_length, chunked, coded;
    uint64_t length;
};

/* ---- lines ---- */

/* The line at `at` without its end: LF, CR LF, or CR alone. *next is behind the end. False: there is no end; then
 * the line is all that is there, and a CR that comes last may have an LF behind it yet. */
static bool line_at(struct wt_slice b, size_t at, size_t *next, struct wt_slice *ret_line)
{
    size_t i = at;
    while (i < b.len && b.at[i] != '\n' && b.at[i] != '\r')
        i++;
    *ret_line = (struct wt_slice){ b.at + at, i - at };
    bool sure = i < b.len && (b.at[i] == '\n' || i + 1 < b.len);
    *next = i == b.len ? i : i + 1 + (b.at[i] == '\r' && i + 1 < b.len && b.at[i + 1] == '\n');
    return sure;
}

static bool begins(struct wt_slice s, const char *word)
{
    size_t len = strlen(word);
    return s.len >= len && memcmp(s.at, word, len) == 0;
}

/* As above, whatever the case of s. */
static bool begins_any_case(struct wt_slice s, const char *word)
{
    size_t len = strlen(word);
    if (s.len < len)
        return false;
    for (size_t i = 0; i < len; i++) {
        uint8_t byte = s.at[i] >= 'A' && s.at[i] <= 'Z' ? (uint8_t)(s.at[i] | 0x20) : s.at[i];
        if (byte != (uint8_t)word[i])
            return false;
    }
    return true;
}

static enum kind kind_of(struct wt_slice line)
{
    static const char *const requests[] = {
        "GET", "PUT", "COPY", "HEAD", "LOCK", "MOVE", "POLL", "POST", "BCOPY", "BMOVE", "MKCOL", "TRACE", "PATCH",
        "LABEL", "MERGE", "DELETE", "SEARCH", "UNLOCK", "REPORT", "UPDATE", "BDELETE", "CONNECT", "OPTIONS",
        "CHECKIN", "PROPFIND", "CHECKOUT", "CCM_POST", "PROPPATCH", "BPROPFIND", "BPROPPATCH", "UNCHECKOUT",
        "MKACTIVITY", "MKWORKSPACE", "RPC_CONNECT", "RPC_IN_DATA", "RPC_OUT_DATA", "VERSION-CONTROL",
        "BASELINE-CONTROL", "SSTP_DUPLEX_POST",
    };
    static const char *const notifications[] = { "NOTIFY", "SUBSCRIBE", "UNSUBSCRIBE" };
    if (begins(line, "M-"))                /* RFC 2774 */
        line = (struct wt_slice){ line.at + 2, line.len - 2 };
    if (begins(line, "HTTP/") || begins(line, "ICY"))
        return RESPONSE;
    const uint8_t *blank = line.len ? memchr(line.at, ' ', line.len) : NULL;
    size_t len = blank ? (size_t)(blank - line.at) : line.len;
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++)
        if (len == strlen(requests[i]) && memcmp(line.at, requests[i], len) == 0)
            return REQUEST;
    for (size_t i = 0; i < sizeof notifications / sizeof *notifications; i++)
        if (len == strlen(notifications[i]) && memcmp(line.at, notifications[i], len) == 0)
            return NOTIFICATION;
    return OTHER;
}

static uint16_t status_of(struct wt_slice line)
{
    size_t i = 0;
    while (i < line.len && line.at[i] != ' ')
        i++;
    while (i < line.len && line.at[i] == ' ')
        i++;
    unsigned status = 0;
    for (size_t end = i + 3; i < end && i < line.len && line.at[i] >= '0' && line.at[i] <= '9'; i++)
        status = status * 10 + (unsigned)(line.at[i] - '0');
    return (uint16_t)status;
}

static bool is_name(struct wt_slice name)
{
    static const char others[] = "!#$%&\\:*+-.^_`|~";
    for (size_t i = 0; i < name.len; i++) {
        uint8_t c = name.at[i], letter = c | 0x20;
        if (!((letter >= 'a' && letter <= 'z') || (c >= '0' && c <= '9') || (c && strchr(others, c))))
            return false;
    }
    return name.len != 0;
}

static struct wt_slice without_blanks(struct wt_slice s)
{
    while (s.len && (*s.at == ' ' || *s.at == '\t')) {
        s.at++;
        s.len--;
    }
    while (s.len && (s.at[s.len - 1] == ' ' || s.at[s.len - 1] == '\t'))
        s.len--;
    return s;
}

/* Digits alone, at most 2^31 - 1. */
static bool number_of(struct wt_slice s, uint64_t *ret_number)
{
    uint64_t number = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] < '0' || s.at[i] > '9')
            return false;
        number = number * 10 + (uint64_t)(s.at[i] - '0');
        if (number > INT32_MAX)
            return false;
    }
    *ret_number = number;
    return s.len != 0;
}

/* The number at the start of a chunk's line, up to what is no digit; false: there is none. */
static bool chunk_size(struct wt_slice line, uint64_t *ret_size)
{
    size_t i = 0, digits = 0;
    while (i < line.len && (line.at[i] == ' ' || line.at[i] == '\t'))
        i++;
    if (i + 1 < line.len && line.at[i] == '0' && (line.at[i + 1] | 0x20) == 'x') {
        i += 2;
        digits = 1;
    }
    uint64_t size = 0;
    for (; i < line.len && digits < 17; i++, digits++) {
        uint8_t c = line.at[i], letter = c | 0x20;
        if (c >= '0' && c <= '9')
            size = size * 16 + (uint64_t)(c - '0');
        else if (letter >= 'a' && letter <= 'f')
            size = size * 16 + (uint64_t)(letter - 'a' + 10);
        else
            break;
    }
    *ret_size = size & UINT32_MAX;
    return digits != 0;
}

/* ---- when tshark waits for more ---- */

#define NOTHING ((struct wt_wish){ 0, 0, 0 })
#define BROKEN  ((struct wt_wish){ SIZE_MAX, 0, 0 })     /* it reads beyond the bytes, and gives up on the frame */

/* It goes on at the chunk where it stopped the last time, and does so for each message of the bytes, so that a second
 * chunked one behind the first is looked for in the wrong place. */
static struct wt_wish chunks_wish(struct wt_slice b, size_t message, size_t at, size_t looked_at)
{
    struct wt_wish segment = { message, WT_WISH_SEGMENT, looked_at };
    at = looked_at ? message + looked_at : at;
    for (;;) {
        if (at >= b.len)
            return segment;
        struct wt_slice line;
        size_t next;
        if (!line_at(b, at, &next, &line))
            return segment;
        segment.looked_at = at - message;
        uint64_t size;
        if (!chunk_size(line, &size) || size > UINT32_C(1) << 31)
            return NOTHING;
        if (size == 0) {
            bool cr_last = b.at[b.len - 1] == '\r';
            if (next < b.len && line_at(b, next, &next, &line))
                return NOTHING;
            return next == b.len && cr_last ? BROKEN : segment;
        }
        if (b.len - at <= size)
            return segment;
        at = next + size + 2;
    }
}

/* Of a message that begins at `message`: its head, and, where `body` is set, its body. */
static struct wt_wish message_wish(const struct wt_session_context *ctx, struct wt_slice b, size_t message, bool body,
                                   bool response, size_t looked_at)
{
    const struct wt_wish segment = { message, WT_WISH_SEGMENT, 0 };
    bool has_length = false, chunked = false;
    uint64_t length = 0;
    size_t at = message;
    for (;;) {
        struct wt_slice line;
        if (at - message > ctx->config->value[WT_MAX_HTTP_HEADER])
            return NOTHING;
        if (at >= b.len || !line_at(b, at, &at, &line))
            return segment;
        if (line.len == 0)
            break;
        uint64_t number;
        if (begins_any_case(line, "content-length:")) {
            if (number_of(without_blanks((struct wt_slice){ line.at + 15, line.len - 15 }), &number)) {
                has_length = true;
                length = number;
            }
        } else if (begins_any_case(line, "transfer-encoding:")) {
            struct wt_slice value = without_blanks((struct wt_slice){ line.at + 18, line.len - 18 });
            chunked = chunked || begins_any_case(value, "chunked");
        }
    }
    if (!body)
        return NOTHING;
    if (chunked)
        return chunks_wish(b, message, at, looked_at);
    if (has_length)
        return b.len - at < length ? (struct wt_wish){ message, (uint32_t)(length - (b.len - at)), 0 } : NOTHING;
    return response ? (struct wt_wish){ message, WT_WISH_UNTIL_FIN, 0 } : NOTHING;
}

/* ---- what it shows ---- */

static void note_header(struct part *part, struct wt_slice line, size_t colon)
{
    struct wt_slice name = { line.at, colon };       /* with a blank before the colon it is unknown */
    struct wt_slice value = without_blanks((struct wt_slice){ line.at + colon + 1, line.len - colon - 1 });
    if (name.len == 14 && begins_any_case(name, "content-length")) {
        size_t digits = 0;
        while (digits < value.len && value.at[digits] != ' ' && value.at[digits] != '\t')
            digits++;
        part->has_length = number_of((struct wt_slice){ value.at, digits }, &part->length);
    } else if (name.len == 17 && begins_any_case(name, "transfer-encoding")) {
        part->coded = true;
        for (size_t i = 0; i + 7 <= value.len; i++)
            part->chunked = part->chunked || begins((struct wt_slice){ value.at + i, value.len - i }, "chunked");
    }
}

static void note_start(struct http1_tshark *c, const struct wt_session_context *ctx, enum kind kind,
                       struct wt_slice line, struct wt_pairing *pairing)
{
    if (kind == REQUEST || kind == NOTIFICATION) {
        c->head_method = begins(line, "HEAD ");
        c->tunnel_method = begins(line, "CONNECT ");
    }
    if (kind == REQUEST) {
        c->seen = c->has_request = true;
        c->answered = false;
        c->request_frame = ctx->frame;
        c->request_ns = ctx->time_ns;
        c->number++;
        c->status = 0;
    } else if (kind == RESPONSE) {
        if (!c->seen || c->answered) {
            c->number++;
            c->has_request = false;
        }
        c->seen = c->answered = true;
        c->status = status_of(line);
        if (c->has_request) {
            pairing->request_frame = c->request_frame;
            pairing->time_ns = ctx->time_ns - c->request_ns;
        }
    }
    pairing->number = c->number;
}

/* A head with every line end an LF, as the decoder wants it; without a start line it begins with an empty one. */
static void show(const struct wt_session_context *ctx, unsigned dir, struct wt_slice head, bool start,
                 const struct wt_pairing *pairing)
{
    if (head.len > ctx->config->value[WT_MAX_HTTP_HEADER]) {
        ctx->hits->count[WT_MAX_HTTP_HEADER]++;
        return;
    }
    uint8_t *copy = malloc(head.len + 1);
    if (!copy)
        return;
    size_t len = 0;
    if (!start)
        copy[len++] = '\n';
    for (size_t i = 0; i < head.len; i++)
        copy[len++] = head.at[i] == '\r' && (i + 1 == head.len || head.at[i + 1] != '\n') ? '\n' : head.at[i];
    struct http1 parsed;
    struct wt_slice bytes = { copy, len };
    http1_parse(bytes, &parsed);
    int index = wt_dissector_index("http");
    struct wt_message_layer layer = {
        .dissector = (uint16_t)(index < 0 ? 0 : index), .cut = WT_WHOLE, .direction = (uint8_t)dir, .bytes = bytes,
        .header = &parsed, .segments = 1, .pairing = *pairing,
    };
    struct wt_message message = { .kind = WT_MESSAGE_LAYER, .layer = &layer };
    ctx->emit(ctx->emit_to, &message);
    free(copy);
}

/* Lines from `at` on, as long as they look like a head's; returns where what follows begins. */
static size_t take_lines(struct http1_tshark *c, const struct wt_session_context *ctx, unsigned dir,
                         struct wt_slice b, size_t at, struct part *part)
{
    struct wt_pairing pairing = { 0 };
    size_t from = at;
    bool saw = false, start = false;
    while (at < b.len) {
        struct wt_slice line;
        size_t next;
        line_at(b, at, &next, &line);
        enum kind kind = kind_of(line);
        const uint8_t *colon = line.len ? memchr(line.at, ':', line.len) : NULL;
        if (kind) {
            if (saw) {
                show(ctx, dir, (struct wt_slice){ b.at + from, at - from }, start, &pairing);
                pairing = (struct wt_pairing){ 0 };
                from = at;
            }
            start = true;
            part->kind = kind;
            note_start(c, ctx, kind, line, &pairing);
            part->status = kind == RESPONSE ? c->status : 0;
        } else if (line.len == 0) {
            at = next;
            break;
        } else if (colon && (saw || is_name((struct wt_slice){ line.at, (size_t)(colon - line.at) }))) {
            note_header(part, line, (size_t)(colon - line.at));
        } else {
            break;
        }
        saw = true;
        at = next;
    }
    if (saw)
        show(ctx, dir, (struct wt_slice){ b.at + from, at - from }, start, &pairing);
    c->shown = c->shown || saw;
    c->begun = c->begun || start;
    return at;
}

/* The bytes of a chunked body as far as they can be read; 0: not at all. */
static size_t chunks_length(struct wt_slice b, size_t from)
{
    size_t at = from;
    while (at < b.len) {
        struct wt_slice line;
        size_t next;
        uint64_t size = 0;
        line_at(b, at, &next, &line);
        if (line.len == 0)
            break;
        chunk_size(line, &size);
        if (size == 0) {                   /* the trailer, through its empty line */
            at = next;
            while (at < b.len) {
                line_at(b, at, &at, &line);
                if (line.len == 0)
                    break;
            }
            break;
        }
        at = b.len - next <= size + 2 ? b.len : next + size + 2;
    }
    return at - from;
}

static size_t body_length(const struct part *part, struct wt_slice b, size_t at)
{
    size_t left = b.len - at;
    if (part->has_length && !part->coded)
        return left < part->length ? left : (size_t)part->length;
    if (part->kind == REQUEST && !part->coded)
        return 0;
    if (part->kind == RESPONSE && (part->status / 100 == 1 || part->status == 204 || part->status == 304))
        return 0;
    size_t chunks = part->chunked ? chunks_length(b, at) : 0;
    return chunks ? chunks : left;
}

/* One message at *at, which moves behind it. False: no more of these bytes are taken; *ret_wish says whether later. */
static bool take_message(struct http1_tshark *c, const struct wt_session_context *ctx, unsigned dir,
                         struct wt_slice b, size_t *at, size_t looked_at, unsigned flags, struct wt_wish *ret_wish)
{
    size_t message = *at;
    if (b.len - message > 3 && b.at[message] == '\r' && b.at[message + 1] == '\n')
        message += 2;
    if (b.at[message] < ' ' || b.at[message] > '~')
        return false;
    struct wt_slice line;
    size_t next;
    bool may = flags & WT_MAY_WISH;
    if (!line_at(b, message, &next, &line) && may) {
        if (b.len - message <= ctx->config->value[WT_MAX_HTTP_HEADER])
            *ret_wish = (struct wt_wish){ message, WT_WISH_SEGMENT, 0 };
        return false;
    }
    enum kind kind = kind_of(line);
    if (kind && may) {
        bool body = !(flags & WT_WITH_FIN);
        if (kind == RESPONSE) {
            unsigned status = status_of(line);
            body = body && status / 100 != 1 && status != 204 && status != 304 && !c->head_method
                && !(c->tunnel_method && status / 100 == 2);
        }
        *ret_wish = message_wish(ctx, b, message, body, kind == RESPONSE, looked_at);
        if (ret_wish->more || ret_wish->at == SIZE_MAX)
            return false;
    }
    struct part part = { .kind = OTHER };
    size_t end = take_lines(c, ctx, dir, b, message, &part);
    *at = end + body_length(&part, b, end);
    c->over = part.kind == RESPONSE && part.status == 101;
    return true;
}

/* ---- which connections ---- */

enum claim { NOBODYS, OF_HTTP, OTHERS };

/* The ports that tshark 4.0.17 knows as HTTP's, and those on which another of its dissectors takes a request and a
 * response of HTTP/1.1 for its own: what it made of each of the 65535 ports in turn. */
static enum claim claim_of(uint16_t port)
{
    static const uint16_t own[] = { 80, 631, 1900, 2710, 2869, 3128, 3132, 3689, 5985, 8080, 8088, 11371 };
    static const struct { uint16_t first, last; } others[] = {
        { 7, 7 }, { 13, 13 }, { 19, 23 }, { 25, 25 }, { 37, 37 }, { 42, 43 }, { 49, 49 }, { 53, 53 }, { 70, 70 },
        { 79, 79 }, { 88, 88 }, { 102, 102 }, { 110, 111 }, { 119, 119 }, { 123, 123 }, { 139, 139 }, { 143, 143 },
        { 161, 162 }, { 179, 179 }, { 210, 210 }, { 323, 323 }, { 389, 389 }, { 427, 427 }, { 445, 445 },
        { 464, 464 }, { 500, 500 }, { 512, 515 }, { 524, 524 }, { 547, 548 }, { 554, 554 }, { 564, 564 },
        { 587, 587 }, { 639, 639 }, { 647, 647 }, { 674, 674 }, { 705, 705 }, { 854, 854 }, { 862, 862 },
        { 873, 873 }, { 925, 925 }, { 988, 988 }, { 1080, 1080 }, { 1090, 1090 }, { 1099, 1099 }, { 1102, 1102 },
        { 1153, 1153 }, { 1194, 1194 }, { 1213, 1213 }, { 1433, 1433 }, { 1533, 1533 }, { 1547, 1547 },
        { 1723, 1723 }, { 1861, 1861 }, { 1863, 1863 }, { 1883, 1883 }, { 1935, 1935 }, { 2099, 2099 },
        { 2123, 2123 }, { 2126, 2126 }, { 2152, 2152 }, { 2234, 2234 }, { 2240, 2240 }, { 2269, 2269 },
        { 2321, 2322 }, { 2345, 2345 }, { 2401, 2401 }, { 2404, 2404 }, { 2433, 2433 }, { 2501, 2502 },
        { 2571, 2571 }, { 2575, 2575 }, { 2600, 2600 }, { 2812, 2812 }, { 2944, 2945 }, { 3014, 3014 },
        { 3016, 3019 }, { 3245, 3248 }, { 3268, 3268 }, { 3288, 3288 }, { 3306, 3306 }, { 3357, 3357 },
        { 3369, 3369 }, { 3452, 3452 }, { 3478, 3478 }, { 3632, 3632 }, { 3671, 3671 }, { 3724, 3724 },
        { 3804, 3804 }, { 3860, 3860 }, { 3863, 3863 }, { 3868, 3868 }, { 3918, 3918 }, { 4002, 4002 },
        { 4155, 4155 }, { 4189, 4189 }, { 4223, 4223 }, { 4342, 4342 }, { 4420, 4420 }, { 4551, 4551 },
        { 4555, 4556 }, { 4712, 4712 }, { 4730, 4730 }, { 4739, 4739 }, { 4788, 4788 }, { 4840, 4840 },
        { 4880, 4880 }, { 5010, 5010 }, { 5060, 5060 }, { 5084, 5084 }, { 5222, 5222 }, { 5253, 5253 },
        { 5353, 5353 }, { 5432, 5432 }, { 5445, 5445 }, { 5500, 5501 }, { 5534, 5534 }, { 5672, 5672 },
        { 5683, 5683 }, { 5701, 5701 }, { 5900, 5901 }, { 5997, 5997 }, { 6000, 6063 }, { 6068, 6068 },
        { 6084, 6084 }, { 6121, 6121 }, { 6160, 6160 }, { 6346, 6346 }, { 6379, 6379 }, { 6417, 6417 },
        { 6653, 6653 }, { 6667, 6668 }, { 6881, 6889 }, { 7000, 7000 }, { 7075, 7075 }, { 7171, 7172 },
        { 7236, 7236 }, { 7275, 7276 }, { 7871, 7871 }, { 7911, 7911 }, { 8009, 8009 }, { 8023, 8023 },
        { 8074, 8074 }, { 8085, 8085 }, { 8554, 8554 }, { 8567, 8567 }, { 9009, 9009 }, { 9092, 9092 },
        { 9300, 9300 }, { 9418, 9418 }, { 9956, 9956 }, { 10288, 10288 }, { 11211, 11211 }, { 13400, 13400 },
        { 14001, 14001 }, { 15740, 15740 }, { 17500, 17500 }, { 17755, 17756 }, { 19006, 19006 }, { 19042, 19043 },
        { 19506, 19506 }, { 19543, 19543 }, { 21064, 21064 }, { 22222, 22222 }, { 24800, 24800 }, { 29418, 29418 },
        { 34980, 34980 }, { 44321, 44322 }, { 44818, 44818 }, { 48049, 48049 }, { 48898, 48898 }, { 57000, 57000 },
    };
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (own[i] == port)
            return OF_HTTP;
    for (size_t i = 0; i < sizeof others / sizeof *others && others[i].first <= port; i++)
        if (port <= others[i].last)
            return OTHERS;
    return NOBODYS;
}

/* A whole line that begins or ends with HTTP/1.x makes any connection one of HTTP. */
static bool looks_like_http(struct wt_slice b)
{
    struct wt_slice line;
    size_t next;
    if (!line_at(b, 0, &next, &line) || line.len <= 8)
        return false;
    struct wt_slice last = { line.at + line.len - 8, 8 };
    return begins_any_case(line, "http/1.") || begins_any_case(last, "http/1.");
}

struct wt_wish http1_as_tshark(void *conversation, const struct wt_session_context *ctx, unsigned dir,
                               struct wt_slice bytes, size_t looked_at, unsigned flags)
{
    struct http1_tshark *c = conversation;
    struct wt_wish wish = NOTHING;
    if (!c->known) {                       /* the lower port decides, if anybody knows it; a server's before that */
        uint16_t one = ctx->client_port, other = ctx->server_port;
        enum claim claim = flags & WT_SERVER_KNOWN ? claim_of(other) : NOBODYS;
        claim = claim == NOBODYS ? claim_of(one < other ? one : other) : claim;
        claim = claim == NOBODYS ? claim_of(one < other ? other : one) : claim;
        c->known = claim == OF_HTTP || (claim == NOBODYS && looks_like_http(bytes));
    }
    c->over = c->over || (c->tunnel_method && c->answered && c->status == 200);
    if (!c->known)
        return wish;
    c->shown = false;
    for (size_t at = 0; at < bytes.len && !c->over;)
        if (!take_message(c, ctx, dir, bytes, &at, looked_at, flags, &wish))
            break;
    if (c->begun && !c->shown && !wish.more && wish.at != SIZE_MAX)      /* "Continuation": HTTP, of which it tells nothing */
        show(ctx, dir, (struct wt_slice){ bytes.at, 0 }, false, &(struct wt_pairing){ 0 });
    return wish;
}
