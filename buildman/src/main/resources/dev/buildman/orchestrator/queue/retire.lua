--! include: ../core.lua
local id = given.id
local r = read(rec(id), 'ns', 'repo', 'place', 'phase', 'ended', 'fence', 'open_duties')
if r.ns == '' then
  call('ZREM', tag .. 'ended', id)
  return already()
end
if r.place ~= 'end' or num(r.ended) > now - tonumber(given.retention) then
  return refused('NOT_DUE')
end
if num(r.open_duties) > 0 or r.fence ~= '0' then
  return refused('OPEN')
end
call('DEL', rec(id), tag .. 'events/' .. id)
call('ZREM', tag .. 'ended', id)
call('ZREM', tag .. 'closing', id)
call('ZREM', tag .. 'by/all', id)
call('ZREM', tag .. 'by/ns/' .. r.ns, id)
call('ZREM', tag .. 'by/repo/' .. r.ns .. '/' .. r.repo, id)
call('ZREM', tag .. 'by/phase/' .. r.phase, id)
return applied()
