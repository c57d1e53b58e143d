/* SPDX-License-Identifier: MPL-2.0 */
/* See failure.h. */
#include "ctl/failure.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>

static const struct {
	int error;
	const char *da;
} failures[] = {
	{ ENOENT, "findes ikke" },
	{ EACCES, "ingen adgang" },
	{ EPERM, "ikke tilladt" },
	{ EISDIR, "er en mappe" },
	{ ENOTDIR, "en del af stien er ikke en mappe" },
	{ EEXIST, "findes allerede" },
	{ ENOSPC, "der er ikke mere plads på disken" },
	{ EDQUOT, "diskkvoten er brugt op" },
	{ EROFS, "filsystemet kan kun læses" },
	{ EFBIG, "filen er for stor" },
	{ EIO, "læse- eller skrivefejl på disken" },
	{ EPIPE, "modtageren læser ikke mere" },
	{ EBUSY, "er i brug" },
	{ ENOMEM, "der er ikke mere hukommelse" },
	{ EMFILE, "for mange åbne filer" },
	{ ENAMETOOLONG, "navnet er for langt" },
	{ EINVAL, "ugyldig værdi" },
	{ EBADMSG, "indholdet er beskadiget" },
	{ ECONNREFUSED, "forbindelsen blev afvist" },
	{ ECONNRESET, "forbindelsen blev afbrudt" },
	{ ETIMEDOUT, "intet svar i tide" },
	{ EHOSTUNREACH, "der er ingen vej til værten" },
	{ ENETUNREACH, "der er ingen vej til nettet" },
};

const char *failure_text(const struct ctl *ctl, int error)
{
	for (size_t i = 0; ctl->is_danish && i < sizeof failures / sizeof failures[0]; i++)
		if (failures[i].error == error)
			return failures[i].da;
	return strerror(error);
}

const char *failure_lookup_text(const struct ctl *ctl, int error)
{
	if (!ctl->is_danish)
		return gai_strerror(error);
	return error == EAI_NONAME ? "værtens navn er ukendt" : "værtens navn kan ikke slås op";
}

int failure_to_create(struct ctl *ctl, const char *path)
{
	const char *slash = strrchr(path, '/'), *shown = path;
	int error = errno;

	if (error == ENOENT && slash != NULL)
		shown = slash == path ? "/" : ctl_note(ctl, "%.*s", (int)(slash - path), path);
	return ctl_fail(ctl, CTL_IO, W_OPEN_FAILED, W_NEXT_WRITABLE, shown, failure_text(ctl, error));
}
