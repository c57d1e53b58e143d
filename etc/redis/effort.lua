#!lua name=effort_0000000000000000
-- SPDX-License-Identifier: MPL-2.0
-- effortd's Redis function library: applies counts, keeps sums and shares in the same step, rolls running
-- periods.
--
-- Promises: every hash holds this writer's position (`_w:<writer>`), that of the last call it took. A call says
-- which position each hash must hold; it looks at all of them first and changes nothing unless each holds that
-- one, or the call's own: then the hash has it already and is left alone. So a call sent twice counts once, also
-- after an error in the middle, and what Redis lost is never built upon. All keys of a call are declared and lie
-- in one slot. Numbers are exact up to 2^53. The library is this file, apply.lua, repair.lua and moments.lua, one after the
-- other. Who calls: daemon/store.
--
-- VERSION is in the library's name and behind the name of each function: effortds of different versions on one Redis
-- each call their own.

local VERSION = "0000000000000000" -- filled in when sent, here and in the first line: a hash of this text

-- While a library is loaded Lua has no globals but redis.register_function: register() sets these before
-- the first call.
local call, floor, format, match, gmatch, concat, table_sort, unpack, tonumber, ipairs, pairs, sub

-- One argument list of redis.call; Lua's stack takes 8000 values.
local CHUNK = 4000
-- Longer than 64 bytes: makes Redis keep the hash as a hashtable, four times faster to change than a
-- listpack.
local ENC = "-----------------------------------------------------------------"
local SCHEMA = "1"

local CONTACTS, N, SELF, ASSISTED, DIGITAL, TARGET_N, TARGET_SELF = 1, 5, 6, 7, 8, 10, 11
local COUNTS, SUMS = 12, 25 -- without and with the channels
local SHARE, SHARE_INCL, SHARE_DIGITAL, TARGET, GAP, MOVE, MET = 26, 27, 28, 29, 30, 31, 32
-- In the order of enum sum in daemon/domain/share.h, then the derived fields.
local FIELD = {
	"contacts", "information", "case", "unknown", "n", "self", "assisted", "digital", "exempt",
	"target_n", "target_self", "movable",
	"ch.selfservice", "ch.digitalpost", "ch.email", "ch.letter", "ch.phone", "ch.counter", "ch.video", "ch.sms",
	"ch.chat", "ch.social", "ch.web", "ch.system", "ch.other",
	"share", "share_incl_assisted", "share_digital", "target", "gap_pp", "move", "met",
}
-- Read together whenever one of them changes: what the derived fields are made of.
local RATIO = { N, SELF, ASSISTED, DIGITAL, TARGET_N, TARGET_SELF }
local IN_RATIO = {
	[N] = true, [SELF] = true, [ASSISTED] = true, [DIGITAL] = true, [TARGET_N] = true, [TARGET_SELF] = true,
}

local small = {} -- texts of 0 to 9999: cheaper than making them again
local padded = {} -- the same with four digits
-- Field, value, field, value of the hash at hand; kept between calls because growing it again is what
-- costs.
local set = {}

-- From pieces that are there already: four times as fast as format(). Past 10^12 the remainder might not be exact.
local function text(number)
	local s = small[number]
	if s then return s end
	if number < 0 or number >= 1e12 then return format("%.0f", number) end
	local low = number % 10000
	return text((number - low) / 10000) .. padded[low]
end

-- Hundredths of a percent as "46.79".
local percents = {}
local function percent(bp)
	local s = percents[bp]
	if not s then
		local v = bp < 0 and -bp or bp
		s = format("%s%d.%02d", bp < 0 and "-" or "", floor(v / 100), v % 100)
		percents[bp] = s
	end
	return s
end

-- As share_basis_points(): half up, but never up to a target that the exact ratio misses.
local function basis_points(part, n, target)
	local bp = floor((part * 20000 + n) / (2 * n))
	if target >= 0 and bp >= target and part * 10000 < target * n then
		return target - 1
	end
	return bp
end

local function move_of(part, n, target)
	local missing = target * n - part * 10000
	return missing > 0 and floor((missing + 9999) / 10000) or 0
end

-- The field names of a scope, kept between calls: making them is dearer than writing the fields. Bounded.
local fields, fields_n = {}, 0
local function fields_of(scope)
	local list = fields[scope]
	if list then return list end
	if fields_n >= 4096 then fields, fields_n = {}, 0 end
	list = {}
	for i, name in ipairs(FIELD) do list[i] = scope .. "." .. name end
	fields[scope], fields_n = list, fields_n + 1
	return list
end

local function hmget(key, names, n)
	if n <= CHUNK then return call("HMGET", key, unpack(names, 1, n)) end
	local all = {}
	for from = 1, n, CHUNK do
		local to = from + CHUNK - 1
		if to > n then to = n end
		local part = call("HMGET", key, unpack(names, from, to))
		for i = 1, #part do all[from + i - 1] = part[i] end
	end
	return all
end

-- pairs: field, value, field, value; n counts both.
local function hset(key, pairs, n)
	for from = 1, n, CHUNK do
		local to = from + CHUNK - 1
		call("HSET", key, unpack(pairs, from, to < n and to or n))
	end
end

local function hdel(key, names, n)
	for from = 1, n, CHUNK do
		local to = from + CHUNK - 1
		call("HDEL", key, unpack(names, from, to < n and to or n))
	end
end

-- Positions ---------------------------------------------------------------------------------------

-- What a caller says a hash must hold, as it stands there: sixteen digits without the zeros before them; "" where
-- nothing of this writer may be there yet.
local SKIP, ANY = "skip            ", "any             "
local plain_of, plain = nil, nil
local function holds(follows)
	if follows ~= plain_of then plain_of, plain = follows, match(follows, "^0*(%d*)$") end
	return plain
end

-- Several writers ---------------------------------------------------------------------------------

-- What a hash waits for when a writer has lost part of its totals: that they are whole again.
local LOST = ":lost"

-- The writers a hash waits for (repair.lua) but for this one, and what it has lost unless is_whole says that it has all:
-- nil where it waits for nobody.
local function still_waits(key, writer, is_whole)
	local waits = call("HGET", key, "_r")
	if not waits then return nil end
	local left = {}
	for name in gmatch(waits, "[^,]+") do
		if name ~= writer and not (is_whole and name == writer .. LOST) then left[#left + 1] = name end
	end
	return concat(left, ",")
end

-- waits: nil: nothing changes; "": for nobody.
local function note_waiting(key, waits, is_shown)
	if not waits then return end
	if waits == "" then
		call("HDEL", key, "_r")
	else
		call("HSET", key, "_r", waits)
	end
	if is_shown then call("HSET", key, "rebuilding", waits == "" and "0" or "1") end
end

-- Cells -------------------------------------------------------------------------------------------

-- names: writer's field, "_n", cells; amounts the same without the first; old: what is there of them.
local function add_cells(key, names, amounts, n, old, position)
	if not old[1] and not old[2] then call("HSET", key, "_enc", ENC) end
	if not old[1] then
		note_waiting(key, still_waits(key, names[1]))
		call("HDEL", key, "_ws")
	end
	set[1], set[2] = names[1], position
	local at = 2
	for i = 2, n do
		local v = old[i]
		set[at + 1] = names[i]
		v = v and v + amounts[i] or amounts[i]
		set[at + 2] = small[v] or text(v)
		at = at + 2
	end
	hset(key, set, at)
end

-- Cells from the arguments: from `at` to the end.
local function read_cells(argv, at, contacts)
	local names, amounts, n = { argv[1], "_n" }, { 0, tonumber(contacts) }, 2
	for i = at, #argv, 2 do
		n = n + 1
		names[n], amounts[n] = argv[i], tonumber(argv[i + 1])
	end
	return names, amounts, n
end

-- Shares ------------------------------------------------------------------------------------------

-- What a call changes in the share hashes (or in the tasks hashes), read from the arguments once for all
-- windows: plan.get lists the fields to read, after the four of the hash itself, scope by scope.
local function read_plan(argv, at, writer, counts)
	local n = tonumber(argv[at])
	local get = { writer, "period", "missing", "_t" }
	local scopes, got = {}, 4
	at = at + 1
	for i = 1, n do
		local name, changed = argv[at], tonumber(argv[at + 2])
		local list = fields_of(name)
		local amount, order, in_ratio = {}, {}, false
		local scope = { name = name, is_area = argv[at + 1] == "a", field = list, amount = amount, order = order }
		at = at + 3
		for _ = 1, changed do
			local sum = tonumber(argv[at]) + 1
			amount[sum] = tonumber(argv[at + 1])
			at = at + 2
			if IN_RATIO[sum] then
				in_ratio = true
			elseif sum ~= CONTACTS and sum <= counts then
				order[#order + 1] = sum
			end
		end
		get[got + 1] = list[CONTACTS]
		got = got + 1
		if in_ratio then
			for k = 1, 6 do get[got + k] = list[RATIO[k]] end
			got = got + 6
		end
		for k = 1, #order do get[got + k] = list[order[k]] end
		got = got + #order
		scope.in_ratio = in_ratio
		scopes[i] = scope
	end
	return { get = get, got = got, scopes = scopes, n = n, counts = counts }, at
end

-- Everything a scope new to the hash has, also 0.
local function set_new(scope, counts, target, at)
	local f, amount = scope.field, scope.amount
	for sum = 1, counts do
		set[at + 1], set[at + 2] = f[sum], text(amount[sum] or 0)
		at = at + 2
	end
	if target >= 0 then
		set[at + 1], set[at + 2] = f[TARGET], percent(target)
		at = at + 2
	end
	return at
end

-- The derived fields that differ between the old and the new sums; all of them when all is set. Returns at,
-- and the share where it changed ("" where it went away).
local function set_derived(f, target, all, n0, s0, a0, d0, tn0, ts0, n, s, a, d, tn, ts, at, dels)
	local changed
	if n > 0 then
		local fresh = all or n0 <= 0
		local bp = basis_points(s, n, target)
		local differs = fresh or bp ~= basis_points(s0, n0, target)
		if differs then
			changed = percent(bp)
			set[at + 1], set[at + 2] = f[SHARE], changed
			at = at + 2
		end
		if a > 0 or a0 > 0 then -- else it is the same
			bp = basis_points(s + a, n, target)
			differs = fresh or bp ~= basis_points(s0 + a0, n0, target)
		end
		if differs then
			set[at + 1], set[at + 2] = f[SHARE_INCL], percent(bp)
			at = at + 2
		end
		bp = basis_points(d, n, target)
		if fresh or bp ~= basis_points(d0, n0, target) then
			set[at + 1], set[at + 2] = f[SHARE_DIGITAL], percent(bp)
			at = at + 2
		end
	elseif n0 > 0 then
		changed = ""
		dels[#dels + 1], dels[#dels + 2], dels[#dels + 3] = f[SHARE], f[SHARE_INCL], f[SHARE_DIGITAL]
	end
	if target < 0 then return at, changed end
	if tn > 0 then
		local fresh = all or tn0 <= 0
		local gap, move = basis_points(ts, tn, target) - target, move_of(ts, tn, target)
		if fresh or gap ~= basis_points(ts0, tn0, target) - target then
			set[at + 1], set[at + 2] = f[GAP], percent(gap)
			at = at + 2
		end
		local move0 = fresh or move_of(ts0, tn0, target)
		if fresh or move ~= move0 then
			set[at + 1], set[at + 2] = f[MOVE], text(move)
			at = at + 2
			if fresh or (move == 0) ~= (move0 == 0) then
				set[at + 1], set[at + 2] = f[MET], move == 0 and "1" or "0"
				at = at + 2
			end
		end
	elseif tn0 > 0 then
		dels[#dels + 1], dels[#dels + 2], dels[#dels + 3] = f[GAP], f[MOVE], f[MET]
	end
	return at, changed
end

-- A sum as it is after the call; appended where it changed and the scope is not new (set_new() has all of those).
local function grow(sum, was, f, amount, is_new, at)
	local v = amount[sum]
	if not v then return was, at end
	v = was + v
	if is_new then return v, at end
	set[at + 1], set[at + 2] = f[sum], small[v] or text(v)
	return v, at + 2
end

-- Appends one scope's changes. p: where its values begin in old. Returns at, p of the next scope and the
-- share where it changed.
local function set_scope(scope, old, p, counts, target, at, dels)
	local f, amount, order = scope.field, scope.amount, scope.order
	local contacts = old[p]
	local is_new = not contacts
	p = p + 1
	if is_new then
		at = set_new(scope, counts, target, at)
	elseif amount[CONTACTS] then
		set[at + 1], set[at + 2] = f[CONTACTS], text(contacts + amount[CONTACTS])
		at = at + 2
	end
	local share
	if scope.in_ratio then
		local n0, s0, a0 = (old[p] or 0) + 0, (old[p + 1] or 0) + 0, (old[p + 2] or 0) + 0
		local d0, tn0, ts0 = (old[p + 3] or 0) + 0, (old[p + 4] or 0) + 0, (old[p + 5] or 0) + 0
		local n, s, a, d, tn, ts
		p = p + 6
		n, at = grow(N, n0, f, amount, is_new, at)
		s, at = grow(SELF, s0, f, amount, is_new, at)
		a, at = grow(ASSISTED, a0, f, amount, is_new, at)
		d, at = grow(DIGITAL, d0, f, amount, is_new, at)
		tn, at = grow(TARGET_N, tn0, f, amount, is_new, at)
		ts, at = grow(TARGET_SELF, ts0, f, amount, is_new, at)
		at, share = set_derived(f, target, is_new, n0, s0, a0, d0, tn0, ts0, n, s, a, d, tn, ts,
			at, dels)
	end
	if is_new then return at, p + #order, share end
	for i = 1, #order do
		local sum = order[i]
		local v = (old[p] or 0) + amount[sum]
		set[at + 1], set[at + 2] = f[sum], small[v] or text(v)
		at, p = at + 2, p + 1
	end
	return at, p, share
end

-- Who is silent now says nothing of a period that has ended: that keeps what it had when it did, or is told so.
local function missing_of(head, had)
	return head.has_ended and (had or head.was_missing or "") or head.missing
end

-- The fields once per hash. head: what the caller knows about this window and moment.
local function set_head(head, old)
	set[1], set[2] = "as_of", head.now
	set[3], set[4] = "lag_s", head.lag
	local at = 4
	if head.writer then
		set[5], set[6] = head.writer, head.position_text
		at = 6
	end
	if head.has_ended then
		set[at + 1], set[at + 2] = "restated_at", head.now
		at = at + 2
	end
	if not old[2] then
		for _, pair in ipairs({ { "rebuilding", "0" }, { "period", head.label }, { "from", head.from },
			{ "to", head.to }, { "schema", SCHEMA } }) do
			set[at + 1], set[at + 2] = pair[1], pair[2]
			at = at + 2
		end
	end
	local missing = missing_of(head, old[3])
	if not old[2] or (old[3] or "") ~= missing then
		set[at + 1], set[at + 2] = "incomplete", missing == "" and "0" or "1"
		at = at + 2
		if missing ~= "" then
			set[at + 1], set[at + 2] = "missing", missing
			at = at + 2
		end
	end
	if not old[4] or (head.cut and sub(old[4], -#head.definition - 1) ~= " " .. head.definition) then
		-- The target stays the one it began with, also where another definition cuts the period.
		local began = old[4] and match(old[4], "^%S+")
		set[at + 1], set[at + 2] = "_t", began and format("%s %s %s", began, head.target_id, head.definition) or head.target_text
		set[at + 3], set[at + 4] = "definition", head.definition
		set[at + 5], set[at + 6] = "target_id", head.target_id
		at = at + 6
		if head.cut then
			set[at + 1], set[at + 2] = "break", head.cut
			at = at + 2
		end
	end
	return at
end

-- Members and scores of a running share hash: areas into the ranking, every scope into told.
local function read_shares(key, rank, told, window)
	local all = call("HGETALL", key)
	local args, n = {}, 0
	for i = 1, #all, 2 do
		local scope = match(all[i], "^([^/_][^/]*)%.share$")
		if scope then
			if told then
				told[#told + 1], told[#told + 2], told[#told + 3] = window, scope, all[i + 1]
			end
			if scope ~= "all" and not match(scope, ":") then
				args[n + 1], args[n + 2] = all[i + 1], scope
				n = n + 2
			end
		end
	end
	if rank then
		call("DEL", rank)
		if n > 0 then call("ZADD", rank, unpack(args, 1, n)) end
	end
end

-- Scores of n members of a ranking; "" takes a member out.
local function set_rank(rank, members, scores, n)
	local add, out = {}, {}
	for i = 1, n do
		if scores[i] == "" then
			out[#out + 1] = members[i]
		else
			add[#add + 1], add[#add + 2] = scores[i], members[i]
		end
	end
	if #add > 0 then call("ZADD", rank, unpack(add)) end
	if #out > 0 then call("ZREM", rank, unpack(out)) end
end

-- A whole copy, and the areas' ranking from it. Returns false where there is nothing to copy.
local function copy(key, running, rank, told, window)
	if call("COPY", key, running, "REPLACE") == 0 then return false end
	if rank then read_shares(running, rank, told, window) end
	return true
end

-- The running copy: the same changes where it is a copy of what the hash was, else a whole copy. Where this writer
-- had nothing nobody knows what it is a copy of: the hash may have been evicted since. Never back to an older
-- period: a call sent again after midnight must not undo the roll. Returns "same", "copied" or nil (left alone).
local function follow(key, running, head, had, at, dels)
	local now = call("HMGET", running, "period", "from", head.writer)
	if had and now[1] == head.label and now[3] == had then
		-- Writing the changes again is cheaper than a copy of everything, even when most fields changed: COPY takes
		-- 0.5 us a field (measured), HSET 0.3 us.
		hset(running, set, at)
		hdel(running, dels, #dels)
		return "same"
	elseif now[2] and tonumber(now[2]) > tonumber(head.from) then
		return nil
	end
	call("COPY", key, running, "REPLACE")
	return "copied"
end

-- One share or tasks hash and its running copy, if any. old: what is there of plan.get.
local function fold(key, running, rank, plan, head, told, old)
	-- A period keeps the target it began with: a changed one begins with the next period, never backwards.
	local target = old[4] and tonumber(match(old[4], "^%S+")) or head.target
	if not old[2] then call("HSET", key, "_enc", ENC) end
	local dels = {}
	local at, p, share = set_head(head, old), 5, nil
	local scopes, zadd, zscore, z = plan.scopes, {}, {}, 0
	local first = told and #told
	if old[3] and missing_of(head, old[3]) == "" then dels[1] = "missing" end
	for i = 1, plan.n do
		local scope = scopes[i]
		at, p, share = set_scope(scope, old, p, plan.counts, target, at, dels)
		if share and rank then
			if told then
				told[#told + 1], told[#told + 2], told[#told + 3] = head.window, scope.name, share
			end
			if scope.is_area then
				z = z + 1
				zadd[z] = scope.name
				zscore[z] = share
			end
		end
	end
	hset(key, set, at)
	hdel(key, dels, #dels)
	-- What the others wait for may also come by way of a batch sent again.
	if not old[1] then
		note_waiting(key, still_waits(key, head.writer), true)
		call("HDEL", key, "_ws")
	end
	if not running then return end
	local done = follow(key, running, head, old[1], at, dels)
	if not rank then return end
	if done == "copied" and not old[2] then -- the hash is new: no share but those of this call
		call("DEL", rank)
		done = "same"
	end
	if done == "same" then
		set_rank(rank, zadd, zscore, z)
		return
	end
	for i = told and #told or 0, (first or 0) + 1, -1 do told[i] = nil end
	if done == "copied" then read_shares(running, rank, told, head.window) end
end

-- The running copy and ranking of a hash that has the call already: an error in the middle may have kept the
-- changes from them, or a lost answer from the country's ranking.
local function catch_up(key, running, rank, head, told)
	local own = call("HGET", key, head.writer)
	local now = call("HMGET", running, "period", "from", head.writer)
	if own and (now[1] ~= head.label or now[3] ~= own) and not (now[2] and tonumber(now[2]) > tonumber(head.from)) then
		copy(key, running, rank, told, head.window)
	elseif rank and now[1] == head.label then
		read_shares(running, rank, told, head.window)
	end
end
