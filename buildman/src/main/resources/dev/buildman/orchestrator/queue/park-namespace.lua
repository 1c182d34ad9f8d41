--! include: ../queue.lua
local TOLD = 100
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
-- All its builds wait for the same: the first are told, once, the others' readers find it here.
local why = given.reason .. '\31' .. given.sentence
if call('HGET', tag .. 'aside', r.ns) ~= why then
  call('HSET', tag .. 'aside', r.ns, why)
  tell(r.ns, given.reason, given.sentence, TOLD)
end
jobGone(id, r)
return applied()
