/* SPDX-License-Identifier: MPL-2.0 */
/* What several bundled areas need to decide: lists of words from the area file, evidence that a contact is
 * the area's own, and which KLE prefixes are disputed between areas. Header only, since a plugin links
 * against nothing.
 *
 * A disputed prefix is claimed as `shared` by two areas. The one asked first takes an event there only with
 * evidence: the unit, the service or the portal of the event begins with one of the area's words. Without
 * evidence it answers NOT_MINE and the next claimant, which does not dispute the prefix, takes it.
 *
 * Everything is built in open() and constant after it. At most DECIDE_WORDS_MAX words in a list. */
#ifndef EFFORT_COMMON_DECIDE_H
#define EFFORT_COMMON_DECIDE_H

#include <effort/plugin.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DECIDE_WORDS_MAX 1000

struct words {
	char **list;
	size_t n;
};

struct evidence {
	struct words units, services, portals;
};

/* The options of every area that has disputes; the first rows of its option table. */
/* clang-format off */
#define EVIDENCE_OPTIONS \
	{ .name = "units", .type = EFFORT_LIST, \
	  .help = "what the area's own units (unit, handled_by) begin with; upper and lower case are alike" }, \
	{ .name = "services", .type = EFFORT_LIST, \
	  .help = "what the area's own services begin with, where a KLE number is disputed" }, \
	{ .name = "portals", .type = EFFORT_LIST, \
	  .help = "what the portals that only this area uses begin with" }
/* clang-format on */

/* One line of the area's knowledge of who owns what. The longest prefix that fits decides. */
struct rule {
	const char *prefix;
	bool is_disputed;
};

static inline void words_done(struct words *words)
{
	for (size_t i = 0; i < words->n; i++)
		free(words->list[i]);
	free(words->list);
	*words = (struct words){ 0 };
}

static inline char *words_copy(struct effort_str text)
{
	char *copy = malloc(text.len + 1);
	if (copy == NULL)
		return NULL;
	memcpy(copy, text.ptr, text.len);
	copy[text.len] = '\0';
	return copy;
}

/* Copies the list option. On failure words_done() has been done. -EINVAL: an empty word, it would fit
 * everything. */
static inline int words_load(const struct effort_host *host, struct effort_setup *setup, const char *option,
			     struct words *ret_words)
{
	struct words words = { 0 };
	struct effort_str word;
	size_t n = 0;

	while (n < DECIDE_WORDS_MAX && host->get_item(setup, option, n, &word) == 0)
		n++;
	words.list = calloc(n + 1, sizeof(*words.list));
	if (words.list == NULL)
		return -ENOMEM;
	for (; words.n < n; words.n++) {
		host->get_item(setup, option, words.n, &word);
		if (word.len == 0) {
			words_done(&words);
			return host->fail(setup, "%s: an empty word would fit every event; leave it out",
					  option);
		}
		words.list[words.n] = words_copy(word);
		if (words.list[words.n] == NULL) {
			words_done(&words);
			return -ENOMEM;
		}
	}
	*ret_words = words;
	return 0;
}

static inline char words_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* True when the text begins with one of the words, ASCII case aside. */
static inline bool words_begin(const struct words *words, struct effort_str text)
{
	for (size_t i = 0; i < words->n && text.len > 0; i++) {
		const char *word = words->list[i];
		size_t at = 0;

		while (word[at] != '\0' && at < text.len &&
		       words_lower(word[at]) == words_lower(text.ptr[at]))
			at++;
		if (word[at] == '\0')
			return true;
	}
	return false;
}

static inline void evidence_done(struct evidence *evidence)
{
	words_done(&evidence->units);
	words_done(&evidence->services);
	words_done(&evidence->portals);
}

/* On failure nothing is left behind. */
static inline int evidence_load(const struct effort_host *host, struct effort_setup *setup,
				struct evidence *ret_evidence)
{
	struct evidence evidence = { 0 };
	int r = words_load(host, setup, "units", &evidence.units);

	if (r == 0)
		r = words_load(host, setup, "services", &evidence.services);
	if (r == 0)
		r = words_load(host, setup, "portals", &evidence.portals);
	if (r != 0) {
		evidence_done(&evidence);
		return r;
	}
	*ret_evidence = evidence;
	return 0;
}

static inline bool evidence_speaks(const struct evidence *evidence, const struct effort_event *ev)
{
	return words_begin(&evidence->units, ev->unit) || words_begin(&evidence->units, ev->handled_by) ||
	       words_begin(&evidence->services, ev->service) || words_begin(&evidence->portals, ev->portal);
}

/* Rules end with a NULL prefix; each begins with a main group's two digits, and most are of other main groups than the
 * event's. A number no rule fits is not disputed. */
static inline bool rules_dispute(const struct rule *rules, struct effort_str kle)
{
	bool is_disputed = false;
	size_t longest = 0;

	for (; rules->prefix != NULL && kle.len >= 2; rules++) {
		size_t n = 2;

		if (memcmp(rules->prefix, kle.ptr, n) != 0)
			continue;
		while (rules->prefix[n] != '\0' && n < kle.len && rules->prefix[n] == kle.ptr[n])
			n++;
		if (rules->prefix[n] == '\0' && n > longest) {
			longest = n;
			is_disputed = rules->is_disputed;
		}
	}
	return is_disputed;
}

/* True when the event is left to the next claimant. What the area's own lists name (a task or a service of
 * its area file) is never left, whatever KLE number it carries. */
static inline bool decide_leaves(const struct rule *rules, const struct evidence *evidence,
				 const struct effort_event *ev)
{
	return ev->listed == EFFORT_NO_TASK && rules_dispute(rules, ev->kle) &&
	       !evidence_speaks(evidence, ev);
}

/* The task of that label in the area file, where its dates and names can be changed; else the one given here.
 */
static inline int decide_class(const struct effort_host *host, struct effort_setup *setup,
			       const struct effort_class *fallback, uint32_t *ret_id)
{
	int r = host->find_class(setup, fallback->label, ret_id);

	return r == -ENOENT ? host->declare_class(setup, fallback, ret_id) : r;
}

#endif
