/* SPDX-License-Identifier: MPL-2.0 */
/* `effortctl journal repair`: what a start of effortd leaves alone. Damaged files that hold nothing usable
 * are set aside under a name of their own, unfinished ones removed, who the writer is written again from its
 * other copy. Nothing is deleted that held a count. Only --write changes anything, and holds effortd's lock.
 */
#include "ctl/journal.h"

#include "ctl/failure.h"
#include "ctl/figure.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum remedy { REMEDY_NONE, REMEDY_ASIDE, REMEDY_REMOVE, REMEDY_WRITE };

static const struct {
	const char *name;
	enum word would, done;
} remedies[] = {
	[REMEDY_ASIDE] = { "set_aside", W_J_WOULD_ASIDE, W_J_DID_ASIDE },
	[REMEDY_REMOVE] = { "remove", W_J_WOULD_REMOVE, W_J_DID_REMOVE },
	[REMEDY_WRITE] = { "write_again", W_J_WOULD_WRITE, W_J_DID_WRITE },
};

static enum remedy remedy_of(enum finding_kind kind)
{
	switch (kind) {
	case FOUND_HEADER:
	case FOUND_DAY:
	case FOUND_MONTH:
		return REMEDY_ASIDE;
	case FOUND_STRAY:
		return REMEDY_REMOVE;
	case FOUND_WRITER_COPY:
		return REMEDY_WRITE;
	default:
		return REMEDY_NONE;
	}
}

/* A name that is free: "<file>.damaged", "<file>.damaged-2", ... False: none of a hundred is. */
static bool free_name(const char *file, char *buf, size_t size)
{
	for (int i = 1; i < 100; i++) {
		if (i == 1)
			snprintf(buf, size, "%s.damaged", file);
		else
			snprintf(buf, size, "%s.damaged-%d", file, i);
		if (access(buf, F_OK) != 0)
			return true;
	}
	return false;
}

/* What was made as root must stay effortd's. */
static void give_back(const char *folder, const char *name)
{
	char path[4300];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (geteuid() == 0 && stat(folder, &st) == 0 && chown(path, st.st_uid, st.st_gid) != 0)
		return;
}

static int write_identity(const struct survey *survey)
{
	char folder[4100];
	int r;

	snprintf(folder, sizeof(folder), "%s/" SURVEY_JOURNAL, survey->state_dir);
	r = identity_write(survey->identity, &disk_real, folder);
	give_back(folder, "writer");
	give_back(folder, "writer.copy");
	return r;
}

/* The folder a file lies in. */
static int sync_around(const char *file)
{
	char folder[4800];

	snprintf(folder, sizeof(folder), "%.*s", (int)(strrchr(file, '/') - file), file);
	return disk_real.sync_folder(disk_real.ctx, folder);
}

static int apply(const struct survey *survey, const struct finding *finding, enum remedy remedy)
{
	char aside[4900];
	int r;

	if (remedy == REMEDY_WRITE)
		return write_identity(survey);
	if (remedy == REMEDY_REMOVE)
		r = disk_real.remove(disk_real.ctx, finding->file);
	else
		r = free_name(finding->file, aside, sizeof(aside))
			    ? disk_real.rename(disk_real.ctx, finding->file, aside)
			    : -EEXIST;
	return r < 0 ? r : sync_around(finding->file);
}

static int lock_failed(struct ctl *ctl, const char *path)
{
	enum word next = errno == EACCES || errno == EPERM ? W_NEXT_PERMISSION : W_NEXT_WRITABLE;

	return ctl_fail(ctl, CTL_IO, W_OPEN_FAILED, next, path, failure_text(ctl, errno));
}

/* The lock is held until *ret_fd is closed. */
static int take_lock(struct ctl *ctl, const char *state_dir, int *ret_fd)
{
	char path[4200];
	int fd, r;

	snprintf(path, sizeof(path), "%s/lock", state_dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (fd < 0)
		return lock_failed(ctl, path);
	give_back(state_dir, "lock");
	if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
		*ret_fd = fd;
		return CTL_OK;
	}
	if (errno == EWOULDBLOCK)
		r = ctl_fail(ctl, CTL_UNAVAILABLE, W_J_LOCKED, W_NEXT_J_STOP, state_dir);
	else
		r = lock_failed(ctl, path);
	close(fd);
	return r;
}

struct repair {
	struct ctl *ctl;
	struct page page;
	bool is_writing;
	size_t done, failed, left;
};

static void tell_json(struct repair *repair, const struct finding *finding, enum remedy remedy, int r)
{
	struct text *out = &repair->page.text;

	text_puts(out, repair->done + repair->failed > 1 ? ",{" : "{");
	text_key_cstr(out, "action", remedies[remedy].name);
	text_key_cstr(out, "file", finding->file);
	text_key_bool(out, "is_done", repair->is_writing && r == 0);
	text_key_cstr(out, "error", r == 0 ? "" : strerror(-r));
	text_puts(out, "}");
}

static void tell(struct repair *repair, const struct finding *finding, enum remedy remedy, int r)
{
	enum word word = r < 0                ? W_J_CANNOT
			 : repair->is_writing ? remedies[remedy].done
					      : remedies[remedy].would;
	struct page piece;

	page_init(&piece, repair->ctl);
	page_fill(&piece, word, finding->file, failure_text(repair->ctl, -r));
	page_style(&repair->page, r < 0 ? STYLE_BAD : STYLE_PLAIN);
	page_paragraph(&repair->page, &piece, 2);
	page_style(&repair->page, STYLE_PLAIN);
	page_done(&piece);
}

static void treat(struct repair *repair, const struct survey *survey)
{
	for (size_t i = 0; i < survey->findings_len; i++) {
		const struct finding *finding = &survey->findings[i];
		enum remedy remedy = remedy_of(finding->kind);
		int r = 0;

		if (remedy == REMEDY_NONE || finding->file == NULL) {
			repair->left += finding_is_damage(finding->kind);
			continue;
		}
		if (repair->is_writing)
			r = apply(survey, finding, remedy);
		*(r == 0 ? &repair->done : &repair->failed) += 1;
		if (repair->ctl->is_json)
			tell_json(repair, finding, remedy, r);
		else
			tell(repair, finding, remedy, r);
	}
}

static void summary(struct repair *repair)
{
	struct ctl *ctl = repair->ctl;
	struct page piece;

	page_init(&piece, ctl);
	if (repair->done + repair->failed == 0)
		page_word(&piece, W_J_REPAIR_NOTHING);
	else if (!repair->is_writing)
		page_fill(&piece, W_J_REPAIR_WOULD, figure_many(ctl, (int64_t)repair->done, W_N_CHANGES));
	else
		page_fill(&piece, W_J_REPAIR_DID, figure_many(ctl, (int64_t)repair->done, W_N_CHANGES));
	if (repair->left > 0)
		page_fill(&piece, W_J_REPAIR_LEFT, figure_many(ctl, (int64_t)repair->left, W_N_DAMAGES));
	page_paragraph(&repair->page, &piece, 0);
	page_done(&piece);
}

static int report(struct repair *repair, const struct survey *survey)
{
	struct text *out = &repair->page.text;

	if (repair->ctl->is_json) {
		text_puts(out, "{");
		text_key_cstr(out, "state_dir", survey->state_dir);
		text_key_bool(out, "is_written", repair->is_writing);
		text_key(out, "actions");
		text_puts(out, "[");
	}
	treat(repair, survey);
	if (repair->ctl->is_json) {
		text_puts(out, "]");
		text_key_int(out, "failed", (int64_t)repair->failed);
		text_key_int(out, "left", (int64_t)repair->left);
		text_key_bool(out, "ok", repair->failed == 0);
		text_puts(out, "}\n");
	} else {
		summary(repair);
	}
	return repair->failed > 0 ? CTL_IO : CTL_OK;
}

/* With the lock held everything is looked at anew: effortd may have ended or repaired something meanwhile. */
static int look_again(struct ctl *ctl, const char *state_dir, struct survey **survey, int *ret_fd)
{
	int r = take_lock(ctl, state_dir, ret_fd);

	survey_free(*survey);
	*survey = NULL;
	return r == CTL_OK ? journal_look(ctl, state_dir, true, survey) : r;
}

int journal_repair(struct ctl *ctl, const char *state_dir, const struct journal_options *options)
{
	struct repair repair = { .ctl = ctl, .is_writing = options->is_writing };
	struct survey *survey = NULL;
	int fd = -1, r, written;

	r = journal_look(ctl, state_dir, !options->is_writing, &survey);
	if (r == CTL_OK && options->is_writing)
		r = look_again(ctl, state_dir, &survey, &fd);
	if (r == CTL_OK) {
		page_init(&repair.page, ctl);
		r = report(&repair, survey);
		written = journal_put(ctl, &repair.page);
		r = r == CTL_OK ? written : r;
	}
	survey_free(survey);
	if (fd >= 0)
		close(fd);
	return r;
}
