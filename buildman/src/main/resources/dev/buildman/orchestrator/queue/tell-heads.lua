--! include: ../queue.lua
-- The namespaces whose turn comes first.
local NAMESPACES = 50
local left, told = tonumber(given.most), 0
for _, ns in ipairs(call('ZRANGE', tag .. 'namespaces', 0, NAMESPACES - 1)) do
  local heads_ = math.min(left, call('ZCARD', heads(ns)))
  if heads_ > 0 then
    told = told + tell(ns, given.reason, given.sentence, heads_)
    left = left - heads_
  end
end
if told == 0 then
  return already()
end
return applied()
