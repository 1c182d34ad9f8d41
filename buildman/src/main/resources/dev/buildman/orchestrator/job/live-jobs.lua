--! include: ../core.lua
local scanned = call('ZSCAN', tag .. 'jobs', given.cursor, 'COUNT', given.most)
local jobs = {}
for i = 1, #scanned[2], 2 do
  local id = scanned[2][i]
  local hash = call('HGETALL', job(id))
  for _, value in ipairs({'id', id, 'phase', call('HGET', rec(id), 'phase')}) do
    table.insert(hash, value)
  end
  table.insert(jobs, hash)
end
return {'OK', 'jobs', jobs, 'cursor', scanned[1]}
