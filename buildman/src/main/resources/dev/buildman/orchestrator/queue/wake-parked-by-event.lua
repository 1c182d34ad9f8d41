--! include: ../queue.lua
local members = call('ZRANGE', tag .. 'parked/capacity', 0, tonumber(given.most) - 1)
for _, parked in ipairs(members) do
  unpark(parked)
end
if #members == 0 then
  return already('woken', 0)
end
return applied('woken', #members)
