--! include: ../reading.lua
local fields = whole(given.id)
return fields and {'OK', 'builds', {fields}} or {'OK'}
