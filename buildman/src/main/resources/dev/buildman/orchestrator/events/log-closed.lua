--! include: ../core.lua
if call('ZREM', tag .. 'closing', given.id) == 0 then
  return already()
end
return applied()
