--! include: ../core.lua
--! limits: reconnect_window
local WORKED_ALONE = 60000
local AFTER_WINDOW = 60000
local left = tonumber(given.most)
local duties = {}

local function take(list, abandoned)
  for _, duty in ipairs(call('ZRANGEBYSCORE', list, '-inf', now, 'LIMIT', 0, left)) do
    call('ZADD', list, now + WORKED_ALONE, duty)
    local hash = call('HGETALL', tag .. 'duty/' .. duty)
    if abandoned(duty) then
      table.insert(hash, 'abandoned')
      table.insert(hash, '1')
    elseif list ~= tag .. 'duties' and list ~= tag .. 'duties/host/' .. given.host then
      hash = {}
    end
    if #hash > 0 then
      table.insert(duties, hash)
      left = left - 1
    end
  end
end

local function never()
  return false
end

take(tag .. 'duties', never)
take(tag .. 'duties/host/' .. given.host, never)

-- Workers of a host that is gone: our agents have ended themselves when their window has passed. Quay's do
-- not: theirs wait for the host.
for _, host in ipairs(call('SMEMBERS', tag .. 'duties/hosts')) do
  local lost = num(call('ZSCORE', tag .. 'hosts', host))
  local list = tag .. 'duties/host/' .. host
  if call('ZCARD', list) == 0 then
    call('SREM', tag .. 'duties/hosts', host)
  elseif host ~= given.host and lost <= now and left > 0 then
    take(list, function(duty)
      local d = read(tag .. 'duty/' .. duty, 'created', 'agent')
      return d.agent ~= 'quay'
        and math.max(lost, num(d.created)) + tonumber(given.reconnect_window) + AFTER_WINDOW <= now
    end)
  end
end
return applied('duties', duties)
