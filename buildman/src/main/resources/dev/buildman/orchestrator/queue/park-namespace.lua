--! include: ../queue.lua
local id = given.id
local j = jobOf(id)
if not isOwner(j) then
  return refused('NOT_YOURS')
end
if j.step ~= 'claimed' then
  return refused('HAS_INTENT')
end
local r = record(id)
local ns = 'ns:' .. r.ns
giveBackSlot(id, j.attempt)
enter(id, r, 'waiting')
call('HSET', rec(id), 'place', 'head', 'next', '', 'reason', given.reason, 'sentence', given.sentence)
call('ZADD', heads(r.ns), score(r.priority, r.seq), id)
if r.reason ~= given.reason then
  history(id, given.reason, num(r.attempt), '', given.sentence)
end
call('ZADD', tag .. 'parked', now + tonumber(given.pause), ns)
if given.kind == 'capacity' then
  call('ZADD', tag .. 'parked/capacity', now + tonumber(given.pause), ns)
end
jobGone(id, r)
return applied()
