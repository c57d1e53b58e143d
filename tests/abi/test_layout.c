/* SPDX-License-Identifier: MPL-2.0 */
/* Where everything in the structs of the plugin ABI lies, on 64-bit machines. What stands here is never changed; what a
 * later minor version adds at an end is added here at the end, and the sizes marked "grows" become the new ones. */
#include <effort/plugin.h>

#define SIZE(type, bytes)	 _Static_assert(sizeof(type) == (bytes), #type " has another size")
#define AT(type, field, offset) _Static_assert(offsetof(type, field) == (offset), #type "." #field " has moved")
#define IS(name, value)	 _Static_assert((name) == (value), #name " has another value")

IS(EFFORT_PLUGIN_MAGIC, 0x45464f50u);
IS(EFFORT_ABI_MAJOR, 1);

/* clang-format off */

SIZE(struct effort_str, 16);
AT(struct effort_str, ptr, 0);
AT(struct effort_str, len, 8);

SIZE(struct effort_event, 280); /* grows */
AT(struct effort_event, struct_size, 0);
AT(struct effort_event, flags, 4);
AT(struct effort_event, time_ms, 8);
AT(struct effort_event, day, 16);
AT(struct effort_event, listed, 20);
AT(struct effort_event, count, 24);
AT(struct effort_event, duration_ms, 32);
AT(struct effort_event, channel, 40);
AT(struct effort_event, kind, 41);
AT(struct effort_event, direction, 42);
AT(struct effort_event, population, 43);
AT(struct effort_event, assisted, 44);
AT(struct effort_event, outcome, 45);
AT(struct effort_event, form, 46);
AT(struct effort_event, reserved, 47);
AT(struct effort_event, id, 48);
AT(struct effort_event, source, 64);
AT(struct effort_event, municipality, 80);
AT(struct effort_event, kle, 96);
AT(struct effort_event, facet, 112);
AT(struct effort_event, task, 128);
AT(struct effort_event, service, 144);
AT(struct effort_event, reason, 160);
AT(struct effort_event, unit, 176);
AT(struct effort_event, handled_by, 192);
AT(struct effort_event, portal, 208);
AT(struct effort_event, corrects, 224);
AT(struct effort_event, errand, 240);
AT(struct effort_event, meter, 256);
AT(struct effort_event, reading, 272);

SIZE(struct effort_verdict, 16);
AT(struct effort_verdict, class_id, 0);
AT(struct effort_verdict, answer, 4);
AT(struct effort_verdict, reason, 6);
AT(struct effort_verdict, reserved, 8);

SIZE(struct effort_authority, 16);
AT(struct effort_authority, from, 0);
AT(struct effort_authority, who, 8);

SIZE(struct effort_class, 64); /* grows */
AT(struct effort_class, struct_size, 0);
AT(struct effort_class, flags, 4);
AT(struct effort_class, label, 8);
AT(struct effort_class, name_da, 16);
AT(struct effort_class, name_en, 24);
AT(struct effort_class, in_force, 32);
AT(struct effort_class, wave, 40);
AT(struct effort_class, authorities_len, 44);
AT(struct effort_class, authorities, 48);
AT(struct effort_class, groups, 56);

SIZE(struct effort_option, 48);
AT(struct effort_option, name, 0);
AT(struct effort_option, type, 8);
AT(struct effort_option, flags, 12);
AT(struct effort_option, default_value, 16);
AT(struct effort_option, min, 24);
AT(struct effort_option, max, 32);
AT(struct effort_option, help, 40);

SIZE(struct effort_sample, 24);
AT(struct effort_sample, event, 0);
AT(struct effort_sample, answer, 8);
AT(struct effort_sample, reserved, 10);
AT(struct effort_sample, expect, 16);

SIZE(struct effort_host, 88); /* grows */
AT(struct effort_host, struct_size, 0);
AT(struct effort_host, abi_major, 4);
AT(struct effort_host, abi_minor, 6);
AT(struct effort_host, log, 8);
AT(struct effort_host, fail, 16);
AT(struct effort_host, area, 24);
AT(struct effort_host, declare_class, 32);
AT(struct effort_host, find_class, 40);
AT(struct effort_host, declare_reason, 48);
AT(struct effort_host, get_bool, 56);
AT(struct effort_host, get_int, 64);
AT(struct effort_host, get_string, 72);
AT(struct effort_host, get_item, 80);

SIZE(struct effort_plugin, 80); /* grows */
AT(struct effort_plugin, magic, 0);
AT(struct effort_plugin, abi_major, 4);
AT(struct effort_plugin, abi_minor, 6);
AT(struct effort_plugin, struct_size, 8);
AT(struct effort_plugin, flags, 12);
AT(struct effort_plugin, name, 16);
AT(struct effort_plugin, version, 24);
AT(struct effort_plugin, summary, 32);
AT(struct effort_plugin, options, 40);
AT(struct effort_plugin, open, 48);
AT(struct effort_plugin, classify, 56);
AT(struct effort_plugin, close, 64);
AT(struct effort_plugin, samples, 72);
/* clang-format on */

IS(EFFORT_SELFSERVICE, 0);
IS(EFFORT_DIGITALPOST, 1);
IS(EFFORT_EMAIL, 2);
IS(EFFORT_LETTER, 3);
IS(EFFORT_PHONE, 4);
IS(EFFORT_COUNTER, 5);
IS(EFFORT_VIDEO, 6);
IS(EFFORT_SMS, 7);
IS(EFFORT_CHAT, 8);
IS(EFFORT_SOCIAL, 9);
IS(EFFORT_WEB, 10);
IS(EFFORT_SYSTEM, 11);
IS(EFFORT_OTHER, 12);
IS(EFFORT_TRANSACTION, 0);
IS(EFFORT_INFORMATION, 1);
IS(EFFORT_CASE, 2);
IS(EFFORT_KIND_UNKNOWN, 3);
IS(EFFORT_IN, 0);
IS(EFFORT_OUT, 1);
IS(EFFORT_CITIZEN, 0);
IS(EFFORT_BUSINESS, 1);
IS(EFFORT_AUTHORITY, 2);
IS(EFFORT_INTERNAL, 3);
IS(EFFORT_UNASSISTED, 0);
IS(EFFORT_ASSISTED, 1);
IS(EFFORT_ASSISTED_COUNTER, 2);
IS(EFFORT_ASSISTED_PHONE, 3);
IS(EFFORT_ASSISTED_VIDEO, 4);
IS(EFFORT_ASSISTED_LIBRARY, 5);
IS(EFFORT_ASSISTED_STAFF, 6);
IS(EFFORT_COMPLETED, 0);
IS(EFFORT_FORWARDED, 1);
IS(EFFORT_MISDIRECTED, 2);
IS(EFFORT_ABANDONED, 3);
IS(EFFORT_REJECTED_NOT_DIGITAL, 4);
IS(EFFORT_NO_SHOW, 5);
IS(EFFORT_FORM_NONE, 0);
IS(EFFORT_FORM_DIGITAL, 1);
IS(EFFORT_FORM_REMOTEPRINT, 2);
IS(EFFORT_FORM_PHYSICAL, 3);
IS(EFFORT_EVENT_KIND_GIVEN, 1);
IS(EFFORT_EVENT_EXEMPT, 2);
IS(EFFORT_EVENT_DURATION, 4);
IS(EFFORT_NO_TASK, 0);
IS(EFFORT_UNANSWERED, 0);
IS(EFFORT_COUNT, 1);
IS(EFFORT_IGNORE, 2);
IS(EFFORT_REJECT, 3);
IS(EFFORT_NOT_MINE, 4);
IS(EFFORT_CLASS_TARGET, 1);
IS(EFFORT_CLASS_ATTENDANCE, 2);
IS(EFFORT_OPTION_END, 0);
IS(EFFORT_BOOL, 1);
IS(EFFORT_INT, 2);
IS(EFFORT_STRING, 3);
IS(EFFORT_LIST, 4);
IS(EFFORT_OPTION_REQUIRED, 1);
IS(EFFORT_LOG_ERROR, 3);
IS(EFFORT_LOG_WARNING, 4);
IS(EFFORT_LOG_INFO, 6);
IS(EFFORT_LOG_DEBUG, 7);

/* That it compiles is the test. */
int main(void)
{
	return 0;
}
