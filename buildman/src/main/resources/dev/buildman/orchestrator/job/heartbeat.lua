--! include: ../lease.lua
local j = read(job(given.id), 'attempt', 'session', 'nonce', 'max', 'timeout_at')
if not isHolder(j) then
  return fenced()
end
beat(given.id, j)
return applied('phase', call('HGET', rec(given.id), 'phase'))
