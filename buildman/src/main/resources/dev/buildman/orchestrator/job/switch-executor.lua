--! include: ../core.lua
local off = tag .. 'executors/off'
if given.on == '1' then
  if call('HDEL', off, given.executor) == 0 then
    return already()
  end
  hint('SLOT_FREED', '')
  return applied()
end
if call('HEXISTS', off, given.executor) == 1 then
  return already()
end
call('HSET', off, given.executor, table.concat({string.format('%.0f', now), given.sentence}, '\31'))
return applied()
