--! include: ../queue.lua
--! limits: backoff_first backoff_max
local id = given.id
local j = jobOf(id)
if not isOwner(j) then
  return refused('NOT_YOURS')
end
if j.step ~= 'claimed' then
  return refused('HAS_INTENT')
end
local r = record(id)
giveBackSlot(id, j.attempt)
park(id, r, given.kind, given.reason, given.sentence)
jobGone(id, r)
return applied()
