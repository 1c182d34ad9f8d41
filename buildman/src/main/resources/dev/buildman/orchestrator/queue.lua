--! include: core.lua
--! limits: per_repository per_namespace
-- Where builds wait, and how they get from there to a job and back.
local WAIT_FOR_LIMIT = 5000
-- A raised limit may let thousands go: no script holds Redis up for all of them.
local PROMOTED_AT_ONCE = 200

local function heads(ns)
  return tag .. 'heads/' .. ns
end

local function behind(ns, repo)
  return tag .. 'behind/' .. ns .. '/' .. repo
end

local function holding(ns, repo)
  return tag .. 'holding/' .. ns .. '/' .. repo
end

local function running(ns)
  return tag .. 'running/' .. ns
end

-- Orders heads: by priority, then by age. Exact: far below 2^53.
local function score(priority, seq)
  return -tonumber(priority) * 1099511627776 + tonumber(seq)
end

-- Keeps a namespace in the round-robin exactly while it can be claimed from. The last line of all
-- that changes heads or running builds. A full one stands aside for a while at most, so that a raised
-- limit needs no other wake-up.
local function refresh(ns)
  local max = tonumber(given.per_namespace)
  local full = max > 0 and call('SCARD', running(ns)) >= max
  if call('ZCARD', heads(ns)) == 0 then
    call('ZREM', tag .. 'namespaces', ns)
    call('HDEL', tag .. 'aside', ns)
  elseif full then
    call('ZREM', tag .. 'namespaces', ns)
    call('ZADD', tag .. 'parked', now + WAIT_FOR_LIMIT, 'full:' .. ns)
    return
  elseif call('ZSCORE', tag .. 'parked', 'ns:' .. ns) then
    call('ZREM', tag .. 'namespaces', ns)
  else
    call('ZADD', tag .. 'namespaces', 'NX', call('HGET', tag .. 'turns', ns) or 0, ns)
  end
  call('ZREM', tag .. 'parked', 'full:' .. ns)
end

-- A build becomes a head, with its own score: it keeps its place.
local function toHeads(id, r)
  call('HSET', rec(id), 'place', 'head')
  call('ZADD', heads(r.ns), score(r.priority, r.seq), id)
  refresh(r.ns)
  hint('RUNNABLE', id)
end

-- Notes in the first builds of a namespace why they wait: bounded work, whatever waits. A repeated reason
-- adds nothing to their history. Answers how many it told.
local function tell(ns, reason, sentence, most)
  local told = 0
  for _, id in ipairs(call('ZRANGE', heads(ns), 0, most - 1)) do
    local r = read(rec(id), 'reason', 'attempt')
    if r.reason ~= reason then
      call('HSET', rec(id), 'reason', reason, 'sentence', sentence)
      history(id, reason, num(r.attempt), '', sentence)
      told = told + 1
    end
  end
  return told
end

-- Fills the repository's limit with its oldest builds, as far as one step goes.
local function promote(ns, repo)
  local max = tonumber(given.per_repository)
  local promoted = 0
  while promoted < PROMOTED_AT_ONCE and (max == 0 or call('SCARD', holding(ns, repo)) < max) do
    local id = call('ZPOPMIN', behind(ns, repo))[1]
    if not id then
      break
    end
    local r = read(rec(id), 'priority', 'seq')
    r.ns = ns
    call('SADD', holding(ns, repo), id)
    toHeads(id, r)
    promoted = promoted + 1
  end
  if call('ZCARD', behind(ns, repo)) == 0 then
    call('SREM', tag .. 'behind', ns .. '/' .. repo)
  end
  return promoted
end

-- Takes the job away; every nonce for it is stale from here on.
local function jobGone(id, r)
  call('DEL', job(id), job(id) .. '/expiring')
  call('ZREM', tag .. 'jobs', id)
  call('SREM', running(r.ns), id)
  refresh(r.ns)
end

-- Pause before a repeat: first * 2^n, bounded, spread by 20 % that depend on the build alone.
local function backoff(id, n)
  local pause = math.min(tonumber(given.backoff_first) * 2 ^ math.min(n, 30), tonumber(given.backoff_max))
  local spread = tonumber(string.sub(redis.sha1hex(id .. n), 1, 4), 16) / 65535
  return math.floor(pause * (0.8 + 0.4 * spread))
end

-- Puts a build aside with its place and score. A repeated reason adds nothing to its history.
local function park(id, r, kind, reason, sentence)
  enter(id, r, 'waiting')
  local pause = WAIT_FOR_LIMIT
  if kind == 'outage' then
    pause = backoff(id, num(r.backoffs))
    call('HINCRBY', rec(id), 'backoffs', 1)
  else
    call('ZADD', tag .. 'parked/capacity', now + pause, id)
  end
  call('HSET', rec(id), 'place', 'parked', 'next', '', 'reason', reason, 'sentence', sentence)
  call('ZADD', tag .. 'parked', now + pause, id)
  if r.reason ~= reason then
    history(id, reason, num(r.attempt), '', sentence)
  end
end

local function unpark(parked)
  call('ZREM', tag .. 'parked', parked)
  call('ZREM', tag .. 'parked/capacity', parked)
  local ns = string.match(parked, '^ns:(.*)$') or string.match(parked, '^full:(.*)$')
  if ns then
    refresh(ns)
    hint('RUNNABLE', '')
  else
    local r = read(rec(parked), 'ns', 'priority', 'seq')
    if r.ns ~= '' then
      toHeads(parked, r)
    end
  end
end

-- A claim that comes to nothing gives its slot back. That is no room for those who wait for it: woken by
-- it they would be parked again at once, and so on.
local function giveBackSlot(id, attempt)
  call('ZREM', tag .. 'slots', member(id, attempt))
  hint('RUNNABLE', '')
end

local function freeSlot(id, attempt, executor)
  local slot = member(id, attempt)
  call('ZREM', tag .. 'slots', slot)
  if executor ~= '' then
    call('ZREM', live(executor), slot)
  end
  hint('SLOT_FREED', id)
end

-- A new record, always behind: promote then keeps limit and order exact.
local function create(id, r)
  local seq = call('HINCRBY', KEYS[1], 'seq', 1)
  call('HSET', rec(id), 'ns', r.ns, 'repo', r.repo, 'spec', r.spec, 'hash', r.hash, 'priority', r.priority,
    'seq', seq, 'place', 'behind', 'phase', 'waiting', 'reason', 'ENQUEUED', 'sentence', '', 'attempt', 0,
    'session', 0, 'tries', r.paid, 'paid', r.paid, 'interruptions', 0, 'backoffs', 0, 'repeats', 0,
    'next', '', 'fence', 0, 'open_duties', 0, 'timeout', r.timeout, 'needs', r.needs, 'source', r.source,
    'retry_of', r.retry_of, 'enqueued', now)
  call('ZADD', behind(r.ns, r.repo), seq, id)
  call('SADD', tag .. 'behind', r.ns .. '/' .. r.repo)
  call('ZADD', tag .. 'by/all', seq, id)
  call('ZADD', tag .. 'by/ns/' .. r.ns, seq, id)
  call('ZADD', tag .. 'by/repo/' .. r.ns .. '/' .. r.repo, seq, id)
  call('ZADD', tag .. 'by/phase/waiting', seq, id)
  if r.source ~= '' then
    call('HINCRBY', tag .. 'sources/open', r.source, 1)
    call('ZADD', tag .. 'sources', '+inf', r.source)
  end
  history(id, 'ENQUEUED', 0, '', '')
  hint('PHASE', id, 'waiting')
  promote(r.ns, r.repo)
end
