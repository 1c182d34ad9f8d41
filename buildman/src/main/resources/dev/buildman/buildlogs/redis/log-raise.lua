--! include: log.lua
-- ARGV: session, nonce. A new session begins its sequence anew.
local known = call('HMGET', tail, 'session', 'nonce')
local session = num(known[1])
if session > tonumber(ARGV[1]) then
  return {'FENCED'}
end
if session < tonumber(ARGV[1]) or known[2] ~= ARGV[2] then
  call('HSET', tail, 'session', ARGV[1], 'nonce', ARGV[2], 'sequence', 0)
  call('HDEL', tail, 'finished')
end
return {'STORED'}
