--! include: ../queue.lua
--! limits: max_queued
local known = call('HGET', rec(given.id), 'retry_of')
if known then
  if known ~= given.old then
    return refused('OTHER_BODY', given.id)
  end
  return already('id', given.id)
end
local old = read(rec(given.old), 'ns', 'repo', 'hash', 'priority', 'paid', 'timeout', 'needs', 'source', 'place')
if old.ns == '' then
  return refused('UNKNOWN')
end
if old.place ~= 'end' then
  return refused('NOT_ENDED')
end
if call('ZCARD', tag .. 'by/phase/waiting') >= tonumber(given.max_queued) then
  return refused('QUEUE_FULL')
end
old.spec = given.spec
old.retry_of = given.old
old.spec = given.spec -- sealed anew: its secrets open for one id only
create(given.id, old)
return applied('id', given.id)
