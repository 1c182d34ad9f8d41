--! include: log.lua
-- ARGV: most lines, most bytes, then the lines.
if call('HGET', tail, 'closed') then
  return {'CLOSED'}
end
local length = push(3, tonumber(ARGV[1]), tonumber(ARGV[2]))
return {'STORED', 'sequence', num(call('HGET', tail, 'sequence')), 'length', length}
