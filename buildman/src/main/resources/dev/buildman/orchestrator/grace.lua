--! include: core.lua
--! limits: grace
-- Outages do not kill builds: after a gap in the managers' ticks, or a step of the clock, no lease ends
-- until every agent that can be reached had time to come back. Set, not raised. Before the stamp.
local function beginGrace()
  call('HSET', KEYS[1], 'grace_from', now, 'grace_until', now + tonumber(given.grace))
end

local function gapCheck()
  local found = gap()
  if found then
    beginGrace()
  end
  call('SET', tag .. 'managers/at', now)
  return found
end
