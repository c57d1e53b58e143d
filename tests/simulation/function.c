/* SPDX-License-Identifier: MPL-2.0 */
/* See function.h. */
#include "function.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARGS_MAX 16384

struct library {
	struct library *next;
	struct text *text; /* owned */
	lua_State *lua;	   /* owned; index 1: functions by name */
	bool is_loading;
	/* the call at hand */
	struct keys *keys;
	int64_t now_ms;
	const char **declared; /* Lua's own copies of the keys: equal text is the same pointer */
	size_t declared_len, declared_cap;
	const char *function;
	struct arg args[ARGS_MAX];
	char numbers[ARGS_MAX][28];
};

static struct library *libraries;

static struct library *library_at(lua_State *lua)
{
	struct library *library;

	lua_getfield(lua, LUA_REGISTRYINDEX, "library");
	library = lua_touserdata(lua, -1);
	lua_pop(lua, 1);
	return library;
}

static void check_key(const struct library *library, const struct arg *key, const struct arg *command)
{
	for (size_t i = 0; i < library->declared_len; i++)
		if (library->declared[i] == key->bytes)
			return;
	fprintf(stderr, "%s: %.*s of %.*s, which is not among its keys\n", library->function,
		(int)command->len, command->bytes, (int)key->len, key->bytes);
	abort();
}

static void check_keys(const struct library *library, int n)
{
	const struct arg *argv = library->args;

	if (n < 2)
		return;
	check_key(library, &argv[1], &argv[0]);
	if (arg_is(&argv[0], "COPY") || arg_is(&argv[0], "RENAME"))
		check_key(library, &argv[2], &argv[0]);
	if (arg_is(&argv[0], "DEL") || arg_is(&argv[0], "UNLINK") || arg_is(&argv[0], "EXISTS"))
		for (int i = 2; i < n; i++)
			check_key(library, &argv[i], &argv[0]);
}

/* Numbers as Redis writes them: whole ones without a point, others with all their digits. */
static struct arg number_arg(char text[28], lua_Number number)
{
	int n;

	if (number > -9e18 && number < 9e18 && number == (lua_Number)(long long)number)
		n = snprintf(text, 28, "%lld", (long long)number);
	else
		n = snprintf(text, 28, "%.17g", number);
	return (struct arg){ text, (size_t)n };
}

static int raise_error(lua_State *lua, const char *text)
{
	lua_createtable(lua, 0, 1);
	lua_pushstring(lua, text);
	lua_setfield(lua, -2, "err");
	return lua_error(lua);
}

static int redis_call(lua_State *lua)
{
	struct library *library = library_at(lua);
	struct answer answer = { .lua = lua };
	int n = lua_gettop(lua);

	if (n == 0 || n > ARGS_MAX)
		return raise_error(lua, "ERR wrong number of arguments");
	for (int i = 0; i < n; i++) {
		int type = lua_type(lua, i + 1);

		if (type == LUA_TNUMBER)
			library->args[i] = number_arg(library->numbers[i], lua_tonumber(lua, i + 1));
		else if (type == LUA_TSTRING)
			library->args[i].bytes = lua_tolstring(lua, i + 1, &library->args[i].len);
		else
			return raise_error(lua, "ERR Lua redis lib command arguments must be strings or integers");
	}
	check_keys(library, n);
	if (!lua_checkstack(lua, 32))
		abort();
	data_run(library->keys, library->now_ms, library->args, (size_t)n, &answer);
	if (answer.is_error)
		return raise_error(lua, answer.error);
	return 1;
}

static int register_function(lua_State *lua)
{
	struct library *library = library_at(lua);

	if (!library->is_loading)
		return luaL_error(lua, "redis.register_function can only be called while loading");
	if (lua_istable(lua, 1)) {
		lua_getfield(lua, 1, "function_name");
		lua_getfield(lua, 1, "callback");
		lua_remove(lua, 1);
	}
	luaL_checktype(lua, 1, LUA_TSTRING);
	luaL_checktype(lua, 2, LUA_TFUNCTION);
	lua_getfield(lua, LUA_REGISTRYINDEX, "functions");
	lua_pushvalue(lua, 1);
	lua_pushvalue(lua, 2);
	lua_rawset(lua, -3);
	return 0;
}

/* What a library's globals are: redis.register_function while loading, the usual ones afterwards. */
static int global_index(lua_State *lua)
{
	const char *name = lua_tostring(lua, 2);

	if (library_at(lua)->is_loading) {
		if (name != NULL && strcmp(name, "redis") == 0)
			lua_getfield(lua, LUA_REGISTRYINDEX, "loading");
		else
			return luaL_error(lua, "Script attempted to access nonexistent global variable '%s'", name);
		return 1;
	}
	lua_pushvalue(lua, 2);
	lua_rawget(lua, LUA_GLOBALSINDEX);
	if (lua_isnil(lua, -1))
		return luaL_error(lua, "Script attempted to access nonexistent global variable '%s'", name);
	return 1;
}

static int global_newindex(lua_State *lua)
{
	return luaL_error(lua, "Attempt to modify a readonly table: %s", lua_tostring(lua, 2));
}

static int error_reply(lua_State *lua)
{
	lua_createtable(lua, 0, 1);
	lua_pushvalue(lua, 1);
	lua_setfield(lua, -2, "err");
	return 1;
}

/* As Redis' own: of an error that is a table its text is returned. */
static int redis_pcall(lua_State *lua)
{
	int n = lua_gettop(lua);

	lua_pushboolean(lua, 1);
	lua_insert(lua, 1);
	if (lua_pcall(lua, n - 1, LUA_MULTRET, 0) == 0)
		return lua_gettop(lua);
	lua_remove(lua, 1);
	if (lua_istable(lua, -1)) {
		lua_getfield(lua, -1, "err");
		if (lua_isstring(lua, -1))
			lua_replace(lua, -2);
	}
	lua_pushboolean(lua, 0);
	lua_insert(lua, 1);
	return lua_gettop(lua);
}

static int redis_log(lua_State *lua)
{
	(void)lua;
	return 0;
}

static void set_function(lua_State *lua, const char *name, lua_CFunction function)
{
	lua_pushcfunction(lua, function);
	lua_setfield(lua, -2, name);
}

static void make_globals(lua_State *lua)
{
	luaL_openlibs(lua);
	lua_newtable(lua);
	set_function(lua, "call", redis_call);
	set_function(lua, "error_reply", error_reply);
	set_function(lua, "log", redis_log);
	lua_setglobal(lua, "redis");
	lua_pushcfunction(lua, redis_pcall);
	lua_setglobal(lua, "pcall");
	lua_newtable(lua);
	set_function(lua, "register_function", register_function);
	set_function(lua, "log", redis_log);
	lua_setfield(lua, LUA_REGISTRYINDEX, "loading");
	lua_newtable(lua);
	lua_setfield(lua, LUA_REGISTRYINDEX, "functions");
	for (size_t i = 0; i < 6; i++) {
		static const char *const not_there[] = { "dofile", "loadfile", "print", "io", "os", "require" };

		lua_pushnil(lua);
		lua_setglobal(lua, not_there[i]);
	}
}

static bool load(struct library *library, const char *text, size_t len, char ret_why[256])
{
	lua_State *lua = library->lua;
	const char *body = memchr(text, '\n', len);

	if (body == NULL || strncmp(text, "#!lua name=", 11) != 0) {
		snprintf(ret_why, 256, "Missing library metadata");
		return false;
	}
	if (luaL_loadbuffer(lua, body, len - (size_t)(body - text), "@user_function") != 0) {
		snprintf(ret_why, 256, "Error compiling function: %.200s", lua_tostring(lua, -1));
		return false;
	}
	lua_newtable(lua); /* its globals */
	lua_newtable(lua);
	set_function(lua, "__index", global_index);
	set_function(lua, "__newindex", global_newindex);
	lua_setmetatable(lua, -2);
	lua_setfenv(lua, -2);
	library->is_loading = true;
	if (lua_pcall(lua, 0, 0, 0) != 0) {
		snprintf(ret_why, 256, "Error registering functions: %.200s", lua_tostring(lua, -1));
		return false;
	}
	library->is_loading = false;
	return true;
}

static void library_free(struct library *library)
{
	lua_close(library->lua);
	text_drop(library->text);
	free(library->declared);
	free(library);
}

struct library *library_of(const char *text, size_t len, char ret_why[256])
{
	struct library *library = libraries;

	while (library != NULL && !text_is(library->text, text, len))
		library = library->next;
	if (library != NULL)
		return library;
	library = calloc(1, sizeof(*library));
	if (library == NULL || (library->lua = luaL_newstate()) == NULL)
		abort();
	lua_gc(library->lua, LUA_GCSETPAUSE, 400); /* memory is cheaper than time here */
	library->text = text_new(text, len);
	make_globals(library->lua);
	lua_pushlightuserdata(library->lua, library);
	lua_setfield(library->lua, LUA_REGISTRYINDEX, "library");
	if (!load(library, text, len, ret_why)) {
		library_free(library);
		return NULL;
	}
	lua_settop(library->lua, 0);
	lua_getfield(library->lua, LUA_REGISTRYINDEX, "functions");
	library->next = libraries;
	libraries = library;
	return library;
}

void library_free_all(void)
{
	while (libraries != NULL) {
		struct library *library = libraries;

		libraries = library->next;
		library_free(library);
	}
}

const char *library_label(const struct library *library, size_t *ret_len)
{
	const char *label = library->text->bytes + strlen("#!lua name=");

	*ret_len = strcspn(label, "\r\n ");
	return label;
}

bool library_has(const struct library *library, const struct arg *function)
{
	bool is_there;

	lua_pushlstring(library->lua, function->bytes, function->len);
	lua_rawget(library->lua, 1);
	is_there = lua_isfunction(library->lua, -1);
	lua_pop(library->lua, 1);
	return is_there;
}

/* Pops the value on top. */
static void convert(lua_State *lua, struct answer *answer);

static bool convert_field(lua_State *lua, const char *name, struct answer *answer)
{
	const char *text;

	lua_pushstring(lua, name);
	lua_rawget(lua, -2);
	text = lua_type(lua, -1) == LUA_TSTRING ? lua_tostring(lua, -1) : NULL;
	if (text != NULL && strcmp(name, "err") == 0)
		answer_error(answer, "%s", text);
	else if (text != NULL)
		answer_status(answer, text);
	lua_pop(lua, 1);
	return text != NULL;
}

static void convert_table(lua_State *lua, struct answer *answer)
{
	int n = 0;

	if (convert_field(lua, "err", answer) || convert_field(lua, "ok", answer))
		return;
	for (;; n++) {
		lua_rawgeti(lua, -1, n + 1);
		if (lua_isnil(lua, -1))
			break;
		lua_pop(lua, 1);
	}
	lua_pop(lua, 1);
	answer_array(answer, (size_t)n);
	for (int i = 1; i <= n; i++) {
		lua_rawgeti(lua, -1, i);
		convert(lua, answer);
	}
}

static void convert(lua_State *lua, struct answer *answer)
{
	size_t len;
	const char *text;

	if (!lua_checkstack(lua, 8))
		abort();
	switch (lua_type(lua, -1)) {
	case LUA_TSTRING:
		text = lua_tolstring(lua, -1, &len);
		answer_bulk(answer, text, len);
		break;
	case LUA_TNUMBER:
		answer_int(answer, (long long)lua_tonumber(lua, -1));
		break;
	case LUA_TBOOLEAN:
		if (lua_toboolean(lua, -1))
			answer_int(answer, 1);
		else
			answer_nil(answer);
		break;
	case LUA_TTABLE:
		convert_table(lua, answer);
		break;
	default:
		answer_nil(answer);
	}
	lua_pop(lua, 1);
}

static void push_texts(struct library *library, const struct arg *argv, size_t n, bool are_keys)
{
	lua_State *lua = library->lua;

	lua_createtable(lua, (int)n, 0);
	for (size_t i = 0; i < n; i++) {
		lua_pushlstring(lua, argv[i].bytes, argv[i].len);
		if (are_keys)
			library->declared[i] = lua_tostring(lua, -1);
		lua_rawseti(lua, -2, (int)i + 1);
	}
}

void library_call(struct library *library, const struct arg *function, struct keys *keys, int64_t now_ms,
		  const struct arg *argv, size_t argc, struct answer *answer)
{
	lua_State *lua = library->lua;
	char name[64];
	int64_t n;

	if (argc < 1 || !arg_number(&argv[0], &n) || n < 0 || (size_t)n > argc - 1) {
		answer_error(answer, "ERR Bad number of keys provided");
		return;
	}
	if ((size_t)n > library->declared_cap) {
		library->declared_cap = (size_t)n * 2;
		library->declared = realloc(library->declared,
					    library->declared_cap * sizeof(*library->declared));
		if (library->declared == NULL)
			abort();
	}
	snprintf(name, sizeof(name), "%.*s", (int)function->len, function->bytes);
	library->keys = keys;
	library->now_ms = now_ms;
	library->declared_len = (size_t)n;
	library->function = name;
	lua_settop(lua, 1);
	lua_pushstring(lua, name);
	lua_rawget(lua, 1);
	push_texts(library, argv + 1, (size_t)n, true);
	push_texts(library, argv + 1 + n, argc - 1 - (size_t)n, false);
	if (lua_pcall(lua, 2, 1, 0) == 0)
		convert(lua, answer);
	else if (!lua_istable(lua, -1) || !convert_field(lua, "err", answer))
		answer_error(answer, "ERR %.300s script: %s", lua_tostring(lua, -1), name);
	lua_settop(lua, 1);
}
