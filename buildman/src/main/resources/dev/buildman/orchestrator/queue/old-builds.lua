--! include: ../core.lua
local before = now - tonumber(given.retention)
return {'OK',
  'builds', call('ZRANGEBYSCORE', tag .. 'ended', '-inf', before, 'LIMIT', 0, given.most),
  'sources', call('ZRANGEBYSCORE', tag .. 'sources', '-inf', before, 'LIMIT', 0, given.most),
  'behind', given.behind and call('SMEMBERS', tag .. 'behind') or {}}
