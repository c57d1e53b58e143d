/* SPDX-License-Identifier: MPL-2.0 */
/* See errands.h. The file, numbers as in totals_bytes.h: magic, version (4 bytes), segment (8), the dictionary,
 * the number of errands, each from the oldest: key (8), arrival, records; each of these: id (8), its day, time,
 * kind, count, seconds, what is counted (and where that is not 0, its kind and seconds), the beginning of its
 * id. At the end XXH3-64 of all before it. */
#include "journal/errands_inside.h"

#include <errno.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define MAGIC    "efforter"
#define VERSION  1
#define FILE_MAX ((size_t)1 << 36)
#define HEAD     20

static void put_entry(struct bytes_out *out, const struct errand_entry *entry)
{
	bytes_put_fixed(out, entry->id, 8);
	bytes_put_number(out, (uint64_t)entry->id_day);
	bytes_put_signed(out, entry->time_ms);
	bytes_put_number(out, entry->kind);
	bytes_put_number(out, (uint64_t)entry->count);
	bytes_put_number(out, (uint64_t)entry->seconds);
	bytes_put_number(out, (uint64_t)entry->counted);
	if (entry->counted > 0) {
		bytes_put_number(out, entry->counted_kind);
		bytes_put_number(out, (uint64_t)entry->counted_seconds);
	}
	bytes_put_text(out, entry->tie, entry->tie_len);
}

static void put_errand(struct bytes_out *out, const struct errands *e, const struct errand *errand)
{
	uint64_t n = 0;

	for (uint32_t i = errand->first; i != ERRANDS_NONE; i = e->records[i].next)
		n++;
	bytes_put_fixed(out, errand->key, 8);
	bytes_put_signed(out, errand->arrival_ms);
	bytes_put_number(out, n);
	for (uint32_t i = errand->first; i != ERRANDS_NONE; i = e->records[i].next)
		put_entry(out, &e->records[i]);
}

int errands_write(const struct errands *e, const struct disk *disk, const char *path, uint64_t segment)
{
	struct bytes_out out = { 0 };
	int r;

	bytes_put(&out, MAGIC, 8);
	bytes_put_fixed(&out, VERSION, 4);
	bytes_put_fixed(&out, segment, 8);
	kinds_put(e->kinds, &out);
	bytes_put_number(&out, e->len);
	for (uint32_t i = e->oldest; i != ERRANDS_NONE; i = e->list[i].newer)
		put_errand(&out, e, &e->list[i]);
	if (!out.is_failed)
		bytes_put_fixed(&out, XXH3_64bits(out.ptr, out.len), 8);
	r = out.is_failed ? -ENOMEM : disk_replace(disk, path, out.ptr, out.len);
	free(out.ptr);
	return r;
}

static void take_entry(struct bytes_in *in, const struct kinds *kinds, struct errand_entry *ret)
{
	const uint8_t *id = bytes_take(in, 8);
	const char *tie;
	size_t len;

	*ret = (struct errand_entry){ .id = id == NULL ? 0 : bytes_fetch(id, 8) };
	ret->id_day = (int32_t)bytes_below(in, 65536);
	ret->time_ms = bytes_signed(in);
	ret->kind = (uint32_t)bytes_below(in, kinds_len(kinds));
	ret->count = (int64_t)bytes_below(in, UINT64_C(1) << 31);
	ret->seconds = (int64_t)bytes_below(in, UINT64_C(1) << 40);
	ret->counted = (int64_t)bytes_below(in, UINT64_C(1) << 31);
	if (ret->counted > 0) {
		ret->counted_kind = (uint32_t)bytes_below(in, kinds_len(kinds));
		ret->counted_seconds = (int64_t)bytes_below(in, UINT64_C(1) << 40);
	}
	tie = bytes_text(in, CHANGE_TIE, &len);
	memcpy(ret->tie, tie, len);
	ret->tie_len = (uint8_t)len;
}

static int take_errand(struct bytes_in *in, struct errands *e)
{
	const uint8_t *key = bytes_take(in, 8);
	int64_t arrival_ms = bytes_signed(in);
	uint64_t n = bytes_below(in, bytes_left(in) + 1);
	uint32_t errand;
	int r = 0;

	if (in->is_bad)
		return -EBADMSG;
	errand = errands_add(e, bytes_fetch(key, 8), arrival_ms);
	if (errand == ERRANDS_NONE)
		return -ENOMEM;
	for (uint64_t i = 0; i < n && r == 0; i++) {
		struct errand_entry entry;

		take_entry(in, e->kinds, &entry);
		r = in->is_bad ? -EBADMSG : errands_add_record(e, errand, &entry);
	}
	return r;
}

static int take_all(struct bytes_in *in, struct errands *e)
{
	struct kinds *kinds;
	uint64_t n;
	int r = kinds_take(in, &kinds);

	if (r < 0)
		return r;
	kinds_free(e->kinds);
	e->kinds = kinds;
	n = bytes_below(in, bytes_left(in) + 1);
	for (uint64_t i = 0; i < n && r == 0; i++)
		r = take_errand(in, e);
	return r == 0 && (in->is_bad || bytes_left(in) > 0) ? -EBADMSG : r;
}

static int parse(const uint8_t *bytes, size_t len, struct errands *e, uint64_t *ret_segment)
{
	struct bytes_in in = { bytes + HEAD, bytes + len - 8, false };

	if (len < HEAD + 8 || memcmp(bytes, MAGIC, 8) != 0 ||
	    bytes_fetch(bytes + len - 8, 8) != XXH3_64bits(bytes, len - 8))
		return -EBADMSG;
	if (bytes_fetch(bytes + 8, 4) != VERSION)
		return -EPROTONOSUPPORT;
	*ret_segment = bytes_fetch(bytes + 12, 8);
	return take_all(&in, e);
}

int errands_read(const struct disk *disk, const char *path, struct errands **ret, uint64_t *ret_segment)
{
	struct errands *e = errands_new();
	void *bytes = NULL;
	size_t len = 0;
	int r = e == NULL ? -ENOMEM : disk_load(disk, path, FILE_MAX, &bytes, &len);

	if (r == 0)
		r = parse(bytes, len, e, ret_segment);
	free(bytes);
	if (r == 0)
		*ret = e;
	else
		errands_free(e);
	return r;
}
