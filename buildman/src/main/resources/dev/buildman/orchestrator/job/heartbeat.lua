--! include: ../lease.lua
-- Signs of life of many sessions, in one script as each run costs more than what it does for one of them.
-- Each is judged and answered by itself: '' or why not. ARGV: beats, a line for each session.
local answers = {}
for id, attempt, session, nonce, usage in string.gmatch(given.beats, '(%S+) (%S+) (%S+) (%S+) ([^\n]*)\n') do
  given.id, given.attempt, given.session, given.nonce = id, attempt, session, nonce
  local j = read(job(id), 'attempt', 'session', 'nonce', 'max', 'timeout_at')
  if isHolder(j) then
    if usage == '' then
      beat(id, j)
    else
      beat(id, j, 'usage', usage)
    end
    table.insert(answers, '')
  else
    table.insert(answers, table.concat(fenced(), ' ', 2))
  end
end
return applied('answers', answers)
