--! include: ../queue.lua
--! limits: max_queued
local KEPT = 86400000
local known = call('HGET', rec(given.id), 'hash')
if known then
  if known ~= given.hash then
    return refused('OTHER_BODY', given.id)
  end
  return already('id', given.id)
end

local keys, times = tag .. 'idempotency/' .. given.ns, tag .. 'idempotency-times/' .. given.ns
if given.key ~= '' then
  for _, old in ipairs(call('ZRANGEBYSCORE', times, '-inf', now - KEPT, 'LIMIT', 0, 100)) do
    call('HDEL', keys, old)
    call('ZREM', times, old)
  end
  local kept = call('HGET', keys, given.key)
  if kept and num(call('ZSCORE', times, given.key)) > now - KEPT then
    local hash, id = string.match(kept, '^(%S+) (%S+)$')
    if hash ~= given.hash then
      return refused('OTHER_BODY', id)
    end
    return already('id', id)
  end
end

if call('ZCARD', tag .. 'by/phase/waiting') >= tonumber(given.max_queued) then
  return refused('QUEUE_FULL')
end
if given.key ~= '' then
  call('HSET', keys, given.key, given.hash .. ' ' .. given.id)
  call('ZADD', times, now, given.key)
end
create(given.id, {
  ns = given.ns, repo = given.repo, spec = given.spec, hash = given.hash, priority = given.priority, paid = given.tries,
  timeout = given.timeout, needs = given.needs, source = given.source, retry_of = '',
})
return applied('id', given.id)
