--! include: ../core.lua
local duty = member(given.id, given.attempt)
local key = tag .. 'duty/' .. duty
local d = read(key, 'nonce', 'host')
if d.nonce ~= given.nonce then
  return already()
end
local list = d.host == '' and tag .. 'duties' or tag .. 'duties/host/' .. d.host
call('ZADD', list, 'XX', now + tonumber(given.wait), duty)
call('HSET', key, 'tries', given.tries, 'trouble', given.trouble)
return applied()
