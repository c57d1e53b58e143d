/* SPDX-License-Identifier: MPL-2.0 */
/* The peer groups of the file of municipalities: who compares itself with whom. */
#ifndef CONF_PEER_LIST_H
#define CONF_PEER_LIST_H

#include "conf/conf.h"
#include "conf/tree.h"

#define PEER_GROUPS_MAX 200

/* Fills conf->peers; after the municipalities. Adds every fault; 0 or -EINVAL. */
int peer_list_read(struct conf *, struct arena *, const struct tree *, const config_setting_t *list,
		   struct faults *);

#endif
