--! include: ../lease.lua
-- Signs of life of many sessions, in one script as each run costs more than what it does for one of them.
-- Each is judged and answered by itself: '' or why not, BROKEN where its own record is not what it should be:
-- one build's trouble must not end all that beat with it. ARGV: beats, a line for each session.
local function judged(id, usage)
  local j = read(job(id), 'attempt', 'session', 'nonce', 'max', 'timeout_at')
  if not isHolder(j) then
    return table.concat(fenced(), ' ', 2)
  end
  if usage == '' then
    beat(id, j)
  else
    beat(id, j, 'usage', usage)
  end
  return ''
end

local answers = {}
for id, attempt, session, nonce, usage in string.gmatch(given.beats, '(%S+) (%S+) (%S+) (%S+) ([^\n]*)\n') do
  given.id, given.attempt, given.session, given.nonce = id, attempt, session, nonce
  local sound, answer = pcall(judged, id, usage)
  if not sound then
    answer = 'BROKEN ' .. tostring(type(answer) == 'table' and answer.err or answer)
  end
  table.insert(answers, answer)
end
return applied('answers', answers)
