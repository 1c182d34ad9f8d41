--! include: ../core.lua
local function due(name)
  return call('ZRANGEBYSCORE', tag .. name, '-inf', now, 'LIMIT', 0, given.most)
end

local function any(name)
  return #call('ZRANGEBYSCORE', tag .. name, '-inf', now, 'LIMIT', 0, 1) > 0
end

local duties = any('duties') or any('duties/host/' .. given.host)
for _, host in ipairs(call('SMEMBERS', tag .. 'duties/hosts')) do
  if not duties and num(call('ZSCORE', tag .. 'hosts', host)) <= now then
    duties = any('duties/host/' .. host)
  end
end
return {'OK', 'jobs', due('jobs'), 'fences', due('fences'), 'delayed', due('delayed'), 'parked', due('parked'),
  'slots', due('slots'), 'logs', due('closing'), 'duties', duties and 1 or 0}
