--! include: ../core.lua
local hash = call('HGETALL', job(given.id))
if #hash == 0 then
  return {'OK'}
end
for _, value in ipairs({'id', given.id, 'phase', call('HGET', rec(given.id), 'phase')}) do
  table.insert(hash, value)
end
return {'OK', 'jobs', {hash}}
