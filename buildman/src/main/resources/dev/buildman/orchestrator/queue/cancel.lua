--! include: ../ending.lua
local id = given.id
local r = record(id)
if not r then
  return refused('UNKNOWN')
end
if r.place == 'end' then
  if r.phase == 'cancelled' then
    return already(standing(id))
  end
  return refused('ENDED', r.reason)
end

call('HSET', rec(id), 'cancelled_by', given.by)
local reason = r.phase == 'pushing' and 'CANCELLED_WHILE_PUSHING' or 'CANCELLED'
if r.place == 'job' then
  local j = jobOf(id)
  finish(id, r, j, {outcome = 'cancelled', reason = reason, sentence = given.sentence})
  if j.step == 'claimed' then
    history(id, reason, num(r.attempt), '', given.sentence)
  end
  return applied(standing(id))
end

-- It waits somewhere. Behind a fence its successor must wait as well: the place stays held.
if r.place == 'behind' then
  call('ZREM', behind(r.ns, r.repo), id)
elseif r.place == 'head' then
  call('ZREM', heads(r.ns), id)
elseif r.place == 'parked' then
  call('ZREM', tag .. 'parked', id)
  call('ZREM', tag .. 'parked/capacity', id)
else
  call('ZREM', tag .. 'delayed', id)
end
history(id, reason, num(r.attempt), '', given.sentence)
terminal(id, r, 'cancelled', reason, given.sentence, num(r.fence))
refresh(r.ns)
hint('CANCELLED', id)
return applied(standing(id))
