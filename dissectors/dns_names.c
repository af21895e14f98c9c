/* Names (RFC 1035 3.1, 4.1.4; RFC 4343). */
#include "dissectors/dns.h"

#include <string.h>

#define MAX_POINTERS 127       /* a name has at most 127 labels, and a pointer to a pointer tells nothing new */

/* A name that lies there as a whole, without pointers: nearly every question. False: read it label by label. */
static bool read_plain(struct wt_slice message, uint32_t at, struct dns_name *n)
{
    uint32_t end = at;
    n->labels = 0;
    for (;; n->labels++) {
        if (end >= message.len || end - at >= DNS_MAX_NAME)
            return false;
        uint8_t len = message.at[end];
        if (len > 63)
            return false;
        end += 1u + len;
        if (len == 0)
            break;
    }
    n->len = (uint16_t)(end - at);
    n->end = end;
    n->extended = n->beyond = false;
    memcpy(n->wire, message.at + at, n->len);
    n->status = DNS_NAME_OK;
    return true;
}

enum dns_name_status dns_name_read(struct wt_slice message, uint32_t at, struct dns_name *ret_name)
{
    struct dns_name *n = ret_name;
    if (read_plain(message, at, n))
        return DNS_NAME_OK;
    uint32_t start = at, limit = at;   /* pointers must lead below limit */
    unsigned pointers = 0;
    n->labels = 0;
    n->len = 0;
    n->end = 0;
    n->extended = n->beyond = false;
    for (;;) {
        if (at >= message.len)
            return n->status = DNS_NAME_SHORT;
        uint8_t len = message.at[at];
        if (len >= 0xc0) {
            if (message.len - at < 2)
                return n->status = DNS_NAME_SHORT;
            uint32_t to = (uint32_t)(len & 0x3f) << 8 | message.at[at + 1];
            if (!n->end)
                n->end = at + 2;
            if (to >= limit || ++pointers > MAX_POINTERS) {
                n->beyond = to >= message.len;
                return n->status = DNS_NAME_LOOPS;
            }
            at = limit = to;
            continue;
        }
        if (len > 63) {
            n->end = n->end ? n->end : at + 1;
            n->extended = len < 0x80 && n->end - start >= 2;
            return n->status = DNS_NAME_BAD_LABEL;
        }
        if (len >= message.len - at)
            return n->status = DNS_NAME_SHORT;
        if (n->len + 1u + len > DNS_MAX_NAME)
            break;
        memcpy(n->wire + n->len, message.at + at, 1u + len);
        n->len = (uint16_t)(n->len + 1u + len);
        at += 1u + len;
        if (len == 0) {
            if (!n->end)
                n->end = at;
            return n->status = DNS_NAME_OK;
        }
        n->labels++;
    }
    /* Too long: only where it ends is still of interest, and after a pointer that is known. */
    while (!n->end) {
        uint8_t len = message.at[at];
        if (len >= 0xc0)
            n->end = message.len - at >= 2 ? at + 2 : 0;
        else if (len == 0)
            n->end = at + 1;
        else if (len > 63)
            return n->status = DNS_NAME_BAD_LABEL;
        at += 1u + len;
        if (!n->end && at >= message.len)
            return n->status = DNS_NAME_SHORT;
    }
    return n->status = DNS_NAME_TOO_LONG;
}

const char *dns_name_remark(enum dns_name_status status)
{
    static const char *const remarks[] = {
        [DNS_NAME_OK] = NULL,
        [DNS_NAME_SHORT] = "<Name runs beyond the message>",
        [DNS_NAME_LOOPS] = "<Name contains a pointer that loops>",
        [DNS_NAME_TOO_LONG] = "<Name too long>",
        [DNS_NAME_BAD_LABEL] = "<Unknown extended label>",
    };
    return remarks[status];
}

struct wt_slice dns_name_text(const struct dns_name *name, uint8_t buffer[DNS_NAME_TEXT])
{
    const char *remark = name->status != DNS_NAME_OK ? dns_name_remark(name->status) : name->labels == 0 ? "<Root>" : NULL;
    if (remark)
        return (struct wt_slice){ (const uint8_t *)remark, strlen(remark) };
    size_t len = 0;
    for (uint32_t at = 0; name->wire[at]; at += 1u + name->wire[at]) {
        if (len)
            buffer[len++] = '.';
        memcpy(buffer + len, name->wire + at + 1, name->wire[at]);
        len += name->wire[at];
    }
    return (struct wt_slice){ buffer, len };
}

static void present_byte(struct wt_text *text, uint8_t byte)
{
    if (byte < 0x21 || byte > 0x7e)
        wt_text_add(text, "\\%03u", byte);
    else if (byte == '.' || byte == '\\' || byte == '"' || byte == '(' || byte == ')' || byte == ';' || byte == '@'
             || byte == '$')
        wt_text_add(text, "\\%c", byte);
    else
        wt_text_add(text, "%c", byte);
}

/* A plain run is copied in one go: names of hosts hold nothing else. */
static size_t plain_run(const uint8_t *at, size_t len)
{
    size_t n = 0;
    while (n < len
           && ((at[n] >= 'a' && at[n] <= 'z') || (at[n] >= 'A' && at[n] <= 'Z') || (at[n] >= '0' && at[n] <= '9')
               || at[n] == '-' || at[n] == '_'))
        n++;
    return n;
}

static void add_bytes(struct wt_text *text, const uint8_t *bytes, size_t len)
{
    if (text->full || text->capacity == 0)
        return;
    if (len >= text->capacity - text->len) {
        len = text->capacity - text->len - 1;
        text->full = true;
    }
    memcpy(text->at + text->len, bytes, len);
    text->len += len;
    text->at[text->len] = '\0';
}

void dns_name_present(const struct dns_name *name, struct wt_text *text)
{
    if (name->status != DNS_NAME_OK || name->labels == 0) {
        uint8_t buffer[DNS_NAME_TEXT];
        struct wt_slice remark = dns_name_text(name, buffer);
        if (name->status == DNS_NAME_OK)
            remark = (struct wt_slice){ (const uint8_t *)".", 1 };
        add_bytes(text, remark.at, remark.len);
        return;
    }
    for (uint32_t at = 0; name->wire[at]; at += 1u + name->wire[at]) {
        if (at)
            add_bytes(text, (const uint8_t *)".", 1);
        const uint8_t *label = name->wire + at + 1;
        size_t len = name->wire[at];
        for (size_t i = 0; i < len && !text->full;) {
            size_t run = plain_run(label + i, len - i);
            if (run)
                add_bytes(text, label + i, run);
            else
                present_byte(text, label[i]);
            i += run ? run : 1;
        }
    }
}

static uint8_t lower(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte + 32) : byte;
}

bool dns_name_equal(const struct dns_name *a, const struct dns_name *b)
{
    if (a->len != b->len)
        return false;
    for (unsigned i = 0; i < a->len; i++)      /* lengths are below 'A', so they compare as they are */
        if (lower(a->wire[i]) != lower(b->wire[i]))
            return false;
    return true;
}
