/* SPDX-License-Identifier: MPL-2.0 */
/* The document of `effortctl efforts` without a daemon: what a file of efforts, or a whole configuration, has written
 * down. Nothing is counted in it. Faults of the files are told as a start of effortd would. */
#include "ctl/efforts.h"

#include "base/text.h"
#include "conf/conf.h"
#include "conf/effort_list.h"
#include "count/effort_total.h"
#include "ctl/catalogue.h"
#include "domain/calendar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct files {
	struct arena arena;
	struct effort_list list;
	struct conf *conf; /* owned; or NULL */
	struct catalogue *daemon; /* --file: where names come from, if a daemon runs; owned; or NULL */
	const struct conf *names; /* of one of the two; or NULL */
	struct effort_known known;
	const struct effort *efforts; /* of one of the two */
	size_t n;
	struct area_def named[AREA_MAX]; /* --file: those its efforts are for, by their ids */
};

static void files_done(struct files *files)
{
	conf_free(files->conf);
	catalogue_close(files->daemon);
	arena_done(&files->arena);
}

static void print_faults(const struct faults *faults)
{
	for (size_t i = 0; i < faults->n; i++) {
		fprintf(stderr, "%s\n", faults->list[i].text);
		if (faults->list[i].hint != NULL)
			fprintf(stderr, "  %s\n", faults->list[i].hint);
	}
}

static void name_area(struct files *files, const char *scope)
{
	size_t len = strcspn(scope, "/"), i = 0;
	char *id;

	if (strcmp(scope, "all") == 0 || strcmp(scope, "unclassified") == 0 || strchr(scope, ':') != NULL)
		return;
	while (i < files->known.areas_len && (strncmp(files->named[i].id, scope, len) != 0 || files->named[i].id[len] != '\0'))
		i++;
	if (i < files->known.areas_len || i == AREA_MAX)
		return;
	id = arena_printf(&files->arena, "%.*s", (int)len, scope);
	if (id != NULL)
		files->named[files->known.areas_len++] = (struct area_def){ .id = id };
}

/* A file alone knows no areas, so the report has those that it names, in its order. */
static void name_areas(struct files *files)
{
	files->known.areas = files->named;
	for (size_t i = 0; i < files->n; i++)
		for (size_t s = 0; s < files->efforts[i].scopes_len; s++)
			name_area(files, files->efforts[i].scopes[s]);
}

static int read_files(struct ctl *ctl, struct files *files, const struct efforts_options *o, struct faults *faults)
{
	struct faults warnings = { 0 };

	if (o->file != NULL) {
		if (effort_list_read(&files->list, &files->arena, o->file, false, NULL, faults) < 0 ||
		    effort_list_join(&files->list, faults) < 0)
			return -1;
		files->efforts = files->list.efforts;
		files->n = files->list.n;
		name_areas(files);
		files->daemon = catalogue_of_daemon(ctl);
		files->names = files->daemon == NULL ? NULL : catalogue_conf(files->daemon);
		return 0;
	}
	files->conf = conf_load(o->config, NULL, 0, faults, &warnings);
	print_faults(&warnings);
	faults_done(&warnings);
	if (files->conf == NULL)
		return -1;
	files->names = files->conf;
	files->known = conf_known(files->conf);
	files->efforts = files->conf->efforts;
	files->n = files->conf->efforts_len;
	return 0;
}

static int32_t today(void)
{
	time_t now = time(NULL);
	struct tm tm = { 0 };

	localtime_r(&now, &tm);
	return day_of_date(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
}

static void put(void *object, const char *name, const char *value)
{
	json_object_set_new(object, name, json_string(value));
}

static const char *name_of(const struct files *files, const char *code)
{
	for (size_t i = 0; files->names != NULL && i < files->names->municipalities_len; i++)
		if (strcmp(files->names->municipalities[i].code, code) == 0)
			return files->names->municipalities[i].name;
	return strcmp(code, "dk") == 0 ? "Danmark" : code;
}

static const struct area_def *area_of(const struct files *files, const char *id)
{
	for (size_t i = 0; files->names != NULL && i < files->names->areas_len; i++)
		if (strcmp(files->names->areas[i].id, id) == 0)
			return &files->names->areas[i];
	return NULL;
}

/* All and areas by their names, where they are known; tasks and groups by their ids. */
static const char *scope_name(const struct files *files, const char *scope, bool is_danish)
{
	const struct area_def *area = area_of(files, scope);
	const char *name = area == NULL ? NULL : is_danish ? area->name_da : area->name_en;

	if (strcmp(scope, "all") == 0)
		return word_text(W_EFFORT_ALL_SCOPES, is_danish);
	return name == NULL ? scope : name;
}

static void put_scopes(const struct files *files, const struct effort *effort, json_t *ret)
{
	for (int is_danish = 0; is_danish <= 1; is_danish++) {
		struct text names;

		text_init(&names, 4096);
		for (size_t i = 0; i < effort->scopes_len; i++)
			text_printf(&names, "%s%s", i > 0 ? ", " : "", scope_name(files, effort->scopes[i], is_danish));
		put(ret, is_danish ? "scopes_da" : "scopes_en", names.ptr == NULL ? "" : names.ptr);
		text_done(&names);
	}
}

static json_t *efforts_of(const struct files *files, const struct effort_filter *filter, const char *id)
{
	json_t *list = json_array();

	for (size_t i = 0; i < files->n; i++) {
		json_t *effort = json_object();

		if (effort_passes(&files->efforts[i], filter) && (id == NULL || strcmp(files->efforts[i].id, id) == 0)) {
			effort_fields(&files->efforts[i], today(), put, effort);
			put_scopes(files, &files->efforts[i], effort);
			put(effort, "municipality_name", name_of(files, files->efforts[i].municipality));
			json_array_append(list, effort);
		}
		json_decref(effort);
	}
	return list;
}

static json_t *areas_of(const struct files *files)
{
	json_t *list = json_array();

	for (size_t i = 0; i < files->known.areas_len; i++) {
		const char *id = files->known.areas[i].id;
		const struct area_def *named = area_of(files, id), *area = named != NULL ? named : &files->known.areas[i];

		json_array_append_new(list, json_pack("{s:s,s:s,s:s}", "id", id, "da",
						      area->name_da == NULL ? "" : area->name_da, "en",
						      area->name_en == NULL ? "" : area->name_en));
	}
	return list;
}

/* The code of what was written: only codes and "dk" are known without a daemon, and names with a configuration. */
static const char *code_of(const struct files *files, const char *wanted, char *buf)
{
	size_t digits = strspn(wanted, "0123456789");

	if (digits >= 3 && digits <= 4 && wanted[digits] == '\0') {
		snprintf(buf, 8, "%04d", atoi(wanted));
		return buf;
	}
	for (size_t i = 0; files->conf != NULL && i < files->conf->municipalities_len; i++)
		if (strcasecmp(files->conf->municipalities[i].name, wanted) == 0)
			return files->conf->municipalities[i].code;
	return strcasecmp(wanted, "dk") == 0 ? "dk" : NULL;
}

static int build(struct ctl *ctl, const struct files *files, const struct efforts_options *o, json_t **ret)
{
	struct effort_filter filter = { .area = o->area };
	json_t *totals, *list;
	char code[8];

	if (o->municipality != NULL) {
		filter.municipality = code_of(files, o->municipality, code);
		if (filter.municipality == NULL)
			return ctl_fail(ctl, CTL_USAGE, W_MUNICIPALITY_UNKNOWN, W_NEXT_MUNICIPALITY, o->municipality);
	}
	list = efforts_of(files, &filter, o->id);
	if (o->id != NULL && json_array_size(list) == 0) {
		json_decref(list);
		return ctl_fail(ctl, CTL_REFUSED, W_EFFORT_UNKNOWN, W_NEXT_EFFORT_WHICH, o->id);
	}
	totals = json_object();
	effort_total_fields(files->efforts, files->n, &filter, put, totals);
	effort_total_parts(files->efforts, files->n, &filter, &files->known, put, totals);
	*ret = json_pack("{s:b,s:I,s:o,s:o,s:o}", "ok", 1, "now_ms", (json_int_t)time(NULL) * 1000, "efforts", list, "totals",
			 totals, "areas", areas_of(files));
	return *ret != NULL ? CTL_OK : ctl_fail(ctl, CTL_INTERNAL, W_NO_MEMORY, W_NEXT_MEMORY, "");
}

int efforts_from_files(struct ctl *ctl, const struct efforts_options *o, json_t **ret)
{
	struct files files = { 0 };
	struct faults faults = { 0 };
	int r;

	if (read_files(ctl, &files, o, &faults) < 0) {
		print_faults(&faults);
		r = o->file != NULL ? ctl_fail(ctl, CTL_CONFIG, W_CONFIG_FAULTS, W_NEXT_EFFORTS_FILE, o->file)
				    : ctl_fail(ctl, CTL_CONFIG, W_CONFIG_FAULTS, W_NEXT_CONFIG, o->config);
	} else {
		r = build(ctl, &files, o, ret);
	}
	faults_done(&faults);
	files_done(&files);
	return r;
}
