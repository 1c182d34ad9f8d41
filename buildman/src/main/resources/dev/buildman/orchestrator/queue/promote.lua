--! include: ../queue.lua
if promote(given.ns, given.repo) == 0 then
  return already()
end
return applied()
