/* What tshark 4.0 says of questions in which a name breaks off, for --compat: a label whose type is not defined (RFC
 * 6891 5) ends the name with a remark, and reading goes on behind it. */
#include "dissectors/dns_impl.h"

#include <string.h>

bool dns_compat(const struct wt_layer_view *view)
{
    return view->context && view->context->has & WT_HAS_COMPAT;
}

#define MAX_POINTERS 256u
#define TEXT_MOST 1024u        /* longer ones are too long to tshark; those between 255 and that, to us */

/* Pointers may lead forwards; who reads as many bytes as the message has, or follows too many, is in a loop. */
static void read_any_way(struct wt_slice message, uint32_t at, struct dns_name *n)
{
    size_t read = 0, text = 0;
    unsigned pointers = 0;
    bool too_long = false;
    n->len = n->labels = 0;
    while (at < message.len && read < message.len) {
        uint8_t len = message.at[at];
        if (len >= 0xc0) {
            if (message.len - at < 2 || ++pointers > MAX_POINTERS)
                return;
            at = (uint32_t)(len & 0x3f) << 8 | message.at[at + 1];
            read += 2;
            continue;
        }
        if (len > 63 || len >= message.len - at)
            return;
        too_long = too_long || n->len + 1u + len > DNS_MAX_NAME;
        if (!too_long) {
            memcpy(n->wire + n->len, message.at + at, 1u + len);
            n->len = (uint16_t)(n->len + 1u + len);
        }
        text += 1u + len;
        if (len == 0 || text > TEXT_MOST) {
            n->status = too_long ? DNS_NAME_TOO_LONG : DNS_NAME_OK;
            return;
        }
        n->labels++;
        at += 1u + len;
        read += 1u + len;
    }
}

void dns_name_shown(const struct wt_layer_view *view, struct wt_slice message, uint32_t at, struct dns_name *ret_name)
{
    if (dns_name_read(message, at, ret_name) == DNS_NAME_LOOPS && dns_compat(view) && !ret_name->beyond)
        read_any_way(message, at, ret_name);
}

bool dns_gives_up(const struct dns *dns, const struct dns_record *record)
{
    struct dns_name name;
    return dns_name_read(dns->message, record->at, &name) == DNS_NAME_LOOPS && name.beyond;
}

/* One question; false: it is not there, or breaks in a way that ends tshark's reading, too. */
static bool read_on(const struct dns *dns, uint32_t at, struct dns_record *ret_record, struct dns_name *ret_name)
{
    dns_name_read(dns->message, at, ret_name);
    if (ret_name->status == DNS_NAME_SHORT || (ret_name->status == DNS_NAME_BAD_LABEL && !ret_name->extended)
        || dns->message.len - ret_name->end < 4)
        return false;
    const uint8_t *p = dns->message.at + ret_name->end;
    *ret_record = (struct dns_record){ .at = at, .fixed = ret_name->end, .type = wt_be16(p), .klass = wt_be16(p + 2),
                                       .end = ret_name->end + 4 };
    return true;
}

void dns_describe_broken(struct dns_part *part)
{
    const struct dns *dns = part->dns;
    uint32_t at = dns->end;
    for (unsigned i = dns->whole[DNS_QUESTION]; i < dns->count[DNS_QUESTION] && dns->message.len > DNS_HEADER_BYTES; i++) {
        struct dns_record r;
        struct dns_name name;
        uint8_t buffer[DNS_NAME_TEXT];
        if (!read_on(dns, at, &r, &name))
            return;
        wt_say_bytes(part->view, part->sink, &dns_fields[DNS_F_QRY_NAME], dns_name_text(&name, buffer), r.at, r.fixed - r.at);
        dns_say_value(part, DNS_F_QRY_TYPE, r.type, r.fixed, 2);
        dns_say_value(part, DNS_F_QRY_CLASS, r.klass, r.fixed + 2, 2);
        at = r.end;
    }
}
