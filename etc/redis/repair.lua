-- SPDX-License-Identifier: MPL-2.0
-- The third part of effortd's Redis function library, with effort.lua's locals: what Redis has lost is found
-- (effort_probe) and brought back (effort_reset).
--
-- Several writers may count in one hash. Whoever finds its part lost replaces the whole hash by its own part and
-- leaves the names of the others in `_r` (also of those that probes have seen in it, for Redis may have forgotten
-- everything); they find themselves absent, add theirs and take themselves out. Until
-- `_r` is empty the hash says rebuilding=1. A writer that has lost part of its own totals leaves what a hash holds of it
-- and stands there as lost ("_w:<writer>:lost") until it replaces it by whole ones.
-- What is written anew without need ("force") takes nothing away that a writer has put there which does not run.

-- Adds to others the writers' fields a hash has, and those it waits for, but for this writer's.
local function gather(key, writer, others)
	for _, name in ipairs(call("HKEYS", key)) do
		if match(name, "^_w:") and name ~= writer then others[name] = true end
	end
	for name in gmatch(call("HGET", key, "_r") or "", "[^,]+") do
		if name ~= writer and name ~= writer .. LOST then others[name] = true end
	end
	return others
end

-- All writers that have a part in a hash. `_ws` keeps them until one more comes (add_cells, fold, effort_names): looking
-- at all fields costs what there are of them.
local function writers_of(key)
	local list = call("HGET", key, "_ws")
	if list then return list end
	local all = {}
	for _, name in ipairs(call("HKEYS", key)) do
		if match(name, "^_w:") then all[#all + 1] = name end
	end
	table_sort(all)
	list = concat(all, ",")
	if list ~= "" then call("HSET", key, "_ws", list) end
	return list
end

local function list_of(others)
	local list = {}
	for name in pairs(others) do list[#list + 1] = name end
	table_sort(list)
	return concat(list, ",")
end

-- The writers but this one that have a part in one of the hashes which they would not bring back whole: they are not among
-- the living, or have lost part of their totals.
local function absent_from(keys, hashes, writer, living)
	local lives, absent = { [writer] = true }, {}
	for name in gmatch(living, "[^,]+") do lives[name] = true end
	for i = 1, hashes do
		for name in gmatch(writers_of(keys[i]), "[^,]+") do
			if not lives[name] then absent[name] = true end
		end
		for name in gmatch(call("HGET", keys[i], "_r") or "", "([^,]+)" .. LOST) do
			if name ~= writer then absent[name] = true end
		end
	end
	return list_of(absent)
end

-- Makes way for this writer's totals. others: the writers known to have a part in hashes of this period. Returns
-- what the hash waits for when the totals are in: nil where that does not change, else a list, "" for nobody.
local function clear(key, writer, others)
	if call("HEXISTS", key, writer) == 1 or call("EXISTS", key) == 0 then
		local kept = call("HMGET", key, "_t", "definition", "target_id", "break", "missing")
		call("DEL", key)
		if kept[1] then
			call("HSET", key, "_t", kept[1], "definition", kept[2] or "", "target_id", kept[3] or "")
			if kept[4] then call("HSET", key, "break", kept[4]) end
			if kept[5] then call("HSET", key, "missing", kept[5]) end
		end
		return list_of(others)
	end
	return still_waits(key, writer, true)
end

-- The totals are less than was counted.
local function note_lost(key, writer, is_shown)
	local waits = call("HGET", key, "_r") or ""
	for name in gmatch(waits, "[^,]+") do
		if name == writer .. LOST then return end
	end
	note_waiting(key, (waits == "" and "" or waits .. ",") .. writer .. LOST, is_shown)
end

-- What there is of this writer stays; true: there is something.
local function stand(key, writer, position, is_shown)
	if call("HEXISTS", key, writer) == 0 then return false end
	call("HSET", key, writer, position)
	note_lost(key, writer, is_shown)
	return true
end

local function waited_for(keys, hashes)
	local waits = {}
	for i = 1, hashes do
		for name in gmatch(call("HGET", keys[i], "_r") or "", "[^,]+") do waits[name] = true end
	end
	return waits
end

-- One share or tasks hash.
local function reset_fold(key, running, rank, plan, head, told, others, is_kept)
	if not (is_kept and stand(key, head.writer, head.position_text, true)) then
		local waits = clear(key, head.writer, others)
		fold(key, nil, nil, plan, head, nil, hmget(key, plan.get, plan.got))
		note_waiting(key, waits, true)
		if is_kept then note_lost(key, head.writer, true) end
	end
	if not running then return end
	local from = call("HGET", running, "from")
	if not from or tonumber(from) <= tonumber(head.from) then copy(key, running, rank, told, head.window) end
end

-- effort_reset: all that this writer has counted in one period, in the place of what the hashes hold of it.
-- A hash that holds the position already is left alone, unless forced. "keep": the totals are not whole; what a hash holds
-- of this writer stays.
-- KEYS: share:<window>:<label>, tasks:<window>:<label>; cells of the period (flag 8); share:<window>, tasks:<window>,
--       rank:<window> (flag 2).
-- "force": not where another writer has a part that it would not bring back whole; "must": there, too.
-- ARGV: writer's field, position, "force", "must", "keep" or "", behind a space other writers known to have a part, and behind
--       a semicolon those that run; now, lag_s, missing (of a period that has ended: when it did), definition, target id, tell; number of the
--       window from 1, label, from, to, flags (as for effort_apply; 8 has cells); contacts; scopes, tasks and cells as for
--       effort_apply.
-- Answer: hashes left alone, hashes, { window, scope, share, ... } for the country's ranking, the writers these hashes wait
--         for now; or nothing was changed: -1, those writers.
local function effort_reset(keys, argv)
	local writer, position, others, left = argv[1], holds(argv[2]), {}, 0
	local how, known, living = match(argv[3], "^(%a*) ?([^;]*);?(.*)$")
	local head, told = new_head(argv, 4, position), argv[9] == "1" and {} or nil
	local is_running, has_cells = fill_window(head, argv, 11, tonumber(argv[10]))
	local is_kept, is_forced = how == "keep", how == "force" or how == "must"
	head.was_missing = head.missing
	local shares, tasks, at
	shares, at = read_plan(argv, 16, writer, SUMS)
	tasks, at = read_plan(argv, at, writer, COUNTS)
	local names, amounts, n = read_cells(argv, at, argv[15])
	local hashes, first_running = has_cells and 3 or 2, has_cells and 4 or 3
	local absent = how == "force" and absent_from(keys, hashes, writer, living) or ""
	if absent ~= "" then return { -1, absent } end
	for name in gmatch(known, "[^,]+") do
		if name ~= writer then others[name] = true end
	end
	for i = 1, hashes do gather(keys[i], writer, others) end
	for i = 1, hashes do
		if not is_forced and call("HGET", keys[i], writer) == position then
			left = left + 1
			if is_running and i < 3 then
				catch_up(keys[i], keys[first_running - 1 + i], i == 1 and keys[first_running + 2] or nil, head,
					i == 1 and told or nil)
			end
		elseif i == 3 then
			if not (is_kept and stand(keys[3], writer, position)) then
				local waits = clear(keys[3], writer, others)
				add_cells(keys[3], names, amounts, n, hmget(keys[3], names, n), position)
				note_waiting(keys[3], waits)
				if is_kept then note_lost(keys[3], writer) end
			end
		else
			reset_fold(keys[i], is_running and keys[first_running - 1 + i] or nil,
				i == 1 and is_running and keys[first_running + 2] or nil, i == 1 and shares or tasks, head,
				i == 1 and told or nil, others, is_kept)
		end
	end
	return { left, hashes, told or {}, list_of(waited_for(keys, hashes)) }
end

-- Probes ------------------------------------------------------------------------------------------

-- A running copy that is missing, or is no copy of what the hash is now, is made again. True: it was.
local function probe_copy(key, running, rank, own, writer, label, from, told, window)
	local now = call("HMGET", running, "period", "from", writer)
	if now[1] == label and now[3] == own then
		if not rank or call("EXISTS", rank) == 1 then return false end
		read_shares(running, rank, told, window)
		return false
	end
	if now[2] and tonumber(now[2]) > tonumber(from) then return false end
	return copy(key, running, rank, told, window)
end

-- effort_probe: what hashes of one municipality hold of this writer; running copies are brought in order.
-- KEYS: hashes; then for each running window share:<window>:<label>, tasks:<window>:<label>, share:<window>,
--       tasks:<window>, rank:<window>; then keys of any kind.
-- ARGV: writer's field, tell, number of hashes, number of running windows; number from 1, label, from of each.
-- Answer: { what each hash holds, and of each running window share and tasks }, copies made, { window, scope, share, ... }
--         of those, { 1 or 0: is the key there }, { the writers of each of the hashes held tells; "": only this one },
--         { whom each of them waits for; "": nobody }.
local function effort_probe(keys, argv)
	local writer, told, held, copies, others, waits = argv[1], argv[2] == "1" and {} or nil, {}, 0, {}, {}
	local hashes, windows = tonumber(argv[3]), tonumber(argv[4])
	local function look(key)
		local own = call("HMGET", key, writer, "_ws", "_r")
		local list = own[2] or writers_of(key)
		others[#others + 1] = list == writer and "" or list
		waits[#waits + 1] = own[3] or ""
		return own[1]
	end
	for i = 1, hashes do held[i] = look(keys[i]) end
	for w = 1, windows do
		local k, a = hashes + w * 5 - 4, 2 + w * 3
		local window, label, from = tonumber(argv[a]), argv[a + 1], argv[a + 2]
		local share, task = look(keys[k]), look(keys[k + 1])
		held[#held + 1] = share
		held[#held + 1] = task
		if share and probe_copy(keys[k], keys[k + 2], keys[k + 4], share, writer, label, from, told, window) then
			copies = copies + 1
		end
		if task and probe_copy(keys[k + 1], keys[k + 3], nil, task, writer, label, from, nil, window) then
			copies = copies + 1
		end
	end
	local there = {}
	for i = hashes + windows * 5 + 1, #keys do there[#there + 1] = call("EXISTS", keys[i]) end
	return { held, copies, told or {}, there, others, waits }
end
