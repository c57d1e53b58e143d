/* SPDX-License-Identifier: MPL-2.0 */
/* See catalogue.h. The names the areas know are kept as one sorted list for each kind of name, so that files
 * of millions of lines are checked without a daemon. */
#include "ctl/catalogue.h"

#include "conf/conf.h"
#include "ctl/answer.h"
#include "ctl/link.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OVERRIDES_MAX  32 /* fewer than a struct ctl has notes */
#define NAME_MAX_BYTES 80 /* more than any task, service or KLE number has */

struct names {
	size_t n;
	const char **list; /* owned; the texts are the configuration's */
};

struct catalogue {
	struct conf *conf; /* owned */
	char *file;        /* owned */
	struct names tasks, prefixes, services;
	bool knows_ages;
};

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add(struct names *names, const char *name)
{
	if (names->list != NULL && name != NULL)
		names->list[names->n++] = name;
}

static bool has(const struct names *names, struct effort_str name)
{
	char buf[NAME_MAX_BYTES];
	const char *key = buf;

	if (name.len == 0 || name.len >= sizeof buf || names->n == 0)
		return false;
	memcpy(buf, name.ptr, name.len);
	buf[name.len] = '\0';
	return bsearch(&key, names->list, names->n, sizeof *names->list, compare) != NULL;
}

static void count_names(const struct conf *conf, size_t *tasks, size_t *prefixes, size_t *services)
{
	for (size_t i = 0; i < conf->areas_len; i++) {
		const struct area_def *area = &conf->areas[i];

		*tasks += area->tasks_len;
		*services += area->services_len;
		*prefixes += area->claims_len;
		for (size_t t = 0; t < area->tasks_len; t++)
			*prefixes += area->tasks[t].kle_len;
	}
}

static void add_area(struct catalogue *c, const struct area_def *area)
{
	for (size_t i = 0; i < area->claims_len; i++)
		add(&c->prefixes, area->claims[i].prefix);
	for (size_t i = 0; i < area->services_len; i++)
		add(&c->services, area->services[i].service);
	for (size_t i = 0; i < area->tasks_len; i++) {
		add(&c->tasks, area->tasks[i].id);
		for (size_t k = 0; k < area->tasks[i].kle_len; k++)
			add(&c->prefixes, area->tasks[i].kle[k]);
	}
}

static void build(struct catalogue *c)
{
	size_t tasks = 0, prefixes = 0, services = 0;

	count_names(c->conf, &tasks, &prefixes, &services);
	c->tasks.list = calloc(tasks + 1, sizeof *c->tasks.list);
	c->prefixes.list = calloc(prefixes + 1, sizeof *c->prefixes.list);
	c->services.list = calloc(services + 1, sizeof *c->services.list);
	for (size_t i = 0; i < c->conf->areas_len; i++)
		add_area(c, &c->conf->areas[i]);
	for (struct names *n = &c->tasks; n <= &c->services; n++)
		if (n->n > 0)
			qsort(n->list, n->n, sizeof *n->list, compare);
}

static void print_faults(const struct faults *faults)
{
	for (size_t i = 0; i < faults->n; i++) {
		fprintf(stderr, "%s\n", faults->list[i].text);
		if (faults->list[i].hint != NULL)
			fprintf(stderr, "  %s\n", faults->list[i].hint);
	}
}

/* -1 with the faults printed, unless is_quiet. file NULL: the built-in defaults. */
static int load(const char *file, const struct conf_override *overrides, size_t n, bool is_quiet,
		struct catalogue **ret)
{
	struct faults *faults = calloc(2, sizeof *faults);
	struct catalogue *c = calloc(1, sizeof *c);

	if (faults != NULL && c != NULL)
		c->conf = conf_load(file, overrides, n, &faults[0], &faults[1]);
	if (faults != NULL && !is_quiet)
		print_faults(&faults[0]);
	if (faults != NULL) {
		faults_done(&faults[0]);
		faults_done(&faults[1]);
	}
	free(faults);
	if (c == NULL || c->conf == NULL) {
		free(c);
		return -1;
	}
	c->file = file == NULL ? NULL : strdup(file);
	build(c);
	*ret = c;
	return 0;
}

int catalogue_open(struct ctl *ctl, const char *file, struct catalogue **ret)
{
	if (load(file, NULL, 0, false, ret) != 0)
		return ctl_fail(ctl, CTL_CONFIG, W_CONFIG_FAULTS, W_NEXT_CONFIG, file);
	(*ret)->knows_ages = true;
	return CTL_OK;
}

/* What was given with -s stands in the daemon's answer, "key=value" each. Returns their number. */
static size_t read_overrides(struct ctl *ctl, const json_t *config, struct conf_override *ret)
{
	const json_t *list = answer_array(config, "overrides"), *item;
	size_t n = 0, i;

	json_array_foreach(list, i, item)
	{
		const char *text = json_is_string(item) ? json_string_value(item) : "";
		const char *equals = strchr(text, '=');

		if (equals == NULL || n == OVERRIDES_MAX)
			continue;
		ret[n++] = (struct conf_override){ ctl_note(ctl, "%.*s", (int)(equals - text), text),
						   equals + 1 };
	}
	return n;
}

/* Relative paths are the daemon's: they are read in its folder. */
static int load_as_daemon(struct ctl *ctl, const json_t *status, struct catalogue **ret)
{
	const json_t *config = answer_object(status, "config");
	const char *file = answer_text(config, "file");
	struct conf_override overrides[OVERRIDES_MAX];
	size_t n = read_overrides(ctl, config, overrides);
	int here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC), r = -1;

	if (here < 0)
		return -1;
	if (chdir(ctl_note(ctl, "/proc/%d/cwd", (int)answer_int(status, "pid"))) == 0 || file[0] == '/')
		r = load(file[0] == '\0' ? NULL : file, overrides, n, true, ret);
	if (fchdir(here) != 0 && r == 0) {
		catalogue_close(*ret);
		r = -1;
	}
	close(here);
	return r;
}

struct catalogue *catalogue_of_daemon(struct ctl *ctl)
{
	struct catalogue *c = NULL;
	struct reply reply;
	int r;

	ctl->is_quiet = true;
	r = link_ask(ctl, "{\"cmd\":\"status\"}", &reply);
	ctl->is_quiet = false;
	if (r != CTL_OK)
		return NULL;
	if (load_as_daemon(ctl, reply.doc, &c) != 0)
		c = NULL;
	else
		/* Without the overrides the file alone does not tell which limits are in force. */
		c->knows_ages = answer_array(answer_object(reply.doc, "config"), "overrides") != NULL;
	reply_done(&reply);
	return c;
}

void catalogue_close(struct catalogue *c)
{
	if (c == NULL)
		return;
	free(c->tasks.list);
	free(c->prefixes.list);
	free(c->services.list);
	free(c->file);
	conf_free(c->conf);
	free(c);
}

const char *catalogue_file(const struct catalogue *c)
{
	return c->file;
}

const struct conf *catalogue_conf(const struct catalogue *c)
{
	return c->conf;
}

const char *catalogue_state_dir(const struct catalogue *c)
{
	return c->conf->state_dir;
}

const char *catalogue_zone(const struct catalogue *c)
{
	return c->conf->timezone;
}

bool catalogue_knows_ages(const struct catalogue *c)
{
	return c->knows_ages;
}

bool catalogue_municipality(const struct catalogue *c, size_t i, const char **ret_code, const char **ret_name)
{
	if (i >= c->conf->municipalities_len)
		return false;
	*ret_code = c->conf->municipalities[i].code;
	*ret_name = c->conf->municipalities[i].name;
	return true;
}

static bool is_municipality(const struct catalogue *c, struct effort_str code)
{
	for (size_t i = 0; i < c->conf->municipalities_len; i++)
		if (effort_equals(code, c->conf->municipalities[i].code))
			return true;
	return false;
}

static enum code refuse(struct refusal *ret, enum code code, const char *field, const char *detail)
{
	*ret = (struct refusal){ .code = code, .field = field, .detail = detail };
	return code;
}

enum code catalogue_check(const struct catalogue *c, const struct effort_event *ev, int64_t now_ms,
			  struct refusal *ret_refusal)
{
	int64_t late = c->conf->late_limit_ms, lead = c->conf->future_limit_ms;

	if (!is_municipality(c, ev->municipality))
		return refuse(ret_refusal, E_MUNICIPALITY, "municipality",
			      "the code of a configured municipality");
	if (!c->knows_ages)
		return CODE_OK;
	if (late != CONF_NEVER && ev->time_ms < now_ms - late)
		return refuse(ret_refusal, E_TOO_OLD, "time", "a time no older than late_limit allows");
	if (lead != CONF_NEVER && ev->time_ms > now_ms + lead)
		return refuse(ret_refusal, E_FUTURE, "time",
			      "a time no further ahead than future_limit allows");
	return CODE_OK;
}

/* The task of last resort that the configuration gives for a source. */
static bool has_default_task(const struct catalogue *c, const struct effort_event *ev)
{
	if (ev->task.len > 0 || ev->kle.len > 0)
		return false;
	for (size_t i = 0; i < c->conf->sources_len; i++)
		if (c->conf->sources[i].default_task != NULL &&
		    effort_equals(ev->source, c->conf->sources[i].name))
			return true;
	return false;
}

bool catalogue_knows(const struct catalogue *c, const struct effort_event *ev)
{
	struct effort_str prefix = ev->kle;

	if (has(&c->tasks, ev->task) || has(&c->services, ev->service) || has_default_task(c, ev))
		return true;
	/* "23.05.10", "23.05", "23" */
	for (; prefix.len >= 2; prefix.len -= prefix.len < 3 ? prefix.len : 3)
		if (has(&c->prefixes, prefix))
			return true;
	return false;
}
