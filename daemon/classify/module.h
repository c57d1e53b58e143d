/* SPDX-License-Identifier: MPL-2.0 */
/* Shared objects: from a path to a descriptor that may be called, or one sentence why not. The only place
 * that knows dlfcn. Modules are loaded from a private copy, once for the same content, and stay mapped until
 * the process ends, so replacing or truncating the installed file never touches running code and no pointer
 * into a module can dangle. Main thread only. */
#ifndef CLASSIFY_MODULE_H
#define CLASSIFY_MODULE_H

#include "base/error.h"

#include <effort/plugin.h>

#define MODULE_MAX_BYTES (64u << 20)

struct module;

/* Loads and gates the file. The file must be regular, not a link, owned by root or by us and writable by
 * nobody else; so must its folder (a sticky one may be writable). run_dir: an existing folder of ours, where
 * the copy is made and at once unlinked; where programs may not run from there (noexec) the copy stays in
 * memory. Returns 0 and *ret_module, which lives for ever; else a negative errno and the sentence, which
 * begins with the path. */
int module_open(const char *path, const char *run_dir, const struct module **ret_module, struct error *reterr)
	__attribute__((warn_unused_result));

const struct effort_plugin *module_plugin(const struct module *);

#endif
