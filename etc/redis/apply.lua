-- SPDX-License-Identifier: MPL-2.0
-- The second part of effortd's Redis function library, with effort.lua's locals: what the arguments of a call say of the
-- moment and its windows, and the call that counts (effort_apply).

-- What the caller knows about the moment; fill_window() adds one window to it.
local function new_head(argv, at, position)
	return {
		writer = argv[1], position_text = position, now = argv[at], lag = argv[at + 1], missing = argv[at + 2],
		usual = argv[at + 3], target_id = argv[at + 4],
	}
end

-- Sixteenths of the flags are the target of the window's period: a dated target has several.
local function target_of(flags)
	return flags % 2 == 1 and floor(flags / 16) or -1
end

-- Flags of a window, and where its period has a definition of its own ("17 local-2027", "17 kl-2014,local-2027 2027-01-01")
-- that and the day of the change that cuts it. fill_window() answers: it runs, it has cells.
local function read_flags(head, text, definition)
	local flags = tonumber(text)
	head.definition, head.cut = definition, nil
	if flags then return flags end
	local number, names, cut = match(text, "^(%d+) (%S+) ?(%S*)$")
	head.definition, head.cut = names, cut ~= "" and cut or nil
	return tonumber(number)
end

local function fill_window(head, argv, at, window)
	local flags = read_flags(head, argv[at + 3], head.usual)
	head.window, head.label, head.from, head.to = window, argv[at], argv[at + 1], argv[at + 2]
	head.target = target_of(flags)
	head.target_text = head.target .. " " .. head.target_id .. " " .. head.definition
	head.has_ended = flags % 8 >= 4
	return flags % 4 >= 2, flags % 16 >= 8
end

-- The window of each hash of effort_apply, in the order of its keys.
local WINDOW_OF = { 1, 3, 6, 1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6 }

-- What the hashes of each window hold afterwards: the batch's position once they have all of it.
local function positions_of(argv)
	local last, own, positions = holds(argv[2]), holds(argv[18]), {}
	for w = 1, 6 do positions[w] = sub(argv[19], w, w) == "1" and own or last end
	return positions
end

-- effort_apply: everything one municipality (or the country) gained on one local day.
-- KEYS: d, m, y; share:<window>:<label> six times; tasks:<window>:<label> six times; and for every running window
--       share:<window>, tasks:<window>, rank:<window>.
-- ARGV: writer's field, position; what each of the fifteen hashes must hold (sixteen digits; 0: nothing; "any": whatever
--       it holds; or "skip": it is left alone); the call's own position, and six digits: 1 where another call of the
--       batch is to change the same period, whose hashes take the call's own position until then; now, lag_s, missing, definition,
--       target id, tell;
--       six times label, from, to, flags (1 under the target, 2 running, 4 ended, 16 times the target in hundredths of a
--       percent); contacts;
--       number of scopes, (name, "a" area or "-", number of sums, (sum, amount) each) each; the same for tasks;
--       (field, amount) of cells each.
-- Answer: hashes left alone, hashes, { window, scope, share, ... } for the country's ranking ("" = no share now);
--         or nothing was changed: -1, { number of the hash from 1, what it holds, ... }.
local function effort_apply(keys, argv)
	local positions, differing, olds, left = positions_of(argv), {}, {}, 0
	local shares, tasks, at
	shares, at = read_plan(argv, 51, argv[1], SUMS)
	tasks, at = read_plan(argv, at, argv[1], COUNTS)
	local names, amounts, n = read_cells(argv, at, argv[50])
	for i = 1, 15 do
		local follows = argv[2 + i]
		if follows ~= SKIP then
			local plan = i > 9 and tasks or shares
			local old = i <= 3 and hmget(keys[i], names, n) or i > 3 and hmget(keys[i], plan.get, plan.got)
			local had = old[1]
			if had == positions[WINDOW_OF[i]] then
				olds[i] = false
			elseif follows == ANY or (had or "") == holds(follows) then
				olds[i] = old
			else
				differing[#differing + 1], differing[#differing + 2] = i, had
			end
		end
	end
	if #differing > 0 then return { -1, differing } end
	for i = 1, 3 do
		if olds[i] then add_cells(keys[i], names, amounts, n, olds[i], positions[WINDOW_OF[i]]) else left = left + 1 end
	end
	local told = argv[25] == "1" and {} or nil
	local head, next_key = new_head(argv, 20), 16
	for w = 1, 6 do
		local share, task, rank
		head.position_text = positions[w]
		if fill_window(head, argv, 22 + 4 * w, w) then
			share, task, rank = keys[next_key], keys[next_key + 1], keys[next_key + 2]
			next_key = next_key + 3
		end
		if olds[3 + w] then
			fold(keys[3 + w], share, rank, shares, head, told, olds[3 + w])
		else
			left = left + 1
			if share and olds[3 + w] == false then catch_up(keys[3 + w], share, rank, head, told) end
		end
		if olds[9 + w] then
			fold(keys[9 + w], task, nil, tasks, head, nil, olds[9 + w])
		else
			left = left + 1
			if task and olds[9 + w] == false then catch_up(keys[9 + w], task, nil, head, nil) end
		end
	end
	return { left, 15, told or {} }
end

