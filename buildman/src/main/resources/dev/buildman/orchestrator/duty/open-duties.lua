--! include: ../core.lua
local duties = {}
for _, duty in ipairs(call('ZRANGE', tag .. 'duties/open', 0, tonumber(given.most) - 1)) do
  table.insert(duties, call('HGETALL', tag .. 'duty/' .. duty))
end
return {'OK', 'duties', duties}
