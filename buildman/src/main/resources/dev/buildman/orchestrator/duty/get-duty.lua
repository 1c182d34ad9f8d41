--! include: ../core.lua
local hash = call('HGETALL', tag .. 'duty/' .. member(given.id, given.attempt))
return {'OK', 'duties', #hash == 0 and {} or {hash}}
