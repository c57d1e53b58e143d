/* SPDX-License-Identifier: MPL-2.0 */
/* See address.h. */
#include "conf/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define HOST_MAX 253

static bool is_number(const char *text, long max)
{
	size_t len = strlen(text);

	return len >= 1 && len <= 9 && strspn(text, "0123456789") == len && strtol(text, NULL, 10) <= max;
}

/* Splits "host:port" and "[v6]:port"; false: no port. host has room for HOST_MAX + 1 bytes. */
static bool split(const char *text, size_t len, char *host, bool *ret_is_v6, const char **ret_port)
{
	const char *colon = memrchr(text, ':', len);
	size_t host_len;

	if (colon == NULL)
		return false;
	host_len = (size_t)(colon - text);
	*ret_is_v6 = host_len >= 2 && text[0] == '[' && text[host_len - 1] == ']';
	if (*ret_is_v6) {
		text++;
		host_len -= 2;
	}
	if (host_len > HOST_MAX)
		return false;
	memcpy(host, text, host_len);
	host[host_len] = '\0';
	*ret_port = colon + 1;
	return true;
}

static int check_path(const char *path, struct error *reterr, struct error *rethint)
{
	if (strlen(path) <= ADDRESS_PATH_MAX)
		return 0;
	error_set(rethint, 0, "the system takes at most %d bytes for the path of a socket", ADDRESS_PATH_MAX);
	return error_set(reterr, -EINVAL, "the path is too long for a unix socket: %zu bytes", strlen(path));
}

static int refuse_unix(const char *path, struct error *reterr, struct error *rethint)
{
	path += strncmp(path, "//", 2) == 0 ? 2 : 0;
	error_set(rethint, 0, "write the path alone: %.*s", ADDRESS_PATH_MAX,
		  path[0] == '\0' ? "/run/x.sock" : path);
	return error_set(reterr, -EINVAL, "a path is written without unix: here");
}

int address_check(const char *text, struct error *reterr, struct error *rethint)
{
	char host[HOST_MAX + 1];
	unsigned char raw[16];
	const char *port;
	bool is_v6;

	if (strncmp(text, "unix:", 5) == 0)
		return refuse_unix(text + 5, reterr, rethint);
	if (strchr(text, '/') != NULL)
		return check_path(text, reterr, rethint);
	error_set(rethint, 0,
		  "write address:port (127.0.0.1:7020, [::1]:7020, 0.0.0.0:7020 for all), a path, systemd or "
		  "off");
	if (!split(text, strlen(text), host, &is_v6, &port))
		return error_set(reterr, -EINVAL, "\"%.60s\" has no port", text);
	if (!is_number(port, 65535))
		return error_set(reterr, -EINVAL, "\"%.60s\" is not a port (0 to 65535)", port);
	if (inet_pton(is_v6 ? AF_INET6 : AF_INET, host, raw) == 1)
		return 0;
	if (!is_v6 && inet_pton(AF_INET6, host, raw) == 1)
		return error_set(reterr, -EINVAL, "the IPv6 address %.60s must stand in [ ]", host);
	return error_set(reterr, -EINVAL, "\"%.60s\" is not a numeric address", host);
}

static int check_host(const char *text, size_t len, struct error *reterr)
{
	char host[HOST_MAX + 1];
	const char *port;
	bool is_v6;
	char number[8] = "";

	if (!split(text, len, host, &is_v6, &port) || host[0] == '\0')
		return error_set(reterr, -EINVAL, "host and port are missing");
	if ((size_t)(text + len - port) < sizeof(number))
		memcpy(number, port, (size_t)(text + len - port));
	if (!is_number(number, 65535) || strtol(number, NULL, 10) == 0)
		return error_set(reterr, -EINVAL, "the port must be a number from 1 to 65535");
	if (is_v6) {
		unsigned char raw[16];

		return inet_pton(AF_INET6, host, raw) == 1 ? 0
							   : error_set(reterr, -EINVAL,
								       "[%.60s] is not an IPv6 "
								       "address",
								       host);
	}
	if (strspn(host, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_") != strlen(host))
		return error_set(reterr, -EINVAL, "\"%.60s\" is not the name of a host", host);
	return 0;
}

static int check_redis(const char *rest, struct error *reterr, struct error *rethint)
{
	const char *at = strchr(rest, '@'), *host = at != NULL ? at + 1 : rest;
	size_t len = strcspn(host, "/");

	if (at != NULL && memchr(rest, ':', (size_t)(at - rest)) != NULL) {
		error_set(rethint, 0, "put the password in a file and name the file in redis.password_file");
		return error_set(reterr, -EINVAL, "a password does not belong in the configuration");
	}
	error_set(rethint, 0, "write redis://[user@]host:port[/db], such as redis://127.0.0.1:6379/0");
	if (at == rest)
		return error_set(reterr, -EINVAL, "the user before '@' is empty");
	if (check_host(host, len, reterr) < 0)
		return -EINVAL;
	if (host[len] == '/' && host[len + 1] != '\0' && !is_number(host + len + 1, 1000000))
		return error_set(reterr, -EINVAL, "\"%.60s\" is not the number of a database",
				 host + len + 1);
	return 0;
}

int address_check_url(const char *text, struct error *reterr, struct error *rethint)
{
	static const char *const later[] = { "rediss://", "sentinel://", "cluster://" };

	if (strncmp(text, "redis://", 8) == 0)
		return check_redis(text + 8, reterr, rethint);
	error_set(rethint, 0, "write private, redis://[user@]host:port[/db] or unix:///path");
	for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++)
		if (strncmp(text, later[i], strlen(later[i])) == 0)
			return error_set(reterr, -EINVAL, "%s is not built yet", later[i]);
	if (strncmp(text, "unix://", 7) != 0)
		return error_set(reterr, -EINVAL, "is not an address of a Redis");
	if (text[7] != '/' || text[8] == '\0')
		return error_set(reterr, -EINVAL, "the path after unix:// must be absolute");
	return check_path(text + 7, reterr, rethint);
}
