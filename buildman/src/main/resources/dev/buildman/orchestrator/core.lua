-- What every script shares: arguments, time, keys, answers, the job's deadline.
-- KEYS[1] carries the tag, all other keys are computed. ARGV[1] is the time in ms ('': Redis's own),
-- then come names and values.
local call = redis.call
local tag = string.sub(KEYS[1], 1, -5) -- '{prefix}' of '{prefix}meta'
-- Not called arg: Lua 5.1 hides that name in functions with variable arguments.
local given = {}
for i = 2, #ARGV, 2 do
  given[ARGV[i]] = ARGV[i + 1]
end

local now = tonumber(ARGV[1])
if not now then
  local time = call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end

local RANK = {
  waiting = 0, ['build-scheduled'] = 1, unpacking = 2, pulling = 3, building = 4, pushing = 5,
}

local function applied(...)
  return {'APPLIED', ...}
end

local function already(...)
  return {'ALREADY', ...}
end

local function refused(code, detail)
  return {'REFUSED', code, detail or ''}
end

local function num(text)
  return tonumber(text) or 0
end

local function rec(id)
  return tag .. 'build/' .. id
end

local function job(id)
  return tag .. 'building/' .. id
end

local function member(id, attempt)
  return id .. '/' .. attempt
end

-- Nothing is started there: an operator switched it off.
local function isOff(executor)
  return call('HEXISTS', tag .. 'executors/off', executor) == 1
end

local function live(executor)
  return tag .. 'executor/' .. executor .. '/live'
end

-- Fields of a hash by name; '' for those that are not there.
local function read(key, ...)
  local names = {...}
  local values = call('HMGET', key, ...)
  local fields = {}
  for i = 1, #names do
    fields[names[i]] = values[i] or ''
  end
  return fields
end

local function record(id)
  local r = read(rec(id), 'ns', 'repo', 'priority', 'seq', 'place', 'phase', 'reason', 'attempt',
    'session', 'tries', 'interruptions', 'backoffs', 'repeats', 'next', 'fence', 'agent', 'source')
  return r.ns ~= '' and r or nil
end

local function jobOf(id)
  local j = read(job(id), 'nonce', 'step', 'attempt', 'executor', 'host', 'name', 'execution', 'session',
    'deadline', 'lease_until', 'max', 'timeout_at', 'used', 'carried_at', 'streams', 'version', 'calls',
    'phases')
  return j.step ~= '' and j or nil
end

-- A hint for managers: fast, never the truth.
local function hint(kind, id, detail)
  call('PUBLISH', tag .. 'events', kind .. ' ' .. id .. ' ' .. (detail or ''))
end

-- A time as text. Left to itself Redis writes each number with 17 digits, which costs as much as the
-- command that gets it; a script has few times and hands them to many commands.
local texts = {}
local function whole(number)
  local text = texts[number]
  if not text then
    text = string.format('%.0f', number)
    texts[number] = text
  end
  return text
end

-- A line of the build's history. An empty sentence stands for the reason's own.
local function history(id, reason, attempt, executor, sentence)
  local key = tag .. 'events/' .. id
  -- Events are numbered from 1, so that a reader can go on where it was.
  call('HINCRBY', rec(id), 'told', 1)
  call('LPUSH', key, table.concat({whole(now), reason, attempt, executor, sentence}, '\31'))
  call('LTRIM', key, 0, 199)
  hint('HISTORY', id, reason)
end

-- The record's phase, with its index and its hint.
local function enter(id, r, phase)
  if r.phase == phase then
    return
  end
  call('ZREM', tag .. 'by/phase/' .. r.phase, id)
  call('ZADD', tag .. 'by/phase/' .. phase, r.seq, id)
  call('HSET', rec(id), 'phase', phase)
  r.phase = phase
  hint('PHASE', id, phase)
end

-- The one place that writes a deadline. Set, never only raised, so that it heals after a clock step.
local function arm(id, at, ...)
  local key = job(id)
  local due = whole(at)
  call('HSET', key, 'deadline', due, ...)
  call('ZADD', tag .. 'jobs', due, id)
  call('SET', key .. '/expiring', '1', 'PX', whole(math.max(1, at - now)))
end

-- The earlier of a time and of those bounds that are set.
local function within(at, ...)
  for _, bound in ipairs({...}) do
    if bound ~= '' and tonumber(bound) < at then
      at = tonumber(bound)
    end
  end
  return at
end

-- Whether a job is the one that a manager claimed.
local function isOwner(j)
  return j and j.nonce == given.nonce and j.attempt == given.attempt
end

-- Whether a job is the one that a session works on. The nonce matters after a failover that lost
-- writes, as numbers are given out again then.
local function isHolder(j)
  return j and j.attempt == given.attempt and j.session == given.session and j.session ~= '0'
    and j.nonce == given.nonce
end

local function fenced()
  return refused('FENCED', call('HGET', rec(given.id), 'reason') or '')
end

-- Whether the managers' ticks have a gap, or the clock stepped, and nobody has noted it yet.
local function gap()
  local at = tonumber(call('GET', tag .. 'managers/at'))
  return not at or now - at > 10000 or now < at
end

-- Whether an outage or a step of the clock is so fresh that the times in Redis may mislead.
local function inGrace()
  return now < num(call('HGET', KEYS[1], 'grace_until')) or gap()
end

-- The server's own replication id, '' where it may not be asked: another one than at the last tick means
-- a failover or a restart that nobody has judged yet.
local function replicationId()
  local info = redis.pcall('INFO', 'replication')
  return type(info) == 'string' and string.match(info, 'master_replid:(%x+)') or ''
end
