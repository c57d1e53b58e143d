/* SPDX-License-Identifier: MPL-2.0 */
/* See conf.h: the configuration as text (`-T`) and what in it needs a restart. */
#include "conf/conf_inside.h"
#include "event/vocab.h"

#include <inttypes.h>
#include <string.h>

static void print_text(const char *text, FILE *out)
{
	fputc('"', out);
	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '"' || *p == '\\')
			fputc('\\', out);
		fputc(*p, out);
	}
	fputc('"', out);
}

static void print_origin(const struct schema_key *key, const struct setting *setting, FILE *out)
{
	if (setting->origin == ORIGIN_DEFAULT)
		fputs("default", out);
	else if (setting->origin == ORIGIN_FILE)
		fprintf(out, "%s:%d", setting->place.file, setting->place.line);
	else
		fputs("-s", out);
	fprintf(out, "; %s\n", schema_effect_name(key->effect));
}

static void print_setting(const struct schema_key *key, const struct setting *setting, FILE *out)
{
	fprintf(out, "%s = ", key->name);
	if (key->type == TYPE_INT && strspn(setting->text, "0123456789") == strlen(setting->text))
		fputs(setting->text, out);
	else
		print_text(setting->text, out);
	fputs(";  # ", out);
	print_origin(key, setting, out);
}

static void print_source(const struct conf *conf, const struct conf_source *source, FILE *out)
{
	fputs("sources: name = ", out);
	print_text(source->name, out);
	if (source->expected_every_ms > 0)
		fprintf(out, "; expected_every = \"%" PRId64 "ms\"", source->expected_every_ms);
	if (source->default_kind >= 0)
		fprintf(out, "; default_kind = \"%s\"", vocab_kind[source->default_kind]);
	if (source->default_task != NULL)
		fprintf(out, "; default_task = \"%s\"", source->default_task);
	if (source->method > 0)
		fprintf(out, "; method = \"%s\"", conf->methods[source->method - 1]);
	for (size_t i = 0; i < source->areas_len; i++)
		fprintf(out, "%s\"%s\"%s", i == 0 ? "; areas = [ " : ", ", source->areas[i],
			i + 1 == source->areas_len ? " ]" : "");
	fputs(";  # ", out);
	if (source->place.line > 0)
		fprintf(out, "%s:%d; reload\n", source->place.file, source->place.line);
	else
		fputs("-s; reload\n", out);
}

static void print_period(const struct counting *period, FILE *out)
{
	fprintf(out, "periods: id = \"%s\"; from = \"%s\"; to = \"%s\"; title = ", period->id, DAY_STR(period->first),
		DAY_STR(period->end - 1));
	print_text(period->title, out);
	fprintf(out, ";  # %s:%d; reload\n", period->place.file, period->place.line);
}

static void print_words(const char *name, const char *const *words, int n, uint32_t bits, FILE *out)
{
	const char *between = "";

	fprintf(out, "%s = [", name);
	for (int i = 0; i < n; i++) {
		if ((bits >> i & 1) == 0)
			continue;
		fprintf(out, "%s \"%s\"", between, words[i]);
		between = ",";
	}
	fputs(" ]; ", out);
}

/* With the keys of the file and every list written out, so that it can be copied from here. */
static void print_definition(const struct definition *d, FILE *out)
{
	fprintf(out, "definitions: id = \"%s\"; ", d->id);
	if (d->from != INT32_MIN)
		fprintf(out, "from = \"%s\"; ", DAY_STR(d->from));
	print_words("kinds", vocab_kind, EFFORT_KINDS, d->rule.kinds, out);
	print_words("left_out", vocab_channel, EFFORT_CHANNELS, ~(uint32_t)d->rule.channels, out);
	print_words("outcomes", vocab_outcome, EFFORT_OUTCOMES, d->rule.outcomes, out);
	print_words("populations", vocab_population, 2, d->rule.populations, out);
	fprintf(out, "exempt = \"%s\"; ", d->rule.is_exempt_out ? "out" : "in");
	print_words("self", vocab_channel, EFFORT_CHANNELS, d->rule.self, out);
	print_words("digital", vocab_channel, EFFORT_CHANNELS, d->rule.digital, out);
	if (d->place.line > 0)
		fprintf(out, " # %s:%d; reload\n", d->place.file, d->place.line);
	else
		fputs(" # default; reload\n", out);
}

void conf_print(const struct conf *conf, FILE *out)
{
	const struct conf_inside *in = (const struct conf_inside *)conf;

	for (size_t i = 0; i < schema_len; i++)
		if (schema_keys[i].type < TYPE_SOURCES)
			print_setting(&schema_keys[i], &in->settings.list[i], out);
	for (size_t i = 0; i < conf->sources_len; i++)
		print_source(conf, &conf->sources[i], out);
	for (size_t i = 0; i < conf->periods_len; i++)
		print_period(&conf->periods[i], out);
	for (size_t i = 0; i < conf->definitions_len; i++)
		print_definition(&conf->definitions[i], out);
}

size_t conf_needs_restart(const struct conf *in_force, const struct conf *wanted, struct faults *faults)
{
	const struct conf_inside *old = (const struct conf_inside *)in_force;
	const struct conf_inside *new = (const struct conf_inside *)wanted;
	size_t n = 0;

	for (size_t i = 0; i < schema_len; i++) {
		const struct setting *a = &old->settings.list[i], *b = &new->settings.list[i];

		if (schema_keys[i].effect != EFFECT_RESTART || strcmp(a->text, b->text) == 0)
			continue;
		fault_add(faults, b->place, "restart effortd, or set it back",
			  "%s: \"%.200s\" instead of \"%.200s\" needs "
			  "a restart",
			  schema_keys[i].name, b->text, a->text);
		n++;
	}
	return n;
}
