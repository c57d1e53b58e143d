/* SPDX-License-Identifier: MPL-2.0 */
/* See address.h. */
#include "store/address.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

static int add_unix(const char *path, struct address *ret, struct error *reterr)
{
	struct sockaddr_un *un = (struct sockaddr_un *)&ret->at[0];

	if (path[0] != '/' || strlen(path) >= sizeof(un->sun_path))
		return error_set(reterr, -EINVAL,
				 "redis.url: \"unix://\" needs an absolute path of at most %zu bytes",
				 sizeof(un->sun_path) - 1);
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, path, strlen(path) + 1);
	ret->len[0] = sizeof(*un);
	ret->n = 1;
	snprintf(ret->text, sizeof(ret->text), "unix://%s", path);
	return 0;
}

static int add_ip(const char *host, const char *port, struct address *ret)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
	struct addrinfo *found;

	if (getaddrinfo(host, port, &hints, &found) != 0)
		return -EINVAL;
	memcpy(&ret->at[ret->n], found->ai_addr, found->ai_addrlen);
	ret->len[ret->n++] = found->ai_addrlen;
	freeaddrinfo(found);
	return 0;
}

static bool is_number(const char *text, long min, long max)
{
	char *end;
	long value = strtol(text, &end, 10);

	return *text >= '0' && *text <= '9' && *end == '\0' && value >= min && value <= max;
}

/* Cuts "[host]:port" or "host:port" in two, in place; port NULL: none. -EINVAL. */
static int split_host(char *text, char **ret_host, char **ret_port)
{
	char *end;

	if (*text == '[') {
		end = strchr(text, ']');
		if (!end || (end[1] && end[1] != ':'))
			return -EINVAL;
		*ret_host = text + 1;
		*ret_port = end[1] ? end + 2 : NULL;
	} else {
		end = text + strcspn(text, ":");
		*ret_host = text;
		*ret_port = *end ? end + 1 : NULL;
	}
	*end = '\0';
	return 0;
}

static int add_tcp(const char *rest, struct address *ret, struct error *reterr)
{
	char buf[256], *text = buf, *slash, *at, *host = NULL, *port = NULL;

	snprintf(buf, sizeof(buf), "%s", rest);
	if ((slash = strchr(text, '/'))) {
		*slash = '\0';
		if (slash[1] && !is_number(slash + 1, 0, 65535))
			return error_set(reterr, -EINVAL,
					 "redis.url: the database after the last \"/\" must be a number");
		ret->db = atoi(slash + 1);
	}
	if ((at = strrchr(text, '@'))) {
		*at = '\0';
		if (strchr(text, ':'))
			return error_set(reterr, -EINVAL,
					 "redis.url: no password here; put it into a file and name that in "
					 "redis.password_file");
		if (strlen(text) >= sizeof(ret->user))
			return error_set(reterr, -EINVAL, "redis.url: the user name is too long");
		memcpy(ret->user, text, strlen(text) + 1);
		text = at + 1;
	}
	if (split_host(text, &host, &port) < 0 || (port && !is_number(port, 1, 65535)))
		return error_set(reterr, -EINVAL,
				 "redis.url: expected redis://host:port or redis://[ipv6]:port");
	if (!port)
		port = (char *)"6379";
	if (strcmp(host, "localhost") == 0) {
		add_ip("127.0.0.1", port, ret);
		add_ip("::1", port, ret);
	} else if (add_ip(host, port, ret) < 0) {
		return error_set(
			reterr, -EINVAL,
			"redis.url: \"%s\" is no IP address; names other than localhost are not looked up",
			host);
	}
	snprintf(ret->text, sizeof(ret->text), strchr(host, ':') ? "redis://[%s]:%s/%d" : "redis://%s:%s/%d",
		 host, port, ret->db);
	return 0;
}

int address_parse(const char *url, struct address *ret, struct error *reterr)
{
	memset(ret, 0, sizeof(*ret));
	if (strlen(url) >= 256)
		return error_set(reterr, -EINVAL, "redis.url: longer than 255 bytes");
	if (strncmp(url, "unix://", 7) == 0)
		return add_unix(url + 7, ret, reterr);
	if (strncmp(url, "redis://", 8) == 0)
		return add_tcp(url + 8, ret, reterr);
	if (strncmp(url, "rediss://", 9) == 0 || strncmp(url, "sentinel://", 11) == 0 ||
	    strncmp(url, "cluster://", 10) == 0)
		return error_set(reterr, -ENOTSUP,
				 "redis.url: \"%.*s\" is not there yet; use private, redis://host:port or "
				 "unix:///path",
				 (int)strcspn(url, ":"), url);
	return error_set(reterr, -EINVAL,
			 "redis.url: expected private, redis://host:port/db or unix:///path");
}
