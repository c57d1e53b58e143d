/* SPDX-License-Identifier: MPL-2.0 */
/* Column maps and peer groups: the shipped example is read as it says, and what is wrong is told with its
 * place. */
#include "conf_testing.h"

#include "conf/conf.h"
#include "conf/import_map.h"

#define SMALL                                                                                                \
	"source = \"t\"; constants = { municipality = \"0751\"; channel = \"phone\"; kle = \"23.05.10\"; "   \
	"};\n"

static struct arena arena;
static struct import_map map;

/* The faults of a map, as one text; "" when it is read. */
static char *faults_of(const char *text)
{
	struct faults faults = { 0 };
	char path[] = "/tmp/effort-map-XXXXXX", *told;
	int fd = mkstemp(path), r;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	r = import_map_read(&arena, arena_strdup(&arena, path), &map, &faults);
	unlink(path);
	told = faults_text(&faults);
	ck_assert_int_eq(r < 0, told[0] != '\0');
	faults_done(&faults);
	return told;
}

static void is_told(const char *text, const char *want)
{
	char *told = faults_of(text);

	ck_assert_msg(strstr(told, want) != NULL, "not \"%s\" but: %s", want, told);
	free(told);
	arena_done(&arena);
}

START_TEST(the_shipped_example)
{
	struct faults faults = { 0 };

	ck_assert_int_eq(import_map_read(&arena, SOURCE_DIR "/etc/import/counting-week.conf", &map, &faults),
			 0);
	ck_assert_uint_eq(faults.n, 0);
	ck_assert_str_eq(map.source, "counting-week");
	ck_assert_int_eq(map.spread, SPAN_WORKDAYS);
	ck_assert_int_eq(map.clock_s, 12 * 3600);
	ck_assert_str_eq(map.constants[KEY_MUNICIPALITY], "0751");
	ck_assert(map.has_key && map.numbers.decimal == ',' && map.numbers.thousands == '.');
	ck_assert_uint_eq(map.columns_len, 6);
	ck_assert_int_eq(map.columns[1].field, IMPORT_WEEK);
	ck_assert_str_eq(map.columns[0].folded, "år");
	ck_assert_uint_eq(map.columns[2].skip_len, 2);
	ck_assert_str_eq(map.drop[0], "bemærkninger");
	arena_done(&arena);
}
END_TEST

START_TEST(what_is_wrong_is_told_with_its_place)
{
	is_told(SMALL "columns = ( { column = \"D\"; field = \"dato\"; } );",
		":2:29: \"dato\" is not a field");
	is_told(SMALL "columns = ( { column = \"D\"; field = \"source\"; } );", "is not a field");
	is_told(SMALL "columns = ( { field = \"date\"; } );", "a column needs 'column'");
	is_told(SMALL
		"columns = ( { column = \"D\"; field = \"date\"; }, { column = \"E\"; field = \"date\"; } );",
		":2:48: date is filled a second time");
	is_told(SMALL "columns = ( );", "nothing fills time, date or period");
	is_told("source = \"t\"; columns = ( { column = \"D\"; field = \"date\"; } );",
		"nothing fills municipality");
	is_told(SMALL "columns = ( { column = \"D\"; field = \"date\"; values = ( [ \"x\" ] ); } );",
		"a line of the table of values");
	is_told(SMALL
		"decimal = \".\"; thousands = \".\"; columns = ( { column = \"D\"; field = \"date\"; } );",
		"must be there and differ");
	is_told(SMALL "separator = \"ab\"; columns = ( { column = \"D\"; field = \"date\"; } );",
		"\"ab\" is not a sign");
	is_told(SMALL "encoding = \"utf8\"; columns = ( { column = \"D\"; field = \"date\"; } );",
		"did you mean 'utf-8'");
	is_told(SMALL "booking = { spread = \"day\"; time = \"25:00\"; }; columns = ( { column = \"D\"; "
		      "field = \"date\"; } );",
		"\"25:00\" is not a time of day");
	is_told("source = \"two words\"; columns = ( );", "is not the name of a source");
	is_told(SMALL "skip_lines = -1; columns = ( { column = \"D\"; field = \"date\"; } );",
		"skip_lines is 0 to 1000");
	is_told("constants = { id = \"x\"; };", "\"id\" is not a member");
}
END_TEST

static void peers_are(const char *peers, const char *want)
{
	static const struct conf_override targets[] = { { "areas_dir", DATA "/areas" },
							{ "tasks", SOURCE_DIR "/etc/tasks.conf" },
							{ "targets", SOURCE_DIR "/etc/targets.conf" } };
	struct faults faults = { 0 }, warnings = { 0 };
	char path[] = "/tmp/effort-peers-XXXXXX", text[4096], *told;
	struct conf_override overrides[4] = {
		targets[0], targets[1], targets[2], { "municipalities", path }
	};
	int fd = mkstemp(path);
	struct conf *conf;

	snprintf(text, sizeof(text),
		 "municipalities = ( { code = \"0101\"; name = \"A\"; }, { code = \"0751\"; name = \"B\"; } "
		 ");\n%s",
		 peers);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	conf = conf_load(SOURCE_DIR "/etc/minimal.conf", overrides, 4, &faults, &warnings);
	unlink(path);
	told = faults_text(&faults);
	ck_assert_msg(want[0] == '\0' ? conf != NULL && conf->peers_len == 1 && conf->peers[0].codes_len == 2
				      : strstr(told, want) != NULL,
		      "%s", told);
	free(told);
	faults_done(&faults);
	faults_done(&warnings);
	conf_free(conf);
}

START_TEST(peer_groups)
{
	peers_are("peers = ( { id = \"near\"; da = \"N\"; en = \"N\"; municipalities = [ \"0101\", \"0751\" "
		  "]; } );",
		  "");
	peers_are("peers = ( { id = \"near\"; da = \"N\"; en = \"N\"; municipalities = [ \"0999\" ]; } );",
		  ":2:65: \"0999\" is not a municipality here");
	peers_are("peers = ( { id = \"near\"; da = \"N\"; en = \"N\"; municipalities = [ \"0101\", \"0101\" "
		  "]; } );",
		  "0101 stands here a second time");
	peers_are("peers = ( { id = \"Near!\"; da = \"N\"; en = \"N\"; municipalities = [ \"0101\" ]; } );",
		  "is not an id");
	peers_are("peers = ( { id = \"near\"; da = \"N\"; en = \"N\"; } );", "needs 'municipalities'");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { the_shipped_example, what_is_wrong_is_told_with_its_place,
				       peer_groups };

	return RUN_TESTS("conf/import_map", tests);
}
