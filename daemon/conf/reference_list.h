/* SPDX-License-Identifier: MPL-2.0 */
/* The reference data of the file of municipalities: inhabitants, children, what contacts take, opening hours. */
#ifndef CONF_REFERENCE_LIST_H
#define CONF_REFERENCE_LIST_H

#include "conf/conf.h"
#include "conf/tree.h"

/* Fills conf->references; after the municipalities. Adds every fault; 0 or -EINVAL. */
int reference_list_read(struct conf *, struct arena *, const struct tree *, const config_setting_t *list, struct faults *);

#endif
