/* Records that are to come out in another order than they come in: kept in memory up to a limit, then in sorted runs
 * in an unlinked temporary file ($TMPDIR, else /var/tmp, else /tmp). One store a worker; afterwards one thread reads
 * several stores together, in order. */
#ifndef REPORT_STORE_H
#define REPORT_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "wiretale/error.h"

struct store;

struct store *store_new(size_t memory_limit);     /* NULL: out of memory */
void store_free(struct store *store);
/* Copies the bytes. order: the frame number that ranks the record; equal ones come out as they came in, the stores
 * in their order. 0, or a negative error (out of memory, disk full): the store then refuses everything further. */
int store_add(struct store *store, uint64_t order, const void *bytes, size_t len, struct wt_error *err);
/* Calls `each` for all records of all stores, ascending by order. Ends early when it returns other than 0, and
 * returns that. Bytes are valid during the call and suitably aligned for any struct. Once; the stores are then
 * only to be freed. */
int store_each(struct store *const *stores, unsigned count,
               int (*each)(void *to, uint64_t order, const void *bytes, size_t len), void *to, struct wt_error *err);
uint64_t store_count(const struct store *store);

/* An unlinked temporary file where the store would have its own: a descriptor, or a negative error. */
int store_temporary(struct wt_error *err);

#endif
