--! include: ../core.lua
local ended = call('ZSCORE', tag .. 'sources', given.source)
local named = ended and (ended == 'inf' or num(ended) > now - tonumber(given.retention))
if ended and not named then
  call('ZREM', tag .. 'sources', given.source)
end
return {'OK', 'named', named and 1 or 0}
