/* A followed connection for people: turns with who and when, text as text. Bytes that are no text (a picture, a
 * compressed body, TLS records) are counted, not shown: dots say nothing. */
#include <string.h>

#include "report/follow_impl.h"
#include "report/text_units.h"

#define SURE_TEXT 16        /* so many printable bytes in a line end a run of bytes that are no text */

static void end_line(struct follow *f)
{
    if (f->line_open)
        out_char(&f->out, '\n');
    f->line_open = false;
}

static void styled(struct follow *f, enum style style, const char *text)
{
    const struct page *page = &f->options.page;
    out_text(&f->out, page_on(page, style));
    out_text(&f->out, text);
    out_text(&f->out, page_off(page));
}

static void say_no_text(struct follow *f)
{
    char line[96];
    struct wt_text t = { .at = line, .capacity = sizeof line };
    if (!f->no_text)
        return;
    end_line(f);
    wt_text_add(&t, "[");
    units_count(&t, f->no_text);
    wt_text_add(&t, f->no_text == 1 ? " byte that is no text]\n" : " bytes that are no text]\n");
    styled(f, STYLE_DIM, line);
    f->no_text = 0;
}

static void begin(struct follow *f)
{
    const char *protocol = f->protocol == 6 ? "TCP connection" : "UDP conversation";
    out_text(&f->out, page_on(&f->options.page, STYLE_HEADING));
    out_format(&f->out, "%s %llu  ", protocol, (unsigned long long)f->number);
    follow_add_peer(f, 0);
    out_format(&f->out, " %s ", page_glyph(&f->options.page, GLYPH_BOTH));
    follow_add_peer(f, 1);
    out_text(&f->out, page_off(&f->options.page));
    out_char(&f->out, '\n');
}

static void begin_turn(struct follow *f, const struct follow_piece *p)
{
    char since[32];
    struct wt_text t = { .at = since, .capacity = sizeof since };
    if (f->turn_side == p->side)
        return;
    say_no_text(f);
    end_line(f);
    f->turn_side = p->side;
    f->turns[p->side]++;
    units_duration(&t, p->time_ns - f->start_ns);
    out_char(&f->out, '\n');
    out_text(&f->out, page_on(&f->options.page, p->side ? STYLE_SERVER : STYLE_CLIENT));
    out_format(&f->out, p->side ? "server %s client" : "client %s server",
               page_glyph(&f->options.page, GLYPH_ARROW_RIGHT));
    out_text(&f->out, page_off(&f->options.page));
    out_format(&f->out, "  %s", since);
    if (p->frame)
        out_format(&f->out, "  #%llu", (unsigned long long)p->frame);
    out_char(&f->out, '\n');
}

/* Printable bytes of a line, its end and tabs counted in; what is above ASCII counts where it may be UTF-8. */
static size_t printable(struct wt_slice line)
{
    size_t n = 0;
    for (size_t i = 0; i < line.len; i++) {
        uint8_t c = line.at[i];
        n += (c >= 0x20 && c != 0x7f && c < 0xf5 && c != 0xc0 && c != 0xc1) || c == '\n' || c == '\r' || c == '\t';
    }
    return n;
}

static size_t above_ascii(struct wt_slice line)
{
    size_t n = 0;
    for (size_t i = 0; i < line.len; i++)
        n += line.at[i] >= 0x80;
    return n;
}

/* Whether bytes that stand in pairs and triples as UTF-8 wants them make up most of what is above ASCII. */
static bool looks_utf8(struct wt_slice line)
{
    size_t good = 0, high = above_ascii(line);
    for (size_t i = 0; i + 1 < line.len; i++)
        good += line.at[i] >= 0xc2 && (line.at[i + 1] & 0xc0) == 0x80;
    return high <= good * 4 && high >= good;
}

static bool is_text(const struct follow *f, struct wt_slice line)
{
    size_t good = printable(line);
    if (good < line.len - line.len / 8 || (above_ascii(line) > 2 && !looks_utf8(line)))
        return false;
    return !f->no_text || (good == line.len && line.len >= SURE_TEXT && !above_ascii(line));
}

/* Bytes of a UTF-8 sequence that its first byte announces. */
static size_t sequence_bytes(uint8_t first)
{
    return first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 1;
}

/* How many bytes at the end begin a sequence that ends in the next piece. */
static size_t unfinished(struct wt_slice bytes)
{
    for (size_t back = 1; back <= 3 && back <= bytes.len; back++) {
        uint8_t c = bytes.at[bytes.len - back];
        if ((c & 0xc0) == 0x80)
            continue;
        return c >= 0xc2 && c < 0xf5 && sequence_bytes(c) > back ? back : 0;
    }
    return 0;
}

static void add_safe(struct follow *f, struct wt_slice bytes)
{
    size_t from = 0;
    for (size_t i = 0; i <= bytes.len; i++) {
        bool tab = i < bytes.len && bytes.at[i] == '\t';
        if (i < bytes.len && !tab)
            continue;
        out_safe(&f->out, (struct wt_slice){ bytes.at + from, i - from });
        if (tab)
            out_char(&f->out, '\t');
        from = i + 1;
    }
}

static void add_text(struct follow *f, unsigned side, struct wt_slice line)
{
    bool ends = line.len && line.at[line.len - 1] == '\n';
    if (ends)
        line.len--;
    if (ends && line.len && line.at[line.len - 1] == '\r')
        line.len--;
    if (f->part_len[side]) {
        uint8_t joined[8];
        size_t have = f->part_len[side], want = sequence_bytes(f->part[side][0]) - have;
        size_t more = want < line.len ? want : line.len;
        memcpy(joined, f->part[side], have);
        memcpy(joined + have, line.at, more);
        add_safe(f, (struct wt_slice){ joined, have + more });
        line = (struct wt_slice){ line.at + more, line.len - more };
        f->part_len[side] = 0;
    }
    size_t kept = ends ? 0 : unfinished(line);
    memcpy(f->part[side], line.at + line.len - kept, kept);
    f->part_len[side] = (uint8_t)kept;
    line.len -= kept;
    add_safe(f, line);
    f->line_open = true;
    if (ends)
        end_line(f);
}

static void add_bytes(struct follow *f, const struct follow_piece *p)
{
    struct wt_slice rest = p->bytes;
    while (rest.len) {
        const uint8_t *end = memchr(rest.at, '\n', rest.len);
        struct wt_slice line = { rest.at, end ? (size_t)(end - rest.at) + 1 : rest.len };
        rest = (struct wt_slice){ rest.at + line.len, rest.len - line.len };
        if (!is_text(f, line)) {
            f->no_text += line.len + f->part_len[p->side];
            f->part_len[p->side] = 0;
            continue;
        }
        say_no_text(f);
        add_text(f, p->side, line);
    }
}

static void piece(struct follow *f, const struct follow_piece *p)
{
    char line[96];
    struct wt_text t = { .at = line, .capacity = sizeof line };
    if (!p->bytes.len && !p->missing)
        return;
    begin_turn(f, p);
    add_bytes(f, p);
    if (p->missing) {
        say_no_text(f);
        end_line(f);
        wt_text_add(&t, "[");
        units_count(&t, p->missing);
        wt_text_add(&t, p->missing == 1 ? " byte is missing in the capture]\n" : " bytes are missing in the capture]\n");
        styled(f, STYLE_WARN, line);
    }
    if (f->protocol == 17) {
        say_no_text(f);
        end_line(f);
        f->turn_side = 2;           /* datagrams keep their bounds */
    }
}

static void add_sum(struct follow *f, struct wt_text *t, unsigned side)
{
    const struct follow_result *r = &f->result;
    wt_text_add(t, side ? "server " : "client ");
    units_bytes(t, r->bytes[side]);
    if (f->turns[side])
        wt_text_add(t, " in %llu turn%s", (unsigned long long)f->turns[side], f->turns[side] == 1 ? "" : "s");
    if (r->missing_bytes[side]) {
        wt_text_add(t, ", ");
        units_bytes(t, r->missing_bytes[side]);
        wt_text_add(t, " missing");
    }
}

static void end(struct follow *f)
{
    char line[256];
    struct wt_text t = { .at = line, .capacity = sizeof line };
    say_no_text(f);
    end_line(f);
    out_char(&f->out, '\n');
    add_sum(f, &t, 0);
    wt_text_add(&t, "; ");
    add_sum(f, &t, 1);
    styled(f, STYLE_DIM, line);
    out_char(&f->out, '\n');
}

const struct follow_writer follow_text = { "text", begin, piece, end };
