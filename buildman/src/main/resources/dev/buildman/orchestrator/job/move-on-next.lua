--! include: walk.lua
--! limits: job_registration machine_max
local id = given.id
local j = jobOf(id)
local following = tonumber(given.attempt) + 1
-- Its own replay: the next attempt is there, by the same claim.
if j and j.nonce == given.nonce and num(j.attempt) == following and j.step ~= 'claimed' then
  return already('attempt', following)
end
local no = stuck(j)
if no then
  return no
end
if isOff(given.executor) then
  return refused('EXECUTOR_DISABLED')
end
if given.maximum ~= '' and call('ZCARD', live(given.executor)) >= tonumber(given.maximum) then
  return refused('EXECUTOR_FULL')
end

local life = tonumber(given.machine_max)
if num(given.max_life) > 0 then
  life = math.min(life, num(given.max_life))
end
history(id, given.reason, j.attempt, j.executor, given.sentence)
-- The slot passes on in one go: nobody else can take it in between.
call('ZREM', tag .. 'slots', member(id, j.attempt))
call('ZREM', live(j.executor), member(id, j.attempt))
call('ZADD', tag .. 'slots', '+inf', member(id, following))
call('ZADD', live(given.executor), '+inf', member(id, following))
call('SADD', tag .. 'executors', given.executor)
call('HSET', rec(id), 'attempt', following)
arm(id, now + tonumber(given.job_registration), 'attempt', following, 'executor', given.executor,
  'host', given.host, 'name', given.name, 'max', now + life)
history(id, 'ATTEMPT_STARTED', following, given.executor, '')
return applied('attempt', following)
