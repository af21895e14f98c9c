/* Everything that a segment can do and every arrow of the state machine has an explanation, and it is told once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "report/explain.h"
#include "report/ladder_words.h"
#include "track/tcp_states.h"

static void check_words(const struct explanation *e, bool titled)
{
    assert_int_equal(e->title != NULL, titled);
    assert_true(strlen(e->text) > 20 && strlen(e->text) < 500);
    assert_int_equal(e->text[strlen(e->text) - 1], '.');
    assert_memory_equal(e->source, "RFC ", 4);
    for (const char *p = e->source; (p = strstr(p, "RFC ")); p++) {
        unsigned number = 0;
        assert_int_equal(sscanf(p, "RFC %u", &number), 1);
        assert_in_range(number, 768, 9999);
    }
    assert_null(strchr(e->text, '%'));
}

/* The header's own list of bits, so that a new one without an explanation fails here. */
static void every_bit_is_explained(void **state)
{
    (void)state;
    FILE *f = fopen(CONNECTION_H, "r");
    assert_non_null(f);
    char line[256], name[64];
    unsigned bit, bits = 0;
    while (fgets(line, sizeof line, f)) {
        if (sscanf(line, "#define WT_DID_%63s (UINT64_C(1) << %u)", name, &bit) != 2)
            continue;
        bits++;
        bool found = false;
        for (unsigned i = 0; i < explain_did_count && !found; i++)
            found = explain_dids[i].did >> bit & 1;
        if (!found)
            fail_msg("WT_DID_%s has no explanation in explain_tcp.c", name);
        if (!words_did_name(bit))
            fail_msg("WT_DID_%s has no name in ladder_texts.c", name);
    }
    fclose(f);
    assert_true(bits >= 34);
    assert_true(explain_did_count < 63);      /* bit 63 of what was said is the unanswered question's */
    for (unsigned i = 0; i < explain_did_count; i++)
        check_words(&explain_dids[i].e, true);
}

static void every_arrow_is_explained(void **state)
{
    (void)state;
    unsigned arrows = 0, index;
    for (unsigned from = WT_TCP_CLOSED; from < WT_TCP_STATES; from++) {
        for (unsigned event = 0; event < TCP_EVENTS; event++) {
            unsigned to = tcp_next_state(from, (enum tcp_event)event);
            if (to == from)
                continue;
            arrows++;
            assert_non_null(explain_arrow(from, to, &index));
            assert_int_equal(explain_arrows[index].from, from);
            assert_int_equal(explain_arrows[index].to, to);
        }
        assert_null(explain_arrow(from, from, &index));
        if (from != WT_TCP_CLOSED)
            assert_non_null(explain_arrow(from, WT_TCP_CLOSED, &index));
    }
    assert_true(arrows >= 18);      /* of figure 5 */
    assert_non_null(explain_arrow(WT_TCP_NONE, WT_TCP_ESTABLISHED, &index));
    assert_non_null(explain_arrow(WT_TCP_TIME_WAIT, WT_TCP_FIN_WAIT_2, &index));
    assert_true(explain_arrow_count <= 64);
    for (unsigned i = 0; i < explain_arrow_count; i++)
        check_words(&explain_arrows[i].e, false);
}

static void every_fact_can_be_found(void **state)
{
    (void)state;
    assert_true(explain_packet_count + explain_message_count <= EXPLAIN_FACTS_MOST);
    const struct explain_fact *f;
    unsigned count = 0;
    for (; (f = explain_fact(count)); count++) {
        assert_true((f->filter != NULL) != (f->http != 0));
        check_words(&f->e, true);
    }
    assert_int_equal(count, explain_packet_count + explain_message_count);
    struct explainer *x = explainer_new();      /* compiles all filters */
    assert_non_null(x);
    explainer_free(x);
    check_words(&explain_unanswered, true);
}

static bool tells(const struct explained *what, unsigned count, const char *title, bool brief)
{
    for (unsigned i = 0; i < count; i++)
        if (what[i].e->title && strcmp(what[i].e->title, title) == 0 && what[i].brief == brief)
            return true;
    return false;
}

static void told_in_full_once(void **state)
{
    (void)state;
    struct ladder_said said = { 0 };
    struct explained what[EXPLAIN_LINE_MOST];
    struct ladder_line line = { .did = WT_DID_DUP_ACK | WT_DID_DATA, .flags = WT_FLAG_ACK };
    unsigned n = explain_line(&line, true, &said, what);
    assert_true(tells(what, n, "duplicate ACK", false) && tells(what, n, "data", false));
    n = explain_line(&line, true, &said, what);
    assert_int_equal(n, 1);       /* trouble is named again, the rest is known */
    assert_true(tells(what, n, "duplicate ACK", true));
}

static void the_surer_word_stands_alone(void **state)
{
    (void)state;
    static const struct { uint64_t did; uint16_t flags; const char *yes, *no; } rows[] = {
        { WT_DID_RETRANSMIT | WT_DID_FAST_RETRANSMIT, WT_FLAG_ACK, "fast retransmission", "retransmission" },
        { WT_DID_RETRANSMIT | WT_DID_SPURIOUS, WT_FLAG_ACK, "needless retransmission", "retransmission" },
        { WT_DID_SYN | WT_DID_SYN_RETRY | WT_DID_RETRANSMIT, WT_FLAG_SYN, "SYN sent again", "handshake, step 1 of 3" },
        { WT_DID_SYN_ACK | WT_DID_SYN, WT_FLAG_SYN | WT_FLAG_ACK, "handshake, step 2 of 3", "handshake, step 1 of 3" },
        { WT_DID_RST | WT_DID_REFUSE, WT_FLAG_RST, "refused", "reset" },
        { WT_DID_RST | WT_DID_RST_IGNORED, WT_FLAG_RST, "RST without effect", "reset" },
        { WT_DID_FIN | WT_DID_FIN_REPEATED, WT_FLAG_FIN, "FIN sent again", "FIN" },
        { WT_DID_SIMULTANEOUS, WT_FLAG_SYN, "simultaneous open", "simultaneous close" },
        { WT_DID_SIMULTANEOUS, WT_FLAG_FIN, "simultaneous close", "simultaneous open" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct ladder_said said = { 0 };
        struct explained what[EXPLAIN_LINE_MOST];
        struct ladder_line line = { .did = rows[i].did, .flags = rows[i].flags };
        unsigned n = explain_line(&line, true, &said, what);
        assert_true(tells(what, n, rows[i].yes, false));
        assert_false(tells(what, n, rows[i].no, false));
    }
}

static void every_cause_is_explained(void **state)
{
    (void)state;
    const struct explanation *seen[WT_CAUSES] = { NULL };
    for (unsigned cause = WT_CAUSE_NONE + 1; cause < WT_CAUSES; cause++) {
        struct ladder_said said = { 0 };
        struct explained what[EXPLAIN_LINE_MOST];
        struct wt_repeat repeat = { .cause = (uint8_t)cause };
        struct ladder_line line = { .did = WT_DID_RETRANSMIT | WT_DID_DATA, .flags = WT_FLAG_ACK, .repeat = &repeat };
        assert_int_equal(explain_line(&line, true, &said, what), 1);
        seen[cause] = what[0].e;
        for (unsigned other = WT_CAUSE_NONE + 1; other < cause; other++)
            assert_true(seen[other] != seen[cause] || cause == WT_CAUSE_UNKNOWN || other == WT_CAUSE_UNKNOWN);
    }
    struct ladder_said said = { 0 };
    struct explained what[EXPLAIN_LINE_MOST];
    struct wt_repeat repeat = { .cause = WT_CAUSE_FAST, .proof = WT_PROOF_DSACK };
    struct ladder_line line = { .did = WT_DID_RETRANSMIT, .repeat = &repeat };
    unsigned n = explain_line(&line, true, &said, what);
    assert_true(tells(what, n, "fast retransmission", false) && tells(what, n, "needless retransmission", false));
}

static void topics_are_told_once(void **state)
{
    (void)state;
    struct ladder_said said = { 0 };
    struct explained what;
    unsigned told = 0;
    assert_true(explain_topic_count <= 64);
    for (unsigned topic = 0; topic < explain_topic_count + 5; topic++) {
        if (!explain_topic(topic, &said, &what))
            continue;
        told++;
        check_words(what.e, true);
        assert_false(explain_topic(topic, &said, &what));
    }
    assert_true(told >= 6);
}

static void a_line_with_everything_stays_bounded(void **state)
{
    (void)state;
    struct ladder_said said = { 0 };
    struct explained what[EXPLAIN_LINE_MOST];
    struct ladder_line line = { .did = UINT64_MAX, .flags = 0xfff, .before = { 1, 1 }, .state = { 3, 4 } };
    for (unsigned i = 0; explain_fact(i); i++)
        line.facts |= UINT64_C(1) << i;
    assert_int_equal(explain_line(&line, true, &said, what), EXPLAIN_LINE_MOST);
    line.kind = LADDER_FOLD;
    assert_int_equal(explain_line(&line, true, &said, what), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_bit_is_explained),
        cmocka_unit_test(every_arrow_is_explained),
        cmocka_unit_test(every_fact_can_be_found),
        cmocka_unit_test(told_in_full_once),
        cmocka_unit_test(the_surer_word_stands_alone),
        cmocka_unit_test(every_cause_is_explained),
        cmocka_unit_test(topics_are_told_once),
        cmocka_unit_test(a_line_with_everything_stays_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
