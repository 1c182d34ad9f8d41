--! include: ../core.lua
-- The launch call of an attempt was answered after its end: what it started is there, and nothing more can come.
local duty = member(given.id, given.attempt)
local key = tag .. 'duty/' .. duty
local d = read(key, 'nonce', 'host', 'answered')
if d.nonce ~= given.nonce or d.answered == '1' then
  return already()
end
call('HSET', key, 'answered', 1, 'earliest_close', now)
if given.execution ~= '' then
  call('HSET', key, 'execution', given.execution)
end
call('ZADD', d.host == '' and tag .. 'duties' or tag .. 'duties/host/' .. d.host, 'XX', now, duty)
hint('DUTY', given.id)
return applied()
