/* Vectors: the specification's baseline (github.com/corelight/community-id-spec), and for ICMP and the rest
 * what `tshark --enable-protocol communityid` says of public captures (10.0.2.2 to 10.0.1.2 is one-way). */
#include "track/track.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>

static const struct {
    const char *source, *destination;
    uint8_t protocol;
    uint16_t source_port, destination_port;
    const char *want;
} rows[] = {
    { "192.168.1.42", "8.8.8.8", 17, 4242, 53, "1:vTdrngJjlP5eZ9mw9JtnKyn99KM=" },
    { "8.8.8.8", "192.168.1.42", 17, 53, 4242, "1:vTdrngJjlP5eZ9mw9JtnKyn99KM=" },
    { "128.232.110.120", "66.35.250.204", 6, 34855, 80, "1:LQU9qZlK+B5F3KDmev6m5PMibrg=" },
    { "2607:f8b0:400c:c03::1a", "2001:470:e5bf:dead:4957:2174:e82c:4887", 6, 25, 63943,
      "1:/qFaeAR+gFe1KYjMzVDsMv+wgU4=" },
    { "192.168.43.9", "8.8.8.8", 1, 8, 0, "1:kdx6IQTsw/yxxWg74WNJRIxnur8=" },
    { "8.8.8.8", "192.168.43.9", 1, 0, 8, "1:kdx6IQTsw/yxxWg74WNJRIxnur8=" },
    { "192.168.0.102", "192.168.0.103", 1, 13, 14, "1:ismDZhcweJ2TJNF/2Bw4hi3Au9I=" },
    { "192.168.0.103", "192.168.0.102", 1, 14, 13, "1:ismDZhcweJ2TJNF/2Bw4hi3Au9I=" },
    { "10.0.0.6", "173.194.113.82", 1, 17, 18, "1:HMC4gpqCCxgacHCB5PykHJJyYr4=" },
    { "10.0.2.2", "10.0.1.2", 1, 3, 3, "1:bSPoXTMV1xbw8V9I0N+sxmCINIs=" },
    { "10.0.0.7", "10.0.0.138", 1, 4, 0, "1:QNWNyuzUNLs/WfAwb57r7NBbTbg=" },
    { "14.80.84.66", "255.255.255.255", 1, 9, 10, "1:4pJ+EdwBZ1fRTegG2MfQMVLtBnQ=" },
    { "fe80::215:5dff:fea5:c4c5", "fe80::dd05:dae0:74bc:7341", 58, 128, 129, "1:wfCak5e3QROwnLFPtXNpJx/nZFE=" },
    { "fe80::dd05:dae0:74bc:7341", "fe80::215:5dff:fea5:c4c5", 58, 129, 128, "1:wfCak5e3QROwnLFPtXNpJx/nZFE=" },
    { "10.1.22.2", "224.0.0.2", 1, 10, 9, "1:+nLoJmJcCXYUwhIxyT6AxGZmKSE=" },
    { "192.0.2.1", "198.51.100.1", 132, 12345, 36412, "1:jcmZ2OOoifNvkdk+f5AG7It3JVk=" },
    { "192.2.0.2", "224.0.0.1", 2, 0, 0, "1:clul+zjEXbFFSwfS6g4Zm8Uw7pE=" },
};

static void agrees_with_the_specification(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t a[16], b[16];
        unsigned family = strchr(rows[i].source, ':') ? 6 : 4;
        assert_int_equal(inet_pton(family == 4 ? AF_INET : AF_INET6, rows[i].source, a), 1);
        assert_int_equal(inet_pton(family == 4 ? AF_INET : AF_INET6, rows[i].destination, b), 1);
        char text[32];
        community_id(family, a, b, rows[i].protocol, rows[i].source_port, rows[i].destination_port, text);
        assert_string_equal(text, rows[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(agrees_with_the_specification) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
