/* Capture files from bytes written by hand, by draft-ietf-opsawg-pcap and draft-ietf-opsawg-pcapng. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "source/capture_file.h"

#define MAX 4096

struct bytes {
    uint8_t at[MAX];
    size_t len;
    bool big;           /* byte order of what is added */
};

static void u32(struct bytes *b, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        b->at[b->len++] = (uint8_t)(v >> (b->big ? 24 - 8 * i : 8 * i));
}

static void u16(struct bytes *b, uint16_t v)
{
    b->at[b->len++] = (uint8_t)(b->big ? v >> 8 : v);
    b->at[b->len++] = (uint8_t)(b->big ? v : v >> 8);
}

static void raw(struct bytes *b, const char *text, size_t len)
{
    memcpy(b->at + b->len, text, len);
    b->len += len;
}

static void pcap_header(struct bytes *b, uint32_t magic, uint32_t linktype)
{
    u32(b, magic);
    u16(b, 2);
    u16(b, 4);
    u32(b, 0);
    u32(b, 0);
    u32(b, 65535);
    u32(b, linktype);
}

static void pcap_record(struct bytes *b, uint32_t s, uint32_t fraction, const char *text, uint32_t wire)
{
    u32(b, s);
    u32(b, fraction);
    u32(b, (uint32_t)strlen(text));
    u32(b, wire);
    raw(b, text, strlen(text));
}

struct seen {
    unsigned frames;
    struct wt_frame frame[16];
    char text[16][64];
    struct wt_source_stats stats;
    int opened;
    struct wt_error err;
};

static void take(struct seen *out, const struct block *b)
{
    for (uint32_t i = 0; i < b->frame_count && out->frames < 16; i++) {
        out->frame[out->frames] = b->frames[i];
        snprintf(out->text[out->frames], 64, "%.*s", (int)b->frames[i].captured_len, (const char *)b->frames[i].bytes);
        out->frames++;
    }
}

static struct seen read_all(const uint8_t *at, size_t len)
{
    struct seen out = { 0 };
    struct block blocks[2];
    struct source *s;
    uint8_t *exact = malloc(len ? len : 1);     /* a sanitizer sees a read behind its end */
    memcpy(exact, at, len);
    out.opened = capture_file_open_memory(exact, len, &s, &out.err);
    if (out.opened == 0) {
        block_init(&blocks[0], 300u << 10, NULL);
        block_init(&blocks[1], 300u << 10, NULL);
        for (unsigned n = 0; n < 100; n++) {
            struct block *b = &blocks[n % 2];
            b->used = b->frame_count = 0;
            b->last = false;
            assert_int_equal(s->ops->fill(s, b, NULL), 0);
            take(&out, b);
            if (b->last)
                break;
        }
        s->ops->stats(s, &out.stats);
        s->ops->close(s);
        block_done(&blocks[0]);
        block_done(&blocks[1]);
    }
    free(exact);
    return out;
}

static const struct {
    uint32_t magic;
    bool big;
    int64_t first_ns, second_ns;
} orders[] = {
    { 0xa1b2c3d4, false, 1000000005000, 1000000006000 },
    { 0xa1b2c3d4, true, 1000000005000, 1000000006000 },
    { 0xa1b23c4d, false, 1000000000005, 1000000000006 },
    { 0xa1b23c4d, true, 1000000000005, 1000000000006 },
};

static void test_pcap_orders(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
        struct bytes b = { .big = orders[i].big };
        pcap_header(&b, orders[i].magic, 113);
        pcap_record(&b, 1000, 5, "hello", 5);
        pcap_record(&b, 1000, 6, "worlds", 60);
        struct seen s = read_all(b.at, b.len);
        assert_int_equal(s.frames, 2);
        assert_int_equal(s.frame[0].time_ns, orders[i].first_ns);
        assert_int_equal(s.frame[1].time_ns, orders[i].second_ns);
        assert_int_equal(s.frame[0].linktype, 113);
        assert_int_equal(s.frame[0].offset, 40);
        assert_int_equal(s.frame[1].wire_len, 60);
        assert_string_equal(s.text[1], "worlds");
        assert_false(s.stats.incomplete);
    }
}

/* Every cut of a file gives the frames that are whole in it, and says where it ends. */
static void test_pcap_cut(void **state)
{
    (void)state;
    struct bytes b = { 0 };
    size_t ends[3];
    pcap_header(&b, 0xa1b2c3d4, 1);
    for (int i = 0; i < 3; i++) {
        pcap_record(&b, 1000, 5, "hello", 5);
        ends[i] = b.len;
    }
    for (size_t len = 0; len <= b.len; len++) {
        struct seen s = read_all(b.at, len);
        if (len < 24) {
            assert_int_equal(s.opened, -71);        /* EPROTO */
            continue;
        }
        unsigned whole = (unsigned)(len >= ends[0]) + (unsigned)(len >= ends[1]) + (unsigned)(len >= ends[2]);
        size_t start = whole ? ends[whole - 1] : 24;
        char offset[32];
        assert_int_equal(s.frames, whole);
        assert_int_equal(s.stats.incomplete, len != start);
        snprintf(offset, sizeof offset, "byte %zu", start);
        if (len != start && !strstr(s.stats.problem.text, offset))
            fail_msg("cut at %zu: %s", len, s.stats.problem.text);
    }
}

static void test_pcap_damaged(void **state)
{
    (void)state;
    struct bytes b = { 0 };
    pcap_header(&b, 0xa1b2c3d4, 1);
    pcap_record(&b, 1000, 5, "hello", 5);
    u32(&b, 1);
    u32(&b, 2);
    u32(&b, 0x7fffffff);
    u32(&b, 3);
    struct seen s = read_all(b.at, b.len);
    assert_int_equal(s.frames, 1);
    assert_true(s.stats.incomplete);
    assert_non_null(strstr(s.stats.problem.text, "byte 45"));
    assert_non_null(strstr(s.stats.problem.text, "2147483647"));
}

/* ---- pcapng ---- */

static size_t begin(struct bytes *b, uint32_t type)
{
    size_t at = b->len;
    u32(b, type);
    u32(b, 0);
    return at;
}

static void end(struct bytes *b, size_t at)
{
    uint32_t len = (uint32_t)(b->len - at + 4);
    u32(b, len);
    size_t keep = b->len;
    b->len = at + 4;
    u32(b, len);
    b->len = keep;
}

static void section(struct bytes *b)
{
    size_t at = begin(b, 0x0a0d0d0a);
    u32(b, 0x1a2b3c4d);
    u16(b, 1);
    u16(b, 0);
    u32(b, 0xffffffff);
    u32(b, 0xffffffff);
    end(b, at);
}

static void interface(struct bytes *b, uint16_t linktype, int tsresol, const char *name)
{
    size_t at = begin(b, 1);
    u16(b, linktype);
    u16(b, 0);
    u32(b, 65535);
    if (name) {
        u16(b, 2);
        u16(b, (uint16_t)strlen(name));
        raw(b, name, strlen(name));
        raw(b, "\0\0\0", (4 - strlen(name) % 4) % 4);
    }
    if (tsresol >= 0) {
        char value[4] = { (char)tsresol };
        u16(b, 9);
        u16(b, 1);
        raw(b, value, 4);
    }
    u32(b, 0);
    end(b, at);
}

static void packet(struct bytes *b, uint32_t interface_id, uint64_t units, const char *text)
{
    size_t at = begin(b, 6), len = strlen(text);
    u32(b, interface_id);
    u32(b, (uint32_t)(units >> 32));
    u32(b, (uint32_t)units);
    u32(b, (uint32_t)len);
    u32(b, (uint32_t)len);
    raw(b, text, len);
    raw(b, "\0\0\0", (4 - len % 4) % 4);
    end(b, at);
}

static void test_pcapng(void **state)
{
    (void)state;
    for (int big = 0; big < 2; big++) {
        struct bytes b = { .big = big };
        section(&b);
        interface(&b, 1, -1, "eth0");
        interface(&b, 113, 9, NULL);
        interface(&b, 101, 0x80 | 10, NULL);        /* 1024ths of a second */
        packet(&b, 0, 1000000, "one");              /* microseconds */
        size_t at = begin(&b, 0x0bad0bad);          /* unknown blocks are skipped */
        raw(&b, "abcdefgh", 8);
        end(&b, at);
        packet(&b, 1, 1000000001, "two");
        packet(&b, 2, 1536, "three");
        struct seen s = read_all(b.at, b.len);
        assert_int_equal(s.frames, 3);
        assert_int_equal(s.frame[0].time_ns, 1000000000);
        assert_int_equal(s.frame[1].time_ns, 1000000001);
        assert_int_equal(s.frame[2].time_ns, 1500000000);
        assert_int_equal(s.frame[0].linktype, 1);
        assert_int_equal(s.frame[1].linktype, 113);
        assert_int_equal(s.frame[2].linktype, 101);
        assert_string_equal(s.text[2], "three");
        assert_string_equal(s.stats.interfaces[0].name, "eth0");
        assert_int_equal(s.stats.interface_count, 3);
        assert_false(s.stats.incomplete);
    }
}

/* Two sections of different byte order; interface numbers begin again. */
static void test_pcapng_sections(void **state)
{
    (void)state;
    struct bytes b = { .big = false };
    section(&b);
    interface(&b, 1, -1, NULL);
    packet(&b, 0, 5, "little");
    b.big = true;
    section(&b);
    interface(&b, 228, -1, NULL);
    packet(&b, 0, 6, "big");
    struct seen s = read_all(b.at, b.len);
    assert_int_equal(s.frames, 2);
    assert_int_equal(s.frame[1].linktype, 228);
    assert_int_equal(s.frame[1].interface, 1);
    assert_string_equal(s.text[1], "big");
}

static void test_pcapng_cut(void **state)
{
    (void)state;
    struct bytes b = { 0 };
    section(&b);
    interface(&b, 1, -1, NULL);
    packet(&b, 0, 5, "hello");
    size_t first = b.len;
    packet(&b, 0, 6, "world");
    for (size_t len = 12; len <= b.len; len++) {
        struct seen s = read_all(b.at, len);
        assert_int_equal(s.opened, 0);
        assert_int_equal(s.frames, (unsigned)(len >= first) + (unsigned)(len >= b.len));
        if (len > first && len < b.len)
            assert_true(s.stats.incomplete);
    }
}

static const struct {
    const char *what, *says;
    uint32_t words[6];
} lies[] = {
    { "a length that is no multiple of 4", "multiple of 4", { 6, 33, 0, 0, 0, 0 } },
    { "an interface nobody described", "interface 7", { 6, 32, 7, 0, 0, 0 } },
    { "a packet longer than its block", "in a block of", { 6, 32, 0, 0, 0, 100 } },
    { "a packet longer than can be", "more than the", { 6, 32, 0, 0, 0, 300000 } },
};

static void test_pcapng_lies(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        struct bytes b = { 0 };
        section(&b);
        interface(&b, 1, -1, NULL);
        packet(&b, 0, 5, "hello");
        for (int k = 0; k < 6; k++)
            u32(&b, lies[i].words[k]);
        u32(&b, 0);
        u32(&b, 32);
        struct seen s = read_all(b.at, b.len);
        assert_int_equal(s.frames, 1);
        if (!strstr(s.stats.problem.text, lies[i].says))
            fail_msg("%s: %s", lies[i].what, s.stats.problem.text);
    }
}

static const struct {
    const char *bytes;
    size_t len;
    const char *says;
} others[] = {
    { "", 0, "empty" },
    { "\x7f" "ELF\2\1\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 24, "ELF" },
    { "\x89PNG\r\n\x1a\n\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 24, "PNG" },
    { "just some words, and more of them", 33, "text" },
    { "\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17\20\21\22\23\24\25\26\27\30", 24, "01 02 03 04" },
    { "\1\2\3", 3, "3 bytes" },
};

static void test_other_formats(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct seen s = read_all((const uint8_t *)others[i].bytes, others[i].len);
        assert_int_equal(s.opened, -71);
        if (!strstr(s.err.text, others[i].says))
            fail_msg("%s: %s", others[i].says, s.err.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pcap_orders),    cmocka_unit_test(test_pcap_cut),    cmocka_unit_test(test_pcap_damaged),
        cmocka_unit_test(test_pcapng),         cmocka_unit_test(test_pcapng_sections), cmocka_unit_test(test_pcapng_cut),
        cmocka_unit_test(test_pcapng_lies),    cmocka_unit_test(test_other_formats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
