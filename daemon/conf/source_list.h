/* SPDX-License-Identifier: MPL-2.0 */
/* The setting `sources`: what is known of sending systems, from the list in the main file and from
 * `-s sources.<name>.<member>=value`. */
#ifndef CONF_SOURCE_LIST_H
#define CONF_SOURCE_LIST_H

#include "conf/settings.h"

/* Reads the list; adds faults. 0 or -EINVAL. */
int source_list_read(struct settings *, struct arena *, const struct tree *, const config_setting_t *list,
		     struct faults *);

/* One override; a source not known yet is added. */
int source_list_override(struct settings *, struct arena *, const struct conf_override *, struct place,
			 struct faults *);

#endif
