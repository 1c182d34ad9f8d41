--! include: core.lua
--! limits: grace
-- Outages do not kill builds: after a gap in the managers' ticks, or a step of the clock, no lease ends
-- until every agent that can be reached had time to come back. Set, not raised. Before the stamp.
local function beginGrace()
  call('HSET', KEYS[1], 'grace_from', now, 'grace_until', now + tonumber(given.grace))
end

local function gapCheck()
  local at = tonumber(call('GET', tag .. 'managers/at'))
  local gap = not at or now - at > 10000 or now < at
  if gap then
    beginGrace()
  end
  call('SET', tag .. 'managers/at', now)
  return gap
end
