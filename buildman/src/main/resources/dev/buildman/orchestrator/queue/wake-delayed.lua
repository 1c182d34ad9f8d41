--! include: ../queue.lua
local wake = call('ZSCORE', tag .. 'delayed', given.id)
if not wake then
  return already()
end
local r = record(given.id)
if r.fence ~= '0' then
  return refused('PUSH_MAY_GO_ON')
end
if tonumber(wake) > now then
  return refused('NOT_DUE')
end
call('ZREM', tag .. 'delayed', given.id)
toHeads(given.id, r)
return applied()
