--! include: ../core.lua
local ended = call('ZSCORE', tag .. 'sources', arg.source)
local named = ended and num(ended) > now - tonumber(arg.retention)
if ended and not named then
  call('ZREM', tag .. 'sources', arg.source)
end
return {'OK', 'named', named and 1 or 0}
