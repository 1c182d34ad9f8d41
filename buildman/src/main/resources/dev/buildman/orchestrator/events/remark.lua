--! include: ../core.lua
if call('EXISTS', rec(given.id)) == 0 then
  return refused('UNKNOWN')
end
local said = table.concat({'', given.reason, given.attempt, given.executor, given.sentence}, '\31')
local newest = call('LINDEX', tag .. 'events/' .. given.id, 0) or ''
if string.sub(newest, -#said) == said then
  return already()
end
history(given.id, given.reason, given.attempt, given.executor, given.sentence)
return applied()
