--! include: ../core.lua
local r = read(rec(given.id), 'ns', 'repo', 'place', 'priority', 'seq')
local heads = tag .. 'heads/' .. r.ns
local position = 0
if r.place == 'behind' then
  local rank = call('ZRANK', tag .. 'behind/' .. r.ns .. '/' .. r.repo, given.id) or 0
  position = call('ZCARD', heads) + rank + 1
elseif r.place == 'head' or r.place == 'parked' then
  local score = -num(r.priority) * 1099511627776 + num(r.seq)
  position = call('ZCOUNT', heads, '-inf', '(' .. string.format('%.0f', score)) + 1
end
return {'OK', 'position', position}
