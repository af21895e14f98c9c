/* The words of a transaction. */
#include <stddef.h>
#include <string.h>

#include "dissectors/dns.h"
#include "wiretale/message.h"

static void read_wire(struct dns_name *name, struct wt_slice wire)
{
    memset(name, 0, offsetof(struct dns_name, wire));
    name->len = (uint16_t)(wire.len < DNS_MAX_NAME ? wire.len : DNS_MAX_NAME);
    memcpy(name->wire, wire.at, name->len);
    for (unsigned at = 0; at < name->len && wire.at[at]; at += 1u + wire.at[at])
        name->labels++;
}

const char *wt_dns_name(const struct wt_dns_transaction *x, char buffer[WT_NAME_TEXT])
{
    struct wt_text text = { buffer, WT_NAME_TEXT, 0, false };
    struct dns_name name;
    if (x->name)
        return x->name;
    buffer[0] = '\0';
    if (x->wire_name.len) {
        read_wire(&name, x->wire_name);
        dns_name_present(&name, &text);
    }
    return buffer;
}

const char *wt_dns_answers(const struct wt_dns_transaction *x, char buffer[WT_DNS_ANSWERS])
{
    struct wt_text text = { buffer, WT_DNS_ANSWERS, 0, false };
    const struct dns *dns = x->response;
    buffer[0] = '\0';
    if (!dns)
        return buffer;
    struct dns_walk walk = dns_walk(dns);
    struct dns_record r;
    while (dns_walk_next(&walk, &r)) {
        if (r.section != DNS_ANSWER)
            continue;
        size_t before = text.len;
        if (before)
            wt_text_add(&text, ", ");
        dns_add_record(&text, dns, &r, x->multicast);
        if (text.full) {
            buffer[before] = '\0';
            break;
        }
    }
    return buffer;
}
