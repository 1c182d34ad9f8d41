--! include: ../ending.lua ../grace.lua
local r = record(given.id)
if not r or r.fence ~= given.attempt then
  return already()
end
if tonumber(call('ZSCORE', tag .. 'fences', member(given.id, given.attempt)) or 0) > now then
  return refused('NOT_DUE')
end
-- A clock that stepped forward makes the fence look over while its agent may still push.
gapCheck()
if inGrace() then
  return refused('GRACE')
end
letGo(given.id, r)
return applied()
