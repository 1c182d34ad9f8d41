--! include: core.lua
--! limits: lease
-- A sign of life of the session that holds a job.
local function beat(id, j, ...)
  local leaseUntil = now + tonumber(given.lease)
  local at = within(leaseUntil, j.max, j.timeout_at)
  arm(id, at, 'lease_until', whole(leaseUntil), 'beat', whole(now), 'used', '1', 'carried_at', '', 'streams', given.manager, ...)
end
