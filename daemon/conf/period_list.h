/* SPDX-License-Identifier: MPL-2.0 */
/* The setting `periods`: named counting periods, a list in the main file. */
#ifndef CONF_PERIOD_LIST_H
#define CONF_PERIOD_LIST_H

#include "conf/settings.h"

/* Reads the list into the settings; adds faults. 0 or -EINVAL. */
int period_list_read(struct settings *, struct arena *, const struct tree *, const config_setting_t *list,
		     struct faults *);

#endif
