--! include: ../core.lua
local duty = member(given.id, given.attempt)
local key = tag .. 'duty/' .. duty
local d = read(key, 'nonce', 'host', 'earliest_close')
if d.nonce ~= given.nonce then
  return already()
end
local list = d.host == '' and tag .. 'duties' or tag .. 'duties/host/' .. d.host
-- What it waits for may have come since it was refused.
local over = given.launch == '1' and num(d.earliest_close) <= now
call('ZADD', list, 'XX', over and now or now + tonumber(given.wait), duty)
call('HSET', key, 'tries', given.tries, 'trouble', given.trouble)
return applied()
