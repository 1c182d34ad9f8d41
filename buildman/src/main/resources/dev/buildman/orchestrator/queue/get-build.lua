--! include: ../core.lua
local hash = call('HGETALL', rec(given.id))
if #hash == 0 then
  return {'OK'}
end
table.insert(hash, 'id')
table.insert(hash, given.id)
return {'OK', 'builds', {hash}}
