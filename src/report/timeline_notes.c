/* What the messages of a connection say beside its segments. */
#include <stdalign.h>
#include <string.h>

#include "base/i18n.h"
#include "text_units.h"
#include "timeline_impl.h"

#define NOTED_DATAGRAMS 64      /* of a conversation that are shown with what they say, before they are folded */

static void trim(struct out *o)
{
    while (o->len && o->at[o->len - 1] == ' ')
        o->len--;
}

static bool summary_of(const struct wt_packet_view *view, unsigned index, struct out *o)
{
    const struct wt_dissector *d = columns_layer_dissector(view, index);
    alignas(max_align_t) uint8_t header[WT_MAX_HEADER];
    struct wt_layer_view layer;
    if (!d || !d->summarise || !wt_packet_layer(view, index, header, &layer))
        return false;
    char text[LADDER_NOTE];
    text[0] = '\0';
    struct wt_text sum = { text, sizeof text, 0, false };
    d->summarise(&layer, &sum);
    size_t from = o->len;
    out_safe(o, (struct wt_slice){ (const uint8_t *)text, sum.len });
    trim(o);
    return o->len > from;
}

/* format: with one %s for the duration. */
static void add_duration(struct timeline *t, const char *format, int64_t ns)
{
    char text[40] = "";
    struct wt_text duration = { text, sizeof text, 0, false };
    (t->options.page.utf8 ? units_duration : units_duration_ascii)(&duration, ns);
    out_format(&t->note, format, text);
}

/* Before the answer's words, which may be long. */
static void add_dns(struct timeline *t, struct ladder *l, const struct wt_dns_transaction *dns)
{
    if (dns->time_ns >= 0)
        add_duration(t, _("after %s"), dns->time_ns);
    if (dns->answers && dns->ttl_min != UINT32_MAX)
        out_format(&t->note, _("%sTTL %u s"), t->note.len ? ", " : "", dns->ttl_min);
    if (dns->asked_again_within_ttl)
        out_format(&t->note, _("%sasked again within the TTL of an earlier answer"), t->note.len ? ", " : "");
    if (t->note.len)
        out_text(&t->note, ": ");
    struct ladder_line *query = ladder_find(&t->set, l, dns->query_frame);
    if (query)
        query->marks |= LADDER_ANSWERED;
}

/* Behind the response's head: how long the request waited for it. */
static void add_http_wait(struct timeline *t, const struct wt_http_exchange *http)
{
    if (http->request_end_ns && http->response_start_ns)
        add_duration(t, _(", after %s"), http->response_start_ns - http->request_end_ns);
}

static void add_http_body(struct timeline *t, const struct wt_http_exchange *http)
{
    if (http->response_body_bytes) {
        char text[32] = "";
        struct wt_text bytes = { text, sizeof text, 0, false };
        units_bytes(&bytes, http->response_body_bytes);
        out_format(&t->note, _(", body %s"), text);
    }
    if (http->flags & WT_HTTP_INCOMPLETE)
        out_text(&t->note, _(", not whole"));
}

/* A response that took several segments: its words belong to the segment of its head, if that is still there. What is
 * left for the segment that completes it, or nothing: then the words stay here. */
static bool move_to_head(struct timeline *t, struct ladder *l, const struct wt_http_exchange *http, uint64_t frame)
{
    struct ladder_line *head = http->response_frame && http->response_frame < frame
        ? ladder_find(&t->set, l, http->response_frame) : NULL;
    if (!head || head->note || head->marks & LADDER_SHOWN)
        return false;
    add_http_wait(t, http);
    out_char(&t->note, '\0');
    if (!t->note.at)
        return false;
    ladder_note_add(&t->set, l, head, t->note.at);
    head->facts |= t->set.facts & explainer_of_messages();
    l->facts |= head->facts;
    t->set.facts &= ~explainer_of_messages();
    out_reset(&t->note);
    out_text(&t->note, _("response complete"));
    add_http_body(t, http);
    if (http->response_end_ns && http->response_start_ns)
        add_duration(t, _(", %s after its head"), http->response_end_ns - http->response_start_ns);
    return true;
}

/* Messages that this frame completed, over a stream. NULL: none. */
const char *timeline_stream_note(struct timeline *t, struct ladder *l, const struct wt_packet_view *view)
{
    out_reset(&t->note);
    if (view->context->dns)
        add_dns(t, l, view->context->dns);
    size_t begun = t->note.len;
    for (unsigned i = 0; i < view->message_count; i++) {
        const struct wt_message_layer *m = &view->messages[i];
        const struct wt_dissector *d = wt_dissector_at(m->dissector);
        size_t from = t->note.len;
        if (from > begun)
            out_text(&t->note, ", ");
        if (d && strcmp(d->name, "http") == 0)
            out_text(&t->note, m->direction ? _("response ") : _("request "));
        else if (d && strcmp(d->name, "dns") != 0)
            out_format(&t->note, "%s: ", d->short_name);
        if (!summary_of(view, view->packet->layer_count + i, &t->note))
            t->note.len = from;
    }
    const struct wt_http_exchange *http = view->context->http;
    if (http && view->side == 1 && t->note.len
        && (view->message_count > 1 || !move_to_head(t, l, http, view->packet->frame.number))) {
        add_http_wait(t, http);
        add_http_body(t, http);
    }
    out_char(&t->note, '\0');
    return t->note.len > 1 && t->note.at ? t->note.at : NULL;
}

const char *timeline_icmp_note(struct timeline *t, const struct wt_packet_view *view)
{
    out_reset(&t->note);
    out_text(&t->note, "ICMP: ");
    columns_text(&t->columns, view, COLUMN_INFO, &t->note);
    trim(&t->note);
    out_text(&t->note, _(", from "));
    columns_text(&t->columns, view, COLUMN_SOURCE, &t->note);
    out_char(&t->note, '\0');
    return t->note.at;
}

enum dns_side { DNS_NEITHER, DNS_QUERY, DNS_RESPONSE };

static enum dns_side dns_side(const struct wt_packet *p, const struct wt_layer *layer, uint16_t *ret_id)
{
    const struct wt_dissector *d = wt_dissector_at(layer->dissector);
    if (!d || strcmp(d->name, "dns") != 0 || layer->captured < 3 || layer->buffer >= p->buffer_count)
        return DNS_NEITHER;
    struct wt_slice buffer = p->buffers[layer->buffer];
    if (layer->offset > buffer.len || buffer.len - layer->offset < 3)
        return DNS_NEITHER;
    *ret_id = wt_be16(buffer.at + layer->offset);
    return buffer.at[layer->offset + 2] & 0x80 ? DNS_RESPONSE : DNS_QUERY;      /* QR, RFC 1035 4.1.1 */
}

/* Attempts of one question share their identification; an answer to one answers all on this conversation. */
static void mark_answered(struct ladder *l, uint16_t id)
{
    for (uint32_t i = l->count; i > 0 && l->count - i < 64; i--)
        if (l->lines[i - 1].marks & LADDER_QUERY && l->lines[i - 1].dns_id == id)
            l->lines[i - 1].marks |= LADDER_ANSWERED;
}

/* What a datagram's application says, or an ICMP message. */
const char *timeline_datagram_note(struct timeline *t, struct ladder *l, const struct wt_packet_view *view,
                                   struct ladder_datagram *d)
{
    const struct wt_packet *p = view->packet;
    unsigned last = p->layer_count ? p->layer_count - 1u : 0;
    if (!p->layer_count || (last <= p->transport_layer && p->flags & WT_PACKET_UDP))
        return NULL;
    enum dns_side side = dns_side(p, &p->layers[last], &d->dns_id);
    if (side == DNS_RESPONSE)
        mark_answered(l, d->dns_id);
    if (l->count >= NOTED_DATAGRAMS && !t->options.full && side == DNS_NEITHER)
        return NULL;
    out_reset(&t->note);
    if (view->context->dns)
        add_dns(t, l, view->context->dns);
    if (!summary_of(view, last, &t->note))
        return NULL;
    if (side == DNS_QUERY)
        d->marks = LADDER_QUERY;
    out_char(&t->note, '\0');
    return t->note.at;
}

void timeline_exchange_ended(struct timeline *t, struct ladder *l, const struct wt_http_exchange *http)
{
    struct ladder_line *line = http->response_frame ? ladder_find(&t->set, l, http->response_frame) : NULL;
    if (!line || line->marks & LADDER_SHOWN || (!line->note && !(http->flags & WT_HTTP_INCOMPLETE)))
        return;
    out_reset(&t->note);
    if (!line->note) {      /* it never became whole, so that no packet brought its words */
        out_format(&t->note, _("response HTTP/1.%u %u "), http->version[1] & 1u, http->status);
        out_safe(&t->note, http->reason);
    }
    add_http_wait(t, http);
    add_http_body(t, http);
    out_char(&t->note, '\0');
    if (t->note.len > 3)
        ladder_note_add(&t->set, l, line, line->note ? t->note.at + 2 : t->note.at);
}
