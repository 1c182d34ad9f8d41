--! include: ../ending.lua
local duty = member(given.id, given.attempt)
local d = read(tag .. 'duty/' .. duty, 'nonce', 'earliest_close', 'host', 'executor')
if d.nonce ~= given.nonce then
  return already()
end
local left = num(d.earliest_close) - now
if left > 0 then
  return refused('NOT_DUE', string.format('%.0f', left))
end
call('DEL', tag .. 'duty/' .. duty)
call('ZREM', dutiesOf(d.host), duty)
call('ZREM', tag .. 'duties/open', duty)
freeSlot(given.id, given.attempt, d.executor)
local r = record(given.id)
if r then
  call('HINCRBY', rec(given.id), 'open_duties', -1)
  if r.place == 'end' and r.attempt == given.attempt then
    call('ZADD', tag .. 'closing', 'XX', 'LT', now + LINES_ON_THEIR_WAY, given.id)
  end
  if r.fence == given.attempt then
    letGo(given.id, r)
  end
end
return applied()
