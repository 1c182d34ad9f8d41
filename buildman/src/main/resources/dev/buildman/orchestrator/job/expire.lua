--! include: ../ending.lua ../grace.lua
local id = given.id
gapCheck()
local j = jobOf(id)
if not j then
  return refused('ENDED')
end
if tonumber(j.deadline) > now then
  return refused('NOT_DUE')
end
local r = record(id)
if j.step == 'claimed' then -- its own deadline, grace or not
  finish(id, r, j, {outcome = 'back'})
  return applied('what', 'back')
end

local function ends(outcome, reason)
  local pause = finish(id, r, j, {outcome = outcome, reason = reason, sentence = ''})
  return applied('what', 'ended', standing(id, pause))
end

if j.max ~= '' and tonumber(j.max) <= now then
  return ends('internalerror', 'MACHINE_MAX_TIME')
end
if j.timeout_at ~= '' and tonumber(j.timeout_at) <= now then
  return ends('error', 'BUILD_TIMEOUT')
end
if inGrace() then
  return refused('GRACE')
end
if j.session == '0' then
  if j.step == 'intended' then
    return ends('int', 'LAUNCH_UNKNOWN')
  end
  return ends('try', 'NEVER_REGISTERED')
end
if r.agent ~= 'quay' then
  return ends('try', 'HEARTBEAT_LOST')
end
-- Quay's agent may be silent and work on: from here on its executor's view decides.
arm(id, within(tonumber(j.max), j.timeout_at), 'carried_at', now)
history(id, 'CARRIED', j.attempt, j.executor, '')
return applied('what', 'carried')
