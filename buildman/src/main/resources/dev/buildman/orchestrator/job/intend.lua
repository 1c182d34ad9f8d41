--! include: ../core.lua
--! limits: job_registration machine_max
local id = given.id
local j = jobOf(id)
if not isOwner(j) then
  return refused('NOT_YOURS')
end
if j.step ~= 'claimed' then
  if j.executor == given.executor then
    return already('deadline', j.deadline)
  end
  return refused('OTHER_INTENT', j.executor)
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
call('HSET', rec(id), 'attempt', j.attempt)
call('HDEL', tag .. 'aside', call('HGET', rec(id), 'ns'))
call('SADD', tag .. 'executors', given.executor)
call('ZADD', live(given.executor), '+inf', member(id, j.attempt))
local deadline = now + tonumber(given.job_registration)
arm(id, deadline, 'step', 'intended', 'executor', given.executor, 'host', given.host, 'name', given.name,
  'max', now + life)
history(id, 'ATTEMPT_STARTED', j.attempt, given.executor, '')
return applied('deadline', deadline)
