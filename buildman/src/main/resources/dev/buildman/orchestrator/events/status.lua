--! include: ../core.lua
local phases, liveSlots = {}, {}
for _, phase in ipairs({'waiting', 'build-scheduled', 'unpacking', 'pulling', 'building', 'pushing', 'complete',
  'error', 'internalerror', 'cancelled'}) do
  table.insert(phases, {'phase', phase, 'builds', call('ZCARD', tag .. 'by/phase/' .. phase)})
end
for _, executor in ipairs(call('SMEMBERS', tag .. 'executors')) do
  table.insert(liveSlots, {'executor', executor, 'workers', call('ZCARD', live(executor))})
end
local aside, standing = {}, call('HSCAN', tag .. 'aside', 0, 'COUNT', 100)[2]
for i = 1, math.min(#standing, 200), 2 do
  local reason, sentence = string.match(standing[i + 1], '^(.-)\31(.*)$')
  table.insert(aside, {'ns', standing[i], 'reason', reason, 'sentence', sentence})
end
local oldest = call('ZRANGE', tag .. 'by/phase/waiting', 0, 0)[1]
local duty = call('ZRANGE', tag .. 'duties/open', 0, 0, 'WITHSCORES')[2]
local meta = read(KEYS[1], 'grace_from', 'grace_until', 'claims_from')
return {'OK', 'now', now, 'phases', phases, 'live', liveSlots, 'aside', aside,
  'runnable', call('ZCARD', tag .. 'namespaces'), 'delayed', call('ZCARD', tag .. 'delayed'),
  'parked', call('ZCARD', tag .. 'parked'), 'jobs', call('ZCARD', tag .. 'jobs'),
  'oldest', oldest and call('HGET', rec(oldest), 'enqueued') or '', 'slots', call('ZCARD', tag .. 'slots'),
  'duties', call('ZCARD', tag .. 'duties/open'), 'duties_since', duty or '',
  'tick', call('GET', tag .. 'managers/at') or '', 'grace_from', meta.grace_from, 'grace_until', meta.grace_until,
  'claims_from', meta.claims_from}
