--! include: ../lease.lua
local SEQUENCES_KEPT = 64
local id = given.id
local j = read(job(id), 'attempt', 'session', 'nonce', 'max', 'timeout_at', 'phases', 'executor')
if not isHolder(j) then
  return fenced()
end
local rank = RANK[given.phase]
if not rank or rank < RANK.unpacking then
  return refused('UNKNOWN_PHASE')
end

-- A sequence number that was answered gets its first answer.
local answered = {}
for seq, phase in string.gmatch(j.phases, '(%-?%d+)=(%S+)') do
  if seq == given.seq then
    return already('phase', phase)
  end
  table.insert(answered, seq .. '=' .. phase)
end
local r = read(rec(id), 'phase', 'seq')
if rank < RANK[r.phase] then
  return refused('BACKWARDS', r.phase)
end

table.insert(answered, given.seq .. '=' .. given.phase)
if #answered > SEQUENCES_KEPT then
  table.remove(answered, 1)
end
beat(id, j, 'phases', table.concat(answered, ' '))
if given.pull ~= '' then
  call('HSET', rec(id), 'pull', given.pull)
end
if r.phase ~= given.phase then
  enter(id, r, given.phase)
  history(id, 'PHASE_CHANGED', j.attempt, j.executor, 'Phase ' .. given.phase .. '.')
end
return applied('phase', given.phase)
