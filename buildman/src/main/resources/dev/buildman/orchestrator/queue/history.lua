--! include: ../core.lua
return {'OK', 'entries', call('LRANGE', tag .. 'events/' .. given.id, 0, -1)}
