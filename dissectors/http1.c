/* HTTP/1: RFC 9110 (semantics), RFC 9112 (messages); SSDP (UPnP Device Architecture) has the same heads in datagrams. */
#include "dissectors/http1_impl.h"

#include <stdio.h>
#include <string.h>

static enum wt_cut http1_decode(struct wt_cursor *c, void *header)
{
    struct http1 *head = header;
    struct wt_slice bytes = { c->at, c->captured };
    size_t missing = c->on_wire - c->captured;
    if (!http1_parse(bytes, head)) {
        if (!(head->flags & HTTP1_STARTED))
            wt_skip(c, c->on_wire + 1);        /* not even a start line: marks whose fault that is */
        else
            wt_skip(c, c->captured);
        if (c->cut == WT_WHOLE && missing)
            c->cut = WT_CUT_BY_SNAPLEN;
        return c->cut;
    }
    wt_skip(c, head->head_len);
    return c->cut;
}

/* RFC 9110 15, and those of other RFCs in the IANA registry. */
static const struct wt_value_name status_names[] = {
    { 100, "Continue" }, { 101, "Switching Protocols" }, { 102, "Processing" }, { 103, "Early Hints" },
    { 200, "OK" }, { 201, "Created" }, { 202, "Accepted" }, { 203, "Non-authoritative Information" },
    { 204, "No Content" }, { 205, "Reset Content" }, { 206, "Partial Content" }, { 207, "Multi-Status" },
    { 208, "Already Reported" }, { 226, "IM Used" }, { 300, "Multiple Choices" }, { 301, "Moved Permanently" },
    { 302, "Found" }, { 303, "See Other" }, { 304, "Not Modified" }, { 305, "Use Proxy" },
    { 307, "Temporary Redirect" }, { 308, "Permanent Redirect" }, { 400, "Bad Request" }, { 401, "Unauthorized" },
    { 402, "Payment Required" }, { 403, "Forbidden" }, { 404, "Not Found" }, { 405, "Method Not Allowed" },
    { 406, "Not Acceptable" }, { 407, "Proxy Authentication Required" }, { 408, "Request Time-out" },
    { 409, "Conflict" }, { 410, "Gone" }, { 411, "Length Required" }, { 412, "Precondition Failed" },
    { 413, "Request Entity Too Large" }, { 414, "Request-URI Too Long" }, { 415, "Unsupported Media Type" },
    { 416, "Requested Range Not Satisfiable" }, { 417, "Expectation Failed" }, { 418, "I'm a teapot" },
    { 421, "Misdirected Request" }, { 422, "Unprocessable Entity" }, { 423, "Locked" },
    { 424, "Failed Dependency" }, { 425, "Too Early" }, { 426, "Upgrade Required" },
    { 428, "Precondition Required" }, { 429, "Too Many Requests" }, { 431, "Request Header Fields Too Large" },
    { 451, "Unavailable For Legal Reasons" }, { 500, "Internal Server Error" }, { 501, "Not Implemented" },
    { 502, "Bad Gateway" }, { 503, "Service Unavailable" }, { 504, "Gateway Time-out" },
    { 505, "HTTP Version not supported" }, { 506, "Variant Also Negotiates" },
    { 507, "Insufficient Storage" }, { 508, "Loop Detected" },
    { 510, "Not Extended" }, { 511, "Network Authentication Required" }, { 0, NULL },
};

#define SAID(field, typ, nam, lab, mean) [HTTP1_F_##field] = WT_ROW_SAID(WT_##typ, WT_DEC, 0, nam, lab, mean, NULL)
#define HEADER(header, nam, lab, mean) \
    [HTTP1_F_HEADERS + HTTP1_##header] = WT_ROW_SAID(WT_STRING, WT_ASCII, 0, "http." nam, lab, mean, NULL)

static const struct wt_field fields[HTTP1_FIELDS] = {
    SAID(REQUEST_LINE, STRING, "http.request.line", "Request line", "A header line of a request, with its end"),
    SAID(METHOD, STRING, "http.request.method", "Request Method", "What is to be done: GET, POST, …"),
    SAID(URI, STRING, "http.request.uri", "Request URI", "The target as it was sent"),
    SAID(URI_PATH, STRING, "http.request.uri.path", "Request URI Path", "The target up to the question mark"),
    SAID(URI_QUERY, STRING, "http.request.uri.query", "Request URI Query", "The target behind the question mark"),
    SAID(REQUEST_VERSION, STRING, "http.request.version", "Request Version", "HTTP version of the request"),
    SAID(RESPONSE_LINE, STRING, "http.response.line", "Response line", "A header line of a response, with its end"),
    SAID(RESPONSE_VERSION, STRING, "http.response.version", "Response Version", "HTTP version of the response"),
    [HTTP1_F_CODE] = WT_ROW_SAID(WT_UINT16, WT_DEC, 0, "http.response.code", "Status Code", "How the request ended",
                                 NULL),
    SAID(CODE_DESC, STRING, "http.response.code.desc", "Status Code Description", "The status code's standard name"),
    SAID(PHRASE, STRING, "http.response.phrase", "Response Phrase", "The server's words for the status"),
    SAID(CONTENT_LENGTH, UINT64, "http.content_length", "Content length", "Content-Length as a number"),
    SAID(FULL_URI, STRING, "http.request.full_uri", "Full request URI", "Scheme, host and target together"),
    SAID(REQUEST, BOOL, "http.request", "Request", "The message is a request"),
    SAID(RESPONSE, BOOL, "http.response", "Response", "The message is a response"),
    SAID(NOTIFICATION, BOOL, "http.notification", "Notification",
         "The request is one of UPnP's: NOTIFY, SUBSCRIBE, UNSUBSCRIBE"),
    SAID(REQUEST_NUMBER, UINT32, "http.request_number", "Request number", "Which request of its connection, from 1"),
    SAID(RESPONSE_NUMBER, UINT32, "http.response_number", "Response number",
         "Which response of its connection, from 1"),
    SAID(TIME, DURATION, "http.time", "Time since request", "From the end of the request to this frame"),
    SAID(REQUEST_IN, FRAMENUM, "http.request_in", "Request in frame", "The frame that completed the request"),
    SAID(FILE_DATA, BYTES, "http.file_data", "File Data", "The body, where one segment held it all"),
    HEADER(HOST, "host", "Host", "Host and port that the request is for"),
    HEADER(USER_AGENT, "user_agent", "User-Agent", "The client's program"),
    HEADER(REFERER, "referer", "Referer", "Where the link to the target was found"),
    HEADER(COOKIE, "cookie", "Cookie", "State that the server had set before"),
    HEADER(SET_COOKIE, "set_cookie", "Set-Cookie", "State that the client is to send back"),
    HEADER(AUTHORIZATION, "authorization", "Authorization", "Credentials for the server"),
    HEADER(CONTENT_TYPE, "content_type", "Content-Type", "Media type of the body"),
    HEADER(LOCATION, "location", "Location", "Where to go instead, or what was created"),
    HEADER(SERVER, "server", "Server", "The server's program"),
    HEADER(VIA, "via", "Via", "Proxies that the message passed"),
    HEADER(ETAG, "etag", "ETag", "Version of the resource"),
    HEADER(CACHE_CONTROL, "cache_control", "Cache-Control", "How long and by whom it may be kept"),
    HEADER(AGE, "age", "Age", "Seconds since the origin made the response"),
    HEADER(CONTENT_LENGTH, "content_length_header", "Content-Length", "Bytes of the body, as it was written"),
    HEADER(TRANSFER_ENCODING, "transfer_encoding", "Transfer-Encoding", "How the body is framed"),
    HEADER(CONNECTION, "connection", "Connection", "What holds for this hop only: close, keep-alive, upgrade"),
    HEADER(UPGRADE, "upgrade", "Upgrade", "Protocols to switch to"),
    HEADER(EXPECT, "expect", "Expect", "100-continue: the client waits before it sends the body"),
    HEADER(IF_NONE_MATCH, "if_none_match", "If-None-Match", "Versions that the client has"),
    HEADER(IF_MODIFIED_SINCE, "if_modified_since", "If-Modified-Since", "Date of what the client has"),
    HEADER(IF_MATCH, "if_match", "If-Match", "Versions that the request is good for"),
    HEADER(IF_UNMODIFIED_SINCE, "if_unmodified_since", "If-Unmodified-Since", "Date that the request is good for"),
    HEADER(IF_RANGE, "if_range", "If-Range", "Version that the range belongs to"),
    HEADER(CONTENT_ENCODING, "content_encoding", "Content-Encoding", "Compression of the body"),
    HEADER(ACCEPT, "accept", "Accept", "Media types that are welcome"),
    HEADER(ACCEPT_LANGUAGE, "accept_language", "Accept-Language", "Languages that are welcome"),
    HEADER(ACCEPT_ENCODING, "accept_encoding", "Accept Encoding", "Compressions that are welcome"),
    HEADER(DATE, "date", "Date", "When the message was made"),
    HEADER(LAST_MODIFIED, "last_modified", "Last-Modified", "When the resource was changed"),
    HEADER(X_FORWARDED_FOR, "x_forwarded_for", "X-Forwarded-For", "The client, as a proxy tells it"),
    HEADER(PROXY_AUTHENTICATE, "proxy_authenticate", "Proxy-Authenticate", "How the proxy wants credentials"),
    HEADER(PROXY_AUTHORIZATION, "proxy_authorization", "Proxy-Authorization", "Credentials for the proxy"),
    HEADER(WWW_AUTHENTICATE, "www_authenticate", "WWW-Authenticate", "How the server wants credentials"),
    HEADER(WS_ACCEPT, "sec_websocket_accept", "Sec-WebSocket-Accept", "RFC 6455"),
    HEADER(WS_EXTENSIONS, "sec_websocket_extensions", "Sec-WebSocket-Extensions", "RFC 6455"),
    HEADER(WS_KEY, "sec_websocket_key", "Sec-WebSocket-Key", "RFC 6455"),
    HEADER(WS_PROTOCOL, "sec_websocket_protocol", "Sec-WebSocket-Protocol", "RFC 6455"),
    HEADER(WS_VERSION, "sec_websocket_version", "Sec-WebSocket-Version", "RFC 6455"),
    HEADER(HTTP2_SETTINGS, "http2_settings", "HTTP2-Settings", "RFC 7540 3.2.1"),
};

struct saying {
    const struct wt_layer_view *view;
    struct wt_sink *sink;
    const struct http1 *head;
};

static size_t offset_of(const struct saying *s, struct wt_slice part)
{
    return part.at ? (size_t)(part.at - s->head->bytes.at) : 0;
}

static void say_text(const struct saying *s, unsigned field, struct wt_slice text)
{
    wt_say_bytes(s->view, s->sink, &fields[field], text, offset_of(s, text), text.len);
}

static void say_number(const struct saying *s, unsigned field, uint64_t value)
{
    wt_say_number(s->view, s->sink, &fields[field], value, 0, 0);
}

/* The line's end in writing, as it stands within or behind it. */
static const char *line_end_after(const struct saying *s, struct wt_slice raw)
{
    size_t end = offset_of(s, raw) + raw.len, len = s->head->bytes.len;
    const uint8_t *at = s->head->bytes.at;
    if (raw.len && raw.at[raw.len - 1] == '\n')
        return raw.len > 1 && raw.at[raw.len - 2] == '\r' ? "\\r\\n" : "\\n";
    if (end < len && at[end] == '\n')
        return "\\n";
    return end + 1 < len && at[end] == '\r' && at[end + 1] == '\n' ? "\\r\\n" : "";
}

static void open_line(const struct saying *s, const struct wt_field *field, struct wt_slice raw,
                      struct wt_slice shown)
{
    char line[1024];
    line[0] = '\0';
    if (!s->sink->wants) {
        struct wt_text heading = { line, sizeof line, 0, false };
        wt_text_add_safe(&heading, shown);
        wt_text_add(&heading, "%s", line_end_after(s, raw));
    }
    s->sink->open(s->sink, field, (struct wt_value){ .bytes = raw },
                  wt_view_span(s->view, offset_of(s, raw), raw.len), line);
}

/* The number that three characters begin with, where they are not one as a whole (HTTP1_MALFORMED). */
static uint16_t shown_status(const struct http1 *head)
{
    uint16_t status = head->status;
    for (size_t i = 0; !head->status && i < 3; i++) {
        uint8_t byte = head->code.at[i];
        if (byte >= '0' && byte <= '9')
            status = (uint16_t)(status * 10 + (byte - '0'));
        else if (status || (byte != ' ' && byte != '\t'))
            break;
    }
    return status;
}

static void describe_start(const struct saying *s, bool response)
{
    const struct http1 *head = s->head;
    open_line(s, NULL, head->line, head->line);
    if (!response) {
        say_text(s, HTTP1_F_METHOD, head->method);
        say_text(s, HTTP1_F_URI, head->target);
        const uint8_t *query = head->target.len ? memchr(head->target.at, '?', head->target.len) : NULL;
        if (query) {
            size_t path = (size_t)(query - head->target.at);
            say_text(s, HTTP1_F_URI_PATH, (struct wt_slice){ head->target.at, path });
            say_text(s, HTTP1_F_URI_QUERY, (struct wt_slice){ query + 1, head->target.len - path - 1 });
        }
        if (head->version.len)
            say_text(s, HTTP1_F_REQUEST_VERSION, head->version);
    } else {
        say_text(s, HTTP1_F_RESPONSE_VERSION, head->version);
        size_t code_at = offset_of(s, head->code);
        if (head->code.len >= 3) {
            wt_say_number(s->view, s->sink, &fields[HTTP1_F_CODE], shown_status(head), code_at, 3);
            char unknown[24];
            const char *name = wt_value_name(status_names, shown_status(head));
            snprintf(unknown, sizeof unknown, "Unknown (%u)", shown_status(head));
            name = name ? name : unknown;
            wt_say_bytes(s->view, s->sink, &fields[HTTP1_F_CODE_DESC],
                         (struct wt_slice){ (const uint8_t *)name, strlen(name) }, code_at, 3);
        }
        if (head->reason.len && head->code.len >= 3)
            say_text(s, HTTP1_F_PHRASE, head->reason);
    }
    s->sink->close(s->sink);
}

static bool is_notification(const struct http1 *head)
{
    static const char *const methods[] = { "NOTIFY", "SUBSCRIBE", "UNSUBSCRIBE" };
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (head->method.len == strlen(methods[i]) && memcmp(head->method.at, methods[i], head->method.len) == 0)
            return true;
    return false;
}

/* tshark 4.0 calls it no request. */
static bool is_request(const struct saying *s)
{
    const struct wt_context *c = s->view->context;
    return !(s->head->flags & HTTP1_RESPONSE) && s->head->line.len
        && !(c && c->has & WT_HAS_COMPAT && is_notification(s->head));
}

/* The number that one Content-Length begins with; false: there is none, or more than a blank follows it. */
static bool length_of(struct wt_slice value, uint64_t *ret_length)
{
    size_t i = 0;
    uint64_t length = 0;
    for (; i < value.len && i < 19 && value.at[i] >= '0' && value.at[i] <= '9'; i++)
        length = length * 10 + (uint64_t)(value.at[i] - '0');
    *ret_length = length;
    return i && (i == value.len || value.at[i] == ' ' || value.at[i] == '\t');
}

/* RFC 9112 5.1: no blank stands before the colon. tshark 4.0 does not know such a header, we do. */
static bool is_known(const struct saying *s, const struct http1_line *line)
{
    const struct wt_context *c = s->view->context;
    uint8_t last = line->name.at[line->name.len - 1];
    return line->header != HTTP1_UNKNOWN && !(c && c->has & WT_HAS_COMPAT && (last == ' ' || last == '\t'));
}

/* A header that has a field of its own is shown by it, its line for machines only. */
static void describe_known(const struct saying *s, const struct http1_line *line, const struct wt_field *line_field)
{
    uint64_t length;
    say_text(s, HTTP1_F_HEADERS + (unsigned)line->header, line->value);
    if (line->header == HTTP1_CONTENT_LENGTH && length_of(line->value, &length))
        wt_say_number(s->view, s->sink, &fields[HTTP1_F_CONTENT_LENGTH], length, offset_of(s, line->value), line->value.len);
    if (line_field)
        wt_say_bytes(s->view, s->sink, line_field, line->raw, offset_of(s, line->raw), line->raw.len);
}

static void describe_lines(const struct saying *s, bool response, struct wt_slice *ret_host)
{
    bool typed = s->head->line.len && (response || is_request(s));
    const struct wt_field *line_field = typed ? &fields[response ? HTTP1_F_RESPONSE_LINE : HTTP1_F_REQUEST_LINE] : NULL;
    struct http1_line line;
    for (uint32_t at = s->head->lines_at; http1_next_line(s->head, &at, &line);) {
        struct wt_slice shown = line.raw;
        while (shown.len && (shown.at[shown.len - 1] == '\n' || shown.at[shown.len - 1] == '\r'))
            shown.len--;
        if (is_known(s, &line)) {
            describe_known(s, &line, line_field);
        } else {
            open_line(s, line_field, line.raw, shown);
            s->sink->close(s->sink);
        }
        if (line.header == HTTP1_HOST)
            *ret_host = line.value;
    }
}

static bool has_scheme(struct wt_slice target)
{
    for (size_t i = 0; i + 2 < target.len && target.at[i] != '/'; i++)
        if (memcmp(target.at + i, "://", 3) == 0)
            return true;
    return false;
}

/* RFC 9112 3.3, where the request says enough. */
static void describe_full_uri(const struct saying *s, struct wt_slice host)
{
    uint8_t text[8192];
    struct wt_slice target = s->head->target, method = s->head->method;
    bool authority = method.len == 7 && memcmp(method.at, "CONNECT", 7) == 0;      /* RFC 9112 3.2.3 */
    if (authority || has_scheme(target)) {
        say_text(s, HTTP1_F_FULL_URI, target);
        return;
    }
    static const char scheme[] = "http://";
    size_t len = sizeof scheme - 1;
    if (!host.len || host.len + target.len + len > sizeof text)
        return;
    memcpy(text, scheme, len);
    memcpy(text + len, host.at, host.len);
    len += host.len;
    if (target.len)
        memcpy(text + len, target.at, target.len);
    len += target.len;
    wt_say_bytes(s->view, s->sink, &fields[HTTP1_F_FULL_URI], (struct wt_slice){ text, len }, 0, 0);
}

static void http1_describe(const struct wt_layer_view *view, struct wt_sink *sink)
{
    struct saying s = { view, sink, view->header };
    const struct http1 *head = s.head;
    bool response = head->flags & HTTP1_RESPONSE, start = head->line.len;
    struct wt_slice host = { NULL, 0 };
    if (start)
        describe_start(&s, response);
    describe_lines(&s, response, &host);
    size_t len = head->bytes.len;
    if (len >= 4 && memcmp(head->bytes.at + len - 4, "\r\n\r\n", 4) == 0) {
        open_line(&s, NULL, (struct wt_slice){ head->bytes.at + len - 2, 2 }, (struct wt_slice){ head->bytes.at + len, 0 });
        sink->close(sink);
    }
    if (!start)
        return;
    if (!response)
        describe_full_uri(&s, host);
    if (response || is_request(&s))
        say_number(&s, response ? HTTP1_F_RESPONSE : HTTP1_F_REQUEST, 1);
    if (is_notification(head))
        say_number(&s, HTTP1_F_NOTIFICATION, 1);
    const struct wt_pairing *pairing = view->pairing;
    if (pairing && pairing->number)
        say_number(&s, response ? HTTP1_F_RESPONSE_NUMBER : HTTP1_F_REQUEST_NUMBER, pairing->number);
    if (pairing && pairing->request_frame) {
        say_number(&s, HTTP1_F_TIME, (uint64_t)pairing->time_ns);
        say_number(&s, HTTP1_F_REQUEST_IN, pairing->request_frame);
    }
    if (head->flags & HTTP1_MALFORMED)
        sink->note(sink, "[Malformed: the head breaks the grammar of RFC 9112]", wt_view_span(view, 0, 0));
}

static void http1_summarise(const struct wt_layer_view *view, struct wt_text *info)
{
    const struct http1 *head = view->header;
    wt_text_add_safe(info, head->line);
    wt_text_add(info, " ");
    struct wt_slice type = head->value[HTTP1_CONTENT_TYPE];
    if (!type.len)
        return;
    const uint8_t *end = memchr(type.at, ';', type.len);
    type.len = end ? (size_t)(end - type.at) : type.len;
    while (type.len && (type.at[type.len - 1] == ' ' || type.at[type.len - 1] == '\t'))
        type.len--;
    wt_text_add(info, " (");
    wt_text_add_safe(info, type);
    wt_text_add(info, ")");
}

const struct wt_dissector http1_dissector = {
    .name = "http", .short_name = "HTTP", .title = "Hypertext Transfer Protocol",
    .references = "RFC 9110, RFC 9112, RFC 6265",
    .role = WT_ROLE_APPLICATION, .field_count = HTTP1_FIELDS, .fields = fields, .header_size = sizeof(struct http1),
    .decode = http1_decode, .describe = http1_describe, .summarise = http1_summarise, .session = &http1_session_ops,
};

static const struct wt_key ssdp_keys[] = { { WT_KEY_UDP_PORT, 1900 } };
const struct wt_dissector ssdp_dissector = {
    .name = "ssdp", .short_name = "SSDP", .title = "Simple Service Discovery Protocol",
    .references = "UPnP Device Architecture 2.0 1",
    .role = WT_ROLE_APPLICATION, .key_count = 1, .keys = ssdp_keys,
    .field_count = HTTP1_FIELDS, .fields = fields, .header_size = sizeof(struct http1),
    .decode = http1_decode, .describe = http1_describe, .summarise = http1_summarise,
};
