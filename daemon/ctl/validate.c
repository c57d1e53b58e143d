/* SPDX-License-Identifier: MPL-2.0 */
/* `effortctl validate`: what the daemon would refuse, line by line, and never a byte of what the lines say.
 */
#include "base/clock.h"
#include "ctl/catalogue.h"
#include "ctl/explain.h"
#include "ctl/failure.h"
#include "ctl/figure.h"
#include "ctl/help.h"
#include "ctl/lines.h"
#include "ctl/options.h"
#include "ctl/page.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define WRITE_AT 65536

struct check {
	struct ctl *ctl;
	struct catalogue *catalogue; /* owned; NULL: form only */
	struct decoder *decoder;     /* owned */
	struct page out;
	const char *file;
	int64_t now_ms;
	int64_t lines, refused, unknown, by_code[CODES];
};

static void report_json(struct check *check, int64_t number, const struct refusal *refusal)
{
	struct text *json = &check->out.text;

	text_puts(json, "{");
	text_key_cstr(json, "file", check->file);
	text_key_int(json, "line", number);
	text_key_cstr(json, "code", code_name(refusal->code));
	text_key_cstr(json, "field", refusal->field);
	text_key_int(json, "at", (int64_t)refusal->at);
	text_key_cstr(json, "detail", refusal->detail);
	text_puts(json, "}\n");
}

static void report(struct check *check, int64_t number, const struct refusal *refusal)
{
	struct page *out = &check->out;

	if (check->ctl->is_json) {
		report_json(check, number, refusal);
		return;
	}
	page_add(out, check->file);
	text_printf(&out->text, ":%lld: ", (long long)number);
	page_style(out, STYLE_BAD);
	page_add(out, code_name(refusal->code));
	page_style(out, STYLE_PLAIN);
	if (refusal->field[0] != '\0')
		text_puts(&out->text, " ");
	page_add(out, refusal->field);
	text_puts(&out->text, ": ");
	page_add(out, explain_refusal(check->ctl, refusal));
	page_line(out);
}

static enum code check_line(struct check *check, struct effort_str line, struct refusal *ret)
{
	struct effort_event event;
	enum code code;

	decoder_reset(check->decoder);
	code = decode_line(check->decoder, line.ptr, line.len, (struct effort_str){ "", 0 }, &event, ret);
	if (code != CODE_OK || check->catalogue == NULL)
		return code;
	code = catalogue_check(check->catalogue, &event, check->now_ms, ret);
	if (code == CODE_OK && !catalogue_knows(check->catalogue, &event))
		check->unknown++;
	return code;
}

static enum code judge(struct check *check, enum lines_found found, struct effort_str line,
		       struct refusal *ret)
{
	if (found == LINES_LINE)
		return check_line(check, line, ret);
	*ret = (struct refusal){ .field = "" };
	ret->code = found == LINES_PARTIAL ? E_PARTIAL : E_TOO_LONG;
	ret->detail = found == LINES_PARTIAL ? "a line feed at the end of the file" : "at most 65,536 bytes";
	return ret->code;
}

/* CTL_OK whatever the lines are like; CTL_IO. */
static int check_lines(struct check *check, struct lines *lines)
{
	struct effort_str line;
	struct refusal refusal;
	enum lines_found found;
	int64_t number;

	while ((found = lines_next(lines, &line, &number)) < LINES_END) {
		check->lines++;
		if (judge(check, found, line, &refusal) == CODE_OK)
			continue;
		check->refused++;
		check->by_code[refusal.code]++;
		report(check, number, &refusal);
		if (check->out.text.len >= WRITE_AT && page_write(&check->out, stdout) != 0)
			return ctl_fail_write(check->ctl);
	}
	if (found == LINES_FAILED)
		return ctl_fail(check->ctl, CTL_IO, W_READ_FAILED, W_NEXT_FILE, check->file, failure_text(check->ctl, errno));
	return CTL_OK;
}

static int check_file(struct check *check, const char *file)
{
	bool is_stdin = strcmp(file, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC), r;
	struct lines lines;

	if (fd < 0)
		return ctl_fail(check->ctl, CTL_IO, W_OPEN_FAILED, W_NEXT_FILE, file, failure_text(check->ctl, errno));
	check->file = is_stdin ? "stdin" : file;
	if (lines_init(&lines, fd) == 0) {
		r = check_lines(check, &lines);
		lines_done(&lines);
	} else {
		r = ctl_fail(check->ctl, CTL_INTERNAL, W_NO_MEMORY, W_NEXT_MEMORY, "");
	}
	if (!is_stdin)
		close(fd);
	return r;
}

static void say_against(struct page *page, const struct catalogue *catalogue)
{
	const char *file = catalogue_file(catalogue);

	if (file == NULL)
		file = word_text(W_ST_BUILT_IN, page->ctl->is_danish);
	page_fill(page, catalogue_knows_ages(catalogue) ? W_VALID_AGAINST : W_VALID_AGAINST_NO_AGE, file);
}

static void summary(struct check *check)
{
	struct ctl *ctl = check->ctl;
	struct page page;

	page_init(&page, ctl);
	page_fill(&page, W_VALID_SUMMARY, figure_many(ctl, check->lines, W_N_LINES),
		  figure_count(ctl, check->lines - check->refused), figure_count(ctl, check->refused));
	for (int code = CODE_OK + 1, n = 0; code < CODES; code++)
		if (check->by_code[code] > 0)
			page_add(&page,
				 ctl_note(ctl, "%s%s %s", n++ == 0 ? ": " : ", ", code_name((enum code)code),
					  figure_count(ctl, check->by_code[code])));
	page_line(&page);
	if (check->unknown > 0) {
		page_fill(&page, check->unknown == 1 ? W_VALID_UNKNOWN_ONE : W_VALID_UNKNOWN,
			  figure_count(ctl, check->unknown));
		page_line(&page);
	}
	if (check->catalogue == NULL)
		page_word(&page, W_VALID_FORM_ONLY);
	else
		say_against(&page, check->catalogue);
	page_line(&page);
	if (check->refused > 0) {
		page_word(&page, W_VALID_EXPLAIN);
		page_line(&page);
	}
	page_write(&page, stderr);
	page_done(&page);
}

static int run(struct check *check, char **files)
{
	int r;

	check->decoder = decoder_new(DECODE_MAX_LINE);
	if (check->decoder == NULL)
		return ctl_fail(check->ctl, CTL_INTERNAL, W_NO_MEMORY, W_NEXT_MEMORY, "");
	page_init(&check->out, check->ctl);
	check->now_ms = clock_now_ms();
	r = files[0] == NULL ? check_file(check, "-") : CTL_OK;
	for (; *files != NULL && r == CTL_OK; files++)
		r = check_file(check, *files);
	if (page_write(&check->out, stdout) != 0 && r == CTL_OK)
		r = ctl_fail_write(check->ctl);
	if (r == CTL_OK)
		summary(check);
	page_done(&check->out);
	decoder_free(check->decoder);
	return r != CTL_OK ? r : check->refused > 0 ? CTL_REFUSED : CTL_OK;
}

int validate_command(struct ctl *ctl, char **args)
{
	struct check check = { .ctl = ctl };
	const char *config = NULL;
	bool is_form_only = false;
	const struct option own[] = { { "-c", &config, NULL },
				      { "--form-only", NULL, &is_form_only },
				      { NULL, NULL, NULL } };
	int r = options_parse(ctl, own, args);

	if (r != CTL_OK)
		return r;
	if (ctl->wants_help)
		return help_print(ctl, "validate");
	if (config != NULL)
		r = catalogue_open(ctl, config, &check.catalogue);
	else if (!is_form_only)
		check.catalogue = catalogue_of_daemon(ctl);
	if (r == CTL_OK)
		r = run(&check, args);
	catalogue_close(check.catalogue);
	return r;
}
