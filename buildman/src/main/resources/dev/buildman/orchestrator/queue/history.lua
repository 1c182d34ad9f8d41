--! include: ../core.lua
return {'OK', 'told', call('HGET', rec(given.id), 'told') or '', 'entries', call('LRANGE', tag .. 'events/' .. given.id, 0, -1)}
