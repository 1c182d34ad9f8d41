--! include: ../core.lua
local id = given.id
local j = jobOf(id)
if not isOwner(j) then
  return refused('NOT_YOURS')
end
if j.step == 'launched' then
  return already()
end
if j.step ~= 'intended' then
  return refused('NO_INTENT')
end
call('HSET', job(id), 'step', 'launched', 'execution', given.execution, 'launched_at', now)
if j.session == '0' then
  arm(id, within(now + tonumber(given.setup), j.max))
end
history(id, 'LAUNCHED', j.attempt, j.executor, '')
return applied()
