--! include: log.lua
-- ARGV: index of the first entry wanted, most entries.
local from, most = tonumber(ARGV[1]), tonumber(ARGV[2])
local known = call('HMGET', tail, 'cut', 'closed', 'finished')
local cut, head, rest = num(known[1]), call('LLEN', lines), call('LLEN', last)
local entries, first = {}, from
if from < head then
  entries = call('LRANGE', lines, from, from + most - 1)
else
  first = math.max(from, head + cut)
  entries = call('LRANGE', last, first - head - cut, first - head - cut + most - 1)
end
return {'OK', 'first', first, 'entries', entries, 'length', head + cut + rest, 'cut', first - from,
  'closed', known[2] and '1' or '0', 'finished', known[3] or '0'}
