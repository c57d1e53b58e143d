/* SPDX-License-Identifier: MPL-2.0 */
/* `effortctl efforts add`, `stop` and `remove`: a change of the registry in state_dir, checked by what reads every file of efforts,
 * written as a whole, and then read by the daemon that runs on that state_dir. */
#include "ctl/efforts.h"

#include "base/text.h"
#include "conf/conf.h"
#include "conf/registry.h"
#include "ctl/answer.h"
#include "ctl/catalogue.h"
#include "ctl/failure.h"
#include "ctl/figure.h"
#include "ctl/link.h"
#include "ctl/state_dir.h"
#include "domain/calendar.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define INPUT_MAX (1024 * 1024)

struct change {
	struct ctl *ctl;
	const struct efforts_options *o;
	char state_dir[4000];
	struct catalogue *catalogue; /* owned; NULL: no configuration is known, so references are not looked up */
	struct effort_known known;
	struct registry registry;
	struct faults faults;
};

static const struct conf *conf_of(const struct change *c)
{
	return c->catalogue == NULL ? NULL : catalogue_conf(c->catalogue);
}

#define OF_OPTIONS "effortctl efforts add"

/* What options came to has a place in no file. */
static const char *without_place(const char *text)
{
	size_t len = strlen(OF_OPTIONS);

	if (strncmp(text, OF_OPTIONS ":", len + 1) != 0)
		return text;
	text += len + strspn(text + len, ":0123456789");
	return text + (*text == ' ');
}

static void print_faults(const struct faults *faults)
{
	for (size_t i = 0; i < faults->n; i++) {
		fprintf(stderr, "%s\n", without_place(faults->list[i].text));
		if (faults->list[i].hint != NULL)
			fprintf(stderr, "  %s\n", faults->list[i].hint);
	}
}

static int tell_faults(struct change *c, const char *what)
{
	print_faults(&c->faults);
	return ctl_fail(c->ctl, CTL_CONFIG, W_CONFIG_FAULTS,
			strcmp(what, OF_OPTIONS) == 0 ? W_NEXT_EFFORT_OPTIONS : W_NEXT_EFFORTS_FILE, what);
}

/* --- opening and closing --- */

static int change_open(struct change *c)
{
	struct error err = { "" };
	int r = state_dir_find(c->ctl, c->o->state_dir, c->o->config, c->state_dir, sizeof(c->state_dir));

	if (r != CTL_OK)
		return r;
	if (c->o->config == NULL)
		c->catalogue = catalogue_of_daemon(c->ctl);
	else
		r = catalogue_open(c->ctl, c->o->config, &c->catalogue);
	if (r != CTL_OK)
		return r;
	if (conf_of(c) != NULL)
		c->known = conf_known(conf_of(c));
	r = registry_open(&c->registry, c->state_dir, &c->known, &c->faults, &err);
	if (r == 0)
		return CTL_OK;
	if (r == -EINVAL)
		r = tell_faults(c, "efforts.conf");
	else
		r = ctl_fail(c->ctl, CTL_IO, W_EFFORT_FAILED, W_NEXT_PERMISSION, err.text);
	catalogue_close(c->catalogue);
	return r;
}

static void change_close(struct change *c)
{
	registry_close(&c->registry);
	catalogue_close(c->catalogue);
	faults_done(&c->faults);
}

/* --- what comes after --- */

/* The daemon that runs on this state_dir, and no other. */
static bool runs_here(struct change *c)
{
	struct reply reply;
	char *real;
	bool is_here = false;
	int r;

	c->ctl->is_quiet = true;
	r = link_ask_ok(c->ctl, "{\"cmd\":\"status\"}", &reply);
	c->ctl->is_quiet = false;
	if (r != CTL_OK)
		return false;
	real = realpath(answer_text(reply.doc, "state_dir"), NULL);
	is_here = real != NULL && strcmp(real, c->state_dir) == 0;
	free(real);
	reply_done(&reply);
	return is_here;
}

/* Refused: the registry has the change all the same. */
static int reload(struct change *c)
{
	struct reply reply;
	const json_t *fault;
	size_t i;
	int r = link_ask(c->ctl, "{\"cmd\":\"reload\"}", &reply);

	if (r != CTL_OK)
		return r;
	json_array_foreach(answer_array(reply.doc, "faults"), i, fault)
		fprintf(stderr, "%s\n", answer_text(fault, "text"));
	if (json_array_size(answer_array(reply.doc, "faults")) > 0)
		r = ctl_fail(c->ctl, CTL_REFUSED, W_EFFORT_NOT_IN_FORCE, W_NEXT_EFFORT_NOT_IN_FORCE, "");
	else
		r = reply_check(c->ctl, &reply);
	reply_done(&reply);
	return r;
}

static void print_json(const struct effort *efforts, size_t n, bool is_ok, bool is_in_force)
{
	printf("{\"ok\":%s,\"ids\":[", is_ok ? "true" : "false");
	for (size_t i = 0; i < n; i++)
		printf("%s\"%s\"", i > 0 ? "," : "", efforts[i].id);
	printf("],\"is_in_force\":%s}\n", is_in_force ? "true" : "false");
}

/* efforts: those that have changed. */
static int save(struct change *c, enum word done, const struct effort *efforts, size_t n)
{
	struct error err = { "" };
	bool is_here = runs_here(c);
	int r;

	if (registry_save(&c->registry, &err) < 0)
		return ctl_fail(c->ctl, CTL_IO, W_EFFORT_FAILED, W_NEXT_DISK, err.text);
	for (size_t i = 0; i < n; i++)
		ctl_say(c->ctl, done, efforts[i].id);
	r = is_here ? reload(c) : CTL_OK;
	if (!is_here)
		ctl_say(c->ctl, W_EFFORT_NEXT_START, c->state_dir);
	if (c->ctl->is_json)
		print_json(efforts, n, r == CTL_OK, is_here && r == CTL_OK);
	return r;
}

/* --- add --- */

static void put(struct text *t, const char *name, const char *value)
{
	if (value == NULL)
		return;
	text_printf(t, "%s = \"", name);
	for (; *value != '\0'; value++) {
		if (*value == '"' || *value == '\\')
			text_puts(t, "\\");
		text_add(t, value, 1);
	}
	text_puts(t, "\"; ");
}

/* The options as one effort in the form of the files. */
static int text_of_options(struct change *c, struct text *t)
{
	const struct efforts_options *o = c->o;
	int64_t target;

	if (o->target != NULL && !figure_hundredths(o->target, &target))
		return ctl_fail(c->ctl, CTL_USAGE, W_EFFORT_TARGET_BAD, W_NEXT_EFFORT_TARGET, o->target);
	text_puts(t, "efforts = ( { ");
	put(t, "id", o->new_id);
	put(t, "title", o->title);
	put(t, "category", o->category);
	put(t, "municipality", o->municipality);
	put(t, "scope", o->scope);
	put(t, "channel", o->channel);
	put(t, "unit", o->unit);
	put(t, "from", o->from);
	put(t, "to", o->to);
	put(t, "measure", o->measure);
	put(t, "status", o->status);
	if (o->target != NULL) {
		text_printf(t, "target = { value = %s; ", o->target);
		put(t, "due", o->due);
		text_puts(t, "}; ");
	}
	text_puts(t, "} );\n");
	return CTL_OK;
}

static int text_of_file(struct change *c, struct text *t)
{
	bool is_stdin = strcmp(c->o->input, "-") == 0;
	FILE *in = is_stdin ? stdin : fopen(c->o->input, "rb");
	char buf[16384];
	size_t n;
	int error;

	if (in == NULL)
		return ctl_fail(c->ctl, CTL_NO_INPUT, W_OPEN_FAILED, W_NEXT_FILE, c->o->input, failure_text(c->ctl, errno));
	while (!t->is_cut && (n = fread(buf, 1, sizeof(buf), in)) > 0)
		text_add(t, buf, n);
	error = ferror(in) ? errno : 0;
	if (!is_stdin)
		fclose(in);
	if (error != 0)
		return ctl_fail(c->ctl, CTL_IO, W_READ_FAILED, W_NEXT_FILE, c->o->input, failure_text(c->ctl, error));
	if (t->is_cut)
		return ctl_fail(c->ctl, CTL_NO_INPUT, W_EFFORT_TOO_LARGE, W_NEXT_EFFORTS_FILE, c->o->input);
	return CTL_OK;
}

/* Together with what the configuration's own file has: ids in both are a fault. */
static int join(struct change *c)
{
	const struct conf *conf = conf_of(c);
	struct effort_list all = { 0 };
	size_t own = conf == NULL ? 0 : conf->efforts_len;

	all.efforts = arena_array(&c->registry.arena, own + c->registry.list.n, sizeof(*all.efforts));
	for (size_t i = 0; i < own; i++)
		if (!conf->efforts[i].is_registered)
			all.efforts[all.n++] = conf->efforts[i];
	for (size_t i = 0; i < c->registry.list.n; i++)
		all.efforts[all.n++] = c->registry.list.efforts[i];
	return effort_list_join(&all, &c->faults);
}

static int add(struct change *c)
{
	const char *name = c->o->input == NULL ? OF_OPTIONS : c->o->input;
	size_t had = c->registry.list.n;
	struct text text;
	int r;

	text_init(&text, INPUT_MAX);
	r = c->o->input == NULL ? text_of_options(c, &text) : text_of_file(c, &text);
	if (r == CTL_OK &&
	    (effort_list_read_text(&c->registry.list, &c->registry.arena, arena_strdup(&c->registry.arena, name),
				   text.ptr == NULL ? "" : text.ptr, text.len, &c->known, &c->faults) < 0 ||
	     join(c) < 0))
		r = tell_faults(c, name);
	else if (r == CTL_OK && c->registry.list.n == had)
		r = ctl_fail(c->ctl, CTL_NO_INPUT, W_EFFORT_NOTHING, W_NEXT_EFFORTS_FILE, name);
	else if (r == CTL_OK)
		r = save(c, W_EFFORT_ADDED, &c->registry.list.efforts[had], c->registry.list.n - had);
	text_done(&text);
	return r;
}

int efforts_add(struct ctl *ctl, const struct efforts_options *o)
{
	struct change c = { .ctl = ctl, .o = o };
	int r;

	if (o->input == NULL && o->new_id == NULL)
		return ctl_fail(ctl, CTL_USAGE, W_EFFORT_NO_INPUT, W_NEXT_EFFORT_INPUT, "");
	if (o->input != NULL && o->new_id != NULL)
		return ctl_fail(ctl, CTL_USAGE, W_EFFORT_BOTH, W_NEXT_EFFORT_INPUT, o->input);
	r = o->input == NULL ? efforts_check_new(ctl, o) : CTL_OK;
	if (r == CTL_OK)
		r = change_open(&c);
	if (r != CTL_OK)
		return r;
	r = add(&c);
	change_close(&c);
	return r;
}

/* --- stop --- */

static int day_of(struct change *c, int32_t *ret)
{
	time_t now = time(NULL);
	struct tm tm = { 0 };

	localtime_r(&now, &tm);
	*ret = day_of_date(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
	if (c->o->on != NULL && !day_parse(c->o->on, strlen(c->o->on), ret))
		return ctl_fail(c->ctl, CTL_USAGE, W_EFFORT_DAY_BAD, W_NEXT_EFFORT_DAY, c->o->on);
	return CTL_OK;
}

static int not_registered(struct change *c, enum word next)
{
	const struct conf *conf = conf_of(c);

	for (size_t i = 0; conf != NULL && i < conf->efforts_len; i++)
		if (strcmp(conf->efforts[i].id, c->o->id) == 0)
			return ctl_fail(c->ctl, CTL_REFUSED, W_EFFORT_IN_FILE, next, c->o->id,
					ctl_note(c->ctl, "%s:%d", conf->efforts[i].place.file, conf->efforts[i].place.line));
	return ctl_fail(c->ctl, CTL_REFUSED, W_EFFORT_UNKNOWN, W_NEXT_EFFORT_WHICH, c->o->id);
}

static struct effort *find(struct change *c)
{
	for (size_t i = 0; i < c->registry.list.n; i++)
		if (strcmp(c->registry.list.efforts[i].id, c->o->id) == 0)
			return &c->registry.list.efforts[i];
	return NULL;
}

static int stop(struct change *c)
{
	struct effort *effort = find(c);
	int32_t day;
	int r = day_of(c, &day);

	if (r != CTL_OK)
		return r;
	if (effort == NULL)
		return not_registered(c, W_NEXT_EFFORT_IN_FILE);
	if (day < effort->first)
		return ctl_fail(c->ctl, CTL_REFUSED, W_EFFORT_NOT_BEGUN, W_NEXT_EFFORT_DAY, c->o->id);
	effort->last = day;
	effort->status = EFFORT_STOPPED;
	return save(c, W_EFFORT_STOPPED, effort, 1);
}

int efforts_stop(struct ctl *ctl, const struct efforts_options *o)
{
	struct change c = { .ctl = ctl, .o = o };
	int r = change_open(&c);

	if (r != CTL_OK)
		return r;
	r = stop(&c);
	change_close(&c);
	return r;
}

/* --- remove --- */

static int take_out(struct change *c)
{
	struct effort_list *list = &c->registry.list;
	struct effort *effort = find(c), removed;

	if (effort == NULL)
		return not_registered(c, W_NEXT_EFFORT_REMOVE_IN_FILE);
	removed = *effort;
	list->n--;
	memmove(effort, effort + 1, (size_t)(list->efforts + list->n - effort) * sizeof(*effort));
	if (join(c) < 0)
		return tell_faults(c, removed.id);
	return save(c, W_EFFORT_REMOVED, &removed, 1);
}

int efforts_remove(struct ctl *ctl, const struct efforts_options *o)
{
	struct change c = { .ctl = ctl, .o = o };
	int r = change_open(&c);

	if (r != CTL_OK)
		return r;
	r = take_out(&c);
	change_close(&c);
	return r;
}
