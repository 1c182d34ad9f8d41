--! include: ../ending.lua
--! limits: lease
local CALLS_KEPT = 16
local id = given.id
local j = jobOf(id)
if not isOwner(j) or j.executor ~= given.executor or j.step == 'claimed' then
  return refused('ENDED', call('HGET', rec(id), 'reason') or '')
end

local function answer(word, session, current, timeoutAt)
  local r = read(rec(id), 'ns', 'repo', 'spec')
  return {word, 'session', session, 'current', current, 'ns', r.ns, 'repo', r.repo, 'spec', r.spec,
    'time_left', timeoutAt == '' and '' or math.max(0, timeoutAt - now)}
end

-- The same call again: without this a late copy would make a session that nobody has.
local calls = {}
for call_, session in string.gmatch(j.calls, '(%S+)=(%d+)') do
  if call_ == given.call then
    return answer('ALREADY', session, session == j.session and 1 or 0, j.timeout_at)
  end
  table.insert(calls, call_ .. '=' .. session)
end
if j.used == '1' then
  return refused('TOKEN_SPENT')
end

local r = record(id)
local can = ' ' .. given.capabilities .. ' '
local function lacking(needs)
  for need in string.gmatch(needs, '%S+') do
    if not string.find(can, ' ' .. need .. ' ', 1, true) then
      return need
    end
  end
end

local needed = lacking(call('HGET', rec(id), 'needs') or '')
local added = not needed and lacking(given.needs)
if needed or added then
  finish(id, r, j, {outcome = given.next == '' and 'error' or 'free', next = given.next,
    reason = 'AGENT_LACKS_CAPABILITY',
    sentence = needed and 'The agent cannot do what the build needs: ' .. needed .. '.'
      or 'The agent cannot do what this installation gives to every build: ' .. added .. '.'})
  return refused('AGENT_LACKS_CAPABILITY', needed or added)
end

local session = call('HINCRBY', rec(id), 'session', 1)
local timeout = num(call('HGET', rec(id), 'timeout'))
local timeoutAt = j.timeout_at
if timeoutAt == '' and timeout > 0 then
  timeoutAt = string.format('%.0f', now + timeout)
end
table.insert(calls, given.call .. '=' .. session)
if #calls > CALLS_KEPT then
  table.remove(calls, 1)
end
local leaseUntil = now + tonumber(given.lease)
arm(id, within(leaseUntil, j.max, timeoutAt), 'session', session, 'calls', table.concat(calls, ' '), 'version', given.version,
  'capabilities', given.capabilities, 'streams', given.manager, 'carried_at', '', 'usage', '', 'phases', '', 'beat', now,
  'lease_until', leaseUntil, 'timeout_at', timeoutAt, 'registered_at', now)
call('HSETNX', rec(id), 'started', now)
call('HSET', rec(id), 'agent', given.version == '' and 'quay' or 'ours', 'backoffs', 0)
history(id, 'REGISTERED', j.attempt, j.executor, '')
return answer('APPLIED', session, 1, timeoutAt)
