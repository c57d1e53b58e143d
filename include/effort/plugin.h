/* SPDX-License-Identifier: MPL-2.0 */
/* The plugin ABI of effortd: everything the author of a service-area plugin needs, in one header.
 *
 * A plugin is where a service area's knowledge lives. effortd receives one event for each contact between a
 * citizen and a municipality, finds the area that claims it (by task, service or KLE subject number) and asks
 * the area's plugin what it counts as. The plugin answers with a verdict: count it under this class (task),
 * ignore it, reject it, or "not mine", after which the next area that claims it is asked.
 *
 * What a plugin is
 *   A shared object that exports exactly one symbol, the constant `effort_plugin`, and links against nothing
 *   of effortd. Build it with hidden visibility; see plugins/sdk for CMake and pkg-config.
 *
 * What it may rely on
 *   - open() and close() run in the main thread, one at a time. open() may read files, allocate and fail;
 *     a failing open() leaves nothing behind. One instance is built for each configured area.
 *   - classify() is pure: it depends on the instance and the events only, writes all n verdicts, blocks on
 *     nothing and cannot fail. It may run in any thread, several at once on one instance, so the instance is
 *     const there. No static data, no files, no clock, no locale, no randomness.
 *   - Events and their strings belong to the host and live for the call. The instance is the plugin's from
 *     open() to close(). Nobody frees the other side's memory.
 *   - The object is loaded from a private copy and never unloaded. A reload opens new instances beside the old.
 *
 * Compatibility
 *   Major: incompatible, refused. Minor: fields and host functions are added at the end, each guarded by
 *   struct_size (EFFORT_HAS). The symbol's name and the first 16 bytes of the descriptor never change, so every
 *   effortd can say what it found. A plugin asks for the least minor it needs.
 *
 * Changes
 *   1.0  first version
 *   1.1  readings of meters: effort_event.meter, .reading, EFFORT_EVENT_READING, EFFORT_EVENT_LEVEL
 */
#ifndef EFFORT_PLUGIN_H
#define EFFORT_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define EFFORT_PLUGIN_MAGIC 0x45464f50u /* "EFOP" */
#define EFFORT_ABI_MAJOR 1
#define EFFORT_ABI_MINOR 1

#if defined(__GNUC__)
#define EFFORT_EXPORT __attribute__((visibility("default")))
#define EFFORT_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define EFFORT_EXPORT
#define EFFORT_PRINTF(fmt, args)
#endif

/* True when the other side's struct is new enough to have this field. */
#define EFFORT_HAS(obj, field) \
	((obj)->struct_size >= offsetof(__typeof__(*(obj)), field) + sizeof((obj)->field))

/* Borrowed text, not NUL-terminated. Never NULL: absent text has len 0. */
struct effort_str {
	const char *ptr;
	size_t len;
};

/* Channel of receipt, most digital first where it matters (errands). Numbers are frozen. */
enum effort_channel {
	EFFORT_SELFSERVICE,
	EFFORT_DIGITALPOST,
	EFFORT_EMAIL,
	EFFORT_LETTER,
	EFFORT_PHONE,
	EFFORT_COUNTER,
	EFFORT_VIDEO,
	EFFORT_SMS,
	EFFORT_CHAT,
	EFFORT_SOCIAL,
	EFFORT_WEB,
	EFFORT_SYSTEM,
	EFFORT_OTHER,
	EFFORT_CHANNELS
};

/* Henvendelsestype (KOMHEN): the act itself, general information, status of a case, not known. */
enum effort_kind { EFFORT_TRANSACTION, EFFORT_INFORMATION, EFFORT_CASE, EFFORT_KIND_UNKNOWN, EFFORT_KINDS };

enum effort_direction { EFFORT_IN, EFFORT_OUT };

enum effort_population { EFFORT_CITIZEN, EFFORT_BUSINESS, EFFORT_AUTHORITY, EFFORT_INTERNAL };

/* Help towards self-service (medbetjening) and where it was given. */
enum effort_assisted {
	EFFORT_UNASSISTED,
	EFFORT_ASSISTED, /* place not told */
	EFFORT_ASSISTED_COUNTER,
	EFFORT_ASSISTED_PHONE,
	EFFORT_ASSISTED_VIDEO,
	EFFORT_ASSISTED_LIBRARY,
	EFFORT_ASSISTED_STAFF
};

enum effort_outcome {
	EFFORT_COMPLETED,
	EFFORT_FORWARDED,
	EFFORT_MISDIRECTED, /* fejlhenvendelse */
	EFFORT_ABANDONED,
	EFFORT_REJECTED_NOT_DIGITAL,
	EFFORT_NO_SHOW,
	EFFORT_OUTCOMES
};

/* Form of outgoing post. */
enum effort_form { EFFORT_FORM_NONE, EFFORT_FORM_DIGITAL, EFFORT_FORM_REMOTEPRINT, EFFORT_FORM_PHYSICAL };

/* effort_event.flags */
#define EFFORT_EVENT_KIND_GIVEN 0x1u /* the sender said which kind; else it is the source's default */
#define EFFORT_EVENT_EXEMPT 0x2u     /* the citizen has a right to another channel */
#define EFFORT_EVENT_DURATION 0x4u   /* duration_ms was given */
#define EFFORT_EVENT_READING 0x8u    /* no contact: a meter was read; what it has counted since the reading before counts */
#define EFFORT_EVENT_LEVEL 0x10u     /* no contact: a level, which is kept and never summed */

/* One contact, already checked: strict JSON, valid UTF-8, no personal data, known municipality, field forms as
 * in the contract. Grows at the end only; always passed by pointer. */
struct effort_event {
	uint32_t struct_size;
	uint32_t flags;
	int64_t time_ms;     /* when it happened, Unix milliseconds */
	int32_t day;         /* the local (Europe/Copenhagen) day of time_ms, days since 1970-01-01 */
	uint32_t listed;     /* class the area's own lists give (task, else service, else KLE); EFFORT_NO_TASK: none */
	int64_t count;       /* equal contacts this event stands for, >= 1 */
	int64_t duration_ms; /* handling time; 0 unless EFFORT_EVENT_DURATION */
	uint8_t channel;     /* enum effort_channel */
	uint8_t kind;        /* enum effort_kind */
	uint8_t direction;   /* enum effort_direction */
	uint8_t population;  /* enum effort_population */
	uint8_t assisted;    /* enum effort_assisted */
	uint8_t outcome;     /* enum effort_outcome */
	uint8_t form;        /* enum effort_form */
	uint8_t reserved;
	struct effort_str id;
	struct effort_str source;
	struct effort_str municipality; /* four digits */
	struct effort_str kle;          /* "23.05.10" without facet, or empty */
	struct effort_str facet;        /* "G01", or empty */
	struct effort_str task;
	struct effort_str service;
	struct effort_str reason; /* of a physical letter */
	struct effort_str unit;
	struct effort_str handled_by;
	struct effort_str portal;
	struct effort_str corrects;
	struct effort_str errand;
	struct effort_str meter; /* since 1.1: of a reading or level, else empty */
	int64_t reading;         /* since 1.1: what the meter shows; a level in hundredths */
};

/* The class every area has from the start: the area is known, the task is not. Shown as "-". */
#define EFFORT_NO_TASK 0u

enum effort_answer {
	EFFORT_UNANSWERED = 0, /* what the host puts there before the call; leaving it is a plugin fault */
	EFFORT_COUNT,          /* count it under class_id */
	EFFORT_IGNORE,         /* accepted, shown under ignored:, in no share; class_id tells where */
	EFFORT_REJECT,         /* refused with E_REJECTED and the declared reason */
	EFFORT_NOT_MINE        /* ask the next claimant, else unclassified */
};

/* 16 bytes, frozen for the whole major: arrays of it are passed. The host zeroes it; leave reserved zero. */
struct effort_verdict {
	uint32_t class_id; /* from declare_class or event.listed; for COUNT and IGNORE */
	uint16_t answer;   /* enum effort_answer */
	uint16_t reason;   /* from declare_reason; for REJECT */
	uint32_t reserved[2];
};

/* Who is responsible for a task from a day on ("municipal", "udk", "state"). */
struct effort_authority {
	const char *from; /* "YYYY-MM-DD"; NULL: from the beginning */
	const char *who;
};

#define EFFORT_CLASS_TARGET 0x1u     /* stands under the main target from in_force on */
#define EFFORT_CLASS_ATTENDANCE 0x2u /* attendance in person is intended: stands under no target */

/* A class: what events are counted as, normally one task. All text is copied by the host. */
struct effort_class {
	uint32_t struct_size;
	uint32_t flags;       /* EFFORT_CLASS_... */
	const char *label;    /* [a-z0-9-]{1,48}, unique in the area */
	const char *name_da;
	const char *name_en;
	const char *in_force; /* "YYYY-MM-DD" from which the task is obligatory self-service; NULL: not */
	int32_t wave;         /* 1-4 of obligatory digital self-service; 0: none */
	uint32_t authorities_len;
	const struct effort_authority *authorities; /* by date; none: municipal always */
	const char *const *groups;                  /* NULL-terminated group ids; NULL: none */
};

enum effort_option_type { EFFORT_OPTION_END, EFFORT_BOOL, EFFORT_INT, EFFORT_STRING, EFFORT_LIST /* of strings */ };

#define EFFORT_OPTION_REQUIRED 0x1u

/* One setting of the plugin, written in the area file's `options` group. The host checks type, range and
 * spelling and reports faults with file and line; the plugin never parses configuration. */
struct effort_option {
	const char *name;
	uint32_t type;  /* enum effort_option_type */
	uint32_t flags; /* EFFORT_OPTION_... */
	const char *default_value; /* as text ("true", "80", "abc"; a LIST "a,b"); NULL: false, 0, empty */
	int64_t min, max;          /* EFFORT_INT: the range; STRING and LIST: lengths; 0, 0: no bound */
	const char *help;
};

/* Documentation, unit test and start-up self-test in one: run on every instance when it is opened, so it holds
 * under every valid configuration. What depends on the area file is a sample in the area file. */
struct effort_sample {
	const char *event;  /* JSON members without braces; id, source, time, municipality, channel may be left out */
	uint16_t answer;    /* enum effort_answer */
	uint16_t reserved;
	const char *expect; /* class label (COUNT, IGNORE; NULL = "-") or reason (REJECT) */
};

enum effort_level { EFFORT_LOG_ERROR = 3, EFFORT_LOG_WARNING = 4, EFFORT_LOG_INFO = 6, EFFORT_LOG_DEBUG = 7 };

struct effort_setup; /* the host's side of one open() */

/* Host services, valid during open() only. Append-only. int results: 0 or a negative errno. */
struct effort_host {
	uint32_t struct_size;
	uint16_t abi_major, abi_minor;

	/* One line into effortd's log, prefixed with area and plugin. */
	void (*log)(struct effort_setup *, enum effort_level, const char *fmt, ...) EFFORT_PRINTF(3, 4);
	/* Records why open() fails; returns -EINVAL so that `return host->fail(setup, "...")` reads well. */
	int (*fail)(struct effort_setup *, const char *fmt, ...) EFFORT_PRINTF(2, 3);

	/* The id of the area: "daycare". */
	struct effort_str (*area)(struct effort_setup *);
	/* A class beyond the tasks of the area file. -EEXIST: label taken; -EINVAL: bad form; -ENOSPC: too many. */
	int (*declare_class)(struct effort_setup *, const struct effort_class *, uint32_t *ret_id);
	/* A task of the area file, by label; all of them are declared before open(). -ENOENT: no such task. */
	int (*find_class)(struct effort_setup *, const char *label, uint32_t *ret_id);
	/* A reason for EFFORT_REJECT, [a-z0-9-]{1,48}; ids begin at 1. Codes as for declare_class. */
	int (*declare_reason)(struct effort_setup *, const char *label, uint16_t *ret_id);

	/* Options, already checked and defaulted. -ENOENT: no such option in the plugin's table. */
	int (*get_bool)(struct effort_setup *, const char *option, bool *ret);
	int (*get_int)(struct effort_setup *, const char *option, int64_t *ret);
	/* Text is valid until open() returns: copy what you keep. */
	int (*get_string)(struct effort_setup *, const char *option, struct effort_str *ret);
	/* Element i of a list; -ERANGE past its end. */
	int (*get_item)(struct effort_setup *, const char *option, size_t i, struct effort_str *ret);
};

struct effort_plugin {
	/* The first 16 bytes never move: write them with EFFORT_PLUGIN_HEADER. */
	uint32_t magic;
	uint16_t abi_major, abi_minor; /* minor: the least this plugin needs */
	uint32_t struct_size;
	uint32_t flags; /* 0 */

	const char *name, *version, *summary;
	const struct effort_option *options; /* ends with EFFORT_OPTION_END; NULL: none */

	/* Builds one immutable instance for one area; *ret_instance may be NULL if nothing is kept. */
	int (*open)(const struct effort_host *, struct effort_setup *, void **ret_instance);
	/* Pure. Writes all n verdicts. */
	void (*classify)(const void *instance, const struct effort_event *const *events, size_t n,
			 struct effort_verdict *verdicts);
	/* Frees what open() built; NULL is allowed. */
	void (*close)(void *instance);

	const struct effort_sample *samples; /* ends with an entry whose event is NULL; NULL: none */
};

#define EFFORT_PLUGIN_HEADER                                                                                 \
	.magic = EFFORT_PLUGIN_MAGIC, .abi_major = EFFORT_ABI_MAJOR, .abi_minor = 0,                         \
	.struct_size = sizeof(struct effort_plugin), .flags = 0

/* The one symbol. This declaration exports it: define it as `const struct effort_plugin effort_plugin = { ... };`. */
extern EFFORT_EXPORT const struct effort_plugin effort_plugin;

/* Makes classify() out of a function that decides one event:
 *   static struct effort_verdict decide(const struct my_area *a, const struct effort_event *ev);
 *   EFFORT_DEFINE_BATCH(classify, struct my_area, decide) */
#define EFFORT_DEFINE_BATCH(batch, type, one)                                                                \
	static void batch(const void *instance, const struct effort_event *const *events, size_t n,         \
			  struct effort_verdict *verdicts)                                                   \
	{                                                                                                    \
		for (size_t i = 0; i < n; i++)                                                               \
			verdicts[i] = one((const type *)instance, events[i]);                                \
	}

/* The four answers. */
static inline struct effort_verdict effort_count(uint32_t class_id)
{
	struct effort_verdict v = { class_id, EFFORT_COUNT, 0, { 0, 0 } };
	return v;
}

static inline struct effort_verdict effort_ignore(uint32_t class_id)
{
	struct effort_verdict v = { class_id, EFFORT_IGNORE, 0, { 0, 0 } };
	return v;
}

static inline struct effort_verdict effort_reject(uint16_t reason)
{
	struct effort_verdict v = { 0, EFFORT_REJECT, reason, { 0, 0 } };
	return v;
}

static inline struct effort_verdict effort_not_mine(void)
{
	struct effort_verdict v = { 0, EFFORT_NOT_MINE, 0, { 0, 0 } };
	return v;
}

/* True when the text starts with, or is, the given C string. */
static inline bool effort_starts(struct effort_str s, const char *prefix)
{
	size_t i = 0;
	while (prefix[i] != '\0') {
		if (i >= s.len || s.ptr[i] != prefix[i])
			return false;
		i++;
	}
	return true;
}

static inline bool effort_equals(struct effort_str s, const char *text)
{
	size_t i = 0;
	while (text[i] != '\0')
		i++;
	return i == s.len && effort_starts(s, text);
}

#ifdef __cplusplus
}
#endif

#endif
