--! include: ../core.lua
local slot = member(given.id, given.attempt)
local untilWhen = call('ZSCORE', tag .. 'slots', slot)
if not untilWhen then
  return already()
end
if call('HGET', job(given.id), 'attempt') == given.attempt then
  return refused('LIVE')
end
if untilWhen == 'inf' or tonumber(untilWhen) > now then
  return refused('NOT_DUE')
end
call('ZREM', tag .. 'slots', slot)
for _, executor in ipairs(call('SMEMBERS', tag .. 'executors')) do
  call('ZREM', live(executor), slot)
end
if call('EXISTS', rec(given.id)) == 1 then
  history(given.id, 'SLOT_RELEASED', given.attempt, '', '')
end
hint('SLOT_FREED', given.id)
return applied()
