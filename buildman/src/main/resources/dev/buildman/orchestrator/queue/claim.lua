--! include: ../queue.lua
--! limits: allowed job_registration
local function describe(id, attempt)
  local r = read(rec(id), 'ns', 'repo', 'tries', 'interruptions', 'next', 'enqueued', 'spec')
  return {'id', id, 'attempt', attempt, 'ns', r.ns, 'repo', r.repo, 'tries', r.tries, 'interruptions', r.interruptions,
    'next', r.next, 'waited', math.max(0, now - num(r.enqueued)), 'spec', r.spec}
end

-- The last answer is kept, so that one that was lost is found again.
local kept = call('HGET', tag .. 'claims', given.manager)
if kept then
  local counter, nonce, ids = string.match(kept, '^(%d+) (%S+) ?(.*)$')
  counter = tonumber(counter)
  if counter > tonumber(given.counter) or (counter == tonumber(given.counter) and nonce ~= given.nonce) then
    return refused('STALE_NONCE')
  end
  if counter == tonumber(given.counter) then
    local builds = {}
    for id in string.gmatch(ids, '%S+') do
      local j = read(job(id), 'nonce', 'attempt')
      if j.nonce == nonce then
        table.insert(builds, describe(id, j.attempt))
      end
    end
    return already('builds', builds)
  end
end

local ticked = call('HGET', KEYS[1], 'ticked_on')
if num(call('HGET', KEYS[1], 'claims_from')) > now or (ticked and ticked ~= replicationId()) then
  return refused('FAILED_OVER')
end
local allowed = tonumber(given.allowed)
local slots = call('ZCARD', tag .. 'slots')
if slots >= allowed then
  return refused('FULL')
end

local function take(ns)
  local id = call('ZPOPMIN', heads(ns))[1]
  if not id then
    return nil
  end
  local r = record(id)
  local attempt = num(r.attempt) + 1 -- reserved: the record gets it at the intent
  call('HSET', job(id), 'nonce', given.nonce, 'manager', given.manager, 'step', 'claimed', 'attempt', attempt,
    'session', 0, 'executor', '', 'host', '', 'claimed_at', now)
  arm(id, now + tonumber(given.job_registration))
  call('ZADD', tag .. 'slots', '+inf', member(id, attempt))
  call('SADD', running(ns), id)
  call('HSET', rec(id), 'place', 'job')
  enter(id, r, 'build-scheduled')
  call('HSET', tag .. 'turns', ns, call('HINCRBY', KEYS[1], 'turn', 1))
  return id, attempt
end

local builds, ids = {}, {}
while #builds < tonumber(given.most) and slots < allowed do
  local ns = call('ZRANGE', tag .. 'namespaces', 0, 0)[1]
  if not ns then
    break
  end
  call('ZREM', tag .. 'namespaces', ns)
  local id, attempt = take(ns)
  if id then
    table.insert(ids, id)
    table.insert(builds, describe(id, attempt))
    slots = slots + 1
  end
  refresh(ns)
end
if #builds == 0 then
  return refused('EMPTY')
end
call('HSET', tag .. 'claims', given.manager, given.counter .. ' ' .. given.nonce .. ' ' .. table.concat(ids, ' '))
return applied('builds', builds)
