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

uint16_t conn_port(const struct conn *conn, unsigned side)
{
    return key_port(conn, side);
}

uint16_t conn_shard(const struct conn *conn)
{
    return conn->shard;
}

void conn_set_service(struct conn *conn, unsigned dissector)
{
    conn->service = dissector < 255 ? (uint8_t)(dissector + 1) : 0;
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
