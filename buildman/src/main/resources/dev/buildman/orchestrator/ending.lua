--! include: queue.lua
--! limits: hold max_interruptions backoff_first backoff_max lease
-- The common body of all that takes a job away, and of what a fence lets go.
local LOG_STAYS_OPEN = 30000
local LINES_ON_THEIR_WAY = 2000 -- what a manager may still hold of a worker that is gone
local UNANSWERED_LAUNCH = 600000
local FINAL = {complete = true, error = true, internalerror = true, cancelled = true}

-- The list of duties by next try: those of a host are worked by its own managers.
local function dutiesOf(host)
  return host == '' and tag .. 'duties' or tag .. 'duties/host/' .. host
end

-- Records that the worker of an attempt must be seen gone. Holds all that is needed for it. A launch is answered
-- also by its worker: by one that was seen, or whose agent registered.
local function owe(id, r, j, reason, e)
  local duty = member(id, j.attempt)
  local answered = j.step == 'launched' or j.session ~= '0' or e.seen
  local close = (e.gone or answered) and now or now + UNANSWERED_LAUNCH
  local meta = read(KEYS[1], 'installation', 'state')
  call('HSET', tag .. 'duty/' .. duty, 'id', id, 'attempt', j.attempt, 'nonce', j.nonce, 'executor', j.executor,
    'host', j.host, 'name', j.name, 'execution', j.execution, 'answered', answered and 1 or 0, 'created', now,
    'earliest_close', close, 'tries', 0, 'reason', reason, 'agent', j.session ~= '0' and r.agent or '',
    'installation', meta.installation, 'state', meta.state)
  call('ZADD', dutiesOf(j.host), now, duty)
  if j.host ~= '' then
    call('SADD', tag .. 'duties/hosts', j.host)
  end
  call('ZADD', tag .. 'duties/open', now, duty)
  call('HINCRBY', rec(id), 'open_duties', 1)
  hint('DUTY', id)
end

-- The attempt whose push may go on after its end, and until when. Ours pushes on only within its lease;
-- Quay's heeds nothing until it is seen gone.
local function fenceOf(r, j, e)
  if r.phase ~= 'pushing' or e.gone or e.outcome == 'complete' then
    return 0
  end
  if r.agent == 'quay' then
    return j.attempt, '+inf'
  end
  local full = now + tonumber(given.lease)
  local leaseUntil = inGrace() and full or math.min(num(j.lease_until), full)
  if leaseUntil <= now then
    return 0
  end
  return j.attempt, leaseUntil
end

local function setFence(id, attempt, fenceUntil)
  call('HSET', rec(id), 'fence', attempt)
  if attempt ~= 0 then
    call('ZADD', tag .. 'fences', fenceUntil, member(id, attempt))
  end
end

-- The one terminal phase. A fence keeps the repository's place until its push is over.
local function terminal(id, r, phase, reason, sentence, fence, gone)
  enter(id, r, phase)
  call('HSET', rec(id), 'place', 'end', 'reason', reason, 'sentence', sentence, 'ended', now)
  call('ZADD', tag .. 'ended', now, id)
  if num(r.session) > 0 then
    call('ZADD', tag .. 'closing', now + (gone and LINES_ON_THEIR_WAY or LOG_STAYS_OPEN), id)
  end
  if r.source ~= '' and call('HINCRBY', tag .. 'sources/open', r.source, -1) <= 0 then
    call('HDEL', tag .. 'sources/open', r.source)
    call('ZADD', tag .. 'sources', now, r.source)
  end
  if fence == 0 then
    call('SREM', holding(r.ns, r.repo), id)
  end
  promote(r.ns, r.repo)
end

local function letGo(id, r)
  call('ZREM', tag .. 'fences', member(id, r.fence))
  call('HSET', rec(id), 'fence', 0)
  if r.place == 'end' then
    call('SREM', holding(r.ns, r.repo), id)
    promote(r.ns, r.repo)
  elseif r.place == 'delayed' then
    local wake = num(call('HGET', rec(id), 'delayed_until'))
    call('ZADD', tag .. 'delayed', math.max(wake, now), id)
  end
end

-- What the outcome costs; the outcome may become final by it.
local function charge(id, r, outcome)
  if outcome == 'try' then
    return call('HINCRBY', rec(id), 'tries', -1) <= 0 and 'internalerror' or outcome
  end
  if outcome == 'int' then
    local count = call('HINCRBY', rec(id), 'interruptions', 1)
    return count > tonumber(given.max_interruptions) and 'internalerror' or outcome
  end
  return outcome
end

local function delay(id, r, reason, sentence, fenceUntil)
  local pause = backoff(id, call('HINCRBY', rec(id), 'repeats', 1) - 1)
  local wake = now + pause
  enter(id, r, 'waiting')
  call('HSET', rec(id), 'place', 'delayed', 'next', '', 'delayed_until', wake, 'reason', reason, 'sentence', sentence)
  if fenceUntil ~= '+inf' then
    fenceUntil = math.max(wake, fenceUntil)
  end
  call('ZADD', tag .. 'delayed', fenceUntil, id)
  return pause
end

local function freeAgain(id, r, e)
  if e.next ~= '' then
    enter(id, r, 'waiting')
    call('HINCRBY', rec(id), 'backoffs', 1)
    call('HSET', rec(id), 'next', e.next, 'reason', e.reason, 'sentence', e.sentence)
    toHeads(id, r)
  else
    r.reason = e.reason -- the end is in the history already
    park(id, r, 'outage', e.reason, e.sentence)
  end
end

-- Ends the attempt of a job. e: outcome, reason, sentence, gone (seen to end), seen (its worker was), nothing (surely
-- nothing was started), next (executor to go on from, outcome free).
local function finish(id, r, j, e)
  local real = j.step ~= 'claimed'
  local slot = member(id, j.attempt)
  if not real or e.gone or e.nothing then
    freeSlot(id, j.attempt, j.executor)
  else
    call('ZADD', tag .. 'slots', 'XX', now + tonumber(given.hold), slot)
    call('ZADD', live(j.executor), 'XX', now + tonumber(given.hold), slot)
  end
  if real and not e.nothing then
    owe(id, r, j, e.reason, e)
  end
  local outcome = real and charge(id, r, e.outcome) or e.outcome
  local fence, fenceUntil = 0, 0
  if real then
    fence, fenceUntil = fenceOf(r, j, {outcome = outcome, gone = e.gone})
    history(id, e.reason, j.attempt, j.executor, e.sentence)
    call('HSET', rec(id), 'last_end', table.concat({j.nonce, j.attempt, j.session, e.seq or ''}, ' '))
  end
  setFence(id, fence, fenceUntil)
  local pause = 0
  if FINAL[outcome] then
    terminal(id, r, outcome, e.reason, e.sentence, fence, e.gone)
  elseif outcome == 'back' then
    enter(id, r, 'waiting')
    toHeads(id, r)
  elseif outcome == 'free' then
    freeAgain(id, r, e)
  else
    pause = delay(id, r, e.reason, e.sentence, fenceUntil or 0)
  end
  jobGone(id, r)
  if outcome == 'cancelled' then
    hint('CANCELLED', id)
  end
  return pause
end

-- What a caller learns of an end.
local function standing(id, pause)
  local r = read(rec(id), 'place', 'phase', 'reason')
  return 'place', r.place, 'phase', r.phase, 'reason', r.reason, 'wait', pause or 0
end
