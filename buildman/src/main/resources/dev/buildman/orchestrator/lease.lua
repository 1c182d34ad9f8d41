--! include: core.lua
--! limits: lease
-- A sign of life of the session that holds a job.
local function beat(id, j, ...)
  local leaseUntil = now + tonumber(given.lease)
  local at = within(leaseUntil, j.max, j.timeout_at)
  arm(id, at, 'lease_until', leaseUntil, 'beat', now, 'used', '1', 'carried_at', '', 'streams', given.manager, ...)
  if given.usage then
    call('HSET', job(id), 'usage', given.usage)
  end
end
