--! include: log.lua
call('HSET', tail, 'closed', '1')
return {'STORED'}
