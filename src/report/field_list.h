/* The reference of fields, for people (`wiretale fields`), for the manual (Markdown) and for completions (names). All
 * three come from the tables that the filter and the tree read. Main thread. */
#ifndef REPORT_FIELD_LIST_H
#define REPORT_FIELD_LIST_H

#include "report/style.h"

enum field_list_format { FIELD_LIST_TEXT, FIELD_LIST_MARKDOWN, FIELD_LIST_NAMES };

/* pattern: a protocol ("dns"), a field ("tcp.port"), a part of a name or label ("retrans"), or NULL for all.
 * Returns how many fields were shown. */
unsigned field_list_print(const struct page *page, const char *pattern, enum field_list_format format);

#endif
