/* SPDX-License-Identifier: MPL-2.0 */
/* The setting `definitions`: who enters the share, from which day on; a list in the main file. What has been in force is
 * judged by run/definition_book.h. */
#ifndef CONF_DEFINITION_LIST_H
#define CONF_DEFINITION_LIST_H

#include "conf/settings.h"

/* Reads the list into the settings, behind the shipped definition or, where its first entry has no date, in its place;
 * adds faults. 0 or -EINVAL. */
int definition_list_read(struct settings *, struct arena *, const struct tree *, const config_setting_t *list,
			 struct faults *);

#endif
