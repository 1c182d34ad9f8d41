--! include: log.lua
call('DEL', lines, tail, last)
return {'STORED'}
