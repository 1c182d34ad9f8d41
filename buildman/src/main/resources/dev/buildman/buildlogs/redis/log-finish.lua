--! include: log.lua
-- ARGV: session, nonce. Nothing more will come of that session: for who follows the log.
local known = call('HMGET', tail, 'session', 'nonce')
if known[1] ~= ARGV[1] or known[2] ~= ARGV[2] then
  return {'FENCED'}
end
call('HSET', tail, 'finished', '1')
return {'STORED', 'sequence', num(call('HGET', tail, 'sequence')), 'length', 0}
