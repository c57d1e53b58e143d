-- SPDX-License-Identifier: MPL-2.0
-- The last part of effortd's Redis function library, with the locals of those before it: names, what comes with
-- time, closed periods, the index, and the registration of all functions. Loaded as one text
-- (daemon/store/library.c).

-- What a key must be, by its name; another use of the same Redis may have made it something else.
local function type_of(key)
	local kind = match(key, "}:(%a+)")
	if kind == "rank" then return "zset" end
	if match(key, "}:_followed$") then return "set" end
	return (kind == "series" or kind == "hist") and "stream" or "hash"
end

-- Redis does not say which key is of the wrong type.
local function name_wrong_type(keys)
	for _, key in ipairs(keys) do
		local is = call("TYPE", key).ok
		if is ~= "none" and is ~= type_of(key) then
			return { err = format("WRONGTYPE %s is a %s, not a %s; rename or delete that key", key, is, type_of(key)) }
		end
	end
end

-- Names -------------------------------------------------------------------------------------------

-- The name a count goes under: past the limit new ones are one.
local function admit(known, state, name)
	if known or name == "_other" then return name end
	if state.n >= state.max then return "_other" end
	state.n = state.n + 1
	return name
end

local function add_names(key, argv, position)
	local state = { n = tonumber(call("HGET", key, "_names") or 0), max = tonumber(argv[4]) }
	if call("EXISTS", key) == 0 then call("HSET", key, "_enc", ENC) end
	for i = 5, #argv, 5 do
		local name = admit(call("HEXISTS", key, argv[i] .. ".contacts") == 1, state, argv[i])
		local f = { name .. ".contacts", name .. ".n", name .. ".self" }
		local old = call("HMGET", key, f[1], f[2], f[3])
		call("HSET", key, f[1], text((old[1] or 0) + argv[i + 1]), f[2], text((old[2] or 0) + argv[i + 2]),
			f[3], text((old[3] or 0) + argv[i + 3]))
	end
	call("HSET", key, argv[1], position, "_names", text(state.n))
end

local function newest(key, argv)
	local state = { n = call("HLEN", key), max = tonumber(argv[4]) }
	for i = 5, #argv, 5 do
		local old = call("HGET", key, argv[i])
		local name = admit(old, state, argv[i])
		if name ~= argv[i] then old = call("HGET", key, name) end
		if not old or tonumber(old) < tonumber(argv[i + 4]) then call("HSET", key, name, argv[i + 4]) end
	end
end

-- effort_names: contacts, n and self per name of one dimension and month.
-- KEYS: by:<dimension>:<month>; sources (only for the dimension "source").
-- ARGV: writer's field, position, what the hash must hold (as for effort_apply; or "reset": the amounts are all there is,
--       in the place of what it holds; or "force": even if it holds the position, but not where a writer has a part
--       that is not among those behind it; or "must": there, too; or "keep": they are not whole, what it
--       holds stays), most names,
--       (name, contacts, n, self, newest event time) each.
-- Answer: hashes left alone, hashes, "", the writers it waits for now; or nothing was changed: -1, { 1, what it holds }, or
--         -1, the writers that do not run.
local function effort_names(keys, argv)
	local position, had = holds(argv[2]), call("HGET", keys[1], argv[1])
	local follows, kind = argv[3], call("TYPE", keys[2] or keys[1]).ok
	if kind ~= "hash" and kind ~= "none" then return name_wrong_type(keys) end
	local is_kept = match(follows, "^keep")
	local living, must = match(follows, "^force ?(.*)$"), match(follows, "^must")
	local is_reset = is_kept or match(follows, "^reset") or living or must
	local absent = living and absent_from(keys, 1, argv[1], living) or ""
	if absent ~= "" then return { -1, absent } end
	if follows == SKIP or (had == position and not living and not must) then
		if keys[2] then newest(keys[2], argv) end
		return { 1, 1 }
	elseif is_kept and stand(keys[1], argv[1], position) then
		-- It stays.
	elseif is_reset then
		local waits = clear(keys[1], argv[1], gather(keys[1], argv[1], {}))
		add_names(keys[1], argv, position)
		note_waiting(keys[1], waits)
		if is_kept then note_lost(keys[1], argv[1]) end
	elseif follows == ANY or (had or "") == holds(follows) then
		add_names(keys[1], argv, position)
		if not had then
			note_waiting(keys[1], still_waits(keys[1], argv[1]))
			call("HDEL", keys[1], "_ws")
		end
	else
		return { -1, { 1, had } }
	end
	if keys[2] then newest(keys[2], argv) end
	return { 0, 1, "", call("HGET", keys[1], "_r") or "" }
end

-- Moments -----------------------------------------------------------------------------------------

-- A running hash goes over to the period of now: a copy where that has data already, else empty; where it should have some
-- Redis has lost it, and the counts that are brought back take the mark away.
local function roll(running, labelled, head)
	if call("COPY", labelled, running, "REPLACE") == 1 then
		call("HSET", running, "as_of", head.now, "lag_s", head.lag)
		return
	end
	local none = {}
	local at = set_head(head, none)
	call("DEL", running)
	call("HSET", running, "_enc", ENC)
	hset(running, set, at)
	if head.is_due then call("HSET", running, "rebuilding", "1") end
end

local function mark(key, missing)
	call("HSET", key, "incomplete", missing == "" and "0" or "1")
	if missing == "" then call("HDEL", key, "missing") else call("HSET", key, "missing", missing) end
end

-- as_of, lag and who is silent, of a running hash that is the right one. The labelled one learns who is silent, too, for
-- it is what stays when the period ends; first, so that an error in the middle leaves the change to the next tick.
local function refresh(running, labelled, head, had_missing)
	call("HSET", running, "as_of", head.now, "lag_s", head.lag)
	if (had_missing or "") == head.missing then return end
	if call("EXISTS", labelled) == 1 then mark(labelled, head.missing) end
	mark(running, head.missing)
end

local function add_minute(stream, id, running, argv, at)
	local last = call("XREVRANGE", stream, "+", "-", "COUNT", 1)
	if last[1] and tonumber(match(last[1][1], "^%d+")) >= tonumber(id) then return end
	local names = { "all.share", "all.contacts" }
	for i = at, #argv do
		names[#names + 1] = argv[i] .. ".share"
		names[#names + 1] = argv[i] .. ".contacts"
	end
	local values, args = hmget(running, names, #names), {}
	values[2] = values[2] or "0"
	for i = 1, #names do
		if values[i] then args[#args + 1], args[#args + 2] = names[i], values[i] end
	end
	call("XADD", stream, "MAXLEN", "~", 10080, id, unpack(args))
end

-- The country's rankings belong to the period named in the bookkeeping hash; those of another one go.
local function empty_ranks(bookkeeping, window, label, keys, from, to)
	if call("HGET", bookkeeping, window) == label then return 0 end
	for i = from, to do call("DEL", keys[i]) end
	call("HSET", bookkeeping, window, label)
	return 1
end

local function is_any(keys, known)
	if sub(known, 1, 1) == "1" then return true end
	for w = 0, 5 do
		if call("EXISTS", keys[w * 5 + 1], keys[w * 5 + 4]) > 0 then return true end
	end
	return false
end

-- effort_tick: the running periods of one municipality at this moment. Nothing is made where there has
-- never been data.
-- KEYS: six times share:<window>, tasks:<window>, rank:<window>, share:<window>:<label>, tasks:<window>:<label>; hist; and for
--       the country _ranks and, window by window, rank:<window>:<scope>.
-- ARGV: now, lag_s, missing, definition, target id, 1 where it is known to have data and six digits (1 where something has been
--       counted in the window's period), tell, minute or "", scopes ranked;
--       six times label, from, to, flags; area ids.
-- Answer: 1 has data, { window, start of the period that was left, ... }, { window, scope, share, ... } of the running ones
--       when tell is set, and of those that rolled; number of windows whose country rankings are empty now.
local function effort_tick(keys, argv)
	local left, told, ranked, emptied = {}, {}, tonumber(argv[9]), 0
	if not is_any(keys, argv[6]) then return { 0, left, told, 0 } end
	for w = 1, 6 do
		local k, a = w * 5 - 4, 6 + 4 * w
		local head = {
			now = argv[1], lag = argv[2], missing = argv[3], target_id = argv[5],
			label = argv[a], from = argv[a + 1], to = argv[a + 2], is_due = sub(argv[6], w + 1, w + 1) == "1",
		}
		head.target = target_of(read_flags(head, argv[a + 3], argv[4]))
		head.target_text = head.target .. " " .. argv[5] .. " " .. head.definition
		local share, task = call("HMGET", keys[k], "period", "missing", "from"), call("HMGET", keys[k + 1], "period", "missing")
		local rolled = share[1] ~= head.label
		if rolled then
			roll(keys[k], keys[k + 3], head)
			if share[3] then left[#left + 1], left[#left + 2] = w, share[3] end
		else
			refresh(keys[k], keys[k + 3], head, share[2])
		end
		if rolled or argv[7] == "1" then read_shares(keys[k], keys[k + 2], told, w) end
		if task[1] ~= head.label then
			roll(keys[k + 1], keys[k + 4], head)
		else
			refresh(keys[k + 1], keys[k + 4], head, task[2])
		end
		if ranked > 0 then
			emptied = emptied + empty_ranks(keys[32], text(w), argv[a], keys, 33 + (w - 1) * ranked, 32 + w * ranked)
		end
	end
	if argv[8] ~= "" then add_minute(keys[31], argv[8], keys[1], argv, 34) end
	return { 1, left, told, emptied }
end

-- effort_rank: municipalities in the country's rankings of one running window.
-- KEYS: share:<window> of the country, _ranks, rank:<window>:<scope> each.
-- ARGV: window, label, (number of the scope from 1, municipality, share or "") each. Answer: 1, or 0 when the label is no
--       longer (or not yet) the running one.
local function effort_rank(keys, argv)
	if call("HGET", keys[1], "period") ~= argv[2] then return 0 end
	empty_ranks(keys[2], argv[1], argv[2], keys, 3, #keys)
	local members, scores, n, scope = {}, {}, 0, nil
	for i = 3, #argv, 3 do
		if scope ~= argv[i] or n >= 1000 then
			if scope then set_rank(keys[2 + scope], members, scores, n) end
			members, scores, n, scope = {}, {}, 0, argv[i]
		end
		n = n + 1
		members[n], scores[n] = argv[i + 1], argv[i + 2]
	end
	if scope then set_rank(keys[2 + scope], members, scores, n) end
	return 1
end

-- Closed periods ----------------------------------------------------------------------------------

-- The entry of a closed period: n and share of every scope it has.
local function entry_of(key, names)
	local values, entry = hmget(key, names, #names), {}
	for i = 1, #names do
		if values[i] then entry[#entry + 1], entry[#entry + 2] = names[i], values[i] end
	end
	return entry
end

-- A stream takes no entry before its last one: a restated period means writing it anew, from its own
-- entries.
local function rewrite(stream, fresh)
	local ids = {}
	for _, old in ipairs(call("XRANGE", stream, "-", "+")) do
		local id = match(old[1], "^%d+")
		if not fresh[id] then
			fresh[id] = old[2]
		end
	end
	for id in pairs(fresh) do ids[#ids + 1] = id end
	table_sort(ids, function(x, y) return tonumber(x) < tonumber(y) end)
	call("DEL", stream)
	for _, id in ipairs(ids) do call("XADD", stream, id, unpack(fresh[id])) end
end

-- effort_series: brings the entries of closed periods up to date.
-- KEYS: series:<window>; share:<window>:<label> each. ARGV: their starts, ascending; area ids. Answer: entries changed.
local function effort_series(keys, argv)
	local periods, names = #keys - 1, { "all.n", "all.share" }
	for i = periods + 1, #argv do
		names[#names + 1] = argv[i] .. ".n"
		names[#names + 1] = argv[i] .. ".share"
	end
	local last = call("XREVRANGE", keys[1], "+", "-", "COUNT", 1)
	local last_id = last[1] and tonumber(match(last[1][1], "^%d+")) or -1
	local changed, restated, fresh = 0, false, {}
	for i = 1, periods do
		local id, entry = argv[i], entry_of(keys[1 + i], names)
		local old = tonumber(id) <= last_id and call("XRANGE", keys[1], id, id)[1]
		if #entry > 0 and not (old and concat(old[2], "\0") == concat(entry, "\0")) then
			changed = changed + 1
			if tonumber(id) > last_id and not restated then
				call("XADD", keys[1], id, unpack(entry))
				last_id = tonumber(id)
			else
				restated = true
				fresh[id] = entry
			end
		end
	end
	if restated then rewrite(keys[1], fresh) end
	return changed
end

-- The rest ----------------------------------------------------------------------------------------

-- effort_index: one index, replaced whole. KEYS: index. ARGV: field, value each.
local function effort_index(keys, argv)
	call("DEL", keys[1])
	if #argv > 0 then hset(keys[1], argv, #argv) end
	return 1
end

-- Those of names (commas between) that are neither this writer nor gone; and whether this one is among them.
local function put_by_others(names, writer, gone)
	local out, left, is_named = { [writer] = true }, {}, false
	for name in gmatch(gone, "[^,]+") do out[name] = true end
	for name in gmatch(names or "", "[^,]+") do
		is_named = is_named or name == writer
		if not out[name] then left[#left + 1] = name end
	end
	return concat(left, ","), is_named
end

-- effort_put: a hash that is made of others (a target, an effort, measures), replaced as a whole; one made of an older
-- look is not put over a newer one, unless the newer one's clock cannot be right. Who puts it stands in _put, and it goes
-- when the last of them takes it away.
-- KEYS: hash, _followed, _put.
-- ARGV: as_of ("": it stays as it is, and the writer is one of those who put it), what comes behind the municipality in the
-- hash's name, the writer, those gone for good, (field, value) each; without fields the writer takes it away.
-- Answer: 1, or 0 when a newer one is there.
local function effort_put(keys, argv)
	local names = call("HGET", keys[3], argv[2])
	local others, is_named = put_by_others(names, argv[3], argv[4])
	if #argv == 4 and argv[1] ~= "" then
		if others ~= "" then
			call("HSET", keys[3], argv[2], others)
			return 1
		end
		call("DEL", keys[1])
		call("SREM", keys[2], argv[2])
		call("HDEL", keys[3], argv[2])
		return 1
	end
	if not is_named then call("HSET", keys[3], argv[2], others == "" and argv[3] or others .. "," .. argv[3]) end
	if argv[1] == "" then return 1 end
	local had = tonumber(call("HGET", keys[1], "as_of") or 0)
	if had > tonumber(argv[1]) and had - tonumber(argv[1]) < 60000 then return 0 end
	call("DEL", keys[1])
	set[1], set[2], set[3], set[4] = "schema", SCHEMA, "as_of", argv[1]
	for i = 5, #argv do set[i] = argv[i] end
	hset(keys[1], set, #argv)
	call("SADD", keys[2], argv[2])
	return 1
end

-- effort_writer: the writer's own hash, gone when it no longer says so. KEYS: hash. ARGV: ms to live,
-- field, value each.
local function effort_writer(keys, argv)
	call("HSET", keys[1], unpack(argv, 2))
	call("PEXPIRE", keys[1], argv[1])
	return 1
end

-- effort_claim: a run of a writer counts under its name, unless one it does not know all of does. It stands there for good,
-- with the runs before it, and with the last batch it may have sent: who comes with a copy of the journal, however late, finds
-- out which runs both have, and whether the copy has all that was sent.
-- KEYS: the writer's runs. ARGV: the one that calls, or "" where it only asks; the position of the last batch it sends, or "";
-- the run and the batch that it has found there and knows, or ""; all its runs, newest first, each with the journal's last
-- block before it, or "" to write nothing where it does not stand.
-- Answer: the run and batch that stand there now, and the runs of another one.
local function effort_claim(keys, argv)
	local held = call("HMGET", keys[1], "run", "sent", "runs")
	local last, sent = held[1], argv[2] ~= "" and argv[2] or held[2] or "0"
	if last and last ~= argv[1] and (argv[5] == "" or last ~= argv[3] or held[2] ~= argv[4]) then return held end
	if last ~= argv[1] then
		if argv[5] == "" then return held end
		call("HSET", keys[1], "run", argv[1], "sent", sent, "runs", argv[5])
	elseif sent ~= held[2] then
		call("HSET", keys[1], "sent", sent)
	end
	return { argv[1], sent }
end

-- effort_agree: what the writers count by, or how long they keep what. KEYS: hash, and a key that
-- says for a while that the hash is new, or nil. ARGV: a writer, what it says, for how many ms. Answer: { writer, what, ... }.
local function effort_agree(keys, argv)
	if keys[2] and call("EXISTS", keys[1]) == 0 then call("SET", keys[2], "1", "PX", argv[3]) end
	call("HSET", keys[1], argv[1], argv[2])
	return call("HGETALL", keys[1])
end

local function effort_version()
	return VERSION
end

-- The globals are those of the running function, not of the library: reached through _G.
local function register(name, run)
	redis.register_function(name .. "_" .. VERSION, function(keys, argv)
		if not call then
			call, floor, format, match, concat = redis.call, math.floor, string.format, string.match, table.concat
			gmatch, table_sort, pairs, sub = string.gmatch, table.sort, _G.pairs, string.sub
			unpack, tonumber, ipairs = _G.unpack, _G.tonumber, _G.ipairs
			for i = 0, 9999 do small[i], padded[i] = format("%d", i), format("%04d", i) end
		end
		local done, answer = _G.pcall(run, keys, argv)
		if done then return answer end
		local err = _G.type(answer) == "table" and answer.err or answer
		if match(err, "^WRONGTYPE ") then return name_wrong_type(keys) or { err = err } end
		-- Raised again, what Redis refused would lose its code; what went wrong in here has none.
		return match(err, "^%u+ ") and { err = err } or _G.error(err, 0)
	end)
end

register("effort_apply", effort_apply)
register("effort_reset", effort_reset)
register("effort_probe", effort_probe)
register("effort_names", effort_names)
register("effort_tick", effort_tick)
register("effort_rank", effort_rank)
register("effort_series", effort_series)
register("effort_index", effort_index)
register("effort_put", effort_put)
register("effort_writer", effort_writer)
register("effort_claim", effort_claim)
register("effort_agree", effort_agree)
register("effort_version", effort_version)
