--! include: ../ending.lua
-- Why an attempt cannot move on; nil when it can.
local function stuck(j)
  if not isOwner(j) then
    return refused('NOT_YOURS')
  end
  if j.step == 'claimed' then
    return refused('NO_INTENT')
  end
  if j.session ~= '0' then
    return refused('HAS_SESSION')
  end
  if j.step == 'launched' then
    return refused('LAUNCHED')
  end
  return nil
end
