/* Any text as a display filter: it compiles or says why not, and what compiled can be asked. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "wiretale/filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 2048)
        return 0;
    char *text = malloc(size + 1);
    if (!text)
        return 0;
    if (size)
        memcpy(text, data, size);
    text[size] = '\0';
    struct wt_filter_error err;
    struct wt_filter *f = wt_filter_compile(text, WT_FILTER_PACKETS | WT_FILTER_CONNECTIONS, &err);
    if (f) {
        struct wt_filter_matcher *m = wt_filter_matcher_new(f);
        struct wt_connection c = { .family = 4, .protocol = 6, .history = "ShAD", .conn_state = "S1", .service = "http" };
        if (m) {
            wt_filter_match_connection(m, &c);
            wt_filter_matcher_free(m);
        }
    } else {
        char explained[1024];
        struct wt_text t = { explained, sizeof explained, 0, false };
        wt_filter_explain(text, &err, &t);
    }
    wt_filter_free(f);
    free(text);
    return 0;
}
