/* What later stages may ask of a live connection. */
#include "track/conn.h"

#include <string.h>

#include "track/tracker_impl.h"
#include "wiretale/dissector.h"
#include "wiretale/message.h"

void **conn_stream_slot(struct conn *conn)
{
    return &conn->stream_slot;
}

void **conn_client_slot(struct conn *conn)
{
    return &conn->client_slot;
}

uint64_t conn_number(const struct conn *conn)
{
    return conn_number_of(conn);
}

uint32_t conn_stream_index(const struct conn *conn)
{
    return conn->stream;
}

/* A service is a dissector's name; its index takes a byte where the pointer takes eight. */
void conn_set_service(struct conn *conn, const char *service)
{
    unsigned count = wt_dissector_count();
    for (unsigned i = 0; i < count && i < 255; i++)
        if (wt_dissector_at(i)->name == service) {
            conn->service = (uint8_t)(i + 1);
            return;
        }
    int i = wt_dissector_index(service);    /* an equal name that stands elsewhere */
    conn->service = i >= 0 && i < 255 ? (uint8_t)(i + 1) : 0;
}

void conn_identify(const struct conn *conn, struct wt_message *message)
{
    size_t len = conn->family == 4 ? 4 : 16;
    message->connection = conn_number_of(conn);
    message->stream = conn->stream;
    message->family = conn->family;
    message->protocol = conn->protocol;
    message->shard = conn->shard;
    message->first_frame = conn->first_frame;
    for (unsigned side = 0; side < 2; side++) {
        memset(message->address[side], 0, sizeof message->address[side]);
        memcpy(message->address[side], key_address(conn, side), len);
        message->port[side] = key_port(conn, side);
    }
}

void conn_record(const struct tracker *t, const struct conn *conn, struct wt_connection *ret_record)
{
    record_fill(t, conn, WT_END_CAPTURE, ret_record);
}
