/* The model over captures/tour.pcapng; what must be there is what tshark 4.0 says of that file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tui/model.h"

static struct model *load(const char *path)
{
    static struct wt_input input;
    struct wt_error err = { 0 };
    input = (struct wt_input){ .name = path };
    struct model_options options = { 0 };
    wt_config_defaults(&options.engine.config);
    options.engine.source = (struct wt_source_options){ .inputs = &input, .input_count = 1 };
    struct model *m = model_new(&options, &err);
    if (!m)
        return NULL;
    struct model_status s;
    for (int i = 0; i < 1000; i++) {
        model_status(m, &s);
        if (s.ended)
            break;
        usleep(10000);
    }
    assert_true(s.ended);
    return m;
}

static void packets_and_connections(void **state)
{
    (void)state;
    struct model *m = load(CAPTURES "/tour.pcapng");
    struct model_line line;
    struct model_connection c;
    assert_non_null(m);
    assert_int_equal(model_packet_count(m), 368);
    assert_true(model_packet_line(m, 4, &line));         /* the first SYN */
    assert_int_equal(line.number, 5);
    assert_string_equal(line.cell[0], "192.0.2.10");
    assert_string_equal(line.cell[2], "TCP");
    assert_non_null(strstr(line.cell[4], "[SYN]"));
    assert_int_equal(line.wire, 74);
    assert_false(model_packet_line(m, 368, &line));
    assert_int_equal(model_packet_find(m, 5), 4);
    assert_int_equal(model_packet_find(m, 100000), 368);
    assert_int_equal(model_packet_along(m, 4, false), 5);
    assert_int_equal(model_packet_along(m, 5, true), 4);
    assert_int_equal(model_packet_along(m, 4, true), 4);
    assert_true(model_connection(m, 1, &c));
    assert_int_equal(c.port[1], 80);
    assert_int_equal(c.first_index, 4);
    assert_false(model_connection(m, model_connection_count(m), &c));
    model_free(m);
}

static void detail_has_the_numbers_of_the_capture(void **state)
{
    (void)state;
    struct model *m = load(CAPTURES "/tour.pcapng");
    struct model_detail d;
    assert_true(model_detail(m, 5, &d));                 /* the SYN-ACK: its tree speaks of frames of the capture */
    bool number = false, acked = false;
    for (unsigned i = 0; i < d.line_count; i++) {
        number = number || strcmp(d.lines[i].text, "Frame Number: 6") == 0;
        acked = acked || (strstr(d.lines[i].text, "ACK to the segment in frame: 5") != NULL);
    }
    assert_true(number);
    assert_true(acked);
    assert_int_equal(d.buffers[0].len, 74);
    model_detail_done(&d);
    model_free(m);
}

static void filters(void **state)
{
    static const struct { const char *text; uint64_t packets; } rows[] = {
        { "dns", 38 }, { "arp", 2 }, { "tcp.flags.syn == 1 && tcp.flags.ack == 0", 22 }, { "conn.number == 2", 25 },
    };
    (void)state;
    struct model *m = load(CAPTURES "/tour.pcapng");
    char why[256] = "";
    bool complete = false;
    assert_false(model_filter(m, "tcp.prot == 1", why, sizeof why));
    assert_true(why[0] != '\0');
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_true(model_filter(m, rows[i].text, why, sizeof why));
        for (int k = 0; k < 500 && (model_filtered(m, &complete), !complete); k++)
            usleep(10000);
        assert_true(complete);
        assert_int_equal(model_shown_packets(m), rows[i].packets);
        if (i == 0) {
            assert_int_equal(model_shown_packet(m, 0), 2);
            assert_int_equal(model_shown_place(m, 3), 1);
            assert_true(model_connection_passes(m, 1));
            assert_false(model_connection_passes(m, 2));
        }
    }
    assert_true(model_filter(m, "", why, sizeof why));
    assert_false(model_filtered(m, &complete));
    assert_int_equal(model_shown_packets(m), 368);
    model_free(m);
}

static void saving_what_is_marked(void **state)
{
    (void)state;
    struct model *m = load(CAPTURES "/tour.pcapng");
    struct wt_error err = { 0 };
    char path[] = "/tmp/wiretale-test-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    model_packet_mark(m, 2);
    model_packet_mark(m, 3);
    model_packet_mark(m, 4);
    model_packet_mark(m, 4);
    assert_int_equal(model_marked(m), 2);
    assert_int_equal(model_save(m, path, MODEL_ONLY_MARKED, &err), 2);
    model_free(m);
    m = load(path);
    struct model_line line;
    assert_int_equal(model_packet_count(m), 2);
    assert_true(model_packet_line(m, 0, &line));
    assert_string_equal(line.cell[2], "DNS");
    model_free(m);
    unlink(path);
    assert_null(load("/nonexistent/capture"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_and_connections),
        cmocka_unit_test(detail_has_the_numbers_of_the_capture),
        cmocka_unit_test(filters),
        cmocka_unit_test(saving_what_is_marked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
