--! include: ../core.lua
if call('EXISTS', rec(arg.id)) == 0 then
  return refused('UNKNOWN')
end
local said = table.concat({'', arg.reason, arg.attempt, arg.executor, arg.sentence}, '\31')
local newest = call('LINDEX', tag .. 'events/' .. arg.id, 0) or ''
if string.sub(newest, -#said) == said then
  return already()
end
history(arg.id, arg.reason, arg.attempt, arg.executor, arg.sentence)
return applied()
