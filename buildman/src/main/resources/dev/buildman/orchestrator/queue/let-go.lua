--! include: ../ending.lua
local r = record(given.id)
if not r or r.fence ~= given.attempt then
  return already()
end
if tonumber(call('ZSCORE', tag .. 'fences', member(given.id, given.attempt)) or 0) > now then
  return refused('NOT_DUE')
end
letGo(given.id, r)
return applied()
