/* SPDX-License-Identifier: MPL-2.0 */
/* See document.h. */
#include "conf/document.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Length of the UTF-8 character at p (shortest form, no surrogate); 0: not one. */
static size_t utf8_len(const unsigned char *p, size_t left)
{
	size_t n = p[0] < 0x80   ? 1
		   : p[0] < 0xc2 ? 0
		   : p[0] < 0xe0 ? 2
		   : p[0] < 0xf0 ? 3
		   : p[0] < 0xf5 ? 4
				 : 0;

	if (n == 0 || n > left)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f))
		return 0;
	if ((p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return n;
}

struct place document_place(const struct document *doc, size_t offset)
{
	struct place ret = { doc->path, 1, 1 };

	for (size_t i = 0; i < offset && i < doc->len; i++) {
		unsigned char c = (unsigned char)doc->bytes[i];

		if (c == '\n') {
			ret.line++;
			ret.column = 1;
		} else if ((c & 0xc0) != 0x80) {
			ret.column++;
		}
	}
	return ret;
}

size_t document_line_offset(const struct document *doc, int line)
{
	size_t at = 0;

	while (line > 1 && at < doc->len)
		if (doc->bytes[at++] == '\n')
			line--;
	return at;
}

void document_quote(const struct document *doc, size_t offset, char *buf, size_t size)
{
	size_t from = offset < doc->len ? offset : doc->len, n = 0;

	while (from > 0 && doc->bytes[from - 1] != '\n')
		from--;
	while (from < doc->len && (doc->bytes[from] == ' ' || doc->bytes[from] == '\t'))
		from++;
	while (from < doc->len && doc->bytes[from] != '\n' && doc->bytes[from] != '\r') {
		const unsigned char *p = (const unsigned char *)doc->bytes + from;
		size_t len = utf8_len(p, doc->len - from);

		if (n + len + 4 >= size) {
			memcpy(buf + n, "...", 3);
			n += 3;
			break;
		}
		if (len == 0 || p[0] < 0x20 || p[0] == 0x7f || (p[0] == 0xc2 && p[1] < 0xa0))
			buf[n++] = p[0] == '\t' ? ' ' : '?';
		else
			for (size_t i = 0; i < len; i++)
				buf[n++] = (char)p[i];
		from += len > 0 ? len : 1;
	}
	buf[n] = '\0';
}

/* A file with a wrong byte is not parsed: libconfig cuts at NUL and cannot say what a byte order mark is. */
static int check_bytes(const struct document *doc, struct faults *faults)
{
	const unsigned char *p = (const unsigned char *)doc->bytes;

	if (doc->len >= 2 && ((p[0] == 0xff && p[1] == 0xfe) || (p[0] == 0xfe && p[1] == 0xff)))
		return fault_add(faults, document_place(doc, 0), "save it as UTF-8",
				 "the file is UTF-16, not UTF-8");
	if (doc->len >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
		return fault_add(faults, document_place(doc, 0), "save it as UTF-8 without BOM",
				 "the file begins with a byte order mark (BOM)");
	for (size_t i = 0; i < doc->len;) {
		size_t n = utf8_len(p + i, doc->len - i);

		if (p[i] == 0)
			return fault_add(faults, document_place(doc, i), "is this a text file?",
					 "the file has a NUL byte");
		if (n == 0)
			return fault_add(faults, document_place(doc, i), "save the file as UTF-8",
					 "byte 0x%02x is not valid UTF-8", p[i]);
		i += n;
	}
	return 0;
}

int document_from(const char *path, const char *bytes, size_t len, struct document *ret,
		  struct faults *faults)
{
	struct document doc = { NULL, len, path };

	if (len > DOCUMENT_MAX)
		return fault_add(faults, (struct place){ path, 0, 0 },
				 "a configuration file is at most 1 MiB", "the file is too large");
	doc.bytes = malloc(len + 1);
	if (doc.bytes == NULL)
		return fault_add(faults, (struct place){ path, 0, 0 }, NULL, "out of memory");
	memcpy(doc.bytes, bytes, len);
	doc.bytes[len] = '\0';
	if (check_bytes(&doc, faults) < 0) {
		document_done(&doc);
		return -EINVAL;
	}
	*ret = doc;
	return 0;
}

/* Reads up to size bytes; stops at the end of the file. */
static ssize_t read_all(int fd, char *buf, size_t size)
{
	size_t n = 0;

	while (n < size) {
		ssize_t r = read(fd, buf + n, size - n);

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -errno;
		if (r == 0)
			break;
		n += (size_t)r;
	}
	return (ssize_t)n;
}

static int read_open(int fd, const char *path, struct document *ret, struct faults *faults)
{
	struct place at = { path, 0, 0 };
	struct stat st;
	ssize_t n;
	char *buf;
	int r;

	if (fstat(fd, &st) < 0)
		return fault_add(faults, at, NULL, "cannot be read: %s", strerror(errno));
	if (S_ISDIR(st.st_mode))
		return fault_add(faults, at, "name a file in it", "is a folder, not a file");
	if (!S_ISREG(st.st_mode))
		return fault_add(faults, at, NULL, "is not a regular file");
	buf = malloc(DOCUMENT_MAX + 1);
	if (buf == NULL)
		return fault_add(faults, at, NULL, "out of memory");
	n = read_all(fd, buf, DOCUMENT_MAX + 1);
	r = n < 0 ? fault_add(faults, at, NULL, "cannot be read: %s", strerror((int)-n))
		  : document_from(path, buf, (size_t)n, ret, faults);
	free(buf);
	return r;
}

int document_read(const char *path, struct document *ret, struct faults *faults)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), r;

	if (fd < 0 && errno == ENOENT)
		return fault_add(faults, (struct place){ path, 0, 0 },
				 "check the path; relative paths in a file "
				 "start at that file's folder",
				 "there is no such file");
	if (fd < 0)
		return fault_add(faults, (struct place){ path, 0, 0 },
				 "the user that runs effortd must be able to "
				 "read it",
				 "cannot be opened: %s", strerror(errno));
	r = read_open(fd, path, ret, faults);
	close(fd);
	return r;
}

void document_done(struct document *doc)
{
	free(doc->bytes);
	memset(doc, 0, sizeof(*doc));
}
