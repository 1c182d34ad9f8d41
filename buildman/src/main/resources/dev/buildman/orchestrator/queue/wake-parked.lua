--! include: ../queue.lua
local wake = call('ZSCORE', tag .. 'parked', given.member)
if not wake then
  return already()
end
if tonumber(wake) > now then
  return refused('NOT_DUE')
end
unpark(given.member)
return applied()
