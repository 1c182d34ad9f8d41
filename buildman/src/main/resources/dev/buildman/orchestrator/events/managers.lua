--! include: ../core.lua
local managers = {}
for _, manager in ipairs(call('ZRANGEBYSCORE', tag .. 'managers', '(' .. string.format('%.0f', now), '+inf')) do
  local hash = call('HGETALL', tag .. 'managers/' .. manager)
  if #hash > 0 then
    table.insert(managers, hash)
  end
end
return {'OK', 'managers', managers}
