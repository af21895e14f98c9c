/* The head of a message, in one pass over its lines. */
#include "dissectors/http1.h"

#include <string.h>

#define START_BYTES 64         /* after so many a start must be told */

static uint8_t lower(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte + 32) : byte;
}

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t';
}

/* Equal to a word in lower case, whatever the case of s. */
static bool word_is(struct wt_slice s, const char *word)
{
    size_t len = strlen(word);
    if (s.len != len)
        return false;
    for (size_t i = 0; i < len; i++)
        if (lower(s.at[i]) != (uint8_t)word[i])
            return false;
    return true;
}

/* ---- header names ---- */

static const char *const names[HTTP1_HEADERS] = {
    [HTTP1_HOST] = "host", [HTTP1_USER_AGENT] = "user-agent", [HTTP1_REFERER] = "referer",
    [HTTP1_COOKIE] = "cookie", [HTTP1_SET_COOKIE] = "set-cookie", [HTTP1_AUTHORIZATION] = "authorization",
    [HTTP1_CONTENT_TYPE] = "content-type", [HTTP1_LOCATION] = "location", [HTTP1_SERVER] = "server",
    [HTTP1_VIA] = "via", [HTTP1_ETAG] = "etag", [HTTP1_CACHE_CONTROL] = "cache-control", [HTTP1_AGE] = "age",
    [HTTP1_CONTENT_LENGTH] = "content-length", [HTTP1_TRANSFER_ENCODING] = "transfer-encoding",
    [HTTP1_CONNECTION] = "connection", [HTTP1_UPGRADE] = "upgrade", [HTTP1_EXPECT] = "expect",
    [HTTP1_IF_NONE_MATCH] = "if-none-match", [HTTP1_IF_MODIFIED_SINCE] = "if-modified-since",
    [HTTP1_IF_MATCH] = "if-match", [HTTP1_IF_UNMODIFIED_SINCE] = "if-unmodified-since",
    [HTTP1_IF_RANGE] = "if-range", [HTTP1_CONTENT_ENCODING] = "content-encoding", [HTTP1_ACCEPT] = "accept",
    [HTTP1_ACCEPT_LANGUAGE] = "accept-language", [HTTP1_ACCEPT_ENCODING] = "accept-encoding",
    [HTTP1_DATE] = "date", [HTTP1_LAST_MODIFIED] = "last-modified", [HTTP1_X_FORWARDED_FOR] = "x-forwarded-for",
    [HTTP1_PROXY_AUTHENTICATE] = "proxy-authenticate", [HTTP1_PROXY_AUTHORIZATION] = "proxy-authorization",
    [HTTP1_WWW_AUTHENTICATE] = "www-authenticate", [HTTP1_WS_ACCEPT] = "sec-websocket-accept",
    [HTTP1_WS_EXTENSIONS] = "sec-websocket-extensions", [HTTP1_WS_KEY] = "sec-websocket-key",
    [HTTP1_WS_PROTOCOL] = "sec-websocket-protocol", [HTTP1_WS_VERSION] = "sec-websocket-version",
    [HTTP1_HTTP2_SETTINGS] = "http2-settings",
};

#define MAX_NAME 24
#define SAME_LENGTH 6

/* Header names by their length, each entry one more than the enumerator, so that 0 ends a row. */
#define N(header) (HTTP1_##header + 1)
static const uint8_t by_length[MAX_NAME + 1][SAME_LENGTH] = {
    [3] = { N(VIA), N(AGE) },
    [4] = { N(HOST), N(DATE), N(ETAG) },
    [6] = { N(COOKIE), N(ACCEPT), N(SERVER), N(EXPECT) },
    [7] = { N(REFERER), N(UPGRADE) },
    [8] = { N(LOCATION), N(IF_MATCH), N(IF_RANGE) },
    [10] = { N(USER_AGENT), N(CONNECTION), N(SET_COOKIE) },
    [12] = { N(CONTENT_TYPE) },
    [13] = { N(CACHE_CONTROL), N(LAST_MODIFIED), N(AUTHORIZATION), N(IF_NONE_MATCH) },
    [14] = { N(CONTENT_LENGTH), N(HTTP2_SETTINGS) },
    [15] = { N(ACCEPT_ENCODING), N(ACCEPT_LANGUAGE), N(X_FORWARDED_FOR) },
    [16] = { N(CONTENT_ENCODING), N(WWW_AUTHENTICATE) },
    [17] = { N(TRANSFER_ENCODING), N(IF_MODIFIED_SINCE), N(WS_KEY) },
    [18] = { N(PROXY_AUTHENTICATE) },
    [19] = { N(PROXY_AUTHORIZATION), N(IF_UNMODIFIED_SINCE) },
    [20] = { N(WS_ACCEPT) },
    [21] = { N(WS_VERSION) },
    [22] = { N(WS_PROTOCOL) },
    [24] = { N(WS_EXTENSIONS) },
};
#undef N

static enum http1_header header_of(struct wt_slice name)
{
    if (name.len > MAX_NAME)
        return HTTP1_UNKNOWN;
    const uint8_t *row = by_length[name.len];
    for (unsigned i = 0; i < SAME_LENGTH && row[i]; i++)
        if (word_is(name, names[row[i] - 1]))
            return (enum http1_header)(row[i] - 1);
    return HTTP1_UNKNOWN;
}

/* ---- lines ---- */

/* The line at *at without its end; *at moves behind it. False: no line end is there. */
static bool take_line(struct wt_slice bytes, uint32_t *at, struct wt_slice *ret_line)
{
    if (*at >= bytes.len)
        return false;
    const uint8_t *start = bytes.at + *at;
    const uint8_t *end = memchr(start, '\n', bytes.len - *at);
    if (!end)
        return false;
    size_t len = (size_t)(end - start);
    *at += (uint32_t)len + 1;
    if (len && start[len - 1] == '\r')
        len--;
    *ret_line = (struct wt_slice){ start, len };
    return true;
}

static struct wt_slice trim(struct wt_slice s)
{
    while (s.len && (is_blank(s.at[0]) || s.at[0] == '\r' || s.at[0] == '\n')) {
        s.at++;
        s.len--;
    }
    while (s.len && (is_blank(s.at[s.len - 1]) || s.at[s.len - 1] == '\r' || s.at[s.len - 1] == '\n'))
        s.len--;
    return s;
}

enum line_kind { LINE_NONE, LINE_END, LINE_HEADER, LINE_BAD };

/* One header line with what is folded to it. A line that is the last there is may be folded on by what comes later:
 * it is no line yet, unless `last` says that nothing comes. */
static enum line_kind header_line(struct wt_slice bytes, uint32_t *at, bool last, struct http1_line *ret_line)
{
    uint32_t from = *at, next = *at;
    struct wt_slice line;
    if (next >= bytes.len)
        return LINE_NONE;
    if (!take_line(bytes, &next, &line)) {
        if (!last)
            return LINE_NONE;
        next = (uint32_t)bytes.len;
        line = (struct wt_slice){ bytes.at + from, bytes.len - from };
    }
    if (line.len == 0) {
        *at = next;
        return LINE_END;
    }
    while (next < bytes.len && is_blank(bytes.at[next])) {
        struct wt_slice more;
        if (!take_line(bytes, &next, &more)) {
            if (!last)
                return LINE_NONE;
            next = (uint32_t)bytes.len;
        }
    }
    *at = next;
    ret_line->raw = (struct wt_slice){ bytes.at + from, next - from };
    const uint8_t *colon = memchr(line.at, ':', line.len);
    if (!colon || colon == line.at)
        return LINE_BAD;
    ret_line->name = (struct wt_slice){ line.at, (size_t)(colon - line.at) };
    size_t value_at = ret_line->name.len + 1;
    ret_line->value = trim((struct wt_slice){ colon + 1, ret_line->raw.len - value_at });
    return LINE_HEADER;
}

bool http1_next_line(const struct http1 *head, uint32_t *at, struct http1_line *ret_line)
{
    struct wt_slice bytes = { head->bytes.at, head->head_len };
    for (;;) {
        switch (header_line(bytes, at, true, ret_line)) {
        case LINE_NONE:
        case LINE_END: return false;
        case LINE_BAD: continue;
        case LINE_HEADER: ret_line->header = header_of(trim(ret_line->name)); return true;
        }
    }
}

uint32_t http1_find_end(struct wt_slice bytes, uint32_t *at)
{
    uint32_t i = *at;
    for (;;) {
        const uint8_t *lf = i < bytes.len ? memchr(bytes.at + i, '\n', bytes.len - i) : NULL;
        if (!lf) {
            *at = (uint32_t)bytes.len;
            return 0;
        }
        uint32_t next = (uint32_t)(lf - bytes.at) + 1;
        uint32_t left = (uint32_t)bytes.len - next;
        if (left && bytes.at[next] == '\n')
            return next + 1;
        if (left > 1 && bytes.at[next] == '\r' && bytes.at[next + 1] == '\n')
            return next + 2;
        if (left == 0 || (left == 1 && bytes.at[next] == '\r')) {
            *at = next - 1;
            return 0;
        }
        i = next;
    }
}

/* ---- what the headers say ---- */

/* RFC 9110 8.6: digits; the same value several times is one value (RFC 9112 6.3). */
static void read_length(struct http1 *head, struct wt_slice value)
{
    size_t i = 0;
    do {
        uint64_t length = 0;
        size_t digits = 0;
        while (i < value.len && is_blank(value.at[i]))
            i++;
        for (; i < value.len && value.at[i] >= '0' && value.at[i] <= '9' && digits < 19; i++, digits++)
            length = length * 10 + (uint64_t)(value.at[i] - '0');
        while (i < value.len && is_blank(value.at[i]))
            i++;
        bool bad = digits == 0 || (i < value.len && value.at[i] != ',')
            || (head->flags & HTTP1_LENGTH && head->content_length != length);
        if (bad) {
            head->flags |= HTTP1_BAD_LENGTH | HTTP1_MALFORMED;
            return;
        }
        head->flags |= HTTP1_LENGTH;
        head->content_length = length;
    } while (i++ < value.len);
}

/* The next member of a comma-separated list, without parameters and white space. */
static bool next_member(struct wt_slice list, size_t *at, struct wt_slice *ret_member)
{
    if (*at >= list.len)
        return false;
    size_t end = *at;
    while (end < list.len && list.at[end] != ',')
        end++;
    struct wt_slice member = { list.at + *at, end - *at };
    *at = end + 1;
    for (size_t i = 0; i < member.len; i++)
        if (member.at[i] == ';')
            member.len = i;
    *ret_member = trim(member);
    return true;
}

static void read_codings(struct http1 *head, struct wt_slice value)
{
    struct wt_slice member;
    for (size_t at = 0; next_member(value, &at, &member);) {
        if (!member.len)
            continue;
        head->flags &= ~(uint32_t)(HTTP1_CHUNKED | HTTP1_OTHER_CODING);
        if (!word_is(member, "identity"))
            head->flags |= word_is(member, "chunked") ? HTTP1_CHUNKED : HTTP1_OTHER_CODING;
    }
}

static void read_connection(struct http1 *head, struct wt_slice value)
{
    struct wt_slice member;
    for (size_t at = 0; next_member(value, &at, &member);) {
        if (word_is(member, "close"))
            head->flags |= HTTP1_CLOSE;
        else if (word_is(member, "keep-alive"))
            head->flags |= HTTP1_KEEP_ALIVE;
    }
}

static void note_header(struct http1 *head, const struct http1_line *line)
{
    struct wt_slice name = line->name;
    if (is_blank(name.at[name.len - 1])) {          /* RFC 9112 5.1 forbids it, for good reason */
        head->flags |= HTTP1_MALFORMED;
        name = trim(name);
    }
    enum http1_header header = header_of(name);
    head->header_count++;
    switch (header) {
    case HTTP1_CONTENT_LENGTH: read_length(head, line->value); break;
    case HTTP1_TRANSFER_ENCODING: read_codings(head, line->value); break;
    case HTTP1_CONNECTION: read_connection(head, line->value); break;
    case HTTP1_IF_NONE_MATCH:
    case HTTP1_IF_MODIFIED_SINCE:
    case HTTP1_IF_MATCH:
    case HTTP1_IF_UNMODIFIED_SINCE:
    case HTTP1_IF_RANGE: head->flags |= HTTP1_CONDITIONAL; break;
    default:
        if (header < HTTP1_KEPT && !head->value[header].at)
            head->value[header] = line->value;
    }
}

/* ---- start lines ---- */

static uint8_t minor_of(struct wt_slice version)
{
    bool one = version.len >= 8 && memcmp(version.at, "HTTP/1.", 7) == 0 && version.at[7] >= '0'
        && version.at[7] <= '9';
    return one && trim(version).len == 8 ? (uint8_t)(version.at[7] - '0') : 255;
}

/* The word at the start of s, up to a blank; s moves behind it and `skip` blanks at most. */
static struct wt_slice take_word(struct wt_slice *s, size_t skip)
{
    struct wt_slice word = { s->at, 0 };
    const uint8_t *end = s->len ? memchr(s->at, ' ', s->len) : NULL;
    word.len = end ? (size_t)(end - s->at) : s->len;
    s->at += word.len;
    s->len -= word.len;
    for (; skip && s->len && s->at[0] == ' '; skip--) {
        s->at++;
        s->len--;
    }
    return word;
}

static void read_request_line(struct http1 *head)
{
    struct wt_slice rest = head->line;
    head->method = take_word(&rest, 1);
    head->target = take_word(&rest, SIZE_MAX);
    head->version = rest;
    head->minor = minor_of(rest);
    if (head->minor == 255 || head->target.len == 0)
        head->flags |= HTTP1_MALFORMED;
}

static void read_status_line(struct http1 *head)
{
    struct wt_slice rest = head->line;
    head->flags |= HTTP1_RESPONSE;
    head->version = take_word(&rest, SIZE_MAX);
    head->minor = minor_of(head->version);
    struct wt_slice code = take_word(&rest, 1);
    head->code = code;
    head->reason = rest;
    if (code.len < 3) {
        head->flags |= HTTP1_MALFORMED;
        return;
    }
    for (unsigned i = 0; i < 3; i++) {
        if (code.at[i] < '0' || code.at[i] > '9') {
            head->status = 0;
            break;
        }
        head->status = (uint16_t)(head->status * 10 + (code.at[i] - '0'));
    }
    if (code.len != 3 || head->status < 100)
        head->flags |= HTTP1_MALFORMED;
}

static void read_start_line(struct http1 *head)
{
    struct wt_slice s = head->line;
    bool response = (s.len >= 5 && memcmp(s.at, "HTTP/", 5) == 0) || (s.len >= 4 && memcmp(s.at, "ICY ", 4) == 0);
    if (response)
        read_status_line(head);
    else
        read_request_line(head);
}

uint32_t http1_parse(struct wt_slice bytes, struct http1 *ret_head)
{
    struct http1 *head = ret_head;
    memset(head, 0, sizeof *head);
    head->bytes = bytes;
    head->minor = 255;
    uint32_t at = 0;
    if (take_line(bytes, &at, &head->line)) {
        head->flags |= HTTP1_STARTED;
    } else {
        head->line = bytes;
        at = (uint32_t)bytes.len;
    }
    head->lines_at = at;
    if (head->line.len)
        read_start_line(head);
    for (;;) {
        struct http1_line line;
        switch (header_line(bytes, &at, false, &line)) {
        case LINE_NONE: head->head_len = (uint32_t)bytes.len; return 0;
        case LINE_END:
            head->head_len = at;
            head->flags |= HTTP1_WHOLE;
            return at;
        case LINE_BAD: head->flags |= HTTP1_MALFORMED; break;
        case LINE_HEADER: note_header(head, &line); break;
        }
    }
}

/* ---- is it HTTP at all? ---- */

/* RFC 9110 9, RFC 5789, RFC 4918 (WebDAV), RFC 3253, 3648, 3744, 4791, 5323, 5842 and what SSDP and others add. */
static const char *const methods[] = {
    "GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "CONNECT", "TRACE", "PATCH",
    "PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK",
    "VERSION-CONTROL", "REPORT", "CHECKOUT", "CHECKIN", "UNCHECKOUT", "MKWORKSPACE", "UPDATE", "LABEL", "MERGE",
    "BASELINE-CONTROL", "MKACTIVITY", "ORDERPATCH", "ACL", "MKCALENDAR", "SEARCH", "BIND", "REBIND", "UNBIND",
    "BCOPY", "BDELETE", "BMOVE", "BPROPFIND", "BPROPPATCH", "NOTIFY", "POLL", "SUBSCRIBE", "UNSUBSCRIBE",
    "M-SEARCH", "RPC_IN_DATA", "RPC_OUT_DATA", "RPC_CONNECT", "PURGE", "QUERY",
    "CCM_POST", "BITS_POST", "SOURCE", "LINK", "UNLINK",
};

static bool is_token(uint8_t byte)
{
    static const char others[] = "!#$%&'*+-.^_`|~";
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9')
        || (byte && strchr(others, byte) != NULL);
}

/* Does `bytes` begin with the word and a blank? MORE: it ends before that. */
static enum wt_probe begins_with(struct wt_slice bytes, const char *word, size_t len)
{
    size_t n = bytes.len < len ? bytes.len : len;
    if (memcmp(bytes.at, word, n) != 0)
        return WT_NOT_MINE;
    if (bytes.len <= len)
        return WT_PROBE_MORE;
    return is_blank(bytes.at[len]) ? WT_MINE : WT_NOT_MINE;
}

/* An unknown method counts where "token SP target SP HTTP/1." can be seen (RFC 9112 3). */
static enum wt_probe generic_request(struct wt_slice bytes)
{
    size_t i = 0;
    while (i < bytes.len && is_token(bytes.at[i]))
        i++;
    if (i < bytes.len && (i == 0 || i > 32 || bytes.at[i] != ' '))
        return WT_NOT_MINE;
    for (i++; i < bytes.len && bytes.at[i] > ' ' && bytes.at[i] < 0x7f; i++)
        ;
    static const char version[] = " HTTP/1.";
    size_t left = i < bytes.len ? bytes.len - i : 0;
    size_t n = left < sizeof version - 1 ? left : sizeof version - 1;
    if (n && memcmp(bytes.at + i, version, n) != 0)
        return WT_NOT_MINE;
    if (n == sizeof version - 1)
        return WT_MINE;
    return bytes.len < START_BYTES ? WT_PROBE_MORE : WT_NOT_MINE;
}

/* SIP (RFC 3261) and RTSP (RFC 7826) share methods with HTTP, and differ in the target's scheme or, behind "*", in
 * the version. */
static enum wt_probe known_target(struct wt_slice target)
{
    static const char *const schemes[] = { "sip:", "sips:", "rtsp:", "* SIP/", "* RTSP/" };
    if (memchr(target.at, '\n', target.len))
        return WT_MINE;
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        size_t len = strlen(schemes[i]), n = target.len < len ? target.len : len;
        if (memcmp(target.at, schemes[i], n) == 0)
            return n == len ? WT_NOT_MINE : WT_PROBE_MORE;
    }
    return WT_MINE;
}

enum wt_probe http1_request_start(struct wt_slice bytes)
{
    if (!bytes.len)
        return WT_PROBE_MORE;
    bytes.len = bytes.len < START_BYTES ? bytes.len : START_BYTES;
    bool more = false;
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        if (methods[i][0] != bytes.at[0])
            continue;
        size_t len = strlen(methods[i]);
        enum wt_probe answer = begins_with(bytes, methods[i], len);
        if (answer == WT_MINE)
            return known_target((struct wt_slice){ bytes.at + len + 1, bytes.len - len - 1 });
        more = more || answer == WT_PROBE_MORE;
    }
    enum wt_probe generic = generic_request(bytes);
    return generic == WT_NOT_MINE && more ? WT_PROBE_MORE : generic;
}

enum wt_probe http1_response_start(struct wt_slice bytes)
{
    if (!bytes.len)
        return WT_PROBE_MORE;
    enum wt_probe icy = begins_with(bytes, "ICY", 3);
    if (icy != WT_NOT_MINE)
        return icy;
    size_t n = bytes.len < 5 ? bytes.len : 5;          /* of another version too, as long as it looks the same */
    if (memcmp(bytes.at, "HTTP/", n) != 0)
        return WT_NOT_MINE;
    if (bytes.len < 6)
        return WT_PROBE_MORE;
    return bytes.at[5] >= '0' && bytes.at[5] <= '9' ? WT_MINE : WT_NOT_MINE;
}
