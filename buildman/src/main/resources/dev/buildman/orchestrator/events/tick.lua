--! include: ../grace.lua
--! limits: lease
-- Before the first tick of all there was nobody to be missed.
local first = call('EXISTS', tag .. 'managers/at') == 0
local found = gapCheck() and not first
call('HSET', KEYS[1], 'ticked_on', replicationId())
local known = call('HGET', KEYS[1], 'replication')
if known ~= given.replication then
  call('HSET', KEYS[1], 'replication', given.replication)
  -- A failover may have lost writes: sessions may live that nobody knows here. They end with their lease.
  if known and given.restarted ~= '1' then
    call('HSET', KEYS[1], 'claims_from', now + tonumber(given.lease))
    beginGrace()
  end
end
local meta = read(KEYS[1], 'grace_until', 'claims_from')
local function ahead(at)
  return num(at) > now and at or ''
end
return applied('grace_until', ahead(meta.grace_until), 'claims_from', ahead(meta.claims_from), 'gap', found and 1 or 0)
