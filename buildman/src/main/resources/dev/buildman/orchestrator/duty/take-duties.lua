--! include: ../core.lua
--! limits: reconnect_window
local WORKED_ALONE = 60000
local AFTER_WINDOW = 60000
local LOOKED_AT = 1000
local left = tonumber(given.most)
local duties = {}

local function take(list, most, isOurs)
  for _, duty in ipairs(call('ZRANGEBYSCORE', list, '-inf', now, 'LIMIT', 0, most)) do
    if left > 0 and isOurs(duty) then
      call('ZADD', list, now + WORKED_ALONE, duty)
      local hash = call('HGETALL', tag .. 'duty/' .. duty)
      if #hash > 0 then
        if list ~= tag .. 'duties' and list ~= tag .. 'duties/host/' .. given.host then
          table.insert(hash, 'abandoned')
          table.insert(hash, '1')
        end
        table.insert(duties, hash)
        left = left - 1
      end
    end
  end
end

local function always()
  return true
end

take(tag .. 'duties', left, always)
take(tag .. 'duties/host/' .. given.host, left, always)

-- Workers of a host that is gone: our agents have ended themselves when their window has passed. Quay's do
-- not: theirs wait for the host.
for _, host in ipairs(call('SMEMBERS', tag .. 'duties/hosts')) do
  local lost = num(call('ZSCORE', tag .. 'hosts', host))
  local list = tag .. 'duties/host/' .. host
  if call('ZCARD', list) == 0 then
    call('SREM', tag .. 'duties/hosts', host)
  elseif host ~= given.host and lost <= now and left > 0 then
    -- The others stay as they are: their host finds them due when it comes back.
    take(list, LOOKED_AT, function(duty)
      local d = read(tag .. 'duty/' .. duty, 'created', 'agent')
      return d.agent ~= 'quay'
        and math.max(lost, num(d.created)) + tonumber(given.reconnect_window) + AFTER_WINDOW <= now
    end)
  end
end
return applied('duties', duties)
