/* SPDX-License-Identifier: MPL-2.0 */
/* effortd: the arguments, and what each of them leads to. */
#include "conf/conf.h"
#include "run/effortd.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#define OVERRIDES_MAX 256

enum action { ACTION_RUN, ACTION_CHECK, ACTION_PRINT };

static int usage(FILE *out, int code)
{
	fputs("effortd counts how citizens contact their municipality, live.\n\n"
	      "  effortd [-c FILE] [-s key=value]...      run in the foreground\n"
	      "  effortd -t | --check-config ...          check the configuration, plugins and samples; exit "
	      "0 or 78\n"
	      "  effortd -T | --print-config ...          every setting: value, where from, whether a reload "
	      "applies it\n"
	      "  effortd --version | --help\n\n"
	      "Example: effortd -c etc/minimal.conf -s state_dir=/tmp/e/state -s run_dir=/tmp/e/run\n"
	      "Exit codes: 0 ended well, 64 usage, 69 unavailable, 70 internal, 78 configuration.\n",
	      out);
	return code;
}

static int print_config(const struct arguments *arguments)
{
	struct faults faults = { 0 }, warnings = { 0 };
	struct conf *conf = conf_load(arguments->config_file, arguments->overrides, arguments->overrides_len,
				      &faults, &warnings);

	effortd_print_faults(&warnings);
	effortd_print_faults(&faults);
	faults_done(&warnings);
	faults_done(&faults);
	if (conf == NULL)
		return EXIT_CONFIG;
	conf_print(conf, stdout);
	conf_free(conf);
	return EXIT_OK;
}

/* "key=value" in place. */
static int add_override(char *text, struct conf_override *overrides, size_t *n)
{
	char *equals = strchr(text, '=');

	if (equals == NULL || equals == text) {
		fprintf(stderr, "effortd: -s wants key=value, not '%s'\n", text);
		return EXIT_USAGE;
	}
	if (*n == OVERRIDES_MAX) {
		fprintf(stderr, "effortd: more than %d settings with -s; put them into a file\n",
			OVERRIDES_MAX);
		return EXIT_USAGE;
	}
	*equals = '\0';
	overrides[(*n)++] = (struct conf_override){ text, equals + 1 };
	return EXIT_OK;
}

static int act(enum action action, const struct arguments *arguments)
{
	switch (action) {
	case ACTION_CHECK:
		return effortd_check(arguments);
	case ACTION_PRINT:
		return print_config(arguments);
	case ACTION_RUN:
		break;
	}
	return effortd_run(arguments);
}

int main(int argc, char **argv)
{
	static const struct option options[] = { { "config", required_argument, NULL, 'c' },
						 { "set", required_argument, NULL, 's' },
						 { "check-config", no_argument, NULL, 't' },
						 { "print-config", no_argument, NULL, 'T' },
						 { "version", no_argument, NULL, 'V' },
						 { "help", no_argument, NULL, 'h' },
						 { 0 } };
	static struct conf_override overrides[OVERRIDES_MAX];
	struct arguments arguments = { .overrides = overrides };
	enum action action = ACTION_RUN;
	int option;

	while ((option = getopt_long(argc, argv, "c:s:tTh", options, NULL)) != -1) {
		switch (option) {
		case 'c':
			arguments.config_file = optarg;
			break;
		case 's':
			if (add_override(optarg, overrides, &arguments.overrides_len) != EXIT_OK)
				return EXIT_USAGE;
			break;
		case 't':
			action = ACTION_CHECK;
			break;
		case 'T':
			action = ACTION_PRINT;
			break;
		case 'V':
			printf("effortd %s (plugin ABI %d.%d)\n", EFFORTD_VERSION, EFFORT_ABI_MAJOR,
			       EFFORT_ABI_MINOR);
			return EXIT_OK;
		case 'h':
			return usage(stdout, EXIT_OK);
		default:
			return usage(stderr, EXIT_USAGE);
		}
	}
	if (optind < argc) {
		fprintf(stderr, "effortd: unexpected argument '%s'\n", argv[optind]);
		return usage(stderr, EXIT_USAGE);
	}
	return act(action, &arguments);
}
