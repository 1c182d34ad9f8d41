--! include: ../core.lua
call('HSETNX', KEYS[1], 'schema', 1)
call('HSETNX', KEYS[1], 'installation', given.installation)
call('HSETNX', KEYS[1], 'state', given.state)
local meta = read(KEYS[1], 'installation', 'state')
return {'OK', 'installation', meta.installation, 'state', meta.state}
