--! include: ../core.lua
local FORGOTTEN_AFTER = 3600000
local key = tag .. 'managers/' .. given.manager
local gone = now + tonumber(given.ttl)
call('HSET', key, 'id', given.manager, 'host', given.host, 'daemons', given.daemons, 'version', given.version,
  'started', given.started, 'draining', given.draining,
  'executors', given.executors)
call('PEXPIRE', key, given.ttl)
call('ZADD', tag .. 'managers', gone, given.manager)
call('ZADD', tag .. 'hosts', gone, given.host)
for daemon in string.gmatch(given.daemons, '%S+') do
  call('ZADD', tag .. 'hosts', gone, daemon)
end
for _, manager in ipairs(call('ZRANGEBYSCORE', tag .. 'managers', '-inf', now - FORGOTTEN_AFTER, 'LIMIT', 0, 20)) do
  call('HDEL', tag .. 'claims', manager)
  call('ZREM', tag .. 'managers', manager)
end
return applied()
