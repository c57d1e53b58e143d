/* SPDX-License-Identifier: MPL-2.0 */
/* Preloaded into effortd by the fault tests: fails, shortens or delays the Nth call that changes files under
 * one folder, and the Nth allocation made by the program itself (not by its libraries: hiredis 0.14 ends the
 * process without memory). Steered through a mapped control file while the program runs (shim.py has the
 * other side); without one it does nothing. EFFORT_SHIM_CONTROL: the file; EFFORT_SHIM_FOLDER: the folder.
 * Thread-safe; allocates nothing itself. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

enum op { WRITE = 1, SYNC = 2, SYNC_FOLDER = 4, RENAME = 8, OPEN = 16, CUT = 32, REMOVE = 64, READ = 128 };
enum mode { FAIL, SHORT, DELAY };

#define STEP_US 1000U

/* Order matters: shim.py packs it. */
struct control {
	_Atomic uint64_t calls, fail_at, fail_count, failed;
	_Atomic uint64_t allocations, allocation_at, allocation_count, allocations_failed;
	_Atomic uint32_t ops, mode, error, delay_us;
	char only[64]; /* part of the path; "": any */
};

static struct control *control;
static char folder[4096];
static size_t folder_len;
static uintptr_t text_from, text_to;

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);

/* The first object is the program. */
static int find_text(struct dl_phdr_info *info, size_t size, void *data)
{
	(void)size;
	(void)data;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];

		if (p->p_type == PT_LOAD && p->p_flags & PF_X) {
			text_from = info->dlpi_addr + p->p_vaddr;
			text_to = text_from + p->p_memsz;
		}
	}
	return 1;
}

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("EFFORT_SHIM_CONTROL"), *under = getenv("EFFORT_SHIM_FOLDER");
	int fd;
	void *map;

	dl_iterate_phdr(find_text, NULL);
	if (path == NULL || under == NULL || (fd = open(path, O_RDWR | O_CLOEXEC)) < 0)
		return;
	snprintf(folder, sizeof(folder), "%s", under);
	folder_len = strlen(folder);
	map = mmap(NULL, sizeof(*control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (map != MAP_FAILED)
		control = map;
}

static bool is_under_path(const char *path)
{
	if (strncmp(path, folder, folder_len) != 0 || (path[folder_len] != '/' && path[folder_len] != '\0'))
		return false;
	return control->only[0] == '\0' || strstr(path, control->only) != NULL;
}

static bool is_under(int fd)
{
	char link[64], path[4096];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	if (n <= 0)
		return false;
	path[n] = '\0';
	return is_under_path(path);
}

/* Ends early when the test says something else: a delay without end is a call that the test holds. */
static void delay(void)
{
	const struct timespec step = { 0, STEP_US * 1000 };
	const uint32_t us = control->delay_us;

	for (uint32_t left = us; left > 0 && control->fail_at != 0 && control->delay_us == us;
	     left -= left < STEP_US ? left : STEP_US)
		nanosleep(&step, NULL);
}

/* Counts the call; true: it fails with errno set. *ret_short: write less. Delays happen here. */
static bool strikes(enum op op, bool *ret_short)
{
	uint64_t n, at;

	if ((control->ops & op) == 0)
		return false;
	n = atomic_fetch_add(&control->calls, 1) + 1;
	at = control->fail_at;
	if (at == 0 || n < at || n - at >= control->fail_count)
		return false;
	atomic_fetch_add(&control->failed, 1);
	if (control->mode == DELAY) {
		delay();
		return false;
	}
	if (control->mode == SHORT && ret_short != NULL) {
		*ret_short = true;
		return false;
	}
	errno = (int)control->error;
	return true;
}

static bool strikes_fd(int fd, enum op op, bool *ret_short)
{
	return control != NULL && control->fail_at != 0 && is_under(fd) && strikes(op, ret_short);
}

static bool strikes_path(const char *path, enum op op)
{
	return control != NULL && control->fail_at != 0 && is_under_path(path) && strikes(op, NULL);
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static size_t shortened(size_t len, bool is_short)
{
	return is_short && len > 1 ? len / 2 : len;
}

ssize_t write(int fd, const void *bytes, size_t len)
{
	bool is_short = false;

	if (strikes_fd(fd, WRITE, &is_short))
		return -1;
	return NEXT(write)(fd, bytes, shortened(len, is_short));
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t at)
{
	bool is_short = false;

	if (strikes_fd(fd, WRITE, &is_short))
		return -1;
	return NEXT(pwrite)(fd, bytes, shortened(len, is_short), at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t at)
{
	return pwrite(fd, bytes, len, at);
}

ssize_t pread(int fd, void *bytes, size_t len, off_t at)
{
	bool is_short = false;

	if (strikes_fd(fd, READ, &is_short))
		return -1;
	return NEXT(pread)(fd, bytes, shortened(len, is_short), at);
}

ssize_t pread64(int fd, void *bytes, size_t len, off64_t at)
{
	return pread(fd, bytes, len, at);
}

int fdatasync(int fd)
{
	return strikes_fd(fd, SYNC, NULL) ? -1 : NEXT(fdatasync)(fd);
}

int fsync(int fd)
{
	return strikes_fd(fd, SYNC_FOLDER, NULL) ? -1 : NEXT(fsync)(fd);
}

int ftruncate(int fd, off_t size)
{
	return strikes_fd(fd, CUT, NULL) ? -1 : NEXT(ftruncate)(fd, size);
}

int ftruncate64(int fd, off64_t size)
{
	return ftruncate(fd, size);
}

int posix_fallocate(int fd, off_t at, off_t size)
{
	return strikes_fd(fd, CUT, NULL) ? errno : NEXT(posix_fallocate)(fd, at, size);
}

int posix_fallocate64(int fd, off64_t at, off64_t size)
{
	return posix_fallocate(fd, at, size);
}

int rename(const char *from, const char *to)
{
	return strikes_path(from, RENAME) ? -1 : NEXT(rename)(from, to);
}

int unlink(const char *path)
{
	return strikes_path(path, REMOVE) ? -1 : NEXT(unlink)(path);
}

static int mode_of(int flags, va_list args)
{
	return flags & (O_CREAT | O_TMPFILE) ? va_arg(args, int) : 0;
}

int open(const char *path, int flags, ...)
{
	va_list args;
	int mode;

	va_start(args, flags);
	mode = mode_of(flags, args);
	va_end(args);
	if ((flags & O_ACCMODE) != O_RDONLY && strikes_path(path, OPEN))
		return -1;
	return NEXT(open)(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
	va_list args;
	int mode;

	va_start(args, flags);
	mode = mode_of(flags, args);
	va_end(args);
	return open(path, flags, mode);
}

/* --- allocations --- */

static bool strikes_allocation(void *caller)
{
	uint64_t n, at;

	if (control == NULL || (at = control->allocation_at) == 0 || (uintptr_t)caller < text_from ||
	    (uintptr_t)caller >= text_to)
		return false;
	n = atomic_fetch_add(&control->allocations, 1) + 1;
	if (n < at || n - at >= control->allocation_count)
		return false;
	atomic_fetch_add(&control->allocations_failed, 1);
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	return strikes_allocation(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	return strikes_allocation(__builtin_return_address(0)) ? NULL : __libc_calloc(n, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return strikes_allocation(__builtin_return_address(0)) ? NULL : __libc_memalign(alignment, size);
}

void *realloc(void *old, size_t size)
{
	return strikes_allocation(__builtin_return_address(0)) ? NULL : __libc_realloc(old, size);
}

void *reallocarray(void *old, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes) || strikes_allocation(__builtin_return_address(0))) {
		errno = ENOMEM;
		return NULL;
	}
	return __libc_realloc(old, bytes);
}

char *strdup(const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = strikes_allocation(__builtin_return_address(0)) ? NULL : __libc_malloc(size);

	return copy != NULL ? memcpy(copy, text, size) : NULL;
}
