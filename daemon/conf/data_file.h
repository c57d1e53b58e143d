/* SPDX-License-Identifier: MPL-2.0 */
/* Reads the data files beside the main file: municipalities and task package (its groups). Everything read lives in
 * the arena; path must too. */
#ifndef CONF_DATA_FILE_H
#define CONF_DATA_FILE_H

#include "conf/arena.h"
#include "conf/conf.h"

#define DATA_MUNICIPALITIES_MAX 1000

/* Each fills its fields of conf and adds every fault; 0 or -EINVAL. */
int data_file_municipalities(struct arena *, const char *path, struct conf *, struct faults *);
int data_file_tasks(struct arena *, const char *path, struct conf *, struct faults *);

#endif
