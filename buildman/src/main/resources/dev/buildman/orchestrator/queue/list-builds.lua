--! include: ../reading.lua
-- Reads the narrowest index, newest first, and leaves out what does not fit; a bounded part per call.
local BUDGET = 2000
local wanted, phases = {}, 0
for phase in string.gmatch(given.phases, '%S+') do
  wanted[phase] = true
  phases = phases + 1
end

local index = tag .. 'by/all'
if given.repo ~= '' then
  index = tag .. 'by/repo/' .. given.repo
elseif given.ns ~= '' then
  index = tag .. 'by/ns/' .. given.ns
elseif phases == 1 then
  index = tag .. 'by/phase/' .. given.phases
end

local most = tonumber(given.most)
local from = given.cursor == '' and '+inf' or '(' .. given.cursor
local builds, next, seen = {}, 0, 0
local found = call('ZREVRANGEBYSCORE', index, from, '-inf', 'WITHSCORES', 'LIMIT', 0, BUDGET)
for i = 1, #found, 2 do
  if #builds == most then
    break
  end
  local id = found[i]
  next, seen = found[i + 1], seen + 1
  if phases == 0 or wanted[call('HGET', rec(id), 'phase')] then
    table.insert(builds, whole(id))
  end
end
if seen * 2 == #found and seen < BUDGET then
  next = 0
end
return {'OK', 'builds', builds, 'next', next}
