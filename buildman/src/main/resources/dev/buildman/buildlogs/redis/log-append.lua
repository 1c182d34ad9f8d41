--! include: log.lua
-- ARGV: session, nonce, number of the last line, most lines, most bytes, then the lines.
local FIRST = 6
local known = call('HMGET', tail, 'session', 'nonce', 'sequence', 'closed')
local session, sequence = num(known[1]), num(known[3])
if session > tonumber(ARGV[1]) or (session == tonumber(ARGV[1]) and known[2] ~= ARGV[2]) then
  return {'FENCED'}
end
if known[4] then
  return {'CLOSED'}
end
if session < tonumber(ARGV[1]) then
  sequence = 0
  call('HSET', tail, 'session', ARGV[1], 'nonce', ARGV[2], 'sequence', 0)
  call('HDEL', tail, 'finished')
end

-- A batch of n lines has the numbers last-n+1 .. last; those that are stored are skipped.
local number = tonumber(ARGV[3])
local fresh = math.min(number - sequence, #ARGV - FIRST + 1)
if fresh <= 0 then
  local cut = num(call('HGET', tail, 'cut'))
  return {'STORED', 'sequence', sequence, 'length', call('LLEN', lines) + cut + call('LLEN', last)}
end
local length = push(#ARGV - fresh + 1, tonumber(ARGV[4]), tonumber(ARGV[5]))
call('HSET', tail, 'sequence', number)
return {'STORED', 'sequence', number, 'length', length}
