/* SPDX-License-Identifier: MPL-2.0 */
/* See setup.h. Owns what a plugin may ask for in open(). Every argument comes from outside: NULL and nonsense
 * are answered with a code, and the last failing service is remembered so that an open() that gives up
 * without a word can still be explained. */
#include "classify/setup.h"

#include "base/str.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

static void host_log(struct effort_setup *, enum effort_level, const char *fmt, ...) EFFORT_PRINTF(3, 4);
static int host_fail(struct effort_setup *, const char *fmt, ...) EFFORT_PRINTF(2, 3);

static void (*log_sink)(enum effort_level, const char *, const char *, const char *);

void areas_log_to(void (*sink)(enum effort_level, const char *area, const char *plugin, const char *text))
{
	log_sink = sink;
}

/* Remembers a failing service and passes its code on. */
static int note(struct effort_setup *s, int result, const char *service, const char *what)
{
	if (result < 0)
		snprintf(s->why, sizeof(s->why), "%s(\"%s\"): %s", service, what != NULL ? what : "(null)",
			 strerror(-result));
	return result;
}

static void host_log(struct effort_setup *s, enum effort_level level, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	if (log_sink == NULL)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_sink(level, s->def->id, s->def->plugin, text);
}

static int host_fail(struct effort_setup *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s->why, sizeof(s->why), fmt, ap);
	va_end(ap);
	return -EINVAL;
}

static struct effort_str host_area(struct effort_setup *s)
{
	return str_of(s->def->id);
}

static int host_declare_class(struct effort_setup *s, const struct effort_class *class, uint32_t *ret_id)
{
	char who[AREA_NAME_MAX + 300];

	if (class == NULL || ret_id == NULL)
		return note(s, -EINVAL, "declare_class", NULL);
	snprintf(who, sizeof(who), "area %s: %.256s: class", s->def->id, s->path);
	return note(s, classes_add(s->classes, class, s->def->place, who, s->faults, ret_id), "declare_class",
		    class->label);
}

static int host_find_class(struct effort_setup *s, const char *label, uint32_t *ret_id)
{
	if (label == NULL || ret_id == NULL)
		return note(s, -EINVAL, "find_class", label);
	return note(s, classes_find(s->classes, label, ret_id), "find_class", label);
}

static int host_declare_reason(struct effort_setup *s, const char *label, uint16_t *ret_id)
{
	if (label == NULL || ret_id == NULL)
		return note(s, -EINVAL, "declare_reason", label);
	return note(s, classes_add_reason(s->classes, label, ret_id), "declare_reason", label);
}

static const struct option_value *find(struct effort_setup *s, const char *name, enum effort_option_type type,
				       const char *service)
{
	const struct option_value *v = name != NULL ? options_find(s->options, name, type) : NULL;

	if (v == NULL)
		note(s, -ENOENT, service, name);
	return v;
}

static int host_get_bool(struct effort_setup *s, const char *option, bool *ret)
{
	const struct option_value *v = find(s, option, EFFORT_BOOL, "get_bool");

	if (v == NULL)
		return -ENOENT;
	*ret = v->boolean;
	return 0;
}

static int host_get_int(struct effort_setup *s, const char *option, int64_t *ret)
{
	const struct option_value *v = find(s, option, EFFORT_INT, "get_int");

	if (v == NULL)
		return -ENOENT;
	*ret = v->integer;
	return 0;
}

static int host_get_string(struct effort_setup *s, const char *option, struct effort_str *ret)
{
	const struct option_value *v = find(s, option, EFFORT_STRING, "get_string");

	if (v == NULL)
		return -ENOENT;
	*ret = v->string;
	return 0;
}

static int host_get_item(struct effort_setup *s, const char *option, size_t i, struct effort_str *ret)
{
	const struct option_value *v = find(s, option, EFFORT_LIST, "get_item");

	if (v == NULL)
		return -ENOENT;
	if (i >= v->list_len)
		return -ERANGE;
	*ret = v->list[i];
	return 0;
}

const struct effort_host setup_host = {
	.struct_size = sizeof(struct effort_host),
	.abi_major = EFFORT_ABI_MAJOR,
	.abi_minor = EFFORT_ABI_MINOR,
	.log = host_log,
	.fail = host_fail,
	.area = host_area,
	.declare_class = host_declare_class,
	.find_class = host_find_class,
	.declare_reason = host_declare_reason,
	.get_bool = host_get_bool,
	.get_int = host_get_int,
	.get_string = host_get_string,
	.get_item = host_get_item,
};
