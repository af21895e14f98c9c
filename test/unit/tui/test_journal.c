#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tui/journal.h"
#include "wiretale/engine.h"

static char folder[64];
static uint8_t packet[2000];

static int set_up(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/wiretale-journal-XXXXXX");
    return mkdtemp(folder) && setenv("XDG_STATE_HOME", folder, 1) == 0 ? 0 : -1;
}

static unsigned files(void)
{
    char path[128];
    unsigned n = 0;
    snprintf(path, sizeof path, "%s/wiretale", folder);
    DIR *d = opendir(path);
    for (struct dirent *e; d && (e = readdir(d));)
        n += e->d_name[0] != '.';
    if (d)
        closedir(d);
    return n;
}

static int tear_down(void **state)
{
    char path[128];
    (void)state;
    snprintf(path, sizeof path, "%s/wiretale", folder);
    rmdir(path);
    return rmdir(folder);
}

static struct wt_frame frame(unsigned i)
{
    memset(packet, (int)(i * 31), sizeof packet);
    return (struct wt_frame){ .time_ns = INT64_C(1790000000000000000) + i, .bytes = packet, .captured_len = 60 + i % 1440,
                              .wire_len = 60 + i % 1440, .number = i + 1, .linktype = 1 };
}

/* What another reader finds in a file: our own engine's source, which knows nothing of the writer. */
struct seen {
    uint64_t count, least, most;
};

static void take(void *to, const struct wt_frame *frames, unsigned count)
{
    struct seen *s = to;
    for (unsigned i = 0; i < count; i++) {
        uint64_t which = (uint64_t)(frames[i].time_ns - INT64_C(1790000000000000000));
        struct wt_frame f = frame((unsigned)which);
        assert_int_equal(frames[i].captured_len, f.captured_len);
        assert_memory_equal(frames[i].bytes, f.bytes, f.captured_len);
        s->least = s->count == 0 || which < s->least ? which : s->least;
        s->most = s->count == 0 || which > s->most ? which : s->most;
        s->count++;
    }
}

static void *same(void *client, unsigned worker)
{
    (void)worker;
    return client;
}

static struct seen read_files(const struct journal *j)
{
    struct seen seen = { 0 };
    char path[JOURNAL_PATH_MAX];
    for (unsigned i = 0; i < JOURNAL_FILES; i++) {
        snprintf(path, sizeof path, "%.*s%u.pcapng", (int)(strlen(journal_path(j)) - strlen("*.pcapng")), journal_path(j), i);
        struct stat s;
        assert_int_equal(stat(path, &s), 0);
        assert_int_equal(s.st_mode & 0777, 0600);
        struct wt_input input = { .name = path };
        struct wt_engine_options options = { .workers = 1 };
        struct wt_error err = { 0 };
        const struct wt_client client = { .client = &seen, .worker_open = same, .frames = take };
        wt_config_defaults(&options.config);
        options.source = (struct wt_source_options){ .inputs = &input, .input_count = 1 };
        struct wt_engine *e = wt_engine_new(&options, &client, &err);
        assert_non_null(e);
        assert_int_equal(wt_engine_run(e, &err), 0);
        struct wt_account account;
        wt_engine_account(e, &account);
        assert_false(account.source.incomplete);
        wt_engine_free(e);
    }
    return seen;
}

static void the_newest_are_kept_and_can_be_read_at_any_moment(void **state)
{
    struct wt_error err = { 0 };
    const struct journal_options options = { .limit = UINT64_C(1) << 20, .snaplen = 262144, .named = true };
    static uint64_t at[4000];
    (void)state;
    struct journal *j = journal_new(&options, &err);
    assert_non_null(j);
    for (unsigned i = 0; i < 4000; i++) {          /* 3.3 MB through 1 MB */
        struct wt_frame f = frame(i);
        at[i] = journal_add(j, &f);
        assert_true(at[i] != JOURNAL_GONE);
        if (i % 500 == 499) {
            journal_flush(j, i, 0);
            struct seen seen = read_files(j);
            assert_int_equal(seen.most, i);
            assert_int_equal(seen.count, seen.most - seen.least + 1);
        }
    }
    unsigned held = 0;
    for (unsigned i = 0; i < 4000; i++) {
        uint8_t back[2000];
        struct wt_frame f = frame(i);
        if (journal_read(j, at[i], back, f.captured_len)) {
            assert_memory_equal(back, f.bytes, f.captured_len);
            held++;
        } else {
            assert_int_equal(held, 0);
        }
    }
    assert_true(held > 800 && held < 1500);
    assert_int_equal(journal_refused(j), 0);
    uint8_t back[4];
    assert_false(journal_read(j, JOURNAL_GONE, back, 4));
    assert_int_equal(files(), JOURNAL_FILES);
    journal_free(j, false);
    assert_int_equal(files(), 0);
}

static void what_waits_is_rescued(void **state)
{
    struct wt_error err = { 0 };
    const struct journal_options options = { .limit = UINT64_C(1) << 22, .snaplen = 262144, .named = true };
    char left[JOURNAL_PATH_MAX];
    (void)state;
    struct journal *j = journal_new(&options, &err);
    assert_non_null(j);
    for (unsigned i = 0; i < 100; i++) {
        struct wt_frame f = frame(i);
        journal_add(j, &f);
    }
    assert_int_equal(read_files(j).count, 0);
    journal_rescue(j);
    assert_int_equal(read_files(j).count, 100);
    journal_left_behind(j, left, sizeof left);
    assert_string_equal(left, "");                 /* ours is in use */
    journal_free(j, true);
    assert_int_equal(files(), JOURNAL_FILES);
    sleep(1);                                      /* names bear the second */
    j = journal_new(&options, &err);
    assert_non_null(j);
    journal_left_behind(j, left, sizeof left);
    assert_true(strstr(left, "-*.pcapng") != NULL);
    assert_string_not_equal(left, journal_path(j));
    journal_free(j, false);
    for (unsigned i = 0; i < JOURNAL_FILES; i++) {
        char path[JOURNAL_PATH_MAX + 8];
        snprintf(path, sizeof path, "%.*s%u.pcapng", (int)(strlen(left) - strlen("*.pcapng")), left, i);
        assert_int_equal(unlink(path), 0);
    }
}

/* No more room than this in a file: what a full disk says, too. */
static void without_room_the_oldest_is_given_up(void **state)
{
    struct wt_error err = { 0 };
    const struct journal_options options = { .limit = UINT64_C(1) << 26, .snaplen = 262144, .named = true };
    const struct rlimit tight = { 1500000, RLIM_INFINITY };
    struct rlimit before;
    (void)state;
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    struct journal *j = journal_new(&options, &err);
    assert_non_null(j);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    for (unsigned i = 0; i < 8000; i++) {
        struct wt_frame f = frame(i);
        journal_add(j, &f);
    }
    journal_flush(j, 1, 0);
    setrlimit(RLIMIT_FSIZE, &before);
    struct seen seen = read_files(j);
    assert_int_equal(seen.most, 7999);
    assert_int_equal(seen.count, seen.most - seen.least + 1);
    assert_true(seen.count > 800);
    journal_free(j, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_newest_are_kept_and_can_be_read_at_any_moment),
        cmocka_unit_test(what_waits_is_rescued),
        cmocka_unit_test(without_room_the_oldest_is_given_up),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
