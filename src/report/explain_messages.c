/* The rules behind what messages show: DNS and HTTP. */
#include "explain.h"

#include "ladder_words.h"
#include "wiretale/message.h"

const struct explain_fact explain_messages[] = {
    /* ---- DNS ---- */
    { .filter = "dns.flags.response == 0", .e = {
        N_("DNS query"),
        N_("A name, the type of record that is wanted, and a random ID by which the answer is told from a forged one. RD asks the "
           "server to go on asking others until it has the answer."),
        N_("RFC 1035, sections 4.1.1 and 4.1.2; RFC 5452, section 9.2") } },
    { .filter = "dns.retransmit_request", .trouble = true, .e = {
        N_("query sent again"),
        N_("Over UDP nobody repeats a lost datagram but the client itself: after some seconds it asks again, here or at the next server."),
        N_("RFC 1035, section 4.2.1") } },
    { .filter = "dns.flags.response == 1", .e = {
        N_("DNS response"),
        N_("It repeats ID and question. Records answer it (answer), say who knows (authority) or spare a further question (additional)."),
        N_("RFC 1035, section 4.1") } },
    { .filter = "dns.flags.response == 1 && dns.resp.ttl && dns.count.answers > 0", .e = {
        N_("TTL of a record"),
        N_("For so many seconds a resolver may keep the record and answer from memory; then it has to ask again."),
        N_("RFC 1035, section 3.2.1; RFC 2181, section 8") } },
    { .filter = "dns.cname", .e = {
        N_("CNAME"),
        N_("The name is only an alias; the search goes on with the name that it points to."),
        N_("RFC 1034, section 3.6.2") } },
    { .filter = "dns.flags.rcode == 3", .trouble = true, .e = {
        N_("NXDOMAIN"),
        N_("The name does not exist, for any type. This may be kept, too, for as long as the SOA record in the answer says."),
        N_("RFC 2308, sections 2.1 and 5; RFC 8020, section 2") } },
    { .filter = "dns.flags.response == 1 && dns.flags.rcode == 0 && dns.count.answers == 0 && dns.flags.truncated == 0", .trouble = true, .e = {
        N_("no data"),
        N_("The name exists, but has no record of this type; or the answer only refers to servers that know more."),
        N_("RFC 2308, section 2.2") } },
    { .filter = "dns.flags.rcode == 2 || dns.flags.rcode == 5", .trouble = true, .e = {
        N_("server failed or refused"),
        N_("SERVFAIL: it could not find out (a server that is down, DNSSEC that does not verify). REFUSED: it does not answer "
           "questions of this client or about this name."),
        N_("RFC 1035, section 4.1.1; RFC 8914, section 4") } },
    { .filter = "dns.flags.truncated == 1", .trouble = true, .e = {
        N_("truncated"),
        N_("The answer did not fit into a datagram. What came is not to be used; the client asks again over TCP."),
        N_("RFC 2181, section 9; RFC 7766, section 5") } },
    { .filter = "dns.rr.udp_payload_size", .e = {
        N_("EDNS"),
        N_("The OPT record says how large a datagram its sender takes (without it: 512 bytes) and carries newer options."),
        N_("RFC 6891, sections 6.1 and 6.2.3") } },
    { .filter = "dns.resp.z.do == 1", .e = {
        N_("DNSSEC wanted"),
        N_("The DO bit asks for signatures along with the records, so that the client can verify that they are the zone's own."),
        N_("RFC 3225, section 3; RFC 4035, section 3.2.1") } },
    { .filter = "dns && tcp", .e = {
        N_("DNS over TCP"),
        N_("Each message follows two bytes with its length. Long answers and zone transfers go this way; several questions may use "
           "one connection."),
        N_("RFC 1035, section 4.2.2; RFC 7766, sections 6.2.1 and 8") } },
    /* ---- HTTP: requests ---- */
    { .filter = "http.request", .e = {
        N_("HTTP request"),
        N_("A line with method, target and version, then fields, an empty line, and a body if there is one. GET asks for what the "
           "target is; Host tells which of the server's sites is meant."),
        N_("RFC 9112, sections 2.1 and 3; RFC 9110, sections 7.2 and 9.3") } },
    { .filter = "http.request_number >= 2 && http.request", .e = {
        N_("persistent connection"),
        N_("In HTTP/1.1 a connection is kept after a response unless somebody says `close', so that the next request needs no "
           "handshake and finds a window that has grown."),
        N_("RFC 9112, section 9.3") } },
    { .http = WT_HTTP_PIPELINED, .e = {
        N_("pipelining"),
        N_("The request was sent before the response to the one before it was complete. Responses come in the order of the "
           "requests, so a slow one holds up all behind it."),
        N_("RFC 9112, section 9.3.2") } },
    { .filter = "http.request.method == \"POST\" || http.request.method == \"PUT\"", .e = {
        N_("request with a body"),
        N_("POST hands data to the target to be dealt with; PUT stores them there, and may be repeated without harm."),
        N_("RFC 9110, sections 9.3.3, 9.3.4 and 9.2.2") } },
    { .filter = "http.request.method == \"HEAD\"", .e = {
        N_("HEAD"),
        N_("The same answer as to GET, but without the body: the length in it is that of a body that does not come."),
        N_("RFC 9110, section 9.3.2") } },
    { .filter = "http.request.method == \"CONNECT\"", .e = {
        N_("CONNECT"),
        N_("The client asks a proxy for a tunnel to the named host and port. After a 2xx answer the bytes are no longer HTTP."),
        N_("RFC 9110, section 9.3.6") } },
    { .filter = "http.request && (http.if_none_match || http.if_modified_since || http.if_match || http.if_unmodified_since)", .e = {
        N_("conditional request"),
        N_("The client has a copy and names its version, by tag (ETag) or date: the server need send the body only if it has "
           "another."),
        N_("RFC 9110, section 13.1") } },
    { .filter = "http.cookie", .e = {
        N_("Cookie"),
        N_("HTTP itself remembers nothing between requests. The client sends back what the server once gave it, so that it is "
           "known again."),
        N_("RFC 6265, section 4.2") } },
    { .filter = "http.expect", .e = {
        N_("Expect: 100-continue"),
        N_("Before it sends a large body the client waits for a word whether it will be taken."),
        N_("RFC 9110, section 10.1.1") } },
    /* ---- HTTP: responses ---- */
    { .filter = "http.response", .e = {
        N_("HTTP response"),
        N_("A status line, fields, an empty line, the body. The first digit says how it went: 1 wait, 2 done, 3 look elsewhere, 4 "
           "the client's fault, 5 the server's. Where the body ends, Content-Length or the chunks tell, else the end of the connection."),
        N_("RFC 9112, sections 4 and 6.3; RFC 9110, section 15") } },
    { .filter = "http.response.code == 304", .e = {
        N_("304 Not Modified"),
        N_("The client's copy is still good: no body is sent, and the copy counts as fresh again."),
        N_("RFC 9110, section 15.4.5; RFC 9111, section 4.3.4") } },
    { .filter = "http.response.code in {301, 302, 303, 307, 308}", .e = {
        N_("redirection"),
        N_("Location names where to ask instead; 301 and 308 for good, the others for now. 307 and 308 keep the method."),
        N_("RFC 9110, sections 15.4 and 10.2.2") } },
    { .filter = "http.response.code >= 400 && http.response.code < 500", .trouble = true, .e = {
        N_("client error"),
        N_("The server thinks that the request is wrong: what was asked for is not there (404), not allowed (401, 403), not understood (400)."),
        N_("RFC 9110, section 15.5") } },
    { .filter = "http.response.code >= 500", .trouble = true, .e = {
        N_("server error"),
        N_("The request may have been right; the server, or one behind it (502, 504), could not fulfil it."),
        N_("RFC 9110, section 15.6") } },
    { .filter = "http.response.code == 101", .e = {
        N_("switching protocols"),
        N_("The client offered another protocol on this connection (Upgrade) and the server takes it: what follows is no longer HTTP/1.1."),
        N_("RFC 9110, sections 7.8 and 15.2.2") } },
    { .filter = "http.set_cookie", .e = {
        N_("Set-Cookie"),
        N_("The server gives the client a value to send back with later requests; attributes say to whom, and for how long."),
        N_("RFC 6265, section 4.1") } },
    { .http = WT_HTTP_CHUNKED, .e = {
        N_("chunked body"),
        N_("Its length was not known when the response began, so it comes in chunks, each with its size; one of size 0 is the end."),
        N_("RFC 9112, section 7.1") } },
    { .http = WT_HTTP_UNTIL_CLOSE, .e = {
        N_("body up to the close"),
        N_("Neither a length nor chunks: the body ends where the connection does, and nobody can tell whether it is whole."),
        N_("RFC 9112, sections 6.3 and 8") } },
    { .filter = "http.connection matches \"(?i)close\"", .e = {
        N_("Connection: close"),
        N_("This exchange is the last: after the response the connection is closed."),
        N_("RFC 9112, section 9.6") } },
    { .filter = "http.response && (http.cache_control || http.etag || http.last_modified)", .e = {
        N_("caching"),
        N_("Cache-Control says how long a copy may be used without asking; ETag and Last-Modified name the version, to ask for it "
           "later."),
        N_("RFC 9111, sections 4.2 and 5.2; RFC 9110, section 8.8") } },
};
const unsigned explain_message_count = sizeof explain_messages / sizeof explain_messages[0];

const struct explanation explain_unanswered = {
    N_("no answer"),
    N_("A question or its answer was lost, or the server does not speak to this client. UDP says nothing of it: only waiting tells."),
    N_("RFC 1035, section 4.2.1; RFC 8085, section 3.3"),
};
