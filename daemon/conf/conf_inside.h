/* SPDX-License-Identifier: MPL-2.0 */
/* Inside of conf.c and conf_print.c: a configuration with its memory and the origins of its values. */
#ifndef CONF_CONF_INSIDE_H
#define CONF_CONF_INSIDE_H

#include "conf/arena.h"
#include "conf/conf.h"
#include "conf/settings.h"

struct conf_inside {
	struct conf conf; /* first: what everybody else holds */
	struct arena arena;
	struct settings settings;
	bool is_unread; /* the main file could not be parsed: nothing may be built on the settings */
};

#endif
