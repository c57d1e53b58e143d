/* SPDX-License-Identifier: MPL-2.0 */
/* See module.h. Owns the private copies, the list of what is mapped and the gate: which descriptors may be
 * called. Promises that no code of a file runs before owner and mode were checked on the descriptor the bytes
 * are read from, and that nothing is left in run_dir. Never unloads. */
#include "classify/module.h"

#define XXH_INLINE_ALL
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <xxhash.h>

#define HEADER_BYTES 16 /* of the descriptor; frozen for every ABI */

struct module {
	struct module *next;
	XXH128_hash_t hash;
	size_t size;
	const struct effort_plugin *plugin; /* NULL: no such symbol */
	size_t plugin_bytes;                /* of the symbol in the object; 0: not told */
};

/* All that is mapped; main thread only, never shrinks. */
static struct module *modules;

/* Who may have written what is about to run in our process. */
static int check_owner(const char *path, const char *what, const struct stat *st, bool sticky_is_fine,
		       struct error *reterr)
{
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return error_set(reterr, -EPERM,
				 "%s: %s belongs to user %u, neither to root nor to us; chown it", path, what,
				 (unsigned)st->st_uid);
	if ((st->st_mode & (S_IWGRP | S_IWOTH)) != 0 && !(sticky_is_fine && (st->st_mode & S_ISVTX) != 0))
		return error_set(reterr, -EPERM, "%s: %s is writable by others (mode %04o); chmod go-w it",
				 path, what, (unsigned)(st->st_mode & 07777));
	return 0;
}

/* The folder's descriptor, checked; the file is then opened in it, so that both checks are of what is used.
 */
static int open_folder(const char *path, const char **ret_name, struct error *reterr)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX];
	struct stat st;
	int fd;

	*ret_name = slash != NULL ? slash + 1 : path;
	if (slash == NULL)
		snprintf(folder, sizeof(folder), ".");
	else if (slash == path)
		snprintf(folder, sizeof(folder), "/");
	else if (slash - path >= (ptrdiff_t)sizeof(folder))
		return error_set(reterr, -ENAMETOOLONG, "%s: the path is too long", path);
	else
		snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0) {
		int code = -errno;
		if (fd >= 0)
			close(fd);
		return error_set(reterr, code, "%s: its folder cannot be opened: %s", path, strerror(-code));
	}
	if (check_owner(path, "its folder", &st, true, reterr) < 0) {
		close(fd);
		return -EPERM;
	}
	return fd;
}

static int check_file(const char *path, const struct stat *st, struct error *reterr)
{
	if (!S_ISREG(st->st_mode))
		return error_set(reterr, -EINVAL, "%s: not a regular file", path);
	if (check_owner(path, "the file", st, false, reterr) < 0)
		return -EPERM;
	if (st->st_size < 64 || st->st_size > (off_t)MODULE_MAX_BYTES)
		return error_set(reterr, -EINVAL, "%s: not a shared object (%lld bytes)", path,
				 (long long)st->st_size);
	return 0;
}

static int read_all(int fd, char *bytes, size_t size)
{
	size_t have = 0;

	while (have < size) {
		ssize_t n = read(fd, bytes + have, size - have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		have += (size_t)n;
	}
	return 0;
}

static int write_all(int fd, const char *bytes, size_t size)
{
	while (size > 0) {
		ssize_t n = write(fd, bytes, size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		bytes += n;
		size -= (size_t)n;
	}
	return 0;
}

/* The checked file's bytes; the caller frees them. */
static int read_file(const char *path, char **ret_bytes, size_t *ret_size, struct error *reterr)
{
	const char *name;
	char *bytes = NULL;
	struct stat st;
	int fd = -1, result, folder = open_folder(path, &name, reterr);

	if (folder < 0)
		return folder;
	fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) < 0) {
		result = -errno;
		error_set(reterr, result,
			  result == -ELOOP ? "%s: a symbolic link; name the file itself" : "%s: %s", path,
			  strerror(-result));
		goto out;
	}
	result = check_file(path, &st, reterr);
	if (result < 0)
		goto out;
	bytes = malloc((size_t)st.st_size);
	result = bytes == NULL ? -ENOMEM : read_all(fd, bytes, (size_t)st.st_size);
	if (result < 0) {
		error_set(reterr, result, "%s: cannot be read: %s", path, strerror(-result));
		goto out;
	}
	*ret_bytes = bytes;
	*ret_size = (size_t)st.st_size;
	bytes = NULL;
out:
	free(bytes);
	if (fd >= 0)
		close(fd);
	close(folder);
	return result;
}

/* run_dir/plugins-private, ours alone. */
static int open_private(const char *run_dir, struct error *reterr)
{
	char folder[PATH_MAX];
	struct stat st;
	int fd;

	if (snprintf(folder, sizeof(folder), "%s/plugins-private", run_dir) >= (int)sizeof(folder))
		return error_set(reterr, -ENAMETOOLONG, "%s: the path is too long", run_dir);
	if (mkdir(folder, 0700) < 0 && errno != EEXIST)
		return error_set(reterr, -errno, "%s: cannot be made: %s", folder, strerror(errno));
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return error_set(reterr, -errno, "%s: cannot be opened: %s", folder, strerror(errno));
	if (fstat(fd, &st) < 0 || st.st_uid != geteuid() || (st.st_mode & 077) != 0) {
		close(fd);
		return error_set(reterr, -EPERM, "%s: must be ours with mode 0700; remove it", folder);
	}
	return fd;
}

/* dlopen() compares names with what is mapped, so the descriptor behind this name stays open for ever. */
static void *load_from_memory(const char *bytes, size_t size, const char *path, struct error *reterr)
{
	char name[64];
	void *handle;
	int fd = memfd_create("effort-plugin", MFD_CLOEXEC);
	int result = fd < 0 ? -errno : write_all(fd, bytes, size);

	if (result < 0) {
		if (fd >= 0)
			close(fd);
		error_set(reterr, result, "%s: no memory for a private copy: %s", path, strerror(-result));
		return NULL;
	}
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
	if (handle == NULL) {
		error_set(reterr, -ENOEXEC, "%s: the loader refuses it: %s", path, dlerror());
		close(fd);
	}
	return handle;
}

static void *load_from_folder(int folder, const char *run_dir, const char *bytes, size_t size,
			      const char *path, struct error *reterr)
{
	static unsigned serial;
	char name[64], copy[PATH_MAX];
	void *handle = NULL;
	int fd, result;

	snprintf(name, sizeof(name), "%ld-%u.so", (long)getpid(), serial++);
	if (snprintf(copy, sizeof(copy), "%s/plugins-private/%s", run_dir, name) >= (int)sizeof(copy)) {
		error_set(reterr, -ENAMETOOLONG, "%s: the path is too long", run_dir);
		return NULL;
	}
	unlinkat(folder, name, 0);
	fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	result = fd < 0 ? -errno : write_all(fd, bytes, size);
	if (fd >= 0)
		close(fd);
	if (result < 0) {
		error_set(reterr, result, "%s: no private copy in %s: %s", path, run_dir, strerror(-result));
	} else {
		handle = dlopen(copy, RTLD_NOW | RTLD_LOCAL);
		if (handle == NULL)
			error_set(reterr, -ENOEXEC, "%s: the loader refuses it: %s", path, dlerror());
	}
	unlinkat(folder, name, 0);
	return handle;
}

static void *load(const char *bytes, size_t size, const char *path, const char *run_dir, struct error *reterr)
{
	struct statvfs fs;
	void *handle;
	int folder;

	if (memcmp(bytes, "\177ELF", 4) != 0) {
		error_set(reterr, -ENOEXEC, "%s: not a shared object (no ELF header)", path);
		return NULL;
	}
	folder = open_private(run_dir, reterr);
	if (folder < 0)
		return NULL;
	if (fstatvfs(folder, &fs) == 0 && (fs.f_flag & ST_NOEXEC) != 0)
		handle = load_from_memory(bytes, size, path, reterr);
	else
		handle = load_from_folder(folder, run_dir, bytes, size, path, reterr);
	close(folder);
	return handle;
}

static struct module *find(XXH128_hash_t hash, size_t size)
{
	for (struct module *m = modules; m != NULL; m = m->next) {
		if (m->size == size && XXH128_isEqual(m->hash, hash))
			return m;
	}
	return NULL;
}

/* How large the object says its descriptor is: a struct_size beyond it would be read past its end. */
static size_t symbol_bytes(const void *symbol)
{
	const ElfW(Sym) *entry = NULL;
	void *extra = NULL;
	Dl_info info;

	if (dladdr1(symbol, &info, &extra, RTLD_DL_SYMENT) == 0)
		return 0;
	entry = extra;
	return entry != NULL ? entry->st_size : 0;
}

static struct module *add(void *handle, XXH128_hash_t hash, size_t size)
{
	struct module *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return NULL;
	m->hash = hash;
	m->size = size;
	m->plugin = dlsym(handle, "effort_plugin");
	if (m->plugin != NULL)
		m->plugin_bytes = symbol_bytes(m->plugin);
	m->next = modules;
	modules = m;
	return m;
}

/* The 16 bytes every effortd and every plugin agree on. */
static int gate_header(const char *path, const struct module *m, struct error *reterr)
{
	const struct effort_plugin *p = m->plugin;

	if (p == NULL)
		return error_set(reterr, -ENOEXEC,
				 "%s: exports no symbol effort_plugin; is it a plugin of effortd?", path);
	if (m->plugin_bytes != 0 && m->plugin_bytes < HEADER_BYTES)
		return error_set(reterr, -ENOEXEC,
				 "%s: its effort_plugin is too short to be a descriptor (%zu bytes)", path,
				 m->plugin_bytes);
	if (p->magic != EFFORT_PLUGIN_MAGIC)
		return error_set(
			reterr, -ENOEXEC,
			"%s: wrong magic 0x%08x, expected 0x%08x; write the header with EFFORT_PLUGIN_HEADER",
			path, p->magic, EFFORT_PLUGIN_MAGIC);
	if (p->abi_major != EFFORT_ABI_MAJOR)
		return error_set(reterr, -ENOEXEC,
				 "%s: built for plugin ABI %u.%u, this effortd speaks %u.%u; rebuild it "
				 "against effort-plugin %u.x",
				 path, p->abi_major, p->abi_minor, EFFORT_ABI_MAJOR, EFFORT_ABI_MINOR,
				 EFFORT_ABI_MAJOR);
	if (p->abi_minor > EFFORT_ABI_MINOR)
		return error_set(reterr, -ENOEXEC,
				 "%s: needs plugin ABI %u.%u, this effortd speaks %u.%u; use a newer effortd "
				 "or let the plugin need less",
				 path, p->abi_major, p->abi_minor, EFFORT_ABI_MAJOR, EFFORT_ABI_MINOR);
	return 0;
}

static int gate_functions(const char *path, const struct effort_plugin *p, struct error *reterr)
{
	const char *missing = p->open == NULL       ? "open"
			      : p->classify == NULL ? "classify"
			      : p->close == NULL    ? "close"
						    : NULL;

	if (missing != NULL)
		return error_set(reterr, -ENOEXEC,
				 "%s: has no function %s; every plugin has open, classify and close", path,
				 missing);
	return 0;
}

static int gate(const char *path, const struct module *m, struct error *reterr)
{
	const size_t needed =
		offsetof(struct effort_plugin, samples) + sizeof(m->plugin->samples); /* of ABI 1.0 */
	const struct effort_plugin *p = m->plugin;
	int result = gate_header(path, m, reterr);

	if (result < 0)
		return result;
	if (p->struct_size < needed)
		return error_set(reterr, -ENOEXEC,
				 "%s: its descriptor is %u bytes, plugin ABI %u.%u has %zu; rebuild it", path,
				 p->struct_size, p->abi_major, p->abi_minor, needed);
	if (m->plugin_bytes != 0 && m->plugin_bytes < p->struct_size)
		return error_set(reterr, -ENOEXEC,
				 "%s: its descriptor says it is %u bytes and is %zu; write the header with "
				 "EFFORT_PLUGIN_HEADER",
				 path, p->struct_size, m->plugin_bytes);
	if (p->flags != 0)
		return error_set(reterr, -ENOEXEC, "%s: sets flags 0x%x, which this effortd does not know",
				 path, p->flags);
	if (p->name == NULL || p->version == NULL)
		return error_set(reterr, -ENOEXEC, "%s: has no %s", path,
				 p->name == NULL ? "name" : "version");
	return gate_functions(path, p, reterr);
}

int module_open(const char *path, const char *run_dir, const struct module **ret_module, struct error *reterr)
{
	XXH128_hash_t hash;
	struct module *m;
	char *bytes = NULL;
	size_t size = 0;
	int result = read_file(path, &bytes, &size, reterr);

	if (result < 0)
		return result;
	hash = XXH3_128bits(bytes, size);
	m = find(hash, size);
	if (m == NULL) {
		void *handle = load(bytes, size, path, run_dir, reterr);
		if (handle == NULL) {
			free(bytes);
			return -ENOEXEC;
		}
		m = add(handle, hash, size);
	}
	free(bytes);
	if (m == NULL)
		return error_set(reterr, -ENOMEM, "%s: no memory", path);
	result = gate(path, m, reterr);
	if (result < 0)
		return result;
	*ret_module = m;
	return 0;
}

const struct effort_plugin *module_plugin(const struct module *m)
{
	return m->plugin;
}
